/* The learner `dqn` where it learns after every transition, and the kernels of narrow networks. */
#include "tests/marl/dqn_case.h"

enum { AGENTS = 2, OBS = 2, CHOICES = 2 };
static const MarlRole act = {.name = "act",
                             .obs_dim = OBS,
                             .action_kind = MARL_ACTION_DISCRETE,
                             .act_dim = 1,
                             .num_choices = CHOICES};
static const MarlEnvSpec spec = {
    .num_agents = AGENTS, .num_roles = 1, .roles = &act, .obs_dim = OBS, .act_dim = 1};

static Setting narrow[] = {{"hidden", "32"},
                           {"activation", "relu"},
                           {"sharing", "independent"},
                           {"normalize_observations", "false"},
                           {NULL, NULL}};
static Setting wide[] = {{"hidden", "16, 16"},
                         {"sharing", "independent"},
                         {"normalize_observations", "false"},
                         {NULL, NULL}};

/* One step of both agents, who always decide: from `obs`, earning by what they choose. */
typedef struct World {
  float act[AGENTS], obs[AGENTS * OBS], reward[AGENTS];
  uint8_t role[AGENTS], active[AGENTS], terminated[AGENTS], truncated[AGENTS];
} World;

static void live(DqnLearner *dqn, World *w, int from, int to) {
  MarlError err;
  MarlStats stats;
  uint32_t all[AGENTS] = {0};
  size_t first[] = {0, AGENTS};
  for (uint32_t a = 0; a < AGENTS; ++a) all[a] = a;
  MarlBatch batch = {.num_envs = 1,
                     .num_agents = AGENTS,
                     .touched = all,
                     .first_touched = first,
                     .act = w->act,
                     .obs = w->obs,
                     .role = w->role,
                     .reward = w->reward,
                     .terminated = w->terminated,
                     .truncated = w->truncated,
                     .active = w->active};
  for (int t = from; t < to; ++t) {
    UNIT_OK(marl_learner_dqn.act(&dqn->base, 0, &batch, &err));
    for (int i = 0; i < AGENTS; ++i) {
      w->reward[i] = w->act[i] == (float)(t % 2);
      w->terminated[i] = (t + i) % 11 == 0;
      w->active[i] = 1;
      w->obs[i * OBS] = (float)((t + 1) % 4);
      w->obs[i * OBS + 1] = (float)((t + i) % 7);
    }
    UNIT_OK(marl_learner_dqn.observe(&dqn->base, 0, &batch, &err));
    UNIT_OK(marl_learner_dqn.update(&dqn->base, &stats, &err));
    CU_ASSERT_EQUAL(stats.updated, (t + 1) % 50 == 0);
  }
}

static Setting every[] = {
    {"learn_after", "transition"}, {"interval", "50"}, {"replay_start", "20"},
    {"minibatch", "16"},           {"gamma", "0.9"},   {"epsilon_end", "0.25"},
    {"epsilon_steps", "2"},        {NULL, NULL}};

static void test_gradient_steps_are_one_a_transition_after_the_start(void) {
  DqnLearner *dqn = dqn_make(&spec, narrow, every);
  World w = {.active = {1, 1}};
  for (int t = 0; t < 30; ++t) {
    live(dqn, &w, t, t + 1);
    for (int i = 0; i < AGENTS; ++i) { /* t + 1 transitions: each is complete with its step */
      const int steps = t + 1 < 20 ? 0 : t + 1 - 19;
      CU_ASSERT_EQUAL(dqn->groups[i].steps, steps);
      CU_ASSERT_EQUAL(marl_transitions_replay(dqn->shards[0].memory, 0, i)->size, (size_t)t + 1);
    }
    /* what the second agent acted with: 1 before the first gradient step, .625 after it, then .25;
     * exact in binary */
    const double expected = t < 20 ? 1 : t == 20 ? 0.625 : 0.25;
    UNIT_NEAR(dqn->policy->roles[0].epsilon, expected, 0);
  }
  marl_learner_dqn.destroy(&dqn->base);
}

static void test_a_learner_cut_between_updates_goes_on_with_the_same_bits(void) {
  Setting *networks[] = {narrow, wide};
  for (int k = 0; k < 2; ++k) {
    MarlError err;
    DqnLearner *whole = dqn_make(&spec, networks[k], every);
    DqnLearner *restarted = dqn_make(&spec, networks[k], every);
    World w = {.active = {1, 1}}, other = {.active = {1, 1}};
    live(whole, &w, 0, 321), live(restarted, &other, 0, 77);
    MarlStore *to = NULL, *from = NULL;
    void *bytes = NULL;
    size_t size = 0;
    UNIT_OK(marl_store_create_memory(&to, &err));
    UNIT_OK(marl_learner_dqn.save(&whole->base, to, &err));
    UNIT_OK(marl_learner_dqn.save_shard(&whole->base, 0, to, &err));
    UNIT_OK(marl_store_image(to, &bytes, &size, &err));
    UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
    UNIT_OK(marl_learner_dqn.load(&restarted->base, from, &err));
    UNIT_OK(marl_learner_dqn.load_shard(&restarted->base, 0, from, &err));
    marl_store_close(&to), marl_store_close(&from);
    free(bytes);
    UNIT_BITS_EQUAL(whole->totals, restarted->totals, 2 * DQN_NUM_TOTALS * sizeof(double));
    World copy = w;
    live(whole, &w, 321, 700), live(restarted, &copy, 321, 700);
    const MarlPolicyRole *a = &whole->policy->roles[0], *b = &restarted->policy->roles[0];
    UNIT_BITS_EQUAL(a->params, b->params, AGENTS * a->num_params * sizeof(float));
    marl_learner_dqn.destroy(&whole->base), marl_learner_dqn.destroy(&restarted->base);
  }
}

