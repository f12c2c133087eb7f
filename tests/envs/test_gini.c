#include "envs/game/gini.h"

#include "marl/core/rng.h"
#include "tests/unit.h"

/* the definition, in n^2 steps */
static double direct(const double *x, int n) {
  double sum = 0, differences = 0;
  for (int i = 0; i < n; ++i) {
    sum += x[i];
    for (int j = 0; j < n; ++j) differences += fabs(x[i] - x[j]);
  }
  return differences / (2.0 * n * sum);
}

static void test_the_coefficient_is_the_usual_one(void) {
  double scratch[5];
  /* differences of pairs 4 x 1 + 3 x 2 + 2 x 3 + 1 x 4 = 20, each twice, by 2 x 5 x 600 */
  const double nearly[] = {118, 119, 120, 121, 122};
  UNIT_NEAR(marl_gini(nearly, 5, scratch), 40.0 / 6000, 1e-15);
  const double one_has_all[] = {0, 0, 7, 0, 0}, equal[] = {3, 3, 3, 3, 3};
  UNIT_NEAR(marl_gini(one_has_all, 5, scratch), 4.0 / 5, 1e-15);
  UNIT_NEAR(marl_gini(equal, 5, scratch), 0, 0);
  const double debt[] = {-1, 4}; /* 2 x 5 by 2 x 2 x 3 */
  UNIT_NEAR(marl_gini(debt, 2, scratch), 10.0 / 12, 1e-15);
}

static void test_without_income_there_is_no_inequality(void) {
  double scratch[3];
  const double nothing[] = {0, 0, 0}, losses[] = {-1, -2, 1};
  CU_ASSERT(isnan(marl_gini(nothing, 3, scratch)));
  CU_ASSERT(isnan(marl_gini(losses, 3, scratch)));
}

static void test_order_and_units_do_not_matter(void) {
  enum { N = 300 };
  double x[N], y[N], scratch[N];
  const MarlKey key = marl_key(1, MARL_STREAM_ENV);
  for (int i = 0; i < N; ++i) x[i] = -log(marl_uniform(key, (uint64_t)i));
  for (int i = 0; i < N; ++i) y[i] = 1000 * x[(7 * i + 3) % N];
  const double gini = marl_gini(x, N, scratch);
  UNIT_NEAR(gini, direct(x, N), 1e-13); /* sums of 300 and of 90,000 rounded terms */
  UNIT_NEAR(marl_gini(y, N, scratch), gini, 1e-13);
  UNIT_NEAR(gini, 0.5, 4 * 0.29 / sqrt(N)); /* exponential incomes: 1/2; spread of |x - y| / 2 */
}

static CU_TestInfo tests[] = {
    {"the coefficient is the usual one", test_the_coefficient_is_the_usual_one},
    {"without income there is no inequality", test_without_income_there_is_no_inequality},
    {"order and units do not matter", test_order_and_units_do_not_matter},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"gini", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
