/* ctest: label=verification timeout=120 */
#include <math.h>

#include "envs/society/dilemma.h"
#include "envs/society/reciprocity.h"
#include "tests/envs/life.h"

enum { CYCLES = 150, SEEDS = 64 };

/* Shares of cooperating acts and of good names in the last half of the cycles, of one population. */
static void live_in_general(const char *settings, uint64_t seed, double out[2]) {
  static const char *const names[] = {"cooperating_acts", "good_names"};
  Life life = life_begin("reciprocity", "tabular_q", settings, seed);
  life_live(&life, CYCLES, CYCLES / 2, 2, names, out);
  life_end(&life);
}

static void live_in_kernel(const MarlReciprocityRules *rules, uint64_t seed, double out[2]) {
  MarlError err;
  MarlReciprocity *r = NULL;
  double m[MARL_NUM_RECIPROCITY_METRICS];
  UNIT_OK(marl_reciprocity_create(rules, marl_key(seed, MARL_STREAM_ENV), &r, &err));
  out[0] = out[1] = 0;
  for (int cycle = 0; cycle < CYCLES; ++cycle) {
    marl_reciprocity_episode(r, m);
    if (cycle < CYCLES / 2) continue;
    out[0] += m[MARL_RECIPROCITY_ACTS] / (CYCLES / 2);
    out[1] += m[MARL_RECIPROCITY_GOOD] / (CYCLES / 2);
  }
  marl_reciprocity_destroy(&r);
}

/* Difference of two means of SEEDS runs in standard errors of it. */
static double apart(double a[SEEDS][2], double b[SEEDS][2], int m) {
  double mean[2] = {0, 0}, variance = 0;
  for (int i = 0; i < SEEDS; ++i) mean[0] += a[i][m] / SEEDS, mean[1] += b[i][m] / SEEDS;
  for (int i = 0; i < SEEDS; ++i)
    variance +=
        ((a[i][m] - mean[0]) * (a[i][m] - mean[0]) + (b[i][m] - mean[1]) * (b[i][m] - mean[1])) /
        (SEEDS - 1);
  printf("\n    %.3f and %.3f, %.2f ", mean[0], mean[1],
         fabs(mean[0] - mean[1]) / sqrt(variance / SEEDS));
  return fabs(mean[0] - mean[1]) / sqrt(variance / SEEDS);
}

/* The population `reciprocity` has tables of its own; the environment is learned by `tabular_q` as any
 * other: one-shot and with a future, by the other's name and by both, with seeds. Their draws differ,
 * so the runs agree in distribution: means of 64 runs each within four standard errors, which
 * eight comparisons exceed by chance once in 2,000. */
static void test_the_kernel_and_the_general_path_agree(void) {
  static const struct {
    const char *settings, *norm;
    double gamma;
    int seeds;
    bool own_name;
  } cases[] = {
      {"norm=stern_judging gamma=0", "stern_judging", 0, 0, false},
      {"norm=stern_judging seeds=2 gamma=0.9", "stern_judging", 0.9, 2, false},
      {"norm=image_scoring own_name=true gamma=0.9", "image_scoring", 0.9, 0, true},
      {"norm=all_bad gamma=0.9", "all_bad", 0.9, 0, false},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; ++c) {
    static double general[SEEDS][2], kernel[SEEDS][2];
    char settings[256];
    MarlError err;
    MarlReciprocityRules rules = {.num_agents = 6,
                                  .encounters = 60,
                                  .benefit = 10,
                                  .cost = 1,
                                  .assessment_error = 0.01,
                                  .num_seeds = cases[c].seeds,
                                  .own_name = cases[c].own_name,
                                  .learning_rate = 0.05,
                                  .epsilon = 0.1,
                                  .gamma = cases[c].gamma};
    UNIT_OK(marl_norm_parse(cases[c].norm, &rules.norm, &err));
    snprintf(settings, sizeof settings,
             "num_agents=6 encounters=60 benefit=10 assessment_error=0.01 learning_rate=0.05 "
             "epsilon_start=0.1 epsilon_end=0.1 %s",
             cases[c].settings);
    for (uint64_t seed = 0; seed < SEEDS; ++seed) {
      live_in_general(settings, seed, general[seed]);
      live_in_kernel(&rules, seed, kernel[seed]);
    }
    for (int m = 0; m < 2; ++m) CU_ASSERT(apart(general, kernel, m) < 4);
  }
}

/* The probe asks everybody about every pair of names; rules are told apart by the other's alone. */
static void test_rules_are_counted_by_name(void) {
  MarlError err;
  MarlEnv *env;
  Life life = life_begin("reciprocity", "tabular_q", "num_agents=6 seeds=1 own_name=true", 1);
  const MarlEnvProbe *probe = marl_env_reciprocity.probe;
  UNIT_OK(marl_env_reciprocity.create(life.env, MPI_COMM_SELF, &env, &err));
  /* a seed, AllD, discriminator, paradoxical, AllC, by its own name */
  static const float act[6 * 4] = {1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 1,
                                   1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 1, 1};
  double part[4], whole[4];
  probe->answer(env, act, part, whole);
  for (int rule = 0; rule < 4; ++rule) UNIT_NEAR(part[rule] / whole[rule], 1.0 / 5, 0);
  marl_env_reciprocity.destroy(env);
  life_end(&life);
}

static CU_TestInfo tests[] = {
    {"the kernel and the general path agree", test_the_kernel_and_the_general_path_agree},
    {"rules are counted by name", test_rules_are_counted_by_name},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/society/reciprocity", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
