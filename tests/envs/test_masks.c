/* ctest: label=verification ranks=1,2 timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* Choices that are illegal: never taken, never learned from, and a game that is won by them. */
#include "envs/control/control.h"
#include "marl/learn/vec_env.h"
#include "tests/envs/run_folder.h"
#include "tests/envs/training.h"
#include "tests/toy_env.h"

/* Two components of 2 and 3 choices; what is legal is drawn with the step. */
enum { FIRST = 2, SECOND = 3, LOGITS = FIRST + SECOND, AGENTS = 2, LENGTH = 6 };
static const int choices[] = {FIRST, SECOND};
static const MarlRole role = {.name = "choose",
                              .obs_dim = 1,
                              .action_kind = MARL_ACTION_DISCRETE,
                              .act_dim = 2,
                              .choices = choices};
static const MarlEnvSpec spec = {.num_agents = AGENTS,
                                 .num_roles = 1,
                                 .roles = &role,
                                 .obs_dim = 1,
                                 .act_dim = 2,
                                 .mask_dim = LOGITS,
                                 .max_steps = LENGTH};

static void observe(const Toy *toy, const MarlEnvIo *io) {
  const MarlKey key = marl_key_fold(toy->key, (uint64_t)toy->t);
  for (int a = 0; a < AGENTS; ++a) {
    io->obs[a] = (float)marl_normal(key, (uint64_t)a);
    io->role[a] = 0, io->active[a] = 1;
    uint8_t *mask = io->mask + (ptrdiff_t)a * LOGITS;
    mask[marl_below(key, 10 + (uint64_t)a, FIRST)] = 0;          /* one of the first is legal */
    mask[FIRST + marl_below(key, 20 + (uint64_t)a, SECOND)] = 0; /* two of the second */
  }
}
static void toy_observe_reset(Toy *toy, const MarlEnvIo *io) {
  observe(toy, io);
}
static void toy_observe_step(Toy *toy, const MarlEnvIo *io) {
  for (int a = 0; a < AGENTS; ++a) io->reward[a] = io->act[2 * a + 1];
  observe(toy, io);
}
static void nothing_legal(Toy *toy, const MarlEnvIo *io) {
  toy_observe_step(toy, io);
  io->mask[LOGITS + 0] = io->mask[LOGITS + 1] = 0;
}
static void strange_flag(Toy *toy, const MarlEnvIo *io) {
  toy_observe_step(toy, io);
  io->mask[2] = 7;
}

static const MarlEnvOps *const table[] = {&toy_ops, NULL};

static MarlVecEnv *make(void) {
  MarlError err;
  MarlVecEnv *vec = NULL;
  toy_spec = spec;
  toy_reset = toy_observe_reset;
  toy_step = toy_observe_step;
  UNIT_OK(marl_vec_env_create(&toy_ops, NULL, 1, 0, marl_key(1, MARL_STREAM_ENV), MPI_COMM_SELF,
                              &vec, &err));
  UNIT_OK(marl_vec_env_reset(vec, &err));
  return vec;
}

/* A legal choice of each component. */
static void choose(MarlBatch *b) {
  for (int a = 0; a < AGENTS; ++a) {
    const uint8_t *mask = b->mask + (ptrdiff_t)a * LOGITS;
    b->act[2 * a] = mask[0] ? 0 : 1;
    b->act[2 * a + 1] = mask[FIRST] ? 0 : 1;
  }
}

static void test_an_illegal_choice_is_an_error_and_so_is_no_legal_one(void) {
  MarlError err;
  MarlVecEnv *vec = make();
  MarlBatch *b = marl_vec_env_batch(vec);
  choose(b);
  UNIT_OK(marl_vec_env_step(vec, &err));
  choose(b);
  b->act[2] = 1 - b->act[2]; /* of the first component only one is legal */
  UNIT_ERROR(marl_vec_env_step(vec, &err), MARL_EARG,
             "of agent 1 in role 'choose' (component 0) is illegal: it is masked (number 0, "
             "episode 1, step 2)");
  choose(b);
  b->act[1] = SECOND;
  UNIT_ERROR(marl_vec_env_step(vec, &err), MARL_EARG, "choice 3 of agent 0");
  choose(b);
  toy_step = nothing_legal;
  UNIT_ERROR(marl_vec_env_step(vec, &err), MARL_EARG,
             "component 0 of agent 1 in role 'choose' has no legal choice");
  for (int i = 0; i < LOGITS * AGENTS; ++i) b->mask[i] = 1;
  toy_step = strange_flag;
  UNIT_ERROR(marl_vec_env_step(vec, &err), MARL_EARG,
             "component 1 of agent 0 in role 'choose' has a mask of other numbers than 0 and 1");
  marl_vec_env_destroy(&vec);
}

