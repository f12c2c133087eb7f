#include "marl/learn/ppo.h"
#include "tests/marl/torch_reference.h"

enum { ROWS = 16, OBS = 3, NET = 113, EPOCHS = 4 };

/* One step of sixteen agents with three observations and one continuous action each. */
static const MarlRole role = {.name = "control",
                              .obs_dim = OBS,
                              .action_kind = MARL_ACTION_CONTINUOUS,
                              .act_dim = 1,
                              .act_low = -1,
                              .act_high = 1};
static const MarlEnvSpec spec = {
    .num_agents = ROWS, .num_roles = 1, .roles = &role, .obs_dim = OBS, .act_dim = 1};

static MarlSection *section(const char *name, const MarlOptionTable table,
                            const char *const settings[][2], size_t count) {
  MarlError err;
  MarlSection *out = NULL;
  UNIT_OK(marl_section_create(name, &table, 1, &out, &err));
  for (size_t i = 0; i < count; ++i)
    UNIT_OK(marl_section_set(out, settings[i][0], settings[i][1], "test", &err));
  return out;
}

/* A learner with the reference's options; annealing over 1 update would change nothing. */
static Ppo *make_learner(void) {
  static const char *const policy_settings[][2] = {
      {"hidden", "8, 8"}, {"action", "clipped"}, {"normalize_observations", "false"}};
  static const char *const settings[][2] = {
      {"horizon", "1"},          {"epochs", "4"},
      {"minibatches", "1"},      {"anneal", "false"},
      {"clip", "0.2"},           {"value_coefficient", "0.5"},
      {"max_grad_norm", "0.5"},  {"entropy_coefficient", "0.01"},
      {"learning_rate", "3e-4"}, {"normalize_advantage", "false"},
      {"adam_epsilon", "1e-5"},  {"normalize_value", "false"},
      {"critic_hidden", "8, 8"},
  };
  MarlError err;
  const MarlOptionTable options = {marl_learner_ppo.options, marl_learner_ppo.num_options};
  MarlSection *policy = section("policy", marl_policy_options, policy_settings,
                                sizeof policy_settings / sizeof policy_settings[0]);
  MarlSection *config = section("learner", options, settings, sizeof settings / sizeof settings[0]);
  const MarlLearnerInit init = {.env = &spec,
                                .policy = policy,
                                .num_envs = 1,
                                .num_shards = 1,
                                .own_shards = 1,
                                .num_updates = 1,
                                .comm = MPI_COMM_SELF};
  MarlLearner *learner = NULL;
  UNIT_OK(marl_learner_ppo.create(config, &init, &learner, &err));
  marl_section_destroy(&config);
  marl_section_destroy(&policy);
  return (Ppo *)learner;
}

static void read_floats(MarlStore *file, const char *name, size_t count, float *out) {
  MarlError err;
  UNIT_OK(marl_store_read(file, name, MARL_F32, count, out, &err));
}

static void fill(Ppo *ppo, MarlStore *file) {
  float obs[ROWS][OBS], action[ROWS], log_prob[ROWS], advantage[ROWS], target[ROWS];
  read_floats(file, "batch/obs", ROWS * OBS, obs[0]);
  read_floats(file, "batch/action", ROWS, action);
  read_floats(file, "batch/old_log_prob", ROWS, log_prob);
  read_floats(file, "batch/advantage", ROWS, advantage);
  read_floats(file, "batch/target", ROWS, target);
  read_floats(file, "initial/policy", NET, marl_policy_params(ppo->policy, 0, 0));
  read_floats(file, "initial/log_std", 1, marl_policy_params(ppo->policy, 0, 0) + NET);
  read_floats(file, "initial/value", NET, marl_critic_params(ppo->critic, 0, 0));
  MarlRollout *rollout = ppo->shards[0].rollout;
  for (size_t row = 0; row < ROWS; ++row) {
    /* terminal one-step episodes: advantage = reward - value, target = reward */
    marl_rollout_decide(rollout, row, 0, target[row] - advantage[row]);
    marl_rollout_reward(rollout, row, 0, target[row]);
    marl_rollout_close(rollout, row, 0, 0);
    const size_t slot = marl_rollout_slot(rollout, row);
    memcpy(rollout->obs + slot * OBS, obs[row], sizeof obs[row]);
    rollout->act[slot] = action[row];
    rollout->log_prob[slot] = log_prob[row];
  }
  rollout->step = 1;
}

static double mean_of(MarlStore *file, const char *name) {
  MarlError err;
  double value[EPOCHS], sum = 0;
  UNIT_OK(marl_store_read(file, name, MARL_F64, EPOCHS, value, &err));
  for (int i = 0; i < EPOCHS; ++i) sum += value[i];
  return sum / EPOCHS;
}

static double stat(const MarlStats *stats, const char *name) {
  for (int i = 0; i < stats->count; ++i)
    if (strcmp(stats->name[i], name) == 0) return stats->value[i];
  return (double)NAN;
}

static void test_an_update_matches_pytorch(void) {
  MarlError err;
  MarlStats stats;
  MarlStore *file = torch_open("torch_ppo.h5");
  Ppo *ppo = make_learner();
  fill(ppo, file);
  UNIT_OK(marl_ppo_update(&ppo->base, &stats, &err));
  CU_ASSERT_TRUE_FATAL(stats.updated);

  static double policy[EPOCHS][NET], value[EPOCHS][NET], log_std[EPOCHS];
  UNIT_OK(marl_store_read(file, "joint/policy", MARL_F64, EPOCHS * NET, policy, &err));
  UNIT_OK(marl_store_read(file, "joint/value", MARL_F64, EPOCHS * NET, value, &err));
  UNIT_OK(marl_store_read(file, "joint/log_std", MARL_F64, EPOCHS, log_std, &err));
  /* Adam's four steps are 3e-4 each; a relative error of 1e-4 in a gradient, large for sums of
   * sixteen single-precision terms even where they cancel, moves a parameter by 1.2e-7; rounding
   * of parameters of order one adds as much. */
  const double tolerance = 3e-7;
  const float *got = marl_policy_params(ppo->policy, 0, 0);
  for (int i = 0; i < NET; ++i) UNIT_NEAR(got[i], policy[EPOCHS - 1][i], tolerance);
  UNIT_NEAR(got[NET], log_std[EPOCHS - 1], tolerance);
  got = marl_critic_params(ppo->critic, 0, 0);
  for (int i = 0; i < NET; ++i) UNIT_NEAR(got[i], value[EPOCHS - 1][i], tolerance);

  /* means of sixteen terms of order one */
  UNIT_NEAR(stat(&stats, "policy_loss"), mean_of(file, "joint/policy_loss"), 2e-6);
  UNIT_NEAR(stat(&stats, "value_loss"), mean_of(file, "joint/value_loss"), 1e-5);
  UNIT_NEAR(stat(&stats, "entropy"), mean_of(file, "joint/entropy"), 2e-6);
  UNIT_NEAR(stat(&stats, "clip_fraction"), mean_of(file, "joint/clipped_fraction"), 1e-6);
  UNIT_NEAR(stat(&stats, "gradient_norm"), mean_of(file, "joint/norm"), 1e-5);
  marl_store_close(&file);
  marl_learner_ppo.destroy(&ppo->base);
}

static CU_TestInfo tests[] = {
    {"an update of four epochs matches PyTorch", test_an_update_matches_pytorch},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/ppo_step", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
