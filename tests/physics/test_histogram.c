/* Histogram with fixed bins, and the block means of correlated samples. */
#include "physics/histogram.h"

#include "marl/core/rng.h"
#include "physics/block_mean.h"
#include "tests/unit.h"

static MarlError err;

static void every_value_falls_in_its_bin(void) {
  MarlHistogram h;
  UNIT_OK(marl_histogram_init(&h, 2.0, 4, &err));
  const double values[] = {-2.5, -2.0, -0.5, 0.0, 0.99, 1.0, 2.0, 7.0};
  marl_histogram_add(&h, MPI_COMM_SELF, 8, values);
  // below, [-2,-1), [-1,0), [0,1), [1,2), at or above 2
  const int64_t expected[] = {1, 1, 1, 2, 1, 2};
  UNIT_BITS_EQUAL(h.counts, expected, sizeof expected);
  UNIT_NEAR(marl_histogram_center(&h, 0), -1.5, 0.0);
  UNIT_NEAR(marl_histogram_density(&h, 2), 2.0 / 8.0, 1e-15);
  marl_histogram_clear(&h);
}

static void moments_are_those_of_the_values(void) {
  MarlHistogram h;
  UNIT_OK(marl_histogram_init(&h, 1.0, 2, &err));
  // values far outside the bins count in the moments all the same
  const double values[] = {1.0, 1.0, 1.0, 5.0};
  marl_histogram_add(&h, MPI_COMM_SELF, 4, values);
  // mean 2, deviations -1 -1 -1 3: variance 3, third moment 6, fourth 21; round-off tolerance
  UNIT_NEAR(marl_histogram_deviation(&h), sqrt(3.0), 1e-14);
  UNIT_NEAR(marl_histogram_skewness(&h), 6.0 / pow(3.0, 1.5), 1e-13);
  UNIT_NEAR(marl_histogram_kurtosis(&h), 21.0 / 9.0, 1e-13);
  marl_histogram_clear(&h);
}

static void tails_share_the_bin_that_holds_the_threshold(void) {
  MarlHistogram h;
  UNIT_OK(marl_histogram_init(&h, 4.0, 8, &err));
  const double values[] = {-3.5, -0.5, 0.5, 2.5, 9.0};
  marl_histogram_add(&h, MPI_COMM_SELF, 5, values);
  UNIT_NEAR(marl_histogram_tail(&h, 2.0), 3.0 / 5.0, 1e-15);
  // a quarter of the bin [2, 3) lies above 2.75
  UNIT_NEAR(marl_histogram_tail(&h, 2.75), 2.25 / 5.0, 1e-15);
  UNIT_NEAR(marl_histogram_tail(&h, 4.0), 1.0 / 5.0, 1e-15);
  marl_histogram_clear(&h);
}

/* Half of the values beyond the range, on no known side of the threshold; or all in one bin. */
static void tails_that_the_bins_cannot_tell_are_nan(void) {
  MarlHistogram narrow, wide;
  const double values[] = {-0.3, -0.1, 0.1, 0.3, 0.7, -0.7, 0.9, -0.9};
  UNIT_OK(marl_histogram_init(&narrow, 0.5, 40, &err));
  UNIT_OK(marl_histogram_init(&wide, 80, 40, &err));
  marl_histogram_add(&narrow, MPI_COMM_SELF, 8, values);
  marl_histogram_add(&wide, MPI_COMM_SELF, 8, values);
  UNIT_NEAR(marl_histogram_tail(&narrow, 0.4), 0.5, 1e-15);
  CU_ASSERT(isnan(marl_histogram_tail(&narrow, 0.8)));
  CU_ASSERT(isnan(marl_histogram_tail(&wide, 0.8)));
  marl_histogram_clear(&narrow);
  marl_histogram_clear(&wide);
}