static void test_the_mask_of_an_episodes_end_is_kept(void) {
  MarlError err;
  MarlVecEnv *vec = make(), *copy = make();
  MarlBatch *b = marl_vec_env_batch(vec), *c = marl_vec_env_batch(copy);
  toy_spec.max_steps = 0;
  for (int t = 0; t < LENGTH; ++t) {
    choose(b);
    UNIT_OK(marl_vec_env_step(vec, &err));
  }
  CU_ASSERT(b->truncated[0] && b->truncated[1]);
  /* what the environment wrote at the end is what one without a time limit shows there */
  MarlVecEnv *endless = NULL;
  UNIT_OK(marl_vec_env_create(&toy_ops, NULL, 1, 0, marl_key(1, MARL_STREAM_ENV), MPI_COMM_SELF,
                              &endless, &err));
  UNIT_OK(marl_vec_env_reset(endless, &err));
  MarlBatch *e = marl_vec_env_batch(endless);
  for (int t = 0; t < LENGTH; ++t) {
    choose(e);
    UNIT_OK(marl_vec_env_step(endless, &err));
  }
  UNIT_BITS_EQUAL(b->final_mask, e->mask, AGENTS * LOGITS);
  /* and a restart has the mask of the decision that is due */
  MarlStore *to, *from;
  void *bytes;
  size_t size;
  UNIT_OK(marl_store_create_memory(&to, &err));
  UNIT_OK(marl_vec_env_save(vec, to, &err));
  UNIT_OK(marl_store_image(to, &bytes, &size, &err));
  marl_store_close(&to);
  UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
  UNIT_OK(marl_vec_env_load(copy, from, &err));
  marl_store_close(&from);
  free(bytes);
  UNIT_BITS_EQUAL(c->mask, b->mask, AGENTS * LOGITS);
  marl_vec_env_destroy(&vec);
  marl_vec_env_destroy(&copy);
  marl_vec_env_destroy(&endless);
}

/* Stops after so many steps, in the middle of a rollout; keeps the learner's last "kl". */
typedef struct Scissors {
  MarlTrainerWatch base;
  int left;
  double kl;
} Scissors;
static bool cut(MarlTrainerWatch *watch) {
  return --((Scissors *)watch)->left == 0;
}
static void look(MarlTrainerWatch *watch, const MarlTrainerProgress *progress) {
  for (int i = 0; i < progress->count; ++i)
    if (strcmp(progress->names[i], "learner/kl") == 0)
      ((Scissors *)watch)->kl = progress->values[i];
}

static MarlTrainer *begin(MarlConfig **config, const char *learner, const char *folder) {
  MarlError err;
  MarlTrainer *trainer = NULL;
  char yaml[512];
  toy_spec = spec;
  toy_reset = toy_observe_reset;
  toy_step = toy_observe_step;
  snprintf(yaml, sizeof yaml,
           "run: {updates: 4, shards: 2}\nenv: {name: toy, num_envs: 4}\n"
           "learner: {name: %s, horizon: 7}\npolicy: {hidden: [4], sharing: independent}\n",
           learner);
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", config, &err));
  UNIT_OK(marl_trainer_create(*config, table, folder, MPI_COMM_SELF, &trainer, &err));
  return trainer;
}

/* The vector of environments refuses what is illegal: a run that ends took nothing of the kind, in
 * training and evaluation, drawn or greedy. The masks of a rollout that is under way are in a
 * checkpoint: the bits are those of a run that was not cut. */
