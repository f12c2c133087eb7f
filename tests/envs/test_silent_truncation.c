/* Time runs out while an agent waits, or is to decide in another role: its last decision is not over
 * and must teach nothing, above all not the value of an observation that nobody decides from. */
#include "marl/learn/ppo.h"
#include "marl/learn/trainer.h"
#include "tests/toy_env.h"
#include "tests/unit.h"

extern const MarlLearnerOps marl_learner_reinforce;

/* A decision takes two steps and earns 1/4 in the first and 3/4 in the second, in each role. With
 * gamma = 0.9 a decision its value is 1 / (1 - 0.9) = 10, whenever time runs out. */
enum { VALUE = 10, MAX_ROLES = 2, LONGEST = 7 };
static const float deciding = 1, waiting = -7; /* what an agent sees */
static const MarlRole roles[MAX_ROLES] = {
    {.name = "play",
     .obs_dim = 1,
     .action_kind = MARL_ACTION_DISCRETE,
     .act_dim = 1,
     .num_choices = 2},
    {.name = "judge",
     .obs_dim = 1,
     .action_kind = MARL_ACTION_DISCRETE,
     .act_dim = 1,
     .num_choices = 2},
};
static const MarlRole pushes = {.name = "push",
                                .obs_dim = 1,
                                .action_kind = MARL_ACTION_CONTINUOUS,
                                .act_dim = 1,
                                .act_low = -1,
                                .act_high = 1};

/* With one role the agent decides in every other step; with two it decides in turn. */
static void look(Toy *toy, const MarlEnvIo *io) {
  const int turn = (int)(toy->t % 2), num_roles = toy->base.spec.num_roles;
  io->active[0] = num_roles == 2 || turn == 0;
  io->role[0] = (uint8_t)(num_roles == 2 ? turn : 0);
  io->obs[0] = io->active[0] ? deciding : waiting;
}

static void step(Toy *toy, const MarlEnvIo *io) {
  for (int r = 0; r < toy->base.spec.num_roles; ++r)
    io->reward[r] = (toy->t - 1 + r) % 2 == 0 ? 0.25f : 0.75f; /* role r decides in steps 2 i + r */
  look(toy, io);
}

static void plan(int num_roles, int max_steps) {
  toy_spec = (MarlEnvSpec){.num_agents = 1,
                           .num_roles = num_roles,
                           .roles = roles,
                           .obs_dim = 1,
                           .act_dim = 1,
                           .max_steps = max_steps};
  toy_reset = look;
  toy_step = step;
}

static MarlSection *section(const char *name, MarlOptionTable table, const char *const (*set)[2]) {
  MarlError err;
  MarlSection *out = NULL;
  UNIT_OK(marl_section_create(name, &table, 1, &out, &err));
  for (; (*set)[0] != NULL; ++set)
    UNIT_OK(marl_section_set(out, (*set)[0], (*set)[1], "test", &err));
  return out;
}

static const char *const linear[][2] = {
    {"hidden", ""}, {"normalize_observations", "false"}, {NULL, NULL}};

/* One environment in one shard; the value of an observation is VALUE times it. */
static Ppo *make_critic(const MarlLearnerOps *ops) {
  static const char *const set[][2] = {{"gamma", "0.9"},
                                       {"horizon", "40"},
                                       {"critic_hidden", ""},
                                       {"normalize_value", "false"},
                                       {NULL, NULL}};
  MarlError err;
  MarlSection *policy = section("policy", marl_policy_options, linear);
  MarlSection *config = section("learner", (MarlOptionTable){ops->options, ops->num_options}, set);
  const MarlLearnerInit init = {.env = &toy_spec,
                                .policy = policy,
                                .num_envs = 1,
                                .num_shards = 1,
                                .own_shards = 1,
                                .num_updates = 1,
                                .comm = MPI_COMM_SELF};
  MarlLearner *learner = NULL;
  UNIT_OK(ops->create(config, &init, &learner, &err));
  marl_section_destroy(&config);
  marl_section_destroy(&policy);
  Ppo *ppo = (Ppo *)learner;
  for (int r = 0; r < ppo->num_roles; ++r) {
    float *params = marl_critic_params(ppo->critic, r, 0); /* weight, bias */
    params[0] = VALUE, params[1] = 0;
  }
  return ppo;
}

