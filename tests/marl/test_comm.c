/* ctest: ranks=1,2,3,4 */
#include "marl/core/comm.h"

#include "tests/unit.h"

static void nobody_fails(void) {
  MarlError err = {.message = "untouched"};
  UNIT_OK(marl_comm_agree(MPI_COMM_WORLD, MARL_OK, &err));
  CU_ASSERT_STRING_EQUAL(err.message, "untouched");
}

/* All ranks above 0 fail (rank 0 too if it is alone): everyone gets the lowest one's words. */
static void lowest_failing_rank_speaks_for_all(void) {
  const int rank = marl_comm_rank(MPI_COMM_WORLD), size = marl_comm_size(MPI_COMM_WORLD);
  MarlError err = {.message = ""};
  MarlCode code = MARL_OK;
  if (rank > 0 || size == 1) code = MARL_FAIL(&err, MARL_EIO, "rank %d has no disk", rank);
  UNIT_ERROR(marl_comm_agree(MPI_COMM_WORLD, code, &err), MARL_EIO,
             size == 1 ? "rank 0 has no disk" : "rank 1 has no disk");
  CU_ASSERT(err.code == MARL_EIO && err.line > 0 && err.file != NULL);
}

static void agreeing_works_without_messages(void) {
  const int rank = marl_comm_rank(MPI_COMM_WORLD), last = marl_comm_size(MPI_COMM_WORLD) - 1;
  const MarlCode code = rank == last ? MARL_ENUMERIC : MARL_OK;
  CU_ASSERT(marl_comm_agree(MPI_COMM_WORLD, code, NULL) == MARL_ENUMERIC);
}

static void every_shard_has_one_owner(void) {
  const int rank = marl_comm_rank(MPI_COMM_WORLD), size = marl_comm_size(MPI_COMM_WORLD);
  for (int num_shards = size; num_shards <= 19; ++num_shards) {
    int first, count, total = 0;
    marl_comm_shards(MPI_COMM_WORLD, num_shards, &first, &count);
    for (int shard = 0; shard < num_shards; ++shard) {
      const bool own = shard >= first && shard < first + count;
      CU_ASSERT((marl_comm_shard_owner(MPI_COMM_WORLD, num_shards, shard) == rank) == own);
    }
    CU_ASSERT(count >= num_shards / size);
    MPI_Allreduce(&count, &total, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    CU_ASSERT(total == num_shards);
  }
}

enum { MAX_SHARDS = 8, N = 1000 };

/* Numbers of very different size: another order of summation gives other bits. */
static float value(int shard, int i) {
  return ldexpf(1 + sinf((float)(37 * shard + i)), (7 * shard + 3 * i) % 23 - 11);
}

/* The tree of the header, evaluated in one place. */
static float serial_tree(int a, int b, int i) {
  if (b - a == 1) return value(a, i);
  const int m = a + (b - a + 1) / 2;
  return serial_tree(a, m, i) + serial_tree(m, b, i);
}

static void sum_is_the_tree_of_the_shards(void) {
  MarlError err;
  for (int num_shards = 1; num_shards <= MAX_SHARDS; ++num_shards) {
    int first, count;
    marl_comm_shards(MPI_COMM_WORLD, num_shards, &first, &count);
    float values[MAX_SHARDS][N], sum[N], expected[N];
    for (int i = 0; i < N; ++i) {
      for (int s = 0; s < count; ++s) values[s][i] = value(first + s, i);
      expected[i] = serial_tree(0, num_shards, i);
    }
    UNIT_OK(marl_comm_tree_sum(MPI_COMM_WORLD, num_shards, N, values[0], sum, &err));
    UNIT_BITS_EQUAL(sum, expected, sizeof sum);
  }
}

/* Otherwise the test above would show nothing. */
static void order_of_summation_matters_for_these_numbers(void) {
  int different = 0;
  for (int i = 0; i < N; ++i) {
    float left_to_right = 0;
    for (int s = 0; s < MAX_SHARDS; ++s) left_to_right += value(s, i);
    different += left_to_right != serial_tree(0, MAX_SHARDS, i);
  }
  CU_ASSERT(different > N / 10);
}

/* A sum longer than one message (2^24 elements); small whole numbers add without rounding. */
static void long_sums_are_sent_in_pieces(void) {
  enum { LENGTH = (1 << 24) + 17, SHARDS = 4 };
  MarlError err;
  int first, count;
  marl_comm_shards(MPI_COMM_WORLD, SHARDS, &first, &count);
  float *values = malloc((size_t)count * LENGTH * sizeof *values);
  float *sum = malloc(LENGTH * sizeof *sum);
  CU_ASSERT_FATAL(values != NULL && sum != NULL);
  for (int s = 0; s < count; ++s)
    for (int i = 0; i < LENGTH; ++i)
      values[(size_t)s * LENGTH + (size_t)i] = (float)((first + s + 1) * (i % 1000));
  UNIT_OK(marl_comm_tree_sum(MPI_COMM_WORLD, SHARDS, LENGTH, values, sum, &err));
  int wrong = 0;
  for (int i = 0; i < LENGTH; ++i) wrong += sum[i] != (float)(10 * (i % 1000));
  CU_ASSERT(wrong == 0);
  free(values);
  free(sum);
}

static CU_TestInfo tests[] = {
    {"nobody fails", nobody_fails},
    {"lowest failing rank speaks for all", lowest_failing_rank_speaks_for_all},
    {"agreeing works without messages", agreeing_works_without_messages},
    {"every shard has one owner", every_shard_has_one_owner},
    {"sum is the tree of the shards, bit for bit", sum_is_the_tree_of_the_shards},
    {"order of summation matters for these numbers", order_of_summation_matters_for_these_numbers},
    {"long sums are sent in pieces", long_sums_are_sent_in_pieces},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"comm", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
