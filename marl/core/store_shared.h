/* Files that rank 0 reads once for all ranks, so that a thousand ranks, each with many environments, do
 * not ask a file server for the same reference. Between share and unshare marl_store_open on one of the
 * paths reads the bytes in memory; nothing else changes, and no result depends on it. Of a file that is too
 * large to be kept by every rank rank 0 compares the checksum, and marl_store_open takes its word: a thousand
 * ranks that read their rows of a lattice do not read all of it each.
 *
 * Collective over comm; paths are the same on all ranks. Sharing twice needs unsharing twice. */
#ifndef MARL_CORE_STORE_SHARED_H
#define MARL_CORE_STORE_SHARED_H

#include <mpi.h>
#include <stdbool.h>

#include "marl/core/error.h"

/* Larger files are opened by each rank: a field of 2048 x 2048 points has 32 MiB. */
enum { MARL_SHARED_LARGEST = 1 << 26 };

/* What cannot be read, is no plain file, or does not hold its checksum is left to marl_store_open, which
 * says so. */
MarlCode marl_store_share(const char *path, MPI_Comm comm, MarlError *err) MARL_NODISCARD;
void marl_store_unshare(const char *path); /* rank-local; a path that is not shared is accepted */

/* False: the file is not shared. Else its bytes, without its seal, borrowed; NULL if it is too large. Its seal
 * holds, if it is sealed. */
bool marl_store_shared(const char *path, const void **bytes, size_t *size, bool *sealed);

#endif
