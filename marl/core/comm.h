/* MPI helpers: agreement on errors, fixed-order sums, ownership of shards.
 * MPI_COMM_WORLD appears only in cli/ and tests; everything here takes a communicator. */
#ifndef MARL_CORE_COMM_H
#define MARL_CORE_COMM_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "marl/core/error.h"

/* MPI_COMM_NULL is this process alone, where MPI need not have begun: rank 0 of 1. */
int marl_comm_rank(MPI_Comm comm);
int marl_comm_size(MPI_Comm comm);

/* Collective over comm. Every rank brings its own code (and err where it failed); every rank
 * leaves with the code and message of the lowest failing rank, MARL_OK if none failed.
 * Call it at the end of each phase in which one rank may fail alone. */
MarlCode marl_comm_agree(MPI_Comm comm, MarlCode code, MarlError *err) MARL_NODISCARD;

/* Shards 0..num_shards-1 are dealt to ranks in contiguous blocks; the first
 * num_shards % size ranks own one more. Needs num_shards >= size (checked by the caller). */
void marl_comm_shards(MPI_Comm comm, int num_shards, int *first, int *count);
int marl_comm_shard_owner(MPI_Comm comm, int num_shards, int shard);

/* Collective over comm. Sum `n` floats over all shards in a binary tree that is fixed by
 * num_shards alone: node [a, b) = node [a, m) + node [m, b), m = a + (b - a + 1) / 2.
 * The result has the same bits on any number of ranks; on a power of two that divides num_shards it takes
 * log2(ranks) steps, else about twice as many. `shard_values` is
 * [count of own shards, n] and is overwritten; every rank gets the sum in `sum` [n]. */
MarlCode marl_comm_tree_sum(MPI_Comm comm, int num_shards, size_t n, float *shard_values,
                            float *sum, MarlError *err) MARL_NODISCARD;

/* Seconds that this process has spent in messages so far, waiting for other ranks included: for the
 * profile of a run only, no result depends on it. Messages between ranks that are sent elsewhere add
 * the time since `began` (marl_timer_seconds) themselves. */
double marl_comm_seconds(void);
void marl_comm_spent_since(double began);

#endif
