#include "marl/learn/shard_exchange.h"

#include <limits.h>
#include <stdlib.h>

#include "marl/core/comm.h"
#include "marl/core/log.h"

/* What a rank's shards have together, and where it begins; every rank's, [2, ranks], malloc'd. */
static int *count_blocks(MPI_Comm comm, int num_shards, const size_t *sizes) {
  const int ranks = marl_comm_size(comm);
  int *counts = calloc(2 * (size_t)ranks, sizeof *counts), at = 0;
  for (int shard = 0; shard < num_shards && counts != NULL; ++shard)
    counts[marl_comm_shard_owner(comm, num_shards, shard)] += (int)sizes[shard];
  for (int rank = 0; rank < ranks && counts != NULL; ++rank) {
    counts[ranks + rank] = at;
    at += counts[rank];
  }
  return counts;
}

static MarlCode failed(MarlError *err) {
  return MARL_FAIL(err, MARL_EMPI, "exchange between ranks failed");
}

MarlCode marl_shard_exchange_uneven(MPI_Comm comm, int num_shards, const size_t *sizes,
                                    double *rows, MarlError *err) {
  if (marl_comm_size(comm) == 1) return MARL_OK;
  size_t total = 0;
  for (int shard = 0; shard < num_shards; ++shard) total += sizes[shard];
  if (total > INT_MAX)
    return MARL_FAIL(err, MARL_EMPI, "%zu numbers between ranks are more than a message holds",
                     total);
  int *counts = count_blocks(comm, num_shards, sizes);
  MarlCode code = MARL_OK;
  if (counts == NULL) code = MARL_FAIL(err, MARL_EMEMORY, "out of memory for messages");
  code = marl_comm_agree(comm, code, err);
  const double began = marl_timer_seconds();
  if (code == MARL_OK &&
      MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DOUBLE, rows, counts, counts + marl_comm_size(comm),
                     MPI_DOUBLE, comm) != MPI_SUCCESS)
    code = failed(err);
  marl_comm_spent_since(began);
  free(counts);
  return code;
}

/* Blocks of one length need no list of them, and so nothing that one rank could lack alone. */
static MarlCode exchange_even(MPI_Comm comm, size_t block, double *rows, MarlError *err) {
  const double began = marl_timer_seconds();
  const int status = MPI_Allgather(MPI_IN_PLACE, 0, MPI_DOUBLE, rows, (int)block, MPI_DOUBLE, comm);
  marl_comm_spent_since(began);
  return status == MPI_SUCCESS ? MARL_OK : failed(err);
}

MarlCode marl_shard_exchange(MPI_Comm comm, int num_shards, size_t n, double *rows,
                             MarlError *err) {
  const int ranks = marl_comm_size(comm);
  if (ranks == 1) return MARL_OK;
  if (num_shards % ranks == 0 && n * (size_t)(num_shards / ranks) <= INT_MAX)
    return exchange_even(comm, n * (size_t)(num_shards / ranks), rows, err);
  size_t *sizes = calloc((size_t)num_shards, sizeof *sizes);
  MarlCode code = MARL_OK;
  if (sizes == NULL) code = MARL_FAIL(err, MARL_EMEMORY, "out of memory for messages");
  code = marl_comm_agree(comm, code, err);
  for (int shard = 0; shard < num_shards && code == MARL_OK; ++shard) sizes[shard] = n;
  if (code == MARL_OK) code = marl_shard_exchange_uneven(comm, num_shards, sizes, rows, err);
  free(sizes);
  return code;
}
