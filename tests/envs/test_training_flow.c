/* Which flows an environment of several reads. */
#include "envs/turbulence/turbulence.h"
#include "tests/envs/reference_case.h"

typedef struct Rows {
  float obs[16], metrics[8];
  uint8_t role[1], active[1];
} Rows;

static MarlEnv *make(const char *reference, const char *flows, const char *seen) {
  MarlError err;
  MarlSection *section = NULL;
  MarlEnv *env = NULL;
  const MarlOptionTable table = {marl_env_turbulence.options, marl_env_turbulence.num_options};
  const char *const settings[] = {"reference",   reference, "more_references",  flows,
                                  "observation", seen,      "more_resolutions", "32,16",
                                  "resolution",  "16",      "agents",           "1",
                                  "dt",          "2e-3"};
  UNIT_OK(marl_section_create("env", &table, 1, &section, &err));
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i += 2)
    UNIT_OK(marl_section_set(section, settings[i], settings[i + 1], "test", &err));
  UNIT_OK(marl_env_turbulence.create(section, MPI_COMM_SELF, &env, &err));
  marl_section_destroy(&section);
  return env;
}

/* A thousand environments of ten flows are not ten thousand readings: the third flow's file is not there, and number
 * 1 does not ask. What it cannot show its agents alike it says when it begins. */
static void an_environment_reads_the_flow_of_its_number_alone(void) {
  MarlError err;
  char flows[600];
  const char *reference = case_reference();
  snprintf(flows, sizeof flows, "%s/configs/reference/data/re20k_kf4.h5,nowhere.h5",
           getenv("MARL_SOURCE"));
  static const char *const seen[] = {"flow_regime", "log_spectrum"};
  for (size_t s = 0; s < 2; ++s) {
    Rows rows = {0};
    const MarlEnvIo io = {
        .obs = rows.obs, .metrics = rows.metrics, .role = rows.role, .active = rows.active};
    MarlEnv *env = make(reference, flows, seen[s]);
    env->index = 1;
    if (s == 0)
      UNIT_OK(env->ops->reset(env, marl_key(4, MARL_STREAM_ENV), &io, &err));
    else
      UNIT_ERROR(env->ops->reset(env, marl_key(4, MARL_STREAM_ENV), &io, &err), MARL_ECONFIG,
                 "on 16 x 16 points an agent sees 8 numbers, on 32 x 32 it sees 16");
    env->index = 2;
    UNIT_ERROR(env->ops->reset(env, marl_key(4, MARL_STREAM_ENV), &io, &err), MARL_EIO,
               "nowhere.h5");
    env->ops->destroy(env);
  }
  unlink(reference);
}

static CU_TestInfo tests[] = {
    {"an environment reads the flow of its number alone",
     an_environment_reads_the_flow_of_its_number_alone},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"training_flow", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
