/* ctest: label=verification timeout=60 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* Trainings that begin with a policy that is there. */
#include "marl/learn/evaluate.h"
#include "tests/envs/run_folder.h"
#include "tests/envs/training.h"

/* Some updates of a learner, so that weights and normalizer are not those of a start. */
static const char *const discrete =
    "run: {seed: %d, updates: %d, shards: 1, replicas: %d}\n"
    "env: {name: matrix_game, game: stag_hunt, rounds: 4, num_envs: 8}\n"
    "learner: {%s, learning_rate: 0.02}\n"
    "policy: {hidden: [5], sharing: independent, %s}\n";
static const char *const continuous =
    "run: {seed: %d, updates: %d, shards: 1, replicas: %d}\n"
    "env: {name: lqr, num_envs: 8}\n"
    "learner: {%s, learning_rate: 0.02}\n"
    "policy: {hidden: [5], sharing: shared, %s}\n";

static Training begin(const char *format, int seed, int updates, int replicas, const char *learner,
                      const char *policy) {
  char yaml[1024];
  snprintf(yaml, sizeof yaml, format, seed, updates, replicas, learner, policy);
  return training_begin(yaml, NULL, MPI_COMM_SELF);
}

/* A policy that has learned for 3 updates, in a file. */
static void write_policy(const char *format, int seed, const char *learner, const char *policy,
                         const char *path) {
  MarlError err;
  MarlStore *file;
  Training t = begin(format, seed, 3, 1, learner, policy);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  UNIT_OK(marl_policy_export(marl_trainer_policy(t.trainer, 0), path, &file, &err));
  UNIT_OK(marl_store_commit(&file, &err));
  training_end(&t);
}

/* What both do in the same states, drawn with the same keys. */
static void expect_same_actions(const MarlPolicy *a, const MarlPolicy *b) {
  enum { ROWS = 32, WIDEST = 16 };
  const size_t obs_dim = (size_t)a->roles[0].role.obs_dim, dim = (size_t)a->roles[0].role.act_dim;
  CU_ASSERT_FATAL(obs_dim <= WIDEST && dim <= WIDEST && a->num_sets == b->num_sets);
  float obs[ROWS * WIDEST], of_a[ROWS * WIDEST], of_b[ROWS * WIDEST];
  MarlKey keys[ROWS];
  for (size_t row = 0; row < ROWS; ++row) keys[row] = marl_key_fold(marl_key(3, 0), row);
  for (size_t i = 0; i < ROWS * obs_dim; ++i)
    obs[i] = (float)(2 * marl_uniform(marl_key(4, 0), i) - 1);
  for (int set = 0; set < a->num_sets; ++set)
    for (int drawn = 0; drawn < 2; ++drawn) {
      marl_policy_act(a, 0, set, ROWS, obs, drawn ? keys : NULL, of_a);
      marl_policy_act(b, 0, set, ROWS, obs, drawn ? keys : NULL, of_b);
      UNIT_BITS_EQUAL(of_a, of_b, sizeof(float) * ROWS * dim);
    }
}

/* Before its first update who starts from a policy acts as it did, whatever the seed, and what it sees is
 * normalized alike; and the first update changes it. */
static void test_nothing_learned_on_is_the_policy_itself(void) {
  static const struct {
    const char *format, *learner;
  } cases[] = {
      {discrete, "name: ppo, horizon: 8, critic_hidden: [4]"},
      {discrete, "name: reinforce, horizon: 8, critic_hidden: [4]"},
      {discrete, "name: dqn, replay_start: 16, epsilon_start: 0, epsilon_end: 0"},
      {continuous, "name: ppo, horizon: 8, critic_hidden: [4]"},
      {continuous, "name: vracer, interval: 8, minibatch: 16, replay_start: 64"},
  };
  MarlError err;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const RunFolder folder = run_folder_make();
    char path[128], policy[256];
    snprintf(path, sizeof path, "%s/learned.h5", folder.path);
    snprintf(policy, sizeof policy, "start_from: [%s]", path);
    write_policy(cases[i].format, 5, cases[i].learner, "initial_std: 0.5", path);
    MarlPolicy *learned;
    UNIT_OK(marl_policy_open(path, 0, &learned, &err));
    Training t = begin(cases[i].format, 6, 3, 1, cases[i].learner, policy);
    const MarlPolicy *started = marl_trainer_policy(t.trainer, 0);
    const size_t size =
        sizeof(float) * learned->roles[0].num_params * (size_t)learned->roles[0].num_sets;
    UNIT_BITS_EQUAL(started->roles[0].params, learned->roles[0].params, size);
    expect_same_actions(started, learned);
    UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
    CU_ASSERT(memcmp(started->roles[0].params, learned->roles[0].params, size) != 0);
    training_end(&t);
    marl_policy_destroy(&learned);
    run_folder_remove(&folder);
  }
}

/* One file serves all replicas; of two the first and third replica have the first. */
static void test_replicas_take_the_files_in_turn(void) {
  MarlError err;
  const RunFolder folder = run_folder_make();
  static const char *const learner = "name: ppo, horizon: 8, critic_hidden: [4]";
  char path[2][128], policy[512];
  MarlPolicy *learned[2];
  for (int i = 0; i < 2; ++i) {
    snprintf(path[i], sizeof path[i], "%s/learned_%d.h5", folder.path, i);
    write_policy(discrete, 5 + i, learner, "initial_std: 0.5", path[i]);
    UNIT_OK(marl_policy_open(path[i], 0, &learned[i], &err));
  }
  snprintf(policy, sizeof policy, "start_from: [%s, %s]", path[0], path[1]);
  Training t = begin(discrete, 7, 1, 3, learner, policy);
  for (int r = 0; r < 3; ++r)
    expect_same_actions(marl_trainer_policy(t.trainer, r), learned[r % 2]);
  CU_ASSERT(memcmp(learned[0]->roles[0].params, learned[1]->roles[0].params,
                   sizeof(float) * learned[0]->roles[0].num_params) != 0);
  training_end(&t);
  for (int i = 0; i < 2; ++i) marl_policy_destroy(&learned[i]);
  run_folder_remove(&folder);
}

