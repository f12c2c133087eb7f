/* A central critic (Lowe et al. 2017; Yu et al. 2022) where it is needed: what an agent earns depends on what it does
 * not see, with and without convolutions; and what it sees of a grid world. */
#include "envs/grid/view.h"
#include "marl/learn/trainer_internal.h"
#include "tests/envs/grid_life.h"
#include "tests/envs/training.h"
#include "tests/toy_env.h"

/* A coin that nobody sees decides what both agents earn, whatever they do: 1 or -1, and then the episode ends. So the
 * value of what an agent sees is 0 and its variance 1, in units of the returns' deviation; that of the state is
 * known exactly. Observations are an image of noise with a number behind it. */
enum { SIDE = 4, OBS = SIDE * SIDE + 1, AGENTS = 2 };
static const MarlRole role = {.name = "guess",
                              .obs_dim = OBS,
                              .action_kind = MARL_ACTION_DISCRETE,
                              .act_dim = 1,
                              .num_choices = 2,
                              .image = {SIDE, SIDE, 1}};
static const MarlEnvSpec spec = {.num_agents = AGENTS,
                                 .num_roles = 1,
                                 .roles = &role,
                                 .obs_dim = OBS,
                                 .act_dim = 1,
                                 .state_dim = 2};

static void toss(Toy *toy, const MarlEnvIo *io) {
  toy->x = marl_uniform(toy->key, 0) < 0.5 ? -1 : 1;
  io->state[0] = (float)marl_uniform(toy->key, 1);
  io->state[1] = (float)toy->x;
  for (int a = 0; a < AGENTS; ++a) {
    for (int i = 0; i < OBS; ++i)
      io->obs[a * OBS + i] = (float)marl_below(toy->key, (uint64_t)(2 + a * OBS + i), 2);
    io->role[a] = 0, io->active[a] = 1;
  }
}

static void pay(Toy *toy, const MarlEnvIo *io) {
  for (int a = 0; a < AGENTS; ++a) io->reward[a] = (float)toy->x, io->terminated[a] = 1;
  toss(toy, io);
}

static const MarlEnvOps *const table[] = {&toy_ops, NULL};

/* The value loss of the last of 60 updates. */
static double value_loss(const char *critic, const char *policy) {
  MarlError err;
  MarlConfig *config = NULL;
  MarlTrainer *trainer = NULL;
  char yaml[512];
  double loss = -1;
  toy_spec = spec;
  toy_reset = toss;
  toy_step = pay;
  snprintf(
      yaml, sizeof yaml,
      "run: {updates: 60, shards: 2}\nenv: {name: toy, num_envs: 32}\n"
      "learner: {name: ppo, critic: %s, horizon: 8, learning_rate: 0.01, critic_hidden: [16]}\n"
      "policy: {hidden: [8], normalize_observations: false%s}\n",
      critic, policy);
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &config, &err));
  UNIT_OK(marl_trainer_create(config, table, NULL, MPI_COMM_SELF, &trainer, &err));
  UNIT_OK(marl_trainer_run(trainer, NULL, &err));
  for (int i = 0; i < trainer->stats[0].count; ++i)
    if (strcmp(trainer->stats[0].name[i], "value_loss") == 0) loss = trainer->stats[0].value[i];
  printf("\n    %s critic%s: value loss %.4f ", critic, policy, loss);
  marl_trainer_destroy(&trainer);
  marl_config_destroy(&config);
  return loss;
}

static const char convolving[] = ", conv_channels: [3]",
                  remembering[] = ", conv_channels: [3], recurrent: gru, recurrent_units: 4";

/* A fit of noise by 17 inputs explains little of 1 in 512 samples; the loss of a critic that knows falls to 0. */
static void test_only_a_central_critic_knows_what_nobody_sees(void) {
  static const char *const policies[] = {"", convolving, remembering};
  for (size_t i = 0; i < sizeof policies / sizeof *policies; ++i)
    CU_ASSERT_TRUE(value_loss("central", policies[i]) < 0.05);
  CU_ASSERT_TRUE(value_loss("own", "") > 0.8);
  CU_ASSERT_TRUE(value_loss("own", convolving) > 0.8);
}

/* Where everything is on the map, turned by nobody's view. */
static void test_the_state_of_a_grid_world_is_its_map(void) {
  static const char *const settings[] = {"num_agents", "4", "global_state", "true", NULL};
  MarlEnv *env = grid_make("cleanup", "cleanup_small", settings);
  MarlGridWorld *world = grid_begin(env, 0);
  const MarlGridRules *rules = marl_grid_env_rules(env);
  const int planes = rules->game->num_planes + 1, cells = rules->map.rows * rules->map.cols;
  const int size = marl_grid_see_all_size(rules);
  CU_ASSERT_EQUAL(size, cells * planes + 4 * 4);
  CU_ASSERT_EQUAL(env->spec.state_dim, size);
  float *state = malloc((size_t)size * sizeof *state);
  grid_put(world, 2, 1, 9, 3);
  marl_grid_see_all(world, state);
  double sum[MARL_GRID_MAX_PLANES] = {0};
  for (int i = 0; i < cells * planes; ++i) sum[i % planes] += (double)state[i];
  UNIT_NEAR(sum[0], 0, 0); /* no apples yet; 16 of 32 cells of water dirty; no river */
  UNIT_NEAR(sum[1], 16, 0);
  UNIT_NEAR(sum[2], 16, 0);
  UNIT_NEAR(sum[3], 0, 0);
  UNIT_NEAR(sum[planes - 1], 4, 0);
  UNIT_NEAR((double)state[(1 * rules->map.cols + 9) * planes + planes - 1], 1, 0);
  const float *place = state + cells * planes + 2 * 4;
  UNIT_NEAR((double)place[0], 1.0 / 7, 1e-7); /* row 1 of 8, column 9 of 14, heading 3, there */
  UNIT_NEAR((double)place[1], 9.0 / 13, 1e-7);
  UNIT_NEAR((double)place[2], 1, 0);
  UNIT_NEAR((double)place[3], 0, 0);
  free(state);
  env->ops->destroy(env);
}

/* Without the option nothing is written, and a central critic is refused. */
static void test_a_grid_world_without_state_says_so(void) {
  MarlError err;
  MarlConfig *config = NULL;
  MarlTrainer *trainer = NULL;
  const char *source = getenv("MARL_SOURCE");
  char yaml[1024];
  snprintf(yaml, sizeof yaml,
           "run: {updates: 1}\nenv: {name: cleanup, num_agents: 4, num_envs: 4, "
           "map: %s/configs/grid/maps/cleanup_small.txt}\n"
           "learner: {name: ppo, critic: central}\n",
           source != NULL ? source : ".");
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &config, &err));
  UNIT_ERROR(marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_SELF, &trainer, &err),
             MARL_ECONFIG, "learner.critic = central needs an environment with a global state");
  marl_config_destroy(&config);
}

static CU_TestInfo tests[] = {
    {"only a central critic knows what nobody sees",
     test_only_a_central_critic_knows_what_nobody_sees},
    {"the state of a grid world is its map", test_the_state_of_a_grid_world_is_its_map},
    {"a grid world without state says so", test_a_grid_world_without_state_says_so},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"envs/central_critic", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
