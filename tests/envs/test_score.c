#include "envs/turbulence/score.h"

#include "marl/core/rng.h"
#include "tests/unit.h"

enum { N = 4, K = 2, BINS = 8 };

/* A reference by hand: eps = 4, 1 (truncated 4, 1/2), energy 1/2, 3/4 in a box of length 2 pi; uniform density 1/8 on [-4, 4); sigma 1. */
static double spectrum[K] = {4, 1}, cut[K] = {4, 0.5}, energy[K] = {0.5, 0.75};
static double centers[BINS] = {-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5};
static double uniform[BINS] = {.125, .125, .125, .125, .125, .125, .125, .125};
static double triangle[BINS] = {0, 0, .25, .25, .25, .25, 0, 0};

static MarlReference by_hand(void) {
  MarlReference reference = {
      .path = (char *)"by hand",
      .domain_length = 6.28318530717958648,
      .enstrophy = {.n = K, .mean = spectrum},
      .energy = {.n = K, .mean = energy},
      .pdf = {.n = BINS, .vorticity = centers, .density = uniform, .deviation = 1, .kurtosis = 1.8},
      .num_sizes = 1};
  reference.sizes[0] = (MarlReferenceSize){
      .size = N,
      .enstrophy_truncated = {.n = K, .mean = cut},
      .energy_truncated = {.n = K, .mean = cut},
      .truncated = {.n = BINS, .vorticity = centers, .density = triangle, .deviation = 1},
      .has_flux = true,
      .enstrophy_flux = 3,
      .energy_flux = 0.1};
  return reference;
}

static MarlScoreTarget *target_by_hand(void) {
  MarlError err;
  const MarlReference reference = by_hand();
  MarlScoreTarget *target = NULL;
  UNIT_OK(marl_score_target_create(&reference, N, N / 2, &target, &err));
  return target;
}

/* Half of the points at +1.5, a quarter at -2.5 and a quarter at 3.5. */
static void fill(double *w) {
  for (int i = 0; i < N * N; ++i) w[i] = i < 8 ? 1.5 : i < 12 ? -2.5 : 3.5;
}

/* Round-off of a few logarithms and products of order one. */
static const double ROUND_OFF = 1e-13;

static void scores_match_hand_computed_values(void) {
  MarlScoreTarget *target = target_by_hand();
  double *block = calloc(target->block_size, sizeof *block), w[N * N], value[MARL_MAX_SCORES];
  fill(w);
  const double first[K] = {2, 3}, second[K] = {6, 1};
  marl_score_block_add(
      target,
      &(MarlScoreSample){
          .spectrum = first, .vorticity = w, .energy = 1, .energy_flux = 0.5, .enstrophy_flux = 2},
      block);
  marl_score_block_add(
      target,
      &(MarlScoreSample){
          .spectrum = second, .vorticity = w, .energy = 3, .energy_flux = 0.1, .enstrophy_flux = 4},
      block);
  marl_score_compute(target, block, 1, value);
  /* means 4, 2 against 4, 1 and 4, 1/2 */
  UNIT_NEAR(value[marl_score_find("e_log")], log(2), ROUND_OFF);
  UNIT_NEAR(value[marl_score_find("e_trunc")], log(4), ROUND_OFF);
  UNIT_NEAR(value[marl_score_find("rms_log")], log(2) / sqrt(2), ROUND_OFF);
  const double w2 = (2 * 2.25 + 6.25 + 12.25) / 4;
  const double w4 = (2 * pow(1.5, 4) + pow(2.5, 4) + pow(3.5, 4)) / 4;
  UNIT_NEAR(value[marl_score_find("std")], sqrt(w2), ROUND_OFF);
  UNIT_NEAR(value[marl_score_find("kurtosis")], w4 / (w2 * w2), ROUND_OFF);
  UNIT_NEAR(value[marl_score_find("P2")], 0.5, ROUND_OFF);
  UNIT_NEAR(value[marl_score_find("P3")], 0.25, ROUND_OFF);
  UNIT_NEAR(value[marl_score_find("P4")], 0, ROUND_OFF);
  /* density 1/2, 1/4, 1/4 in three bins; the five empty ones count with q = 1e-7 */
  const double kl = 0.125 * (log(0.25) + 2 * log(0.5) + 5 * log(0.125 / 1e-7));
  UNIT_NEAR(value[marl_score_find("KL")], kl, ROUND_OFF);
  const double js =
      0.5 * (0.125 * log(0.125 / 0.3125) + 2 * 0.125 * log(0.125 / 0.1875) + 5 * 0.125 * log(2)) +
      0.5 * (0.5 * log(0.5 / 0.3125) + 2 * 0.25 * log(0.25 / 0.1875));
  UNIT_NEAR(value[marl_score_find("JS")], js, ROUND_OFF);
  UNIT_NEAR(value[marl_score_find("u_rms")], 2, ROUND_OFF);
  UNIT_NEAR(value[marl_score_find("energy_flux")], 0.3, ROUND_OFF);
  UNIT_NEAR(value[marl_score_find("enstrophy_flux")], 3, ROUND_OFF);
  free(block);
  marl_score_target_destroy(&target);
}

