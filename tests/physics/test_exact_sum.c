/* ctest: label=unit ranks=1,3 */
#include "physics/exact_sum.h"

#include <math.h>

#include "marl/core/rng.h"
#include "tests/unit.h"

static double sum_of(const double *terms, int n, int first, int step) {
  MarlExactSum sum = {.not_finite = 0};
  for (int i = 0; i < n; ++i) marl_exact_add(&sum, terms[(first + i * step) % n]);
  return marl_exact_value(&sum);
}

static void nothing_is_lost(void) {
  const double big[] = {1e300, 1, -1e300}, small[] = {4e-320, 1e16, 5e-324, -1e16};
  const double whole[] = {-1, -2, -3, 0x1p60, -0.0};
  CU_ASSERT_EQUAL(sum_of(big, 3, 0, 1), 1);
  CU_ASSERT_EQUAL(sum_of(small, 4, 0, 1), 4e-320 + 5e-324);
  CU_ASSERT_EQUAL(sum_of(whole, 5, 0, 1), 0x1p60 - 6);
  CU_ASSERT_EQUAL(sum_of(big, 0, 0, 1), 0);
  const double most[] = {1.7976931348623157e308};
  CU_ASSERT_EQUAL(sum_of(most, 1, 0, 1), most[0]);
  const double bad[] = {1, (double)NAN, (double)INFINITY};
  CU_ASSERT(isnan(sum_of(bad, 3, 0, 1)));
}

/* Numbers of all sizes, in three orders and dealt to the ranks: the same bits; near the sum in
 * long double, whose 2,000 additions are off by 2^-64 of the largest partial sum each. */
static void order_and_ranks_do_not_matter(void) {
  enum { N = 2000 };
  static double terms[N];
  const MarlKey key = marl_key(3, MARL_STREAM_ENV);
  long double plain = 0;
  for (int i = 0; i < N; ++i) {
    terms[i] = marl_normal(key, (uint64_t)i) * exp(3 * marl_normal(key, (uint64_t)(N + i)));
    plain += terms[i];
  }
  const double sum = sum_of(terms, N, 0, 1);
  CU_ASSERT_EQUAL(sum_of(terms, N, 700, 1), sum);
  CU_ASSERT_EQUAL(sum_of(terms, N, 5, 777), sum); /* 777 and 2000 have no common divisor */
  UNIT_NEAR(sum, (double)plain, 1e-12 * fabs((double)plain));
  int rank, ranks;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  MarlExactSum shared[2] = {{.not_finite = 0}};
  for (int i = rank; i < N; i += ranks) {
    marl_exact_add(&shared[0], terms[i]);
    marl_exact_add(&shared[1], -2 * terms[i]);
  }
  marl_exact_reduce(shared, 2, MPI_COMM_WORLD);
  CU_ASSERT_EQUAL(marl_exact_value(&shared[0]), sum);
  CU_ASSERT_EQUAL(marl_exact_value(&shared[1]), -2 * sum);
}

static CU_TestInfo tests[] = {
    {"nothing is lost", nothing_is_lost},
    {"order and ranks do not matter", order_and_ranks_do_not_matter},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"exact sum", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
