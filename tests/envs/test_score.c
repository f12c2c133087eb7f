#include "envs/turbulence/score.h"

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
  double *block = calloc(target->block_size, sizeof *block), w[N * N], value[MARL_SCORE_ITEMS];
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
  UNIT_NEAR(value[MARL_SCORE_E_LOG], log(2), ROUND_OFF);
  UNIT_NEAR(value[MARL_SCORE_E_TRUNC], log(4), ROUND_OFF);
  UNIT_NEAR(value[MARL_SCORE_RMS_LOG], log(2) / sqrt(2), ROUND_OFF);
  const double w2 = (2 * 2.25 + 6.25 + 12.25) / 4;
  const double w4 = (2 * pow(1.5, 4) + pow(2.5, 4) + pow(3.5, 4)) / 4;
  UNIT_NEAR(value[MARL_SCORE_STD], sqrt(w2), ROUND_OFF);
  UNIT_NEAR(value[MARL_SCORE_KURTOSIS], w4 / (w2 * w2), ROUND_OFF);
  UNIT_NEAR(value[MARL_SCORE_P2], 0.5, ROUND_OFF);
  UNIT_NEAR(value[MARL_SCORE_P3], 0.25, ROUND_OFF);
  UNIT_NEAR(value[MARL_SCORE_P4], 0, ROUND_OFF);
  /* density 1/2, 1/4, 1/4 in three bins; the five empty ones count with q = 1e-7 */
  const double kl = 0.125 * (log(0.25) + 2 * log(0.5) + 5 * log(0.125 / 1e-7));
  UNIT_NEAR(value[MARL_SCORE_KL], kl, ROUND_OFF);
  const double js =
      0.5 * (0.125 * log(0.125 / 0.3125) + 2 * 0.125 * log(0.125 / 0.1875) + 5 * 0.125 * log(2)) +
      0.5 * (0.5 * log(0.5 / 0.3125) + 2 * 0.25 * log(0.25 / 0.1875));
  UNIT_NEAR(value[MARL_SCORE_JS], js, ROUND_OFF);
  UNIT_NEAR(value[MARL_SCORE_U_RMS], 2, ROUND_OFF);
  UNIT_NEAR(value[MARL_SCORE_ENERGY_FLUX], 0.3, ROUND_OFF);
  UNIT_NEAR(value[MARL_SCORE_ENSTROPHY_FLUX], 3, ROUND_OFF);
  free(block);
  marl_score_target_destroy(&target);
}

static void the_reference_scores_zero_against_itself(void) {
  const MarlReference reference = by_hand();
  MarlScoreTarget *target = target_by_hand();
  double full[MARL_SCORE_ITEMS], truncated[MARL_SCORE_ITEMS];
  marl_score_reference(target, &reference, false, full);
  marl_score_reference(target, &reference, true, truncated);
  UNIT_NEAR(full[MARL_SCORE_E_LOG], 0, 0);
  UNIT_NEAR(full[MARL_SCORE_E_TRUNC], log(2), ROUND_OFF);
  UNIT_NEAR(full[MARL_SCORE_KL], 0, 0);
  UNIT_NEAR(full[MARL_SCORE_P2], 0.5, ROUND_OFF); /* uniform on [-4, 4) */
  UNIT_NEAR(full[MARL_SCORE_U_RMS], sqrt(2 * (0.5 + 2 * 0.75)), ROUND_OFF);
  UNIT_NEAR(truncated[MARL_SCORE_E_TRUNC], 0, 0);
  UNIT_NEAR(truncated[MARL_SCORE_KL_TRUNC], 0, 0);
  UNIT_NEAR(truncated[MARL_SCORE_ENSTROPHY_FLUX], 3, 0);
  marl_score_target_destroy(&target);
}

/* energy(k) k^2 <= enstrophy(k): 3/4 <= 1 is possible, twice that is a spectrum of u^2 + v^2, from
 * which no u_rms is made. The bound moves with the unit of wavenumbers, 2 pi / L. */
static void a_doubled_energy_spectrum_gives_no_velocity(void) {
  MarlReference reference = by_hand();
  MarlScoreTarget *target = target_by_hand();
  double doubled[K] = {1, 1.5}, value[MARL_SCORE_ITEMS];
  CU_ASSERT(marl_reference_energy_fits(&reference));
  reference.energy.mean = doubled;
  CU_ASSERT_FALSE(marl_reference_energy_fits(&reference));
  marl_score_reference(target, &reference, false, value);
  CU_ASSERT(isnan(value[MARL_SCORE_U_RMS]));
  UNIT_NEAR(value[MARL_SCORE_E_LOG], 0, 0);
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

/* Blocks with standard deviation of independent normals: the mean of `num` of them has standard
 * error s / sqrt(num); a bootstrap of 2,000 resamples knows it to 1/sqrt(2 2000), and the sample of
 * 200 blocks to 1/sqrt(2 200) = 5 %: four of these together are 21 %. */
static void the_bootstrap_gives_the_standard_error_of_a_mean(void) {
  enum { BLOCKS = 200 };
  MarlScoreTarget *target = target_by_hand();
  double *blocks = calloc(BLOCKS * target->block_size, sizeof *blocks), w[N * N];
  double error[MARL_SCORE_ITEMS];
  fill(w);
  const MarlKey key = marl_key(5, MARL_STREAM_BOOTSTRAP);
  for (int b = 0; b < BLOCKS; ++b) {
    const MarlScoreSample sample = {
        .spectrum = cut,
        .vorticity = w,
        .enstrophy_flux = 10 + 2 * marl_normal(key, (uint64_t)b),
    };
    marl_score_block_add(target, &sample, blocks + (size_t)b * target->block_size);
  }
  marl_score_bootstrap(target, blocks, BLOCKS, 2000, key, error);
  UNIT_NEAR(error[MARL_SCORE_ENSTROPHY_FLUX], 2 / sqrt(BLOCKS), 0.21 * 2 / sqrt(BLOCKS));
  UNIT_NEAR(error[MARL_SCORE_STD], 0, 0); /* every block has the same field */
  marl_score_bootstrap(target, blocks, 1, 100, key, error);
  CU_ASSERT(isnan(error[MARL_SCORE_STD])); /* one block says nothing about its error */
  free(blocks);
  marl_score_target_destroy(&target);
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
    {"the bootstrap gives the standard error of a mean",
     the_bootstrap_gives_the_standard_error_of_a_mean},
    {"a reference that is too coarse is refused", a_reference_that_is_too_coarse_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"score", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
