/* Numbers of shards, known to every rank: one message for all of them. */
#ifndef MARL_LEARN_SHARD_EXCHANGE_H
#define MARL_LEARN_SHARD_EXCHANGE_H

#include <mpi.h>
#include <stddef.h>

#include "marl/core/error.h"

/* Collective over comm. rows is [num_shards, n]; each rank has filled its own shards' rows and
 * leaves with all of them: what is computed from them in shard order has the same bits on any
 * number of ranks. */
MarlCode marl_shard_exchange(MPI_Comm comm, int num_shards, size_t n, double *rows,
                             MarlError *err) MARL_NODISCARD;
/* The same where shard s has sizes[s] numbers [num_shards], one shard's behind the other's. */
MarlCode marl_shard_exchange_uneven(MPI_Comm comm, int num_shards, const size_t *sizes,
                                    double *rows, MarlError *err) MARL_NODISCARD;

#endif
