/* ctest: label=verification timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "marl/learn/table.h"
#include "tests/envs/run_folder.h"
#include "tests/envs/table_env.h"

static Training train(const char *yaml, const MarlEnvOps *const *table, const char *folder) {
  MarlError err;
  Training t = {NULL, NULL};
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &t.config, &err));
  UNIT_OK(marl_trainer_create(t.config, table, folder, MPI_COMM_SELF, &t.trainer, &err));
  UNIT_OK(marl_config_finish(t.config, &err));
  if (folder != NULL) UNIT_OK(marl_trainer_resume(t.trainer, NULL, &err));
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  return t;
}

static const MarlTable *table_of(const Training *t, int role) {
  return marl_trainer_policy(t->trainer, 0)->roles[role].table;
}

/* Nothing is random in the process but where an episode begins, so that with a rate of 1 learning is
 * value iteration in a random order; 8,000 transitions of 15 pairs leave round-off. Rewards pass
 * through single precision: 1e-7 of numbers below ten, over 1 - gamma. */
static void test_values_are_those_of_value_iteration(void) {
  double q[STATES + 1][ACTIONS];
  Training t = train(
      "run: {seed: 1, updates: 10, shards: 2}\n"
      "env: {name: table, num_envs: 8}\n"
      "learner: {name: tabular_q, gamma: 0.9, learning_rate: 1, epsilon_end: 1}\n",
      environments, NULL);
  solve(q);
  const MarlTable *table = table_of(&t, 0);
  CU_ASSERT_EQUAL(table->num_states, STATES);
  for (int s = 0; s < STATES; ++s) {
    float obs[STATES] = {0}, act;
    obs[s] = 1;
    for (int a = 0; a < ACTIONS; ++a) UNIT_NEAR(marl_table_values(table, obs, 0)[a], q[s][a], 1e-5);
    marl_policy_act(marl_trainer_policy(t.trainer, 0), 0, 0, 1, obs, NULL, &act);
    UNIT_NEAR(q[s][(int)act], largest(q[s]), 0);
  }
  training_end(&t);
}

/* One agent with two roles that have rates, discounts and first values of their own, moved by hand. */
typedef struct Hand {
  MarlLearner *learner;
  MarlBatch batch;
  uint32_t all[1];
  size_t first[2];
  uint8_t over;
  float act, obs[2], final_obs[2], reward[2], metric;
  uint8_t role, final_role, final_active, terminated, truncated, active, gone;
} Hand;

