/* ctest: label=unit */
#include "physics/exponential.h"

#include <math.h>

#include "tests/unit.h"

/* 4 2^-53 of the value as the header says, and libm's own last bit. */
static void they_are_those_of_libm(void) {
  enum { N = 20001 };
  static double x[N], e[N];
  for (int scale = -12; scale <= 2; ++scale) {
    for (int i = 0; i < N; ++i)
      x[i] = e[i] = (2.0 * i / (N - 1) - 1) * 7 * pow(10, scale) * (1 - 1e-9);
    marl_exponentials(N, e);
    double worst = 0;
    for (int i = 0; i < N; ++i) worst = fmax(worst, fabs(e[i] / exp(x[i]) - 1));
    UNIT_NEAR(worst, 0, 6 * 0x1p-53);
  }
}

static void zero_infinity_and_nan(void) {
  double x[] = {0.0, -0.0, -1e308, -(double)INFINITY, (double)INFINITY, (double)NAN};
  marl_exponentials(6, x);
  CU_ASSERT(x[0] == 1 && x[1] == 1);
  CU_ASSERT(x[2] > 0 && x[2] < 1e-307 && x[3] == x[2]);
  CU_ASSERT(x[4] > 1e307);
  CU_ASSERT(isnan(x[5]));
}

static CU_TestInfo tests[] = {
    {"they are those of libm", they_are_those_of_libm},
    {"zero, infinity and NaN", zero_infinity_and_nan},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"exponentials", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
