/* Under the 2/3 rule a flow on 16 points keeps wavenumbers 0 .. 5: what is scored, rewarded and
 * observed are those, and a policy of another flow is not run on it unasked. */
#include <sys/stat.h>

#include "envs/env_table.h"
#include "envs/turbulence/closures.h"
#include "envs/turbulence/reward.h"
#include "envs/turbulence/scoreboard.h"
#include "envs/turbulence/turbulence.h"
#include "marl/learn/trainer.h"
#include "tests/envs/reference_case.h"
#include "tests/envs/turbulence_names.h"

enum { KEPT = 6, MAX_ROWS = 16, MAX_OBS = 64 };

typedef struct Rows {
  float act[MAX_ROWS * 3], obs[MAX_ROWS * MAX_OBS], reward[MAX_ROWS], metrics[16];
  uint8_t role[MAX_ROWS], active[MAX_ROWS], terminated[MAX_ROWS];
} Rows;

static MarlSection *env_section(const char *const *settings) {
  MarlError err;
  MarlSection *made = NULL;
  const MarlOptionTable table = {marl_turbulence_options, MARL_TURBULENCE_OPTIONS};
  UNIT_OK(marl_section_create("env", &table, 1, &made, &err));
  UNIT_OK(marl_section_set(made, "reference", case_reference(), "test", &err));
  UNIT_OK(marl_section_set(made, "resolution", "16", "test", &err));
  UNIT_OK(marl_section_set(made, "dt", "2e-3", "test", &err));
  UNIT_OK(marl_section_set(made, "dealias", "two_thirds", "test", &err));
  for (; settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(made, settings[0], settings[1], "test", &err));
  return made;
}

/* Each reward after ten actions at the center of their range, in the order of `rewards`. */
static void rewards_are_finite_and_of_the_kept_wavenumbers(void) {
  static const char *const rewards[] = {"inverse_log_error", "weighted_error", "log_likelihood"};
  static const char *const targets[][2] = {{"target", "full"}, {"samples", "2"}};
  MarlError err;
  for (size_t t = 0; t < 2; ++t)
    for (size_t r = 0; r < sizeof rewards / sizeof *rewards; ++r) {
      const char *const settings[] = {targets[t][0], targets[t][1],
                                      "reward",      rewards[r],
                                      "observation", "log_spectrum,band_ratios,dissipation",
                                      NULL};
      MarlSection *config = env_section(settings);
      MarlEnv *env = NULL;
      Rows rows = {0};
      const MarlEnvIo io = {.act = rows.act,
                            .obs = rows.obs,
                            .role = rows.role,
                            .active = rows.active,
                            .reward = rows.reward,
                            .terminated = rows.terminated,
                            .metrics = rows.metrics};
      UNIT_OK(marl_env_turbulence.create(config, MPI_COMM_SELF, &env, &err));
      unlink(marl_section_text(config, "reference"));
      marl_section_destroy(&config);
      CU_ASSERT_EQUAL(env->spec.obs_dim, KEPT + 6 + 2);
      UNIT_OK(env->ops->reset(env, marl_key(1, MARL_STREAM_ENV), &io, &err));
      for (int step = 0; step < 10; ++step) {
        UNIT_OK(env->ops->step(env, &io, &err));
        CU_ASSERT(isfinite(rows.reward[0]) && rows.reward[0] != 0);
      }
      // a wavenumber that the flow does not have would be log(1e-30) = -69
      for (int k = 0; k < KEPT; ++k) CU_ASSERT(fabs((double)rows.obs[k]) < 30);
      env->ops->destroy(env);
    }
}

/* A 1-D spectrum sums over the other wavenumber: a target from samples is that of the fields cut to
 * what the flow keeps, worked out here from the waves of case_fields. */
