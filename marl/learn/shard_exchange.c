#include "marl/learn/shard_exchange.h"

#include "marl/core/comm.h"

MarlCode marl_shard_exchange(MPI_Comm comm, int num_shards, size_t n, double *rows,
                             MarlError *err) {
  if (marl_comm_size(comm) == 1) return MARL_OK;
  for (int shard = 0; shard < num_shards; ++shard) {
    const int owner = marl_comm_shard_owner(comm, num_shards, shard);
    if (MPI_Bcast(rows + (size_t)shard * n, (int)n, MPI_DOUBLE, owner, comm) != MPI_SUCCESS)
      return MARL_FAIL(err, MARL_EMPI, "exchange of statistics between ranks failed");
  }
  return MARL_OK;
}