/* Where the values are right already there is nothing to learn: every advantage is 0. */
static void values_are_a_fixed_point(const MarlLearnerOps *ops, int num_roles, int max_steps) {
  MarlError err;
  MarlVecEnv *vec = NULL;
  plan(num_roles, max_steps);
  Ppo *ppo = make_critic(ops);
  UNIT_OK(marl_vec_env_create(&toy_ops, NULL, 1, 0, marl_key(1, MARL_STREAM_ENV), MPI_COMM_SELF,
                              &vec, &err));
  UNIT_OK(marl_vec_env_reset(vec, &err));
  MarlBatch *batch = marl_vec_env_batch(vec);
  while (ppo->shards[0].rollout->step < ppo->params.horizon) {
    UNIT_OK(ops->act(&ppo->base, 0, batch, &err));
    UNIT_OK(marl_vec_env_step(vec, &err));
    UNIT_OK(ops->observe(&ppo->base, 0, batch, &err));
  }
  MarlRollout *rollout = ppo->shards[0].rollout;
  marl_rollout_advantages(rollout, ppo->params.gamma, ppo->params.lambda);
  int closed = 0;
  for (size_t slot = 0; slot < marl_rollout_num_slots(rollout); ++slot) {
    if (rollout->role[slot] == MARL_NO_ROLE || !rollout->closed[slot]) continue;
    ++closed;
    /* single precision of a sum of twenty numbers of ten */
    UNIT_NEAR(rollout->advantage[slot], 0, 1e-4);
    UNIT_NEAR(rollout->reward[slot], 1, 1e-6);
  }
  CU_ASSERT_TRUE(closed >= 40 / max_steps); /* something was learned from */
  marl_vec_env_destroy(&vec);
  ops->destroy(&ppo->base);
}

static void test_values_of_ppo_and_reinforce(void) {
  for (int num_roles = 1; num_roles <= MAX_ROLES; ++num_roles)
    for (int max_steps = num_roles + 1; max_steps <= LONGEST; ++max_steps) {
      values_are_a_fixed_point(&marl_learner_ppo, num_roles, max_steps);
      values_are_a_fixed_point(&marl_learner_reinforce, num_roles, max_steps);
    }
}

static const MarlEnvOps *const environments[] = {&toy_ops, NULL};

static MarlCode train(const char *learner, MarlTrainer **trainer, MarlConfig **config,
                      MarlError *err) {
  char yaml[640];
  snprintf(yaml, sizeof yaml,
           "run: {seed: 1, updates: 150, shards: 1}\n"
           "env: {name: toy, num_envs: 4}\n"
           "learner: {%s}\n"
           "policy: {hidden: [], normalize_observations: false}\n",
           learner);
  MARL_TRY(marl_config_parse(yaml, strlen(yaml), "test", config, err));
  MARL_TRY(marl_trainer_create(*config, environments, NULL, MPI_COMM_SELF, trainer, err));
  return marl_trainer_run(*trainer, NULL, err);
}

/* Deep Q-learning reaches the value from anywhere. */
static void test_values_of_dqn(void) {
  for (int num_roles = 1; num_roles <= MAX_ROLES; ++num_roles)
    for (int max_steps = num_roles + 1; max_steps <= LONGEST; ++max_steps) {
      MarlError err;
      MarlConfig *config = NULL;
      MarlTrainer *trainer = NULL;
      plan(num_roles, max_steps);
      UNIT_OK(
          train("name: dqn, gamma: 0.9, interval: 1, gradient_steps: 8, minibatch: 32,\n"
                "  replay_start: 200, target_interval: 10, learning_rate: 0.3, huber: 0,\n"
                "  epsilon_start: 1, epsilon_end: 1",
                &trainer, &config, &err));
      const MarlPolicy *policy = marl_trainer_policy(trainer, 0);
      for (int r = 0; r < num_roles; ++r) {
        const float *params = marl_policy_params(policy, r, 0); /* [2] weights, [2] biases */
        /* 120 copies of the target leave 10 * 0.9^120 = 3e-5; Adam's last steps at a falling rate */
        for (int k = 0; k < 2; ++k) UNIT_NEAR(params[k] + params[2 + k], VALUE, 2e-3);
      }
      marl_trainer_destroy(&trainer);
      marl_config_destroy(&config);
    }
}