static void a_target_from_samples_is_cut_as_the_flow_is(void) {
  MarlError err;
  MarlReference *reference = NULL;
  MarlReward *reward = NULL;
  const char *path = case_reference();
  const MarlTurbulenceParams params = {.n = CASE_N,
                                       .dealias = MARL_DEALIAS_TWO_THIRDS,
                                       .dt = 1e-3,
                                       .interval = 1,
                                       .target = MARL_TARGET_TRUNCATED,
                                       .samples = 1,
                                       .reward = reward_named("inverse_log_error")};
  UNIT_OK(marl_reference_read(path, &reference, &err));
  UNIT_OK(marl_reward_create(&params, reference, &reward, &err));
  unlink(path);
  CU_ASSERT_EQUAL(reward->num_k, KEPT);
  // each field is 2 cos(m x + (5 - m) y), m = 1 .. 4, all kept: <w^2>/2 = 1 of each, half of it at
  // m, as marl_spectrum has one side of it
  for (int k = 0; k < KEPT; ++k) UNIT_NEAR(reward->target[k], k >= 1 && k <= 4 ? 0.5 : 0, 1e-13);
  marl_reward_destroy(&reward);
  marl_reference_destroy(&reference);
}

static void a_target_that_the_file_lacks_is_named(void) {
  static const char *const none[] = {NULL};
  MarlError err;
  MarlEnv *env = NULL;
  MarlSection *config = env_section(none);
  UNIT_ERROR(marl_env_turbulence.create(config, MPI_COMM_SELF, &env, &err), MARL_ECONFIG,
             "truncated field at 12 x 12, which is what env.dealias=two_thirds keeps of 16 x 16");
  unlink(marl_section_text(config, "reference"));
  marl_section_destroy(&config);
}

static void scores_are_finite_and_of_the_kept_wavenumbers(void) {
  static const char *const settings[][2] = {
      {"resolution", "16"}, {"dt", "2e-3"},           {"spinup", "0.1"}, {"dealias", "two_thirds"},
      {"time", "0.4"},      {"sample_every", "0.04"}, {"block", "0.1"}};
  static const char *const closures[] = {"leith"};
  MarlError err;
  MarlSection *config = NULL;
  MarlScoreboard *board = NULL;
  UNIT_OK(marl_section_create("evaluate", &marl_evaluate_options, 1, &config, &err));
  UNIT_OK(marl_section_set(config, "reference", case_reference(), "test", &err));
  for (size_t i = 0; i < sizeof settings / sizeof *settings; ++i)
    UNIT_OK(marl_section_set(config, settings[i][0], settings[i][1], "test", &err));
  UNIT_OK(marl_scoreboard_create(config, closures, 1, NULL, &board, &err));
  UNIT_OK(marl_scoreboard_run(board, MPI_COMM_SELF, NULL, &err));
  unlink(marl_section_text(config, "reference"));
  CU_ASSERT_EQUAL(board->target->num_k, KEPT);
  for (int k = 0; k < KEPT; ++k) CU_ASSERT(board->rows[0].spectrum[k] > 0);
  static const char *const known[] = {"e_log", "rms_log", "std", "KL", "u_rms", "energy_flux"};
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i)
    CU_ASSERT(isfinite(board->rows[0].value[marl_score_find(known[i])]));
  // the file has no statistics of the field cut to 12 x 12
  CU_ASSERT(isnan(board->rows[0].value[marl_score_find("e_trunc")]));
  marl_scoreboard_destroy(&board);
  marl_section_destroy(&config);
}

/* A run folder of one update under padding. */
static void train(const char *folder, const char *reference) {
  MarlError err;
  char text[1024], path[128];
  MarlConfig *config = NULL;
  MarlTrainer *trainer = NULL;
  CU_ASSERT_FATAL(mkdir(folder, 0777) == 0);
  snprintf(text, sizeof text,
           "run: {updates: 1, shards: 1}\n"
           "env: {name: turbulence, num_envs: 1, reference: %s, resolution: 16, dt: 2e-3,\n"
           "      action_interval: 4, max_steps: 100, target: full}\n"
           "learner: {name: ppo, horizon: 8, minibatches: 1}\n"
           "policy: {hidden: [8]}\n",
           reference);
  snprintf(path, sizeof path, "%s/config.yaml", folder);
  FILE *file = fopen(path, "w");
  CU_ASSERT_FATAL(file != NULL);
  fputs(text, file);
  fclose(file);
  UNIT_OK(marl_config_load(path, &config, &err));
  UNIT_OK(marl_trainer_create(config, marl_env_table, folder, MPI_COMM_SELF, &trainer, &err));
  UNIT_OK(marl_trainer_run(trainer, NULL, &err));
  marl_trainer_destroy(&trainer);
  marl_config_destroy(&config);
}

