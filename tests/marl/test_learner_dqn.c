#include "tests/marl/dqn_case.h"

enum { PLAY, PUNISH, NUM_ROLES, AGENTS = 2, OBS = 2, CHOICES = 3 };

static const MarlRole roles[NUM_ROLES] = {{.name = "play",
                                           .obs_dim = OBS,
                                           .action_kind = MARL_ACTION_DISCRETE,
                                           .act_dim = 1,
                                           .num_choices = CHOICES},
                                          {.name = "punish",
                                           .obs_dim = 1,
                                           .action_kind = MARL_ACTION_DISCRETE,
                                           .act_dim = 1,
                                           .num_choices = 2}};
static const MarlEnvSpec spec = {
    .num_agents = AGENTS, .num_roles = NUM_ROLES, .roles = roles, .obs_dim = OBS, .act_dim = 1};

/* Linear networks of observations as they are. */
static DqnLearner *make(const char *sharing, Setting *set) {
  Setting policy[] = {
      {"hidden", ""}, {"sharing", sharing}, {"normalize_observations", "false"}, {NULL, NULL}};
  return dqn_make(&spec, policy, set);
}

/* A step of one environment, written down. */
typedef struct Step {
  float obs[AGENTS][OBS], reward[AGENTS][NUM_ROLES], final_obs[AGENTS][OBS];
  uint8_t role[AGENTS], active[AGENTS], terminated[AGENTS], truncated[AGENTS], final_role[AGENTS],
      final_active[AGENTS];
  float act[AGENTS]; /* what the learner did */
} Step;

static void take(DqnLearner *dqn, Step *s) {
  MarlError err;
  uint32_t all[AGENTS] = {0};
  size_t first[] = {0, AGENTS};
  for (uint32_t a = 0; a < AGENTS; ++a) all[a] = a;
  MarlBatch batch = {.num_envs = 1,
                     .num_agents = AGENTS,
                     .touched = all,
                     .first_touched = first,
                     .act = s->act,
                     .obs = s->obs[0],
                     .final_obs = s->final_obs[0],
                     .role = s->role,
                     .final_role = s->final_role,
                     .final_active = s->final_active,
                     .reward = s->reward[0],
                     .terminated = s->terminated,
                     .truncated = s->truncated,
                     .active = s->active};
  UNIT_OK(marl_learner_dqn.act(&dqn->base, 0, &batch, &err));
  UNIT_OK(marl_learner_dqn.observe(&dqn->base, 0, &batch, &err));
}

/* Row `at` of a replay: obs, next obs, reward, choice, terminal. Copies have no error. */
static void row_is(const DqnLearner *dqn, int role, int set, size_t at, const float *expected) {
  const MarlReplay *replay = marl_transitions_replay(dqn->shards[0].memory, role, set);
  CU_ASSERT_TRUE_FATAL(at < replay->size);
  for (size_t i = 0; i < replay->stride; ++i)
    UNIT_NEAR(replay->rows[at * replay->stride + i], expected[i], 0);
}

static size_t size_of(const DqnLearner *dqn, int role, int set) {
  return marl_transitions_replay(dqn->shards[0].memory, role, set)->size;
}

/* Agent 0 plays, punishes, plays and terminates; agent 1 punishes, plays, waits and is truncated
 * when it was to play. */
static void test_decisions_become_transitions(void) {
  static const char *const set[][2] = {{NULL, NULL}};
  DqnLearner *dqn = make("independent", set);
  Step s[3] = {{.obs = {{1, 2}, {3, 0}},
                .role = {PLAY, PUNISH},
                .active = {1, 1},
                .reward = {{0.5f, 9}, {9, 0.25f}}},
               {.obs = {{4, 0}, {5, 6}},
                .role = {PUNISH, PLAY},
                .active = {1, 1},
                .reward = {{1, 2}, {3, 4}}},
               {.obs = {{7, 8}, {9, 9}},
                .role = {PLAY, PLAY},
                .active = {1, 0},
                .reward = {{10, 20}, {30, 40}},
                .terminated = {1, 0},
                .truncated = {0, 1},
                .final_obs = {{-1, -1}, {11, 12}},
                .final_role = {PUNISH, PLAY},
                .final_active = {0, 1}}};
  for (int t = 0; t < 3; ++t) take(dqn, &s[t]);
  CU_ASSERT_EQUAL(size_of(dqn, PLAY, 0), 2);
  CU_ASSERT_EQUAL(size_of(dqn, PUNISH, 0), 1);
  CU_ASSERT_EQUAL(size_of(dqn, PLAY, 1), 1);
  CU_ASSERT_EQUAL(size_of(dqn, PUNISH, 1), 0); /* not over when time was up: dropped */
  /* the reward of the role's stream until the next decision in it; a reward before the first one
   * belongs to none */
  row_is(dqn, PLAY, 0, 0, (float[]){1, 2, 7, 8, 1.5f, s[0].act[0], 0});
  row_is(dqn, PLAY, 0, 1, (float[]){7, 8, 7, 8, 10, s[2].act[0], 1});
  row_is(dqn, PUNISH, 0, 0, (float[]){4, 4, 22, s[1].act[0], 1});
  row_is(dqn, PLAY, 1, 0, (float[]){5, 6, 11, 12, 33, s[1].act[1], 0});
  /* the next episode begins anew */
  take(dqn, &s[0]);
  CU_ASSERT_EQUAL(size_of(dqn, PLAY, 0), 2);
  marl_learner_dqn.destroy(&dqn->base);
}