/* A shared policy is every agent's start; agents with networks of their own cannot become one. */
static void test_a_shared_policy_starts_every_agent(void) {
  MarlError err;
  const RunFolder folder = run_folder_make();
  char path[128], yaml[1024];
  snprintf(path, sizeof path, "%s/learned.h5", folder.path);
  static const char format[] =
      "run: {seed: 1, updates: 1, shards: 1}\n"
      "env: {name: matrix_game, game: stag_hunt, rounds: 4, num_envs: 8}\n"
      "learner: {name: ppo, horizon: 8, critic_hidden: [4]}\n"
      "policy: {hidden: [5], sharing: %s, start_from: [%s]}\n";
  snprintf(yaml, sizeof yaml, format, "shared", "");
  Training shared = training_begin(yaml, NULL, MPI_COMM_SELF);
  MarlStore *file;
  const MarlPolicyRole *one = &marl_trainer_policy(shared.trainer, 0)->roles[0];
  UNIT_OK(marl_policy_export(marl_trainer_policy(shared.trainer, 0), path, &file, &err));
  UNIT_OK(marl_store_commit(&file, &err));
  snprintf(yaml, sizeof yaml, format, "independent", path);
  Training own = training_begin(yaml, NULL, MPI_COMM_SELF);
  const MarlPolicyRole *two = &marl_trainer_policy(own.trainer, 0)->roles[0];
  for (size_t set = 0; set < 2; ++set)
    UNIT_BITS_EQUAL(two->params + set * two->num_params, one->params,
                    sizeof(float) * one->num_params);
  training_end(&shared);
  training_end(&own);
  run_folder_remove(&folder);
}

/* Values of a table are a start as weights are. */
static void test_a_table_is_a_start_too(void) {
  MarlError err;
  const RunFolder folder = run_folder_make();
  char path[128], policy[256];
  snprintf(path, sizeof path, "%s/learned.h5", folder.path);
  snprintf(policy, sizeof policy, "start_from: [%s]", path);
  write_policy(discrete, 5, "name: tabular_q", "initial_std: 0.5", path);
  MarlPolicy *learned;
  UNIT_OK(marl_policy_open(path, 0, &learned, &err));
  Training t = begin(discrete, 6, 1, 1, "name: tabular_q", policy);
  const MarlTable *from = learned->roles[0].table;
  const MarlPolicyRole *role = &marl_trainer_policy(t.trainer, 0)->roles[0];
  CU_ASSERT(from->num_states > 1);
  for (size_t s = 0; s < from->num_states; ++s)
    for (int set = 0; set < 2; ++set) {
      const float *obs = from->obs + s * (size_t)role->role.obs_dim;
      UNIT_BITS_EQUAL(marl_table_values(role->table, obs, set), marl_table_values(from, obs, set),
                      sizeof(double) * (size_t)role->role.num_choices);
    }
  training_end(&t);
  marl_policy_destroy(&learned);
  run_folder_remove(&folder);
}

/* What does not fit is refused with the file, both sizes and what to do. */
static void test_another_shape_is_refused(void) {
  MarlError err;
  const RunFolder folder = run_folder_make();
  char path[128];
  snprintf(path, sizeof path, "%s/learned.h5", folder.path);
  write_policy(discrete, 5, "name: ppo, horizon: 8, critic_hidden: [4]", "initial_std: 0.5", path);
  static const struct {
    const char *learner, *options, *words[4];
  } cases[] = {
      {"ppo", "hidden: [6]", {"learned.h5", "hidden 5,", "here", "hidden 6,"}},
      {"ppo",
       "hidden: [5], normalize_observations: false",
       {"learned.h5", "normalize", "info", ""}},
      {"dqn", "hidden: [5]", {"learned.h5", "kind", "", ""}},
      {"tabular_q", "hidden: [5]", {"learned.h5", "kind", "hidden 5", "a table"}},
      {"ppo", "hidden: [], start: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]", {"exclude", "", "", ""}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char yaml[1024];
    MarlConfig *config = NULL;
    MarlTrainer *trainer = NULL;
    snprintf(yaml, sizeof yaml,
             "run: {updates: 1, shards: 1}\n"
             "env: {name: matrix_game, game: stag_hunt, rounds: 4, num_envs: 8}\n"
             "learner: {name: %s}\npolicy: {sharing: independent, start_from: [%s], %s}\n",
             cases[i].learner, path, cases[i].options);
    UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &config, &err));
    const MarlCode code =
        marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_SELF, &trainer, &err);
    CU_ASSERT_EQUAL(code, MARL_ECONFIG);
    for (int w = 0; w < 4; ++w)
      if (strstr(err.message, cases[i].words[w]) == NULL) {
        printf("\n    case %zu lacks '%s': %s", i, cases[i].words[w], err.message);
        CU_FAIL("a word is missing");
      }
    marl_trainer_destroy(&trainer);
    marl_config_destroy(&config);
  }
  run_folder_remove(&folder);
}

static CU_TestInfo tests[] = {
    {"nothing learned on is the policy itself", test_nothing_learned_on_is_the_policy_itself},
    {"replicas take the files in turn", test_replicas_take_the_files_in_turn},
    {"a shared policy starts every agent", test_a_shared_policy_starts_every_agent},
    {"a table is a start too", test_a_table_is_a_start_too},
    {"another shape is refused", test_another_shape_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/start_from", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