static MarlCode open_on(const char *folder, const char *transfer, int n, MarlDealias dealias,
                        MarlError *failure) {
  MarlError err;
  MarlGrid *grid = NULL;
  MarlSection *section = NULL;
  MarlClosure *closure = NULL;
  const MarlOptionTable table = {marl_closure_learned.options, marl_closure_learned.num_options};
  UNIT_OK(marl_grid_create_dealiased(n, n, 6.283185307179586, 6.283185307179586, dealias,
                                     MPI_COMM_SELF, &grid, &err));
  UNIT_OK(marl_section_create("closure", &table, 1, &section, &err));
  UNIT_OK(marl_section_set(section, "policy", folder, "test", &err));
  UNIT_OK(marl_section_set(section, "transfer", transfer, "test", &err));
  const MarlCode code = marl_closure_learned.create(grid, section, &closure, failure);
  if (code == MARL_OK) closure->ops->destroy(closure);
  marl_section_destroy(&section);
  marl_grid_destroy(&grid);
  return code;
}

static void a_policy_runs_on_the_wavenumbers_of_its_training(void) {
  MarlError err;
  char folder[64], command[128];
  const char *reference = case_reference();
  snprintf(folder, sizeof folder, "kept_wavenumbers_%ld", (long)getpid());
  train(folder, reference);
  CU_ASSERT_EQUAL(open_on(folder, "false", CASE_N, MARL_DEALIAS_PADDING, &err), MARL_OK);
  // 24 points under the 2/3 rule keep 0 .. 7 as 16 padded ones do
  CU_ASSERT_EQUAL(open_on(folder, "false", 24, MARL_DEALIAS_TWO_THIRDS, &err), MARL_OK);
  UNIT_ERROR(open_on(folder, "false", CASE_N, MARL_DEALIAS_TWO_THIRDS, &err), MARL_ECONFIG,
             "trained on 16 x 16 points with dealias: padding, wavenumbers below 8; this flow has "
             "16 x 16 with dealias: two_thirds, wavenumbers below 6");
  UNIT_ERROR(open_on(folder, "false", CASE_N, MARL_DEALIAS_NONE, &err), MARL_ECONFIG,
             "closure.transfer=true");
  UNIT_ERROR(open_on(folder, "false", 32, MARL_DEALIAS_PADDING, &err), MARL_ECONFIG,
             "closure.transfer=true");
  CU_ASSERT_EQUAL(open_on(folder, "true", CASE_N, MARL_DEALIAS_TWO_THIRDS, &err), MARL_OK);
  CU_ASSERT_EQUAL(open_on(folder, "true", 32, MARL_DEALIAS_PADDING, &err), MARL_OK);
  unlink(reference);
  snprintf(command, sizeof command, "rm -r '%s'", folder);
  CU_ASSERT(system(command) == 0);
}

static CU_TestInfo tests[] = {
    {"rewards are finite and of the kept wavenumbers",
     rewards_are_finite_and_of_the_kept_wavenumbers},
    {"a target from samples is cut as the flow is", a_target_from_samples_is_cut_as_the_flow_is},
    {"a target that the file lacks is named", a_target_that_the_file_lacks_is_named},
    {"scores are finite and of the kept wavenumbers",
     scores_are_finite_and_of_the_kept_wavenumbers},
    {"a policy runs on the wavenumbers of its training",
     a_policy_runs_on_the_wavenumbers_of_its_training},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"kept wavenumbers", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
