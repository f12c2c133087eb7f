/* Sums over shards in a binary tree that their number alone fixes (comm.h). */
#include <stdint.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/core/log.h"

/* One message; far below MPI's limit of 2^31 - 1 elements. */
enum { CHUNK = 1 << 24 };

/* The sum of one range of elements. Node [a, b) is kept by the owner of shard a, in the row of
 * shard a, so that only a node whose halves have different owners costs a message. */
typedef struct Tree {
  MPI_Comm comm;
  int rank, num_shards, first; /* first own shard */
  float *values;               /* [own shards, row], at the range's first element */
  size_t row;                  /* elements from shard to shard */
  float *received;             /* [elements] of the range */
  int elements;
} Tree;

static void add(float *restrict into, const float *restrict from, int n) {
  for (int i = 0; i < n; ++i) into[i] += from[i];
}

static float *shard_row(const Tree *tree, int shard) {
  return tree->values + (size_t)(shard - tree->first) * tree->row;
}

/* All ranks visit the nodes in the same order, so blocking messages cannot wait in a circle.
 * The depth is log2 of the number of shards. */
static int sum_node(const Tree *tree, int a, int b) {  // NOLINT(misc-no-recursion)
  if (b - a < 2) return MPI_SUCCESS;
  const int m = a + (b - a + 1) / 2;
  int status = sum_node(tree, a, m);
  if (status == MPI_SUCCESS) status = sum_node(tree, m, b);
  if (status != MPI_SUCCESS) return status;

  const int left = marl_comm_shard_owner(tree->comm, tree->num_shards, a);
  const int right = marl_comm_shard_owner(tree->comm, tree->num_shards, m);
  if (left == right) {
    if (left == tree->rank) add(shard_row(tree, a), shard_row(tree, m), tree->elements);
  } else if (right == tree->rank) {
    status = MPI_Send(shard_row(tree, m), tree->elements, MPI_FLOAT, left, m, tree->comm);
  } else if (left == tree->rank) {
    status = MPI_Recv(tree->received, tree->elements, MPI_FLOAT, right, m, tree->comm,
                      MPI_STATUS_IGNORE);
    if (status == MPI_SUCCESS) add(shard_row(tree, a), tree->received, tree->elements);
  }
  return status;
}

/* Where each rank has as many shards as any other and their number is a power of two, a node's halves are
 * those of pairs of ranks: both send what they have and both add, the lower one's left of the higher one's.
 * All ranks have the sum after log2(ranks) steps, and nothing is left to be broadcast. */
static bool is_butterfly(const Tree *tree, int size) {
  return (size & (size - 1)) == 0 && tree->num_shards % size == 0;
}

static int butterfly(const Tree *tree, int size) {
  const int own = tree->num_shards / size;
  float *mine = shard_row(tree, tree->first);
  int status = sum_node(tree, tree->first, tree->first + own);
  for (int apart = 1; apart < size && status == MPI_SUCCESS; apart *= 2) {
    const int other = tree->rank ^ apart;
    status = MPI_Sendrecv(mine, tree->elements, MPI_FLOAT, other, apart, tree->received,
                          tree->elements, MPI_FLOAT, other, apart, tree->comm, MPI_STATUS_IGNORE);
    if (status != MPI_SUCCESS) break;
    if (tree->rank < other) {
      add(mine, tree->received, tree->elements);
    } else {
      add(tree->received, mine, tree->elements);
      memcpy(mine, tree->received, (size_t)tree->elements * sizeof *tree->values);
    }
  }
  if (status == MPI_SUCCESS)
    memcpy(tree->received, mine, (size_t)tree->elements * sizeof *tree->values);
  return status;
}

/* Up the tree to rank 0, and from there to all. */
static int up_and_down(const Tree *tree) {
  int status = sum_node(tree, 0, tree->num_shards);
  if (status != MPI_SUCCESS) return status;
  if (tree->rank == 0)
    memcpy(tree->received, tree->values, (size_t)tree->elements * sizeof *tree->values);
  return MPI_Bcast(tree->received, tree->elements, MPI_FLOAT, 0, tree->comm);
}

MarlCode marl_comm_tree_sum(MPI_Comm comm, int num_shards, size_t n, float *shard_values,
                            float *sum, MarlError *err) {
  Tree tree = {.comm = comm, .rank = marl_comm_rank(comm), .num_shards = num_shards, .row = n};
  int count;
  marl_comm_shards(comm, num_shards, &tree.first, &count);
  const int size = marl_comm_size(comm);
  const double began = marl_timer_seconds();
  for (size_t at = 0; at < n; at += CHUNK) {
    tree.elements = (int)(n - at < CHUNK ? n - at : CHUNK);
    tree.values = shard_values + at;
    tree.received = sum + at;
    const int status = is_butterfly(&tree, size) ? butterfly(&tree, size) : up_and_down(&tree);
    if (status != MPI_SUCCESS) return MARL_FAIL(err, MARL_EMPI, "the sum over shards failed");
  }
  if (size > 1) marl_comm_spent_since(began);
  return MARL_OK;
}
