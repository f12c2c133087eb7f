#include "marl/core/comm.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "marl/core/log.h"

/* One message; far below MPI's limit of 2^31 - 1 elements. */
enum { CHUNK = 1 << 24 };

/* A stopwatch of this process, which no result depends on. */
static double seconds_in_messages;

double marl_comm_seconds(void) {
  return seconds_in_messages;
}

void marl_comm_spent_since(double began) {
  seconds_in_messages += marl_timer_seconds() - began;
}

static MarlCode mpi_failed(const char *call, int code, MarlError *err) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return MARL_FAIL(err, MARL_EMPI, "%s failed: %s", call, text);
}

int marl_comm_rank(MPI_Comm comm) {
  int rank = 0;
  if (comm != MPI_COMM_NULL) MPI_Comm_rank(comm, &rank);
  return rank;
}

int marl_comm_size(MPI_Comm comm) {
  int size = 1;
  if (comm != MPI_COMM_NULL) MPI_Comm_size(comm, &size);
  return size;
}

MarlCode marl_comm_agree(MPI_Comm comm, MarlCode code, MarlError *err) {
  const int rank = marl_comm_rank(comm), size = marl_comm_size(comm);
  if (comm == MPI_COMM_NULL) return code;
  int mine = code == MARL_OK ? size : rank, lowest = size;
  const double began = marl_timer_seconds();
  int status = MPI_Allreduce(&mine, &lowest, 1, MPI_INT, MPI_MIN, comm);
  if (size > 1) marl_comm_spent_since(began);
  if (status != MPI_SUCCESS) return mpi_failed("MPI_Allreduce", status, err);
  if (lowest == size) return MARL_OK;

  MarlError agreed = {.code = code, .file = "(another rank)"};
  if (rank == lowest) {
    snprintf(agreed.message, sizeof agreed.message, "rank %d failed with error %d", rank,
             (int)code);
    if (err != NULL) agreed = *err;
    agreed.code = code;
  }
  int numbers[2] = {(int)agreed.code, agreed.line};
  status = MPI_Bcast(numbers, 2, MPI_INT, lowest, comm);
  if (status == MPI_SUCCESS)
    status = MPI_Bcast(agreed.message, (int)sizeof agreed.message, MPI_CHAR, lowest, comm);
  if (status != MPI_SUCCESS) return mpi_failed("MPI_Bcast", status, err);
  agreed.code = (MarlCode)numbers[0];
  agreed.line = numbers[1];
  if (err != NULL) *err = agreed;
  return agreed.code;
}

void marl_comm_shards(MPI_Comm comm, int num_shards, int *first, int *count) {
  const int rank = marl_comm_rank(comm), size = marl_comm_size(comm);
  const int base = num_shards / size, extra = num_shards % size;
  *first = rank * base + (rank < extra ? rank : extra);
  *count = base + (rank < extra ? 1 : 0);
}

int marl_comm_shard_owner(MPI_Comm comm, int num_shards, int shard) {
  assert(shard >= 0 && shard < num_shards);
  const int size = marl_comm_size(comm);
  const int base = num_shards / size, extra = num_shards % size;
  const int in_longer = extra * (base + 1);
  return shard < in_longer ? shard / (base + 1) : extra + (shard - in_longer) / base;
}

/* The sum of one range of elements. Node [a, b) is kept by the owner of shard a, in the row of
 * shard a, so that only a node whose halves have different owners costs a message. */
typedef struct Tree {
  MPI_Comm comm;
  int rank, num_shards, first; /* first own shard */
  MPI_Datatype type;
  size_t width; /* bytes an element */
  void (*add)(void *into, const void *from, size_t n);
  char *values;   /* [own shards, row] bytes, at the range's first element */
  size_t row;     /* bytes from shard to shard */
  char *received; /* [elements] of the range */
  int elements;
} Tree;

static void add_float(void *into, const void *from, size_t n) {
  float *restrict x = into;
  const float *restrict y = from;
  for (size_t i = 0; i < n; ++i) x[i] += y[i];
}

static void add_double(void *into, const void *from, size_t n) {
  double *restrict x = into;
  const double *restrict y = from;
  for (size_t i = 0; i < n; ++i) x[i] += y[i];
}

static char *shard_row(const Tree *tree, int shard) {
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
    if (left == tree->rank)
      tree->add(shard_row(tree, a), shard_row(tree, m), (size_t)tree->elements);
  } else if (right == tree->rank) {
    status = MPI_Send(shard_row(tree, m), tree->elements, tree->type, left, m, tree->comm);
  } else if (left == tree->rank) {
    status = MPI_Recv(tree->received, tree->elements, tree->type, right, m, tree->comm,
                      MPI_STATUS_IGNORE);
    if (status == MPI_SUCCESS)
      tree->add(shard_row(tree, a), tree->received, (size_t)tree->elements);
  }
  return status;
}

/* `tree` comes with comm, num_shards, type, width and add. */
static MarlCode tree_sum(Tree tree, size_t n, void *shard_values, void *sum, MarlError *err) {
  int count;
  marl_comm_shards(tree.comm, tree.num_shards, &tree.first, &count);
  tree.rank = marl_comm_rank(tree.comm);
  tree.row = n * tree.width;
  const bool alone = marl_comm_size(tree.comm) == 1;
  const double began = marl_timer_seconds();
  for (size_t at = 0; at < n; at += CHUNK) {
    tree.elements = (int)(n - at < CHUNK ? n - at : CHUNK);
    tree.values = (char *)shard_values + at * tree.width;
    tree.received = (char *)sum + at * tree.width;
    int status = sum_node(&tree, 0, tree.num_shards);
    if (status != MPI_SUCCESS) return mpi_failed("sum over shards", status, err);
    if (tree.rank == 0) memcpy(tree.received, tree.values, (size_t)tree.elements * tree.width);
    if (alone) continue;
    status = MPI_Bcast(tree.received, tree.elements, tree.type, 0, tree.comm);
    if (status != MPI_SUCCESS) return mpi_failed("MPI_Bcast", status, err);
  }
  if (!alone) marl_comm_spent_since(began);
  return MARL_OK;
}

MarlCode marl_comm_tree_sum(MPI_Comm comm, int num_shards, size_t n, float *shard_values,
                            float *sum, MarlError *err) {
  const Tree tree = {.comm = comm,
                     .num_shards = num_shards,
                     .type = MPI_FLOAT,
                     .width = sizeof *sum,
                     .add = add_float};
  return tree_sum(tree, n, shard_values, sum, err);
}

MarlCode marl_comm_tree_sum_double(MPI_Comm comm, int num_shards, size_t n, double *shard_values,
                                   double *sum, MarlError *err) {
  const Tree tree = {.comm = comm,
                     .num_shards = num_shards,
                     .type = MPI_DOUBLE,
                     .width = sizeof *sum,
                     .add = add_double};
  return tree_sum(tree, n, shard_values, sum, err);
}