static void a_run(const char *learner) {
  MarlError err;
  MarlConfig *configs[2];
  const RunFolder folder = run_folder_make();
  MarlTrainer *whole = begin(&configs[0], learner, NULL);
  Scissors watch = {{.progress = look}, -1, NAN};
  UNIT_OK(marl_trainer_run(whole, &watch.base, &err));
  /* one step a rollout: the distribution that learns is the one that acted, masks and all */
  if (strcmp(learner, "reinforce") == 0) UNIT_NEAR(watch.kl, 0, 1e-6);
  MarlEvaluation result;
  UNIT_OK(marl_trainer_evaluate(whole, 0, 20, true, &result, &err));
  UNIT_OK(marl_trainer_evaluate(whole, 0, 20, false, &result, &err));

  MarlTrainer *part = begin(&configs[1], learner, folder.path);
  Scissors scissors = {{.stop = cut}, 11, NAN};
  UNIT_OK(marl_trainer_run(part, &scissors.base, &err));
  CU_ASSERT_EQUAL(marl_trainer_updates(part), 1);
  marl_trainer_destroy(&part);
  marl_config_destroy(&configs[1]);
  part = begin(&configs[1], learner, folder.path);
  UNIT_OK(marl_trainer_resume(part, NULL, &err));
  UNIT_OK(marl_trainer_run(part, NULL, &err));
  const MarlPolicy *a = marl_trainer_policy(whole, 0), *b = marl_trainer_policy(part, 0);
  for (int set = 0; set < AGENTS; ++set)
    UNIT_BITS_EQUAL(marl_policy_params(a, 0, set), marl_policy_params(b, 0, set),
                    a->roles[0].num_params * sizeof(float));
  marl_trainer_destroy(&whole);
  marl_trainer_destroy(&part);
  marl_config_destroy(&configs[0]);
  marl_config_destroy(&configs[1]);
  run_folder_remove(&folder);
}

static void test_no_learner_takes_an_illegal_choice(void) {
  a_run("ppo");
  a_run("reinforce");
}

static void test_a_learner_of_numbers_says_so(void) {
  MarlError err;
  MarlConfig *config = NULL;
  MarlTrainer *trainer = NULL;
  const char *yaml = "env: {name: nim, num_envs: 4}\nlearner: {name: cmaes}\n";
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &config, &err));
  UNIT_ERROR(marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_SELF, &trainer, &err),
             MARL_ECONFIG,
             "learner 'cmaes' cannot choose the discrete actions of role 'take' of environment "
             "'nim'");
  marl_config_destroy(&config);
}

/* Bouton's theory: take heap mod 4, where it is not 0, and the other has lost. Self-play finds it:
 * the greedy policy is asked at every heap, with what is legal there. */
static void solve(const char *learner, const char *options) {
  enum { STONES = 12, TAKE = 3 };
  MarlError err;
  char yaml[512];
  snprintf(yaml, sizeof yaml,
           "run: {seed: 3, updates: 150, shards: 4}\nenv: {name: nim, num_envs: 64}\n"
           "learner: {name: %s, gamma: 1, %s}\n"
           "policy: {hidden: [32], normalize_observations: false}\n",
           learner, options);
  Training t = training_begin(yaml, NULL, MPI_COMM_WORLD);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  for (int heap = 1; heap <= STONES; ++heap) {
    float obs[STONES] = {0}, act = -1;
    uint8_t mask[TAKE];
    obs[heap - 1] = 1;
    for (int c = 0; c < TAKE; ++c) mask[c] = c < heap;
    const MarlPolicyRows rows = {.count = 1, .obs = obs, .mask = mask, .act = &act};
    marl_policy_decide(marl_trainer_policy(t.trainer, 0), 0, 0, &rows);
    if (heap % (TAKE + 1) > 0) CU_ASSERT_EQUAL((int)act + 1, heap % (TAKE + 1));
    CU_ASSERT(act >= 0 && (int)act + 1 <= heap);
  }
  MarlEvaluation result;
  UNIT_OK(marl_trainer_evaluate(t.trainer, 0, 500, true, &result, &err));
  UNIT_NEAR(result.mean[marl_evaluation_find(&result, "env/best_choices")], 1, 0);
  training_end(&t);
}

static void test_nim_is_solved(void) {
  solve("ppo", "horizon: 16, learning_rate: 0.01, entropy_coefficient: 0.01, critic_hidden: [32]");
  solve("tabular_q", "learning_rate: 0.1, epsilon_steps: 200000");
  solve("dqn",
        "learning_rate: 0.003, epsilon_end: 0.3, epsilon_steps: 20000, replay_start: 1000,\n"
        "  interval: 8, gradient_steps: 16, minibatch: 64, target_interval: 100");
}

static CU_TestInfo tests[] = {
    {"an illegal choice is an error, and so is no legal one",
     test_an_illegal_choice_is_an_error_and_so_is_no_legal_one},
    {"the mask of an episode's end is kept", test_the_mask_of_an_episodes_end_is_kept},
    {"no learner takes an illegal choice", test_no_learner_takes_an_illegal_choice},
    {"a learner of numbers says so", test_a_learner_of_numbers_says_so},
    {"nim is solved", test_nim_is_solved},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/masks", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
