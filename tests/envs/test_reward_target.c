/* ctest: label=unit */
/* With env.samples = n everything that a reward compares with is of the n fields, and of the field
 * that env.target names. */
#include "envs/turbulence/reward.h"
#include "tests/envs/reference_case.h"
#include "tests/envs/turbulence_names.h"

static MarlError err;

static MarlTurbulenceParams params_of(MarlTarget target, int samples) {
  return (MarlTurbulenceParams){.n = CASE_N,
                                .dealias = MARL_DEALIAS_PADDING,
                                .dt = 1e-3,
                                .interval = 1,
                                .target = target,
                                .samples = samples,
                                .reward = reward_named("log_likelihood"),
                                .reward_pdf = 1};
}

static MarlReward *reward_of(const MarlTurbulenceParams *params) {
  MarlReference *reference = NULL;
  MarlReward *reward = NULL;
  const char *path = case_reference();
  UNIT_OK(marl_reference_read(path, &reference, &err));
  UNIT_OK(marl_reward_create(params, reference, &reward, &err));
  unlink(path);
  marl_reference_destroy(&reference);
  return reward;
}

/* The waves 2 A cos(m x + (5 - m) y), m = 1 .. 4, have half of A^2 at m on one side; the fields have
 * A = 1 and 0.8. The Gaussian of width d = 2 L / 16 takes exp(-k^2 d^2 / 24) of each amplitude (Pope
 * 2000, table 13.2). The standard deviation of two values is their difference over sqrt 2. */
static void spectrum_and_spread_are_of_the_fields(void) {
  static const MarlTarget targets[] = {MARL_TARGET_TRUNCATED, MARL_TARGET_FILTERED};
  for (int t = 0; t < 2; ++t) {
    const MarlTurbulenceParams params = params_of(targets[t], 2);
    MarlReward *reward = reward_of(&params);
    for (int m = 1; m <= 4; ++m) {
      /* |k| of m and of 5 - m is the same, and both feed s(m) */
      const double k2 = m * m + (5 - m) * (5 - m), width = 2 * 6.283185307179586 / CASE_N;
      const double gain = t == 0 ? 1 : exp(-k2 * width * width / 24);
      const double one = 0.5 * gain * gain, two = 0.64 * one, mean = 0.5 * (one + two);
      UNIT_NEAR(reward->target[m], mean, 1e-13);
      UNIT_NEAR(reward->deviation[m], (one - two) / sqrt(2) / mean, 1e-12);
    }
    marl_reward_destroy(&reward);
  }
}

static void the_density_is_the_histogram_of_the_fields(void) {
  enum { POINTS = CASE_N * CASE_N };
  const MarlTurbulenceParams params = params_of(MARL_TARGET_TRUNCATED, 2);
  MarlReference *reference = NULL;
  const char *path = case_reference();
  double density[CASE_BINS] = {0}, w[POINTS];
  UNIT_OK(marl_reference_read(path, &reference, &err));
  for (int s = 0; s < 2; ++s) {
    UNIT_OK(marl_reference_initial(reference, CASE_N, s, w, &err));
    for (int i = 0; i < POINTS; ++i) density[(int)floor(w[i] + 20.5)] += 0.5 / POINTS;
  }
  marl_reference_destroy(&reference);
  MarlReward *reward = reward_of(&params);
  for (int b = 0; b < CASE_BINS; ++b) UNIT_NEAR(reward->density[b], density[b], 1e-13);
  marl_reward_destroy(&reward);
}

/* Without samples: the stored statistics of the same field; 1/4 of the spectrum, in the truncated
 * field of the case. */
static void stored_statistics_are_of_the_targets_field(void) {
  const MarlTurbulenceParams cut = params_of(MARL_TARGET_TRUNCATED, 0);
  double spectrum[CASE_K], density[CASE_BINS];
  MarlReward *reward = reward_of(&cut);
  case_spectrum(spectrum);
  case_density(2.5, density);
  for (int k = 0; k < CASE_N / 2; ++k) {
    UNIT_NEAR(reward->target[k], spectrum[k], 0);
    UNIT_NEAR(reward->deviation[k], 0.25, 1e-15);
  }
  UNIT_BITS_EQUAL(reward->density, density, sizeof density);
  marl_reward_destroy(&reward);
}

static void refuses(MarlTurbulenceParams params, const char *why) {
  MarlReference *reference = NULL;
  MarlReward *reward = NULL;
  const char *path = case_reference();
  UNIT_OK(marl_reference_read(path, &reference, &err));
  UNIT_ERROR(marl_reward_create(&params, reference, &reward, &err), MARL_ECONFIG, why);
  unlink(path);
  marl_reference_destroy(&reference);
}

static void what_the_samples_cannot_give_is_refused(void) {
  refuses(params_of(MARL_TARGET_FULL, 2), "take target: truncated or filtered");
  refuses(params_of(MARL_TARGET_TRUNCATED, 1), "env.samples = 1 does not give");
  refuses(params_of(MARL_TARGET_FILTERED, 0), "no spectrum of the filtered field");
}

static CU_TestInfo tests[] = {
    {"spectrum and spread are of the fields", spectrum_and_spread_are_of_the_fields},
    {"the density is the histogram of the fields", the_density_is_the_histogram_of_the_fields},
    {"stored statistics are of the target's field", stored_statistics_are_of_the_targets_field},
    {"what the samples cannot give is refused", what_the_samples_cannot_give_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"reward target", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
