#include "marl/core/digest.h"

#include <assert.h>

static const uint64_t prime1 = 0x9E3779B185EBCA87, prime2 = 0xC2B2AE3D27D4EB4F,
                      prime3 = 0x165667B19E3779F9, prime4 = 0x85EBCA77C2B2AE63,
                      prime5 = 0x27D4EB2F165667C5;

static uint64_t rotate(uint64_t x, int bits) {
  return x << bits | x >> (64 - bits);
}

/* Little-endian on every machine. */
static uint64_t get_word(const unsigned char *at, int size) {
  uint64_t word = 0;
  for (int i = 0; i < size; ++i) word |= (uint64_t)at[i] << 8 * i;
  return word;
}

static uint64_t mix(uint64_t lane, uint64_t word) {
  return rotate(lane + word * prime2, 31) * prime1;
}

static uint64_t merge(uint64_t sum, uint64_t lane) {
  return (sum ^ mix(0, lane)) * prime1 + prime4;
}

void marl_digest_begin(MarlDigest *digest) {
  *digest = (MarlDigest){{prime1 + prime2, prime2, 0, 0 - prime1}, 0};
}

void marl_digest_add(MarlDigest *digest, const void *bytes, size_t size) {
  assert(size % MARL_DIGEST_BLOCK == 0);
  const unsigned char *at = bytes;
  uint64_t a = digest->lane[0], b = digest->lane[1], c = digest->lane[2], d = digest->lane[3];
  for (const unsigned char *end = at + size; at < end; at += MARL_DIGEST_BLOCK) {
    a = mix(a, get_word(at, 8));
    b = mix(b, get_word(at + 8, 8));
    c = mix(c, get_word(at + 16, 8));
    d = mix(d, get_word(at + 24, 8));
  }
  *digest = (MarlDigest){{a, b, c, d}, digest->length + size};
}

uint64_t marl_digest_end(MarlDigest *digest, const void *bytes, size_t size) {
  const size_t blocks = size - size % MARL_DIGEST_BLOCK;
  marl_digest_add(digest, bytes, blocks);
  const uint64_t *lane = digest->lane;
  uint64_t sum = prime5; /* fewer bytes than a block have no lanes */
  if (digest->length > 0) {
    sum = rotate(lane[0], 1) + rotate(lane[1], 7) + rotate(lane[2], 12) + rotate(lane[3], 18);
    for (int i = 0; i < 4; ++i) sum = merge(sum, lane[i]);
  }
  const unsigned char *at = (const unsigned char *)bytes + blocks;
  size_t left = size - blocks;
  sum += digest->length += left;
  for (; left >= 8; at += 8, left -= 8)
    sum = rotate(sum ^ mix(0, get_word(at, 8)), 27) * prime1 + prime4;
  for (; left >= 4; at += 4, left -= 4)
    sum = rotate(sum ^ get_word(at, 4) * prime1, 23) * prime2 + prime3;
  for (; left > 0; ++at, --left) sum = rotate(sum ^ *at * prime5, 11) * prime1;
  sum = (sum ^ sum >> 33) * prime2;
  sum = (sum ^ sum >> 29) * prime3;
  return sum ^ sum >> 32;
}
