/* Several discrete actions a decision: a lock with two dials, which a learner that is asked for both
 * at once must open, and which no learner of one action can be asked to. */
#include "tests/envs/training.h"
#include "tests/toy_env.h"

/* The agent sees which two numbers open; it is paid if both are right: 1 at best, and 1/12 by
 * chance. */
enum { FIRST = 3, SECOND = 4, OBS = FIRST + SECOND };
static const int choices[] = {FIRST, SECOND};
static const MarlRole role = {.name = "dial",
                              .obs_dim = OBS,
                              .action_kind = MARL_ACTION_DISCRETE,
                              .act_dim = 2,
                              .choices = choices};
static const MarlEnvSpec spec = {
    .num_agents = 1, .num_roles = 1, .roles = &role, .obs_dim = OBS, .act_dim = 2, .max_steps = 8};

static void observe(Toy *toy, const MarlEnvIo *io) {
  const MarlKey key = marl_key_fold(toy->key, (uint64_t)toy->t);
  toy->x = (double)marl_below(key, 0, FIRST * SECOND);
  for (int i = 0; i < OBS; ++i) io->obs[i] = 0;
  io->obs[(int)toy->x % FIRST] = 1;
  io->obs[FIRST + (int)toy->x / FIRST] = 1;
  io->role[0] = 0, io->active[0] = 1;
}
static void lock_step(Toy *toy, const MarlEnvIo *io) {
  const int code = (int)toy->x;
  io->reward[0] = (int)io->act[0] == code % FIRST && (int)io->act[1] == code / FIRST;
  observe(toy, io);
}
static void lock_reset(Toy *toy, const MarlEnvIo *io) {
  observe(toy, io);
}

static const MarlEnvOps *const table[] = {&toy_ops, NULL};

static MarlCode begin(const char *learner, MarlConfig **config, MarlTrainer **trainer,
                      MarlError *out) {
  MarlError err;
  char yaml[512];
  toy_spec = spec;
  toy_reset = lock_reset;
  toy_step = lock_step;
  snprintf(yaml, sizeof yaml,
           "run: {updates: 150, shards: 4}\nenv: {name: toy, num_envs: 32}\n"
           "learner: {name: %s%s}\npolicy: {hidden: [32], normalize_observations: false}\n",
           learner, strcmp(learner, "ppo") == 0 ? ", horizon: 16, learning_rate: 0.01" : "");
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", config, &err));
  return marl_trainer_create(*config, table, NULL, MPI_COMM_SELF, trainer, out);
}

static void test_a_lock_of_two_dials_is_opened(void) {
  MarlError err;
  MarlConfig *config = NULL;
  MarlTrainer *trainer = NULL;
  UNIT_OK(begin("ppo", &config, &trainer, &err));
  UNIT_OK(marl_trainer_run(trainer, NULL, &err));
  MarlEvaluation greedy, drawn;
  UNIT_OK(marl_trainer_evaluate(trainer, 0, 200, true, &greedy, &err));
  UNIT_OK(marl_trainer_evaluate(trainer, 0, 200, false, &drawn, &err));
  const int at = marl_evaluation_find(&greedy, "return_dial");
  printf("\n    of 8: greedy %.3f, drawn %.3f ", greedy.mean[at], drawn.mean[at]);
  UNIT_NEAR(greedy.mean[at], 8, 0); /* every lock of every episode */
  CU_ASSERT(drawn.mean[at] > 7.2);  /* nine of ten: what exploration is left */
  marl_trainer_destroy(&trainer);
  marl_config_destroy(&config);
}

static void test_a_learner_of_one_action_says_so(void) {
  static const char *const learners[] = {"dqn"};
  for (size_t i = 0; i < sizeof learners / sizeof learners[0]; ++i) {
    MarlError err;
    MarlConfig *config = NULL;
    MarlTrainer *trainer = NULL;
    UNIT_ERROR(begin(learners[i], &config, &trainer, &err), MARL_ECONFIG,
               "cannot choose the several discrete actions of role 'dial' of environment 'toy'");
    marl_config_destroy(&config);
  }
}

static CU_TestInfo tests[] = {
    {"a lock of two dials is opened", test_a_lock_of_two_dials_is_opened},
    {"a learner of one action says so", test_a_learner_of_one_action_says_so},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/several_actions", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