/* State (1, 0): choice 1 pays 1 and stays, choice 0 pays 0 and ends. Q(1) = 1 / (1 - gamma) = 10 and
 * Q(0) = 0. The values climb to 10 with factor 0.9 a target copy: 200 copies leave 1e-9. */
static void self_loop(const char *double_q, Setting *network) {
  Setting set[] = {{"learn_after", "transition"}, {"replay_start", "1"},
                   {"minibatch", "32"},           {"gamma", "0.9"},
                   {"target_interval", "50"},     {"learning_rate", "3e-3"},
                   {"anneal", "false"},           {"double_q", double_q},
                   {"gradient_steps", "10000"},   {NULL, NULL}};
  MarlError err;
  DqnLearner *dqn = dqn_make(&spec, network, set);
  const float obs[OBS] = {1, 0};
  MarlReplay *replay = marl_transitions_replay(dqn->shards[0].memory, 0, 0);
  for (int i = 0; i < 100; ++i)
    marl_replay_add(replay, obs, i % 2, (float)(i % 2), obs, i % 2 == 0);
  UNIT_OK(marl_dqn_learner_learn(dqn, 0, &err));
  const uint32_t rows[2] = {0, 1};
  float grad[1000] = {0};
  CU_ASSERT_FATAL(dqn->groups[0].num_params + DQN_NUM_SUMS <= 1000);
  marl_dqn_learner_add_gradient(dqn, &dqn->groups[0], replay, 2, rows, 2, grad);
  /* Adam keeps moving by about the step times the slope of 32 units near the fixed point */
  UNIT_NEAR(dqn->output[0], 0, 0.1);
  UNIT_NEAR(dqn->output[1], 10, 0.1);
  marl_learner_dqn.destroy(&dqn->base);
}

static void test_a_self_loop_is_worth_its_geometric_series(void) {
  self_loop("false", narrow);
  self_loop("true", narrow);
  self_loop("true", wide);
}

/* Observations of few states, and as many states as transitions. */
static void fill(MarlReplay *replay, bool few) {
  for (int i = 0; i < 60; ++i) {
    const int s = few ? i % 3 : i;
    const float obs[OBS] = {(float)s, (float)(s % 7) - 3}, next[OBS] = {(float)((s + 1) % 5), 1};
    marl_replay_add(replay, obs, i % 2, (float)(i % 5), next, i % 9 == 0);
  }
}

/* A minibatch of few states is computed state by state, another transition by transition; narrow
 * networks have kernels. None of it changes the gradient: it is the sum over single transitions by
 * the general network. */
static void test_kernels_and_equal_rows_do_not_change_the_gradient(void) {
  Setting set[] = {{"double_q", "true"}, {"huber", "1.5"}, {"replay_start", "1"}, {NULL, NULL}};
  for (int k = 0; k < 4; ++k) {
    DqnLearner *dqn = dqn_make(&spec, k % 2 ? narrow : wide, set);
    DqnGroup *group = &dqn->groups[0];
    MarlReplay *replay = marl_transitions_replay(dqn->shards[0].memory, 0, 0);
    float together[1000] = {0}, apart[1000] = {0};
    uint32_t rows[60];
    CU_ASSERT_EQUAL(dqn->roles[0].narrow, k % 2);
    fill(replay, k / 2);
    for (uint32_t i = 0; i < 60; ++i) rows[i] = i;
    for (size_t i = 0; i < group->num_params; ++i) dqn->target[i] *= -0.5f;
    marl_dqn_learner_add_gradient(dqn, group, replay, 60, rows, 60, together);
    dqn->roles[0].narrow = false;
    for (uint32_t i = 0; i < 60; ++i)
      marl_dqn_learner_add_gradient(dqn, group, replay, 1, rows + i, 60, apart);
    for (size_t i = 0; i < group->num_params + DQN_NUM_SUMS; ++i)
      /* 60 terms below 60 x 1.5 / 60 each, in another order: 60 roundings of 1.5 */
      UNIT_NEAR(together[i], apart[i], 60 * 1.5 * 60 * 0x1p-24);
    marl_learner_dqn.destroy(&dqn->base);
  }
}

static CU_TestInfo tests[] = {
    {"gradient steps are one a transition after the start",
     test_gradient_steps_are_one_a_transition_after_the_start},
    {"a learner cut between updates goes on with the same bits",
     test_a_learner_cut_between_updates_goes_on_with_the_same_bits},
    {"a self loop is worth its geometric series", test_a_self_loop_is_worth_its_geometric_series},
    {"kernels and equal rows do not change the gradient",
     test_kernels_and_equal_rows_do_not_change_the_gradient},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"dqn, every transition", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