static void begin_by_hand(Hand *h) {
  static const MarlRole roles[] = {{.name = "a",
                                    .obs_dim = 2,
                                    .action_kind = MARL_ACTION_DISCRETE,
                                    .act_dim = 1,
                                    .num_choices = 2},
                                   {.name = "b",
                                    .obs_dim = 1,
                                    .action_kind = MARL_ACTION_DISCRETE,
                                    .act_dim = 1,
                                    .num_choices = 3}};
  static const MarlEnvSpec spec = {
      .num_agents = 1, .num_roles = 2, .roles = roles, .obs_dim = 2, .act_dim = 1};
  MarlError err;
  const MarlLearnerOps *ops;
  MarlSection *options, *policy;
  UNIT_OK(marl_learner_find("tabular_q", &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("learner", &table, 1, &options, &err));
  UNIT_OK(marl_section_create("policy", &marl_policy_options, 1, &policy, &err));
  UNIT_OK(marl_section_set(options, "gamma", "a=0.5, b=0", "test", &err));
  UNIT_OK(marl_section_set(options, "learning_rate", "a=0.5, b=0.25", "test", &err));
  UNIT_OK(marl_section_set(options, "initial_value", "a=2, b=-1", "test", &err));
  const MarlLearnerInit init = {.env = &spec,
                                .policy = policy,
                                .num_envs = 1,
                                .num_shards = 1,
                                .own_shards = 1,
                                .seed = 3,
                                .comm = MPI_COMM_SELF};
  *h = (Hand){.active = 1, .first = {0, 1}};
  UNIT_OK(ops->create(options, &init, &h->learner, &err));
  h->learner->ops = ops;
  marl_section_destroy(&options);
  marl_section_destroy(&policy);
  h->batch = (MarlBatch){.num_envs = 1,
                         .num_agents = 1,
                         .touched = h->all,
                         .first_touched = h->first,
                         .episode_ended = &h->over,
                         .act = &h->act,
                         .obs = h->obs,
                         .final_obs = h->final_obs,
                         .role = &h->role,
                         .final_role = &h->final_role,
                         .final_active = &h->final_active,
                         .reward = h->reward,
                         .terminated = &h->terminated,
                         .truncated = &h->truncated,
                         .active = &h->active,
                         .gone = &h->gone,
                         .metrics = &h->metric};
}

/* The agent decides in what it sees; the step pays, and it sees `obs` in `role` next. */
static int move(Hand *h, float reward_a, float reward_b, uint8_t role, float first, float second) {
  MarlError err;
  MarlStats stats;
  UNIT_OK(h->learner->ops->act(h->learner, 0, &h->batch, &err));
  const int choice = (int)h->act;
  h->reward[0] = reward_a, h->reward[1] = reward_b;
  h->role = role;
  h->obs[0] = first, h->obs[1] = second;
  h->over = h->terminated || h->truncated;
  UNIT_OK(h->learner->ops->observe(h->learner, 0, &h->batch, &err));
  UNIT_OK(h->learner->ops->update(h->learner, &stats, &err));
  return choice;
}

static const double *values_of(const Hand *h, int role, float first, float second) {
  const float obs[2] = {first, second};
  return marl_table_values(h->learner->ops->policy(h->learner)->roles[role].table, obs, 0);
}

static void test_values_by_hand(void) {
  Hand h;
  begin_by_hand(&h);
  UNIT_NEAR(values_of(&h, 0, 0, 0)[0], 2, 0);
  UNIT_NEAR(values_of(&h, 1, 0, 0)[2], -1, 0);
  /* in role a; then in role b, so that what was decided in a is not over: nothing is learned */
  const int a = move(&h, 3, 0, 1, 7, 0);
  UNIT_NEAR(values_of(&h, 0, 0, 0)[a], 2, 0);
  /* in role b, which pays role a too; then in role a, where (1, 5) is new: its best is 2 */
  const int b = move(&h, 1, 4, 0, 1, 5);
  const double first = 2 + 0.5 * (3 + 1 + 0.5 * 2 - 2);
  UNIT_NEAR(values_of(&h, 0, 0, 0)[a], first, 0);
  UNIT_NEAR(values_of(&h, 0, 0, 0)[1 - a], 2, 0);
  UNIT_NEAR(values_of(&h, 1, 7, 0)[b], -1, 0);
  /* the episode terminates: both open decisions end, b with a discount of 0 as it would anyway */
  h.terminated = 1;
  const int c = move(&h, 10, 2, 0, -0.0f, 0);
  h.terminated = 0;
  UNIT_NEAR(values_of(&h, 0, 1, 5)[c], 2 + 0.5 * (10 - 2), 0);
  UNIT_NEAR(values_of(&h, 1, 7, 0)[b], -1 + 0.25 * (4 + 2 + 1), 0);
  /* a new episode in (-0, 0), which is (0, 0); time is up where it is to decide from (1, 5) in a */
  h.truncated = h.final_active = 1;
  h.final_role = 0;
  h.final_obs[0] = 1, h.final_obs[1] = 5;
  const double before = values_of(&h, 0, 0, 0)[0];
  const int d = move(&h, 1, 0, 0, 0, 0);
  const double old = d == a ? first : 2, next = 2 + 0.5 * (10 - 2);
  UNIT_NEAR(values_of(&h, 0, 0, 0)[d], old + 0.5 * (1 + 0.5 * next - old), 0);
  if (d != 0) UNIT_NEAR(values_of(&h, 0, 0, 0)[0], before, 0);
  /* time is up and it is to decide in b: what a's decision is worth is unknown */
  h.final_role = 1;
  double kept[2];
  memcpy(kept, values_of(&h, 0, 0, 0), sizeof kept);
  move(&h, 100, 0, 0, 0, 0);
  UNIT_BITS_EQUAL(values_of(&h, 0, 0, 0), kept, sizeof kept);
  /* a decision that ends alone: nothing comes after it, though its agent goes on */
  uint8_t ended[2] = {1, 0};
  h.truncated = 0;
  h.batch.ended = ended;
  const int alone = move(&h, 1, 0, 0, 0, 0);
  UNIT_NEAR(values_of(&h, 0, 0, 0)[alone], kept[alone] + 0.5 * (1 - kept[alone]), 0);
  h.learner->ops->destroy(h.learner);
}

/* Counts of 40,000 draws; five standard deviations of a share are at most 0.0125. */
static void test_exploration_is_uniform_and_ties_are_broken_evenly(void) {
  enum { DRAWS = 40000 };
  const double values[4] = {1, 3, 3, 0};
  const MarlKey key = marl_key(3, MARL_STREAM_POLICY);
  double share[4] = {0};
  for (uint64_t i = 0; i < DRAWS; ++i)
    share[marl_table_draw(values, 4, NULL, 0.2, marl_key_fold(key, i))] += 1.0 / DRAWS;
  UNIT_NEAR(share[0], 0.05, 0.0125);
  UNIT_NEAR(share[3], 0.05, 0.0125);
  UNIT_NEAR(share[1], 0.45, 0.0125);
  UNIT_NEAR(share[2], 0.45, 0.0125);
  for (uint64_t i = 0; i < 100; ++i) /* epsilon 0 never explores */
    CU_ASSERT(values[marl_table_draw(values, 4, NULL, 0, marl_key_fold(key, i))] == 3);
}

/* 3,000 states of three bytes, found again after the table has grown; what is not there is unknown. */
static void test_states_are_found_again(void) {
  enum { MANY = 3000 };
  const MarlTableShape shape = {
      .obs_dim = 3, .num_sets = 2, .num_choices = 2, .initial = 5, .max_states = MANY};
  MarlError err;
  MarlTable *table;
  double *values;
  UNIT_OK(marl_table_create(&shape, &table, &err));
  for (int i = 0; i < MANY; ++i) {
    const float obs[3] = {(float)(i % 16), (float)(i / 16 % 16), (float)(i / 256)};
    UNIT_OK(marl_table_learn(table, obs, 1, &values, &err));
    values[1] = i;
  }
  for (int i = 0; i < MANY; ++i) {
    const float obs[3] = {(float)(i % 16), (float)(i / 16 % 16), (float)(i / 256)};
    UNIT_NEAR(marl_table_values(table, obs, 1)[1], i, 0);
    UNIT_NEAR(marl_table_values(table, obs, 0)[1], 5, 0);
  }
  const float other[3] = {0.5f, 0, 0};
  UNIT_NEAR(marl_table_values(table, other, 1)[1], 5, 0);
  UNIT_ERROR(marl_table_learn(table, other, 1, &values, &err), MARL_ECONFIG,
             "learner.max_states = 3000");
  marl_table_destroy(&table);
}

/* A one-shot prisoner's dilemma: every pair of values is within the payoffs, defection is best. */
static void test_nobody_cooperates_once(void) {
  Training t = train(
      "run: {seed: 1, updates: 40, shards: 4}\n"
      "env: {name: matrix_game, game: prisoners_dilemma, rounds: 1, num_envs: 4}\n"
      "learner: {name: tabular_q}\n"
      "policy: {sharing: independent}\n",
      marl_env_table, NULL);
  const float start[5] = {1};
  for (int player = 0; player < 2; ++player) {
    const double *values = marl_table_values(table_of(&t, 0), start, player);
    CU_ASSERT(values[0] >= 0 && values[0] < 3 && values[1] >= 1 && values[1] <= 5);
    CU_ASSERT(values[1] > values[0]);
  }
  training_end(&t);
}

/* Episodes in place of steps: 40 of 4 rounds in which epsilon falls from 1 to 0. */
static void test_exploration_falls_by_steps_or_by_episodes(void) {
  static const char *const falls[] = {"epsilon_steps: 320", "epsilon_episodes: 40"};
  for (int i = 0; i < 2; ++i) {
    char yaml[512];
    snprintf(yaml, sizeof yaml,
             "run: {seed: 1, updates: 8, shards: 1}\n"
             "env: {name: matrix_game, rounds: 4, num_envs: 2}\n"
             "learner: {name: tabular_q, interval: 10, epsilon_end: 0, %s}\n",
             falls[i]);
    Training t = train(yaml, marl_env_table, NULL);
    /* 80 steps of two environments are 20 episodes of each: the last act was in the 20th */
    const double expected = i == 0 ? 1 - 158.0 / 320 : 1 - 19.0 / 40;
    UNIT_NEAR(marl_trainer_policy(t.trainer, 0)->roles[0].epsilon, expected, 1e-7);
    training_end(&t);
  }
}

/* Three checkpoints on, bit for bit; and the policy of the file is the learner's. */
static void test_a_run_that_was_cut_is_the_same_run(void) {
  static const char *const format =
      "run: {seed: 5, updates: %d, shards: 2, checkpoint_every: 3, keep: 9}\n"
      "env: {name: dilemma, num_envs: 4, mechanism: direct}\n"
      "learner: {name: tabular_q, gamma: [0.9, punish=0], interval: 7}\n"
      "policy: {sharing: independent}\n";
  MarlError err;
  char whole[512], half[512];
  snprintf(whole, sizeof whole, format, 6);
  snprintf(half, sizeof half, format, 3);
  RunFolder straight = run_folder_make(), cut = run_folder_make();
  Training t = train(whole, marl_env_table, straight.path);
  Training first = train(half, marl_env_table, cut.path);
  training_end(&first);
  Training second = train(whole, marl_env_table, cut.path);
  run_folder_same_file(&straight, &cut, "checkpoint_000006.h5");
  run_folder_same_file(&straight, &cut, "metrics.csv");
  training_end(&second);
  MarlPolicy *opened;
  UNIT_OK(marl_policy_open(cut.path, 0, &opened, &err));
  for (int role = 0; role < opened->num_roles; ++role) {
    const MarlTable *a = table_of(&t, role), *b = opened->roles[role].table;
    CU_ASSERT(a->num_states > 1);
    CU_ASSERT_EQUAL(a->num_states, b->num_states);
    for (size_t s = 0; s < a->num_states; ++s) {
      const float *obs = a->obs + s * a->shape.obs_dim;
      UNIT_BITS_EQUAL(marl_table_values(a, obs, 1), marl_table_values(b, obs, 1),
                      (size_t)a->shape.num_choices * sizeof(double));
    }
  }
  marl_policy_destroy(&opened);
  training_end(&t);
  run_folder_remove(&straight);
  run_folder_remove(&cut);
}

static void test_mistakes_are_explained(void) {
  static const struct {
    const char *env, *learner, *words;
  } wrong[] = {
      {"cartpole", "gamma: [0.9, 0.8]",
       "learner.gamma: '0.8' is the second value of the same role"},
      {"cartpole", "max_states: 100", "learner.max_states = 100"},
      {"pendulum", "gamma: 0.9", "learner 'tabular_q' cannot choose the continuous actions"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
    MarlError err;
    MarlConfig *config = NULL;
    MarlTrainer *trainer = NULL;
    char text[512];
    snprintf(text, sizeof text, "env: {name: %s, num_envs: 8}\nlearner: {name: tabular_q, %s}\n",
             wrong[i].env, wrong[i].learner);
    UNIT_OK(marl_config_parse(text, strlen(text), "test", &config, &err));
    MarlCode code =
        marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_SELF, &trainer, &err);
    if (code == MARL_OK) code = marl_trainer_run(trainer, NULL, &err);
    UNIT_ERROR(code, MARL_ECONFIG, wrong[i].words);
    marl_trainer_destroy(&trainer);
    marl_config_destroy(&config);
  }
}

static CU_TestInfo tests[] = {
    {"values are those of value iteration", test_values_are_those_of_value_iteration},
    {"values by hand", test_values_by_hand},
    {"exploration is uniform and ties are broken evenly",
     test_exploration_is_uniform_and_ties_are_broken_evenly},
    {"states are found again", test_states_are_found_again},
    {"nobody cooperates in a dilemma that is played once", test_nobody_cooperates_once},
    {"exploration falls by steps or by episodes", test_exploration_falls_by_steps_or_by_episodes},
    {"a run that was cut is the same run", test_a_run_that_was_cut_is_the_same_run},
    {"mistakes are explained", test_mistakes_are_explained},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/tabular_q", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