static void the_reference_scores_zero_against_itself(void) {
  const MarlReference reference = by_hand();
  MarlScoreTarget *target = target_by_hand();
  double full[MARL_MAX_SCORES], truncated[MARL_MAX_SCORES];
  marl_score_reference(target, &reference, false, full);
  marl_score_reference(target, &reference, true, truncated);
  UNIT_NEAR(full[marl_score_find("e_log")], 0, 0);
  UNIT_NEAR(full[marl_score_find("e_trunc")], log(2), ROUND_OFF);
  UNIT_NEAR(full[marl_score_find("KL")], 0, 0);
  UNIT_NEAR(full[marl_score_find("P2")], 0.5, ROUND_OFF); /* uniform on [-4, 4) */
  UNIT_NEAR(full[marl_score_find("u_rms")], sqrt(2 * (0.5 + 2 * 0.75)), ROUND_OFF);
  UNIT_NEAR(truncated[marl_score_find("e_trunc")], 0, 0);
  UNIT_NEAR(truncated[marl_score_find("KL_trunc")], 0, 0);
  UNIT_NEAR(truncated[marl_score_find("enstrophy_flux")], 3, 0);
  marl_score_target_destroy(&target);
}

/* energy(k) k^2 <= enstrophy(k): 3/4 <= 1 is possible, twice that is a spectrum of u^2 + v^2, from
 * which no u_rms is made. The bound moves with the unit of wavenumbers, 2 pi / L. */
static void a_doubled_energy_spectrum_gives_no_velocity(void) {
  MarlReference reference = by_hand();
  MarlScoreTarget *target = target_by_hand();
  double doubled[K] = {1, 1.5}, value[MARL_MAX_SCORES];
  CU_ASSERT(marl_reference_energy_fits(&reference));
  reference.energy.mean = doubled;
  CU_ASSERT_FALSE(marl_reference_energy_fits(&reference));
  marl_score_reference(target, &reference, false, value);
  CU_ASSERT(isnan(value[marl_score_find("u_rms")]));
  UNIT_NEAR(value[marl_score_find("e_log")], 0, 0);
  reference.domain_length *= 2;
  CU_ASSERT(marl_reference_energy_fits(&reference));
  marl_score_target_destroy(&target);
}

static void a_limit_inside_a_bin_takes_its_part(void) {
  MarlScoreTarget *target = target_by_hand();
  UNIT_NEAR(marl_score_tail(target, uniform, 3.25), 0.125 * 1.5, ROUND_OFF);
  UNIT_NEAR(marl_score_tail(target, uniform, 0), 1, ROUND_OFF);
  marl_score_target_destroy(&target);
}

/* The exact standard error of the mean of R runs of L steps of an autoregression of correlation p. */
static double exact_error(double p, double steps, double runs) {
  const double inner = (1 + p) / (1 - p) - 2 * p * (1 - pow(p, steps)) / (steps * pow(1 - p, 2));
  return sqrt(inner / (steps * runs));
}

/* Standard errors of three runs of `steps` blocks each, of an autoregression whose correlation time
 * is `time` blocks, over repetitions: their mean over the exact one, and how often the mean is within
 * 1.96 of them. */