/* Q(s, k) = s . W[., k] + b[k]; numbers with few bits, so that every result is exact. */
static const float network[] = {1, 0, -1, 0.5f, 2, 0, 0, 0.25f, 0.5f}; /* W [OBS, CHOICES], b */
static const float lagging[] = {0, 1, 2, 1, -1, 0.5f, 1, 0, 0};
/* obs, next obs, reward, choice, terminal */
static const struct {
  float obs[OBS], next[OBS], reward;
  int choice;
  bool terminal;
} memory[] = {{{1, 0}, {1, 1}, 1, 0, false},
              {{0, 1}, {2, 0}, -1, 1, false},
              {{1, 1}, {2, 0}, 3, 2, true},
              {{2, 0}, {0, 2}, 0.5f, 0, false}};
enum { ROWS = sizeof memory / sizeof memory[0] };

/* Q of the next observations:        online            lagging
 *   (1, 1):     1.5, 2.25, -0.5       2, 0, 2.5
 *   (2, 0):     2, 0.25, -1.5         1, 2, 4
 *   (0, 2):     1, 4.25, 0.5          3, -2, 1
 * so the best action is 1, 0, 1 by the online network and 2, 2, 0 by the lagging one. With
 * gamma = 1/2, y = r + (lagging value of the best) / 2, and r alone where it terminated. */
static const float double_goals[ROWS] = {1 + 0.5f * 0, -1 + 0.5f * 1, 3, 0.5f + 0.5f * -2};
static const float plain_goals[ROWS] = {1 + 0.5f * 2.5f, -1 + 0.5f * 4, 3, 0.5f + 0.5f * 3};

static DqnLearner *with_memory(const char *double_q, const char *target_interval) {
  const char *const set[][2] = {{"gamma", "0.5"},
                                {"huber", "2"},
                                {"double_q", double_q},
                                {"minibatch", "4"},
                                {"target_interval", target_interval},
                                {"replay_start", "1"},
                                {NULL, NULL}};
  DqnLearner *dqn = make("shared", set);
  memcpy(marl_policy_params(dqn->policy, PLAY, 0), network, sizeof network);
  memcpy(dqn->target + dqn->groups[PLAY].target_at, lagging, sizeof lagging);
  MarlReplay *replay = marl_transitions_replay(dqn->shards[0].memory, PLAY, 0);
  for (int i = 0; i < ROWS; ++i)
    marl_replay_add(replay, memory[i].obs, memory[i].choice, memory[i].reward, memory[i].next,
                    memory[i].terminal);
  return dqn;
}

static void test_targets_by_hand(void) {
  const uint32_t rows[ROWS] = {0, 1, 2, 3};
  for (int twice = 0; twice < 2; ++twice) {
    DqnLearner *dqn = with_memory(twice ? "true" : "false", "100");
    const MarlReplay *replay = marl_transitions_replay(dqn->shards[0].memory, PLAY, 0);
    marl_dqn_learner_goals(dqn, &dqn->groups[PLAY], replay, ROWS, rows);
    for (int i = 0; i < ROWS; ++i)
      UNIT_NEAR(dqn->goal[i], (twice ? double_goals : plain_goals)[i], 0);
    marl_learner_dqn.destroy(&dqn->base);
  }
}

/* Q of what was done: 1, 2.25, -0.5, 2; errors to the double targets 0, 2.75, -3.5, 2.5. With
 * huber = 2 the slopes are 0, 2, -2, 2 and the losses 0, 2 (2.75 - 1), 2 (3.5 - 1), 2 (2.5 - 1). */
static void test_gradient_by_hand(void) {
  const uint32_t rows[ROWS] = {0, 1, 2, 3};
  float grad[(OBS + 1) * CHOICES + DQN_NUM_SUMS] = {0};
  DqnLearner *dqn = with_memory("true", "100");
  const MarlReplay *replay = marl_transitions_replay(dqn->shards[0].memory, PLAY, 0);
  marl_dqn_learner_add_gradient(dqn, &dqn->groups[PLAY], replay, ROWS, rows, ROWS, grad);
  const float slope[ROWS] = {0, 2, -2, 2};
  float expected[(OBS + 1) * CHOICES] = {0};
  for (int i = 0; i < ROWS; ++i) {
    for (int j = 0; j < OBS; ++j)
      expected[j * CHOICES + memory[i].choice] += slope[i] * memory[i].obs[j] / ROWS;
    expected[OBS * CHOICES + memory[i].choice] += slope[i] / ROWS;
  }
  for (int i = 0; i < (OBS + 1) * CHOICES; ++i) UNIT_NEAR(grad[i], expected[i], 0);
  const float *sums = grad + (OBS + 1) * CHOICES;
  UNIT_NEAR(sums[DQN_LOSS], (0 + 3.5f + 5 + 3) / 4, 0);
  UNIT_NEAR(sums[DQN_VALUE], (1 + 2.25f - 0.5f + 2) / 4, 0);
  marl_learner_dqn.destroy(&dqn->base);
}

