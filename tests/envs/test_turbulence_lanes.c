/* The turbulence environment with env.lanes: flows of an environment step as lanes of vectors. */
#include <unistd.h>

#include "envs/turbulence/params.h"
#include "envs/turbulence/turbulence.h"
#include "marl/learn/vec_env.h"
#include "tests/envs/reference_case.h"

enum { STEPS = 6, ENVS = 6 };

static MarlSection *section(const char *const *settings) {
  MarlError err;
  MarlSection *made = NULL;
  const MarlOptionTable table = {marl_turbulence_options, MARL_TURBULENCE_OPTIONS};
  UNIT_OK(marl_section_create("env", &table, 1, &made, &err));
  UNIT_OK(marl_section_set(made, "reference", case_reference(), "test", &err));
  UNIT_OK(marl_section_set(made, "resolution", "16", "test", &err));
  UNIT_OK(marl_section_set(made, "dt", "2e-3", "test", &err));
  UNIT_OK(marl_section_set(made, "action", "leith_biharmonic_cutoff", "test", &err));
  UNIT_OK(marl_section_set(made, "max_steps", "4", "test", &err)); /* a new episode on the way */
  for (; settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(made, settings[0], settings[1], "test", &err));
  return made;
}

static MarlVecEnv *make(MarlSection *config, int count, int first) {
  MarlError err;
  MarlVecEnv *vec = NULL;
  UNIT_OK(marl_vec_env_create(&marl_env_turbulence, config, count, first,
                              marl_key(5, MARL_STREAM_ENV), MPI_COMM_SELF, &vec, &err));
  UNIT_OK(marl_vec_env_reset(vec, &err));
  return vec;
}

/* Actions are of the environment's number in the run, whatever vector of environments it is in. */
static void act(MarlVecEnv *vec, int first, int step) {
  const MarlEnvSpec *spec = marl_vec_env_spec(vec);
  MarlBatch *b = marl_vec_env_batch(vec);
  const int count = spec->num_agents * spec->act_dim;
  for (int e = 0; e < b->num_envs; ++e)
    for (int i = 0; i < count; ++i)
      b->act[e * count + i] =
          (float)(2 * marl_uniform(marl_key(9, MARL_STREAM_POLICY),
                                   (uint64_t)((step * ENVS + first + e) * count + i)) -
                  1);
}

/* Observations [ENVS, A, O] and rewards [ENVS, A] after STEPS, with the environments in `parts` vectors. */
static size_t play(MarlSection *config, int parts, float *obs, float *reward) {
  MarlError err;
  MarlVecEnv *vec[ENVS];
  const int each = ENVS / parts;
  for (int v = 0; v < parts; ++v) vec[v] = make(config, each, v * each);
  for (int t = 0; t < STEPS; ++t) {
    for (int v = 0; v < parts; ++v) act(vec[v], v * each, t);
    UNIT_OK(marl_vec_env_step_all(vec, parts, &err));
  }
  const MarlEnvSpec *spec = marl_vec_env_spec(vec[0]);
  const size_t agents = (size_t)(each * spec->num_agents), wide = agents * (size_t)spec->obs_dim;
  for (int v = 0; v < parts; ++v) {
    memcpy(obs + (size_t)v * wide, marl_vec_env_batch(vec[v])->obs, wide * sizeof *obs);
    memcpy(reward + (size_t)v * agents, marl_vec_env_batch(vec[v])->reward,
           agents * sizeof *reward);
    marl_vec_env_destroy(&vec[v]);
  }
  return (size_t)parts * wide;
}

enum { MOST = 4096 };

static void bits_are_the_same_in_any_company(void) {
  static const char *const precision[] = {"double", "float"};
  for (int p = 0; p < 2; ++p) {
    float obs[3][MOST], reward[3][MOST];
    MarlSection *config = section((const char *[]){"lanes", precision[p], NULL});
    const size_t count = play(config, 1, obs[0], reward[0]);
    play(config, 3, obs[1], reward[1]);
    play(config, ENVS, obs[2], reward[2]);
    for (int other = 1; other < 3; ++other) {
      UNIT_BITS_EQUAL(obs[0], obs[other], count * sizeof(float));
      UNIT_BITS_EQUAL(reward[0], reward[other], (size_t)ENVS * 16 * sizeof(float));
    }
    unlink(marl_section_text(config, "reference"));
    marl_section_destroy(&config);
  }
}

/* Observations are floats of order one: in double they differ by their own rounding alone, in float by what
 * 20 steps make of 2^-24 (ten digits of double leave room for a thousandfold of either). */
static void what_agents_see_is_the_flow_without_lanes_up_to_round_off(void) {
  static const char *const precision[] = {"double", "float"};
  static const double tolerance[] = {1e-5, 1e-3};
  float without[MOST], with[MOST], reward[MOST];
  MarlSection *config = section((const char *[]){NULL});
  const size_t count = play(config, 2, without, reward);
  for (int p = 0; p < 2; ++p) {
    MarlError err;
    UNIT_OK(marl_section_set(config, "lanes", precision[p], "test", &err));
    CU_ASSERT_EQUAL(play(config, 2, with, reward), count);
    double worst = 0;
    for (size_t i = 0; i < count; ++i)
      worst = fmax(worst,
                   fabs((double)with[i] - (double)without[i]) / fmax(1, fabs((double)without[i])));
    UNIT_NEAR(worst, 0, tolerance[p]);
  }
  unlink(marl_section_text(config, "reference"));
  marl_section_destroy(&config);
}

static void flows_that_cannot_be_lanes_are_named(void) {
  MarlError err;
  MarlEnv *env = NULL;
  MarlSection *config =
      section((const char *[]){"lanes", "double", "advection", "skew_symmetric", NULL});
  UNIT_ERROR(marl_env_turbulence.create(config, MPI_COMM_SELF, &env, &err), MARL_ECONFIG,
             "env.lanes: double: lanes have the advection basdevant alone; set env.lanes: off");
  unlink(marl_section_text(config, "reference"));
  marl_section_destroy(&config);
}

static void flows_that_do_not_fit_together_are_named(void) {
  static const struct {
    const char *key, *value, *words;
  } wrong[] = {
      {"more_resolutions", "16,32", "more_resolutions has 2 values"},
      {"more_dts", "3e-3", "is no whole part of 0.02"},
      {"more_resolutions", "18", "18 is no multiple of 4 agents"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    MarlError err;
    MarlTurbulenceParams params;
    MarlSection *config = section(
        (const char *const[]){"more_references", "x.h5", wrong[i].key, wrong[i].value, NULL});
    UNIT_ERROR(marl_turbulence_params(config, &params, &err), MARL_ECONFIG, wrong[i].words);
    unlink(marl_section_text(config, "reference"));
    marl_section_destroy(&config);
  }
}

static CU_TestInfo tests[] = {
    {"flows that do not fit together are named", flows_that_do_not_fit_together_are_named},
    {"bits are the same in any company", bits_are_the_same_in_any_company},
    {"what agents see is the flow without lanes, up to round-off",
     what_agents_see_is_the_flow_without_lanes_up_to_round_off},
    {"flows that cannot be lanes are named", flows_that_cannot_be_lanes_are_named},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"turbulence_lanes", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