static void a_gaussian_has_its_density_and_tails(void) {
  enum { N = 400000 };
  static double values[N];
  MarlHistogram h;
  const MarlKey key = marl_key(7, MARL_STREAM_ENV);
  for (int i = 0; i < N; ++i) values[i] = marl_normal(key, (uint64_t)i);
  UNIT_OK(marl_histogram_init(&h, 6.0, 120, &err));
  marl_histogram_add(&h, MPI_COMM_SELF, N, values);
  // four standard errors: sqrt(p (1 - p) / N) for tails, sqrt(24 / N) for the kurtosis
  UNIT_NEAR(marl_histogram_tail(&h, 2.0), 0.0455003, 4.0 * sqrt(0.0455 / N));
  UNIT_NEAR(marl_histogram_tail(&h, 3.0), 0.0026998, 4.0 * sqrt(0.0027 / N));
  UNIT_NEAR(marl_histogram_kurtosis(&h), 3.0, 4.0 * sqrt(24.0 / N));
  double total = 0.0;
  for (int bin = 0; bin < h.bins; ++bin) total += marl_histogram_density(&h, bin) * 0.1;
  UNIT_NEAR(total, 1.0, 1e-9);
  marl_histogram_clear(&h);
}

static void senseless_bins_are_refused(void) {
  MarlHistogram h;
  UNIT_ERROR(marl_histogram_init(&h, 0.0, 8, &err), MARL_ECONFIG, "positive range");
  UNIT_ERROR(marl_histogram_init(&h, 1.0, 1, &err), MARL_ECONFIG, "at least 2 bins");
}

static void histogram_survives_a_restart(void) {
  MarlHistogram h, again, other;
  MarlStore *store;
  const double values[] = {0.1, -0.7, 3.0};
  UNIT_OK(marl_histogram_init(&h, 1.0, 4, &err));
  UNIT_OK(marl_histogram_init(&again, 1.0, 4, &err));
  UNIT_OK(marl_histogram_init(&other, 2.0, 4, &err));
  marl_histogram_add(&h, MPI_COMM_SELF, 3, values);
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(marl_histogram_save(&h, store, &err));
  UNIT_OK(marl_histogram_load(&again, store, &err));
  marl_histogram_add(&h, MPI_COMM_SELF, 3, values);
  marl_histogram_add(&again, MPI_COMM_SELF, 3, values);
  UNIT_BITS_EQUAL(again.counts, h.counts, 6 * sizeof *h.counts);
  UNIT_BITS_EQUAL(again.sums, h.sums, sizeof h.sums);
  CU_ASSERT_EQUAL(again.total, 6);
  UNIT_ERROR(marl_histogram_load(&other, store, &err), MARL_EIO, "pdf_range");
  marl_store_close(&store);
  marl_histogram_clear(&h);
  marl_histogram_clear(&again);
  marl_histogram_clear(&other);
}

static void block_error_sees_correlation(void) {
  // pairs of equal samples: the naive error is sqrt(2) too small, blocks of two are right
  MarlBlockMean mean;
  UNIT_OK(marl_block_mean_init(&mean, 1, 2, &err));
  const double values[] = {1.0, 1.0, 3.0, 3.0, 5.0, 5.0, 7.0};
  for (int i = 0; i < 2; ++i) marl_block_mean_add(&mean, &values[i]);
  CU_ASSERT(isnan(marl_block_mean_error(&mean, 0)));
  for (int i = 2; i < 7; ++i) marl_block_mean_add(&mean, &values[i]);
  UNIT_NEAR(marl_block_mean_value(&mean, 0), 25.0 / 7.0, 1e-14);
  // closed blocks 1, 3, 5: variance 4, over three blocks; the open one does not count
  UNIT_NEAR(marl_block_mean_error(&mean, 0), sqrt(4.0 / 3.0), 1e-14);
  // squares sum to 119: variance (119 - 625 / 7) / 6
  UNIT_NEAR(marl_block_mean_deviation(&mean, 0), sqrt((119.0 - 625.0 / 7.0) / 6.0), 1e-13);
  marl_block_mean_clear(&mean);
}

static CU_TestInfo tests[] = {
    {"every value falls in its bin", every_value_falls_in_its_bin},
    {"moments are those of the values", moments_are_those_of_the_values},
    {"tails that the bins cannot tell are NaN", tails_that_the_bins_cannot_tell_are_nan},
    {"tails share the bin that holds the threshold", tails_share_the_bin_that_holds_the_threshold},
    {"a Gaussian has its density and tails", a_gaussian_has_its_density_and_tails},
    {"senseless bins are refused", senseless_bins_are_refused},
    {"histogram survives a restart", histogram_survives_a_restart},
    {"block error sees correlation", block_error_sees_correlation},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"histogram", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