/* V-RACER has no place for an agent that waits, not even in the last moment of an episode. */
static void test_vracer_refuses_who_waits(void) {
  for (int max_steps = 1; max_steps <= 3; ++max_steps) {
    MarlError err;
    MarlConfig *config = NULL;
    MarlTrainer *trainer = NULL;
    plan(1, max_steps);
    toy_spec.roles = &pushes;
    UNIT_ERROR(train("name: vracer", &trainer, &config, &err), MARL_ECONFIG,
               "agent 0 of environment 0 does not: use the learner ppo");
    marl_trainer_destroy(&trainer);
    marl_config_destroy(&config);
  }
}

/* What time cut off is forgotten: the agent's next episode begins a stream of its own, and with
 * lambda = 1 nothing of it reaches back over the cut. */
static void test_a_dropped_decision_ends_its_stream(void) {
  MarlError err;
  MarlRollout *r = NULL;
  const MarlRolloutShape shape = {
      .rows = 1, .num_roles = 1, .horizon = 4, .obs_dim = 1, .act_dim = 1};
  UNIT_OK(marl_rollout_create(&shape, &r, &err));
  const float value[4] = {1, 2, 30, 40}, reward[4] = {1, 5, 100, 100};
  for (; r->step < 4; ++r->step) {
    marl_rollout_decide(r, 0, 0, value[r->step]);
    marl_rollout_reward(r, 0, 0, reward[r->step]);
    if (r->step == 1) marl_rollout_drop(r, 0, 0);
  }
  marl_rollout_close(r, 0, 0, 0);
  marl_rollout_advantages(r, 0.5f, 1);
  UNIT_NEAR(r->advantage[1], 1 + 0.5 * 2 - 1,
            0); /* the value of what was dropped stands behind it */
  CU_ASSERT_FALSE(r->closed[2]);
  UNIT_NEAR(r->advantage[3], 100 + 0.5 * 100 - 30, 0);
  marl_rollout_destroy(&r);
}

/* A role that decides twice in a round: what is paid before the second decision is the first's. */
static void test_each_of_two_decisions_in_a_row_has_its_own_reward(void) {
  MarlError err;
  MarlRollout *r = NULL;
  const MarlRolloutShape shape = {
      .rows = 1, .num_roles = 1, .horizon = 3, .obs_dim = 1, .act_dim = 1};
  UNIT_OK(marl_rollout_create(&shape, &r, &err));
  const float price[3] = {-1, -3, 0};
  for (; r->step < 3; ++r->step) {
    if (r->step < 2) marl_rollout_decide(r, 0, 0, 0); /* then it waits */
    marl_rollout_reward(r, 0, 0, price[r->step]);
  }
  UNIT_NEAR(r->reward[1], -1, 0);
  UNIT_NEAR(r->reward[2], -3, 0);
  marl_rollout_destroy(&r);
}

static CU_TestInfo tests[] = {
    {"values are right at every time limit: PPO and REINFORCE", test_values_of_ppo_and_reinforce},
    {"values are right at every time limit: deep Q-learning", test_values_of_dqn},
    {"V-RACER refuses who waits", test_vracer_refuses_who_waits},
    {"a dropped decision ends its stream", test_a_dropped_decision_ends_its_stream},
    {"each of two decisions in a row has its own reward",
     test_each_of_two_decisions_in_a_row_has_its_own_reward},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/truncation", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
