/* XXH64 with seed 0: a 64-bit checksum that finds accidents, not forgers.
 *
 * Source: xxHash fast digest algorithm, specification 0.1.1 (Collet), XXH64. `xxhsum -H1` and
 * Python's xxhash.xxh64 compute the same number. */
#ifndef MARL_CORE_DIGEST_H
#define MARL_CORE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { MARL_DIGEST_BLOCK = 32 }; /* bytes */

typedef struct MarlDigest {
  uint64_t lane[4];
  uint64_t length; /* bytes so far */
} MarlDigest;

void marl_digest_begin(MarlDigest *digest);
/* Whole blocks only: size is a multiple of MARL_DIGEST_BLOCK. */
void marl_digest_add(MarlDigest *digest, const void *bytes, size_t size);
/* The rest, of any size, and the checksum of everything. */
uint64_t marl_digest_end(MarlDigest *digest, const void *bytes, size_t size);

#endif