static void repeat_errors(double time, size_t steps, double *ratio, double *covered) {
  enum { RUNS = 3, REPETITIONS = 400, MOST = RUNS * 170 };
  MarlScoreTarget *target = target_by_hand();
  double *blocks = calloc(MOST * target->block_size, sizeof *blocks), w[N * N];
  const double p = exp(-1 / time), exact = exact_error(p, (double)steps, RUNS);
  const size_t lengths[RUNS] = {steps, steps, steps};
  fill(w);
  *ratio = *covered = 0;
  for (uint64_t r = 0; r < REPETITIONS; ++r) {
    double error[MARL_MAX_SCORES], value[MARL_MAX_SCORES], x = 0;
    const MarlKey key = marl_key(r, MARL_STREAM_INIT);
    memset(blocks, 0, MOST * target->block_size * sizeof *blocks);
    for (size_t b = 0; b < RUNS * steps; ++b) {
      const double fresh = marl_normal(key, b);
      x = b % steps == 0 ? fresh : p * x + sqrt(1 - p * p) * fresh;
      const MarlScoreSample sample = {.spectrum = cut, .vorticity = w, .enstrophy_flux = 10 + x};
      marl_score_block_add(target, &sample, blocks + b * target->block_size);
    }
    MarlError err;
    UNIT_OK(marl_score_errors(target, blocks, lengths, RUNS, error, &err));
    marl_score_compute(target, blocks, RUNS * steps, value);
    *ratio += error[marl_score_find("enstrophy_flux")] / exact / REPETITIONS;
    *covered += (fabs(value[marl_score_find("enstrophy_flux")] - 10) <
                 1.96 * error[marl_score_find("enstrophy_flux")]) /
                (double)REPETITIONS;
    /* every block has the same field: n times the round-off of one figure */
    UNIT_NEAR(error[marl_score_find("std")], 0, 1e-10);
  }
  free(blocks);
  marl_score_target_destroy(&target);
}

/* Whatever the correlation time is in blocks, the error is right within 6 % on average and +-1.96 of
 * it hold the truth in 90 % and more (95 with many correlation times; below, the error itself is
 * uncertain): 3 runs of 50 and 165 blocks. Standard errors of 400 repetitions: 1 % and 1.3 %. */
static void standard_errors_follow_the_correlation_time(void) {
  static const struct {
    double time;
    size_t steps;
    double least;
  } cases[] = {{0.2, 50, 0.92}, {1, 50, 0.91}, {2, 165, 0.92}, {5, 165, 0.9}, {5, 50, 0.87}};
  for (int c = 0; c < 5; ++c) {
    double ratio, covered;
    repeat_errors(cases[c].time, cases[c].steps, &ratio, &covered);
    UNIT_NEAR(ratio, 1, 0.06);
    CU_ASSERT(covered > cases[c].least && covered < 0.99);
    if (getenv("MARL_SHOW") != NULL)
      printf("correlation time %g, 3 x %zu blocks: error %.3f, covered %.3f\n", cases[c].time,
             cases[c].steps, ratio, covered);
  }
}

/* Independent blocks: the variance of a mean is sum (x - mean)^2 / (n (n - 1)), here of 1, 2, 6. One
 * block says nothing about its error. */
static void few_blocks_have_the_unbiased_variance(void) {
  MarlError err;
  MarlScoreTarget *target = target_by_hand();
  double *blocks = calloc(3 * target->block_size, sizeof *blocks), w[N * N];
  double error[MARL_MAX_SCORES];
  const double flux[3] = {1, 2, 6};
  const size_t each[3] = {1, 1, 1};
  fill(w);
  for (size_t b = 0; b < 3; ++b) {
    const MarlScoreSample sample = {.spectrum = cut, .vorticity = w, .enstrophy_flux = flux[b]};
    marl_score_block_add(target, &sample, blocks + b * target->block_size);
  }
  UNIT_OK(marl_score_errors(target, blocks, each, 3, error, &err));
  UNIT_NEAR(error[marl_score_find("enstrophy_flux")], sqrt(14.0 / 6), 1e-12);
  UNIT_OK(marl_score_errors(target, blocks, each, 1, error, &err));
  CU_ASSERT(isnan(error[marl_score_find("std")]));
  free(blocks);
  marl_score_target_destroy(&target);
}

/* The same flow in two units of time: every figure without a unit is the same number, those with
 * 1/T are 64 times smaller (a power of two: only logarithms round). */