/* Every second gradient step: not after the first, after the second. A role without a transition
 * learns nothing and harms nobody. */
static void test_the_target_network_is_a_copy_of_some_steps_ago(void) {
  MarlError err;
  MarlStats stats;
  DqnLearner *dqn = with_memory("true", "2");
  const float *target = dqn->target + dqn->groups[PLAY].target_at;
  const float *online = marl_policy_params(dqn->policy, PLAY, 0);
  UNIT_OK(marl_learner_dqn.update(&dqn->base, &stats, &err));
  CU_ASSERT_FALSE(stats.updated); /* no step of the environment yet */
  dqn->shards[0].acts = 100;
  UNIT_OK(marl_learner_dqn.update(&dqn->base, &stats, &err));
  CU_ASSERT_TRUE(stats.updated);
  CU_ASSERT_NOT_EQUAL(memcmp(online, network, sizeof network), 0);
  UNIT_BITS_EQUAL(target, lagging, sizeof lagging);
  UNIT_OK(marl_learner_dqn.update(&dqn->base, &stats, &err));
  UNIT_BITS_EQUAL(target, online, sizeof lagging);
  marl_learner_dqn.destroy(&dqn->base);
}

/* Draws of a policy of values: the best action 1 - epsilon of the time, and each one epsilon / K;
 * also after the policy has been through a file. */
static void test_draws_explore_with_epsilon(void) {
  enum { DRAWS = 20000 };
  const float obs[OBS] = {1, 1}, epsilon = 0.3f; /* Q = 1.5, 2.25, -0.5 */
  MarlError err;
  MarlStore *to, *from;
  MarlPolicy *copy;
  void *bytes;
  size_t size;
  DqnLearner *dqn = with_memory("true", "2");
  dqn->policy->roles[PLAY].epsilon = epsilon;
  UNIT_OK(marl_store_create_memory(&to, &err));
  UNIT_OK(marl_policy_save(dqn->policy, to, &err));
  UNIT_OK(marl_store_image(to, &bytes, &size, &err));
  marl_store_close(&to);
  UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
  UNIT_OK(marl_policy_load(from, &copy, &err));
  marl_store_close(&from);
  free(bytes);
  float act;
  marl_policy_act(copy, PLAY, 0, 1, obs, NULL, &act);
  UNIT_NEAR(act, 1, 0);
  double share[CHOICES] = {0};
  for (int i = 0; i < DRAWS; ++i) {
    const MarlKey key = marl_key_fold(marl_key(5, MARL_STREAM_POLICY), (uint64_t)i);
    marl_policy_act(copy, PLAY, 0, 1, obs, &key, &act);
    share[(int)act] += 1.0 / DRAWS;
  }
  for (int k = 0; k < CHOICES; ++k) {
    const double p = (double)epsilon / CHOICES + (k == 1 ? 1 - (double)epsilon : 0);
    UNIT_NEAR(share[k], p, 4 * sqrt(p * (1 - p) / DRAWS)); /* four deviations of a binomial */
  }
  marl_policy_destroy(&copy);
  marl_learner_dqn.destroy(&dqn->base);
}

/* 1 until the first update after 4 steps, then down to 0.2 in 8 steps. */
static void test_epsilon_falls_linearly(void) {
  static const char *const set[][2] = {
      {"replay_start", "4"}, {"epsilon_end", "0.2"}, {"epsilon_steps", "8"}, {NULL, NULL}};
  DqnLearner *dqn = make("shared", set);
  Step s = {.role = {PLAY, PLAY}, .active = {1, 1}};
  for (int t = 0; t < 16; ++t) {
    take(dqn, &s);
    const double expected = t < 4 ? 1 : (t < 12 ? 1 - 0.1 * (t - 4) : 0.2);
    UNIT_NEAR(dqn->policy->roles[PLAY].epsilon, expected, 1e-7); /* single precision of 1 */
  }
  marl_learner_dqn.destroy(&dqn->base);
}

static CU_TestInfo tests[] = {
    {"decisions become transitions of their role and set", test_decisions_become_transitions},
    {"double and plain targets equal hand calculation", test_targets_by_hand},
    {"the gradient equals hand calculation", test_gradient_by_hand},
    {"the target network is a copy of some steps ago",
     test_the_target_network_is_a_copy_of_some_steps_ago},
    {"draws explore with probability epsilon", test_draws_explore_with_epsilon},
    {"epsilon falls linearly after the first update", test_epsilon_falls_linearly},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/learner_dqn", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
