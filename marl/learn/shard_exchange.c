#include "marl/learn/shard_exchange.h"

#include "marl/core/comm.h"
#include "marl/core/log.h"

MarlCode marl_shard_exchange(MPI_Comm comm, int num_shards, size_t n, double *rows,
                             MarlError *err) {
  if (marl_comm_size(comm) == 1) return MARL_OK;
  const double began = marl_timer_seconds();
  for (int shard = 0; shard < num_shards; ++shard) {
    const int owner = marl_comm_shard_owner(comm, num_shards, shard);
    if (MPI_Bcast(rows + (size_t)shard * n, (int)n, MPI_DOUBLE, owner, comm) != MPI_SUCCESS)
      return MARL_FAIL(err, MARL_EMPI, "exchange of statistics between ranks failed");
  }
  marl_comm_spent_since(began);
  return MARL_OK;
}