static void no_figure_depends_on_the_unit_of_time(void) {
  enum { UNIT = 64 };
  MarlError err;
  double slow_centers[BINS], slow_uniform[BINS], slow_triangle[BINS], w[N * N], slow_w[N * N];
  double slow_spectrum[K], slow_cut[K], value[2][MARL_MAX_SCORES];
  for (int b = 0; b < BINS; ++b) {
    slow_centers[b] = centers[b] / UNIT;
    slow_uniform[b] = uniform[b] * UNIT, slow_triangle[b] = triangle[b] * UNIT;
  }
  for (int k = 0; k < K; ++k)
    slow_spectrum[k] = spectrum[k] / (UNIT * UNIT), slow_cut[k] = cut[k] / (UNIT * UNIT);
  fill(w);
  for (int i = 0; i < N * N; ++i) slow_w[i] = w[i] / UNIT;
  for (int slow = 0; slow < 2; ++slow) {
    MarlReference reference = by_hand();
    MarlScoreTarget *target = NULL;
    if (slow) {
      reference.enstrophy.mean = slow_spectrum;
      reference.pdf.vorticity = slow_centers, reference.pdf.density = slow_uniform;
      reference.pdf.deviation = 1.0 / UNIT;
      reference.sizes[0].enstrophy_truncated.mean = slow_cut;
      reference.sizes[0].truncated.vorticity = slow_centers;
      reference.sizes[0].truncated.density = slow_triangle;
    }
    UNIT_OK(marl_score_target_create(&reference, N, K, &target, &err));
    double *block = calloc(target->block_size, sizeof *block);
    const MarlScoreSample sample = {.spectrum = slow ? slow_cut : cut,
                                    .vorticity = slow ? slow_w : w,
                                    .energy = slow ? 1.0 / (UNIT * UNIT) : 1};
    marl_score_block_add(target, &sample, block);
    marl_score_compute(target, block, 1, value[slow]);
    free(block);
    marl_score_target_destroy(&target);
  }
  for (int i = 0; i < marl_score_find("energy_flux"); ++i) {
    const bool rate = i == marl_score_find("std") || i == marl_score_find("u_rms");
    UNIT_NEAR(value[1][i] * (rate ? UNIT : 1), value[0][i], 1e-12 * fabs(value[0][i]));
  }
}

/* Bins that hold half of the density, or are wider than sigma, give no divergence. */
static void bins_that_do_not_fit_give_no_divergence(void) {
  MarlError err;
  double half[BINS], narrow[BINS], value[MARL_MAX_SCORES];
  for (int b = 0; b < BINS; ++b) half[b] = 0.5 * uniform[b], narrow[b] = b == 3 || b == 4 ? 0.5 : 0;
  for (int wide = 0; wide < 2; ++wide) {
    MarlReference reference = by_hand();
    MarlScoreTarget *target = NULL;
    reference.pdf.density = wide ? narrow : half;
    if (wide) reference.pdf.deviation = 0.1;
    UNIT_OK(marl_score_target_create(&reference, N, K, &target, &err));
    CU_ASSERT_FALSE(target->bins_fit);
    marl_score_reference(target, &reference, false, value);
    CU_ASSERT(isnan(value[marl_score_find("KL")]) && isnan(value[marl_score_find("JS")]));
    CU_ASSERT(isnan(value[marl_score_find("KL_trunc")]));
    UNIT_NEAR(value[marl_score_find("e_log")], 0, 0);
    marl_score_target_destroy(&target);
  }
}

static void a_reference_that_is_too_coarse_is_refused(void) {
  MarlError err;
  const MarlReference reference = by_hand();
  MarlScoreTarget *target = NULL;
  UNIT_ERROR(marl_score_target_create(&reference, 32, 16, &target, &err), MARL_ECONFIG, "needs 16");
}

static CU_TestInfo tests[] = {
    {"scores match hand-computed values", scores_match_hand_computed_values},
    {"the reference scores zero against itself", the_reference_scores_zero_against_itself},
    {"a doubled energy spectrum gives no velocity", a_doubled_energy_spectrum_gives_no_velocity},
    {"a limit inside a bin takes its part", a_limit_inside_a_bin_takes_its_part},
    {"standard errors follow the correlation time", standard_errors_follow_the_correlation_time},
    {"few blocks have the unbiased variance", few_blocks_have_the_unbiased_variance},
    {"no figure depends on the unit of time", no_figure_depends_on_the_unit_of_time},
    {"bins that do not fit give no divergence", bins_that_do_not_fit_give_no_divergence},
    {"a reference that is too coarse is refused", a_reference_that_is_too_coarse_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"score", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
