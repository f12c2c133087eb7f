/* ctest: label=verification timeout=60 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* Groups of agents that share parameters, and partners whose parameters come from another run. */
#include "tests/envs/run_folder.h"
#include "tests/envs/training.h"

enum { OBS = 5, CHOICES = 2, NET = (OBS + 1) * CHOICES };

static const char *const format =
    "run: {seed: 5, updates: %d, shards: 4}\n"
    "env: {name: matrix_game, game: %s, rounds: %d, num_envs: 32}\n"
    "learner: {name: %s, horizon: 8, learning_rate: 0.02, critic_hidden: [8]}\n"
    "policy: {hidden: %s, normalize_observations: %s, %s}\n";

static Training train(int updates, const char *game, int rounds, const char *hidden,
                      const char *normalize, const char *sharing) {
  MarlError err;
  char yaml[1024];
  snprintf(yaml, sizeof yaml, format, updates, game, rounds, "ppo", hidden, normalize, sharing);
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  return t;
}

/* One group is sharing, a group each is independence: the same bits. */
static void test_sharing_and_independence_are_groups(void) {
  static const char *const pairs[][2] = {
      {"sharing: shared", "sharing: groups, groups: [0, 0]"},
      {"sharing: shared", "sharing: groups, groups: [0*2]"},
      {"sharing: independent", "sharing: groups, groups: [0, 1]"}};
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; ++i) {
    Training a = train(3, "stag_hunt", 3, "[4]", "true", pairs[i][0]);
    Training b = train(3, "stag_hunt", 3, "[4]", "true", pairs[i][1]);
    const MarlPolicy *x = marl_trainer_policy(a.trainer, 0), *y = marl_trainer_policy(b.trainer, 0);
    CU_ASSERT_EQUAL_FATAL(x->num_sets, y->num_sets);
    UNIT_BITS_EQUAL(x->roles[0].params, y->roles[0].params,
                    sizeof(float) * x->roles[0].num_params * (size_t)x->num_sets);
    training_end(&a);
    training_end(&b);
  }
}

/* Four agents in groups 1, 0, 1, 1: who decides with whose rows is a sort of the rows. */
static void test_rows_are_sorted_by_group(void) {
  int set[] = {1, 0, 1, 1};
  const MarlPolicy policy = {.num_agents = 4, .num_sets = 2, .set = set};
  static const uint32_t expected[] = {1, 5, 0, 2, 3, 4, 6, 7};
  size_t first[3];
  uint32_t rows[8];
  marl_policy_sort_rows(&policy, 2, 4, first, rows);
  CU_ASSERT(first[0] == 0 && first[1] == 2 && first[2] == 8);
  UNIT_BITS_EQUAL(rows, expected, sizeof rows);
}

/* A file of a policy that makes choice 0 with probability q, whatever it sees. */
static void write_partner(double q, const char *path) {
  MarlError err;
  MarlStore *file;
  Training t = train(1, "stag_hunt", 1, "[]", "false", "sharing: shared");
  const MarlPolicy *policy = marl_trainer_policy(t.trainer, 0);
  float *params = marl_policy_params(policy, 0, 0);
  for (int i = 0; i < NET; ++i) params[i] = 0;
  params[NET - CHOICES] = (float)log(q / (1 - q));
  UNIT_OK(marl_policy_export(policy, path, &file, &err));
  UNIT_OK(marl_store_commit(&file, &err));
  training_end(&t);
}

/* Agent 0 learns against agent 1, who makes choice 0 with probability q; `best`: the best response. */
static void respond(const char *game, double q, int best) {
  MarlError err;
  const RunFolder folder = run_folder_make();
  char path[128], sharing[256];
  snprintf(path, sizeof path, "%s/partner.h5", folder.path);
  snprintf(sharing, sizeof sharing, "sharing: independent, frozen: %s, frozen_sets: [1]", path);
  write_partner(q, path);
  MarlPolicy *partner;
  UNIT_OK(marl_policy_open(path, 0, &partner, &err));
  Training t = train(60, game, 1, "[]", "false", sharing);
  const MarlPolicy *policy = marl_trainer_policy(t.trainer, 0);
  UNIT_BITS_EQUAL(marl_policy_params(policy, 0, 1), marl_policy_params(partner, 0, 0),
                  NET * sizeof(float));
  MarlEvaluation result;
  UNIT_OK(marl_trainer_evaluate(t.trainer, 0, 2000, false, &result, &err));
  const double own = result.mean[marl_evaluation_find(&result, "env/choice_0_first")];
  const double other = result.mean[marl_evaluation_find(&result, "env/choice_0_second")];
  printf("\n    %s against %.2f: %.3f, partner %.3f ", game, q, own, other);
  CU_ASSERT(best == 0 ? own > 0.95 : own < 0.05);
  UNIT_NEAR(other, q, 4 * sqrt(q * (1 - q) / 2000)); /* four deviations of 2000 draws */
  marl_policy_destroy(&partner);
  training_end(&t);
  run_folder_remove(&folder);
}

/* Stag pays 4 q, hare 3 q + 2 (1 - q): stag from q = 2/3 on, though two learners agree on hare. In
 * matching pennies the first player wants the same side. */
static void test_the_best_response_to_a_frozen_partner_is_found(void) {
  respond("stag_hunt", 0.85, 0);
  respond("stag_hunt", 0.45, 1);
  respond("matching_pennies", 0.8, 0);
  respond("matching_pennies", 0.2, 1);
}

/* Values of choice 0 that are 1 more than those of choice 1, whatever is seen. */
static void prefer_the_first(MarlPolicy *policy) {
  MarlPolicyRole *role = &policy->roles[0];
  for (size_t i = 0; role->table == NULL && i < NET; ++i) role->params[i] = i == NET - CHOICES;
  for (size_t s = 0; role->table != NULL && s < role->table->num_states; ++s)
    role->table->value[s * CHOICES] = 1, role->table->value[s * CHOICES + 1] = 0;
  role->epsilon = 0.3f;
}

/* The same by values: a partner whose value of choice 0 is higher, uniform with probability .3, makes it
 * with .85. It keeps its values and its epsilon; the learner ends without exploring. */
static void respond_to_values(const char *learner) {
  static const char text[] =
      "run: {seed: 5, updates: %d, shards: 1}\n"
      "env: {name: matrix_game, game: stag_hunt, num_envs: 8}\n"
      "learner: {%s, gamma: 0, learning_rate: 0.02, epsilon_end: 0, epsilon_steps: 1000}\n"
      "policy: {%s}\n";
  MarlError err;
  MarlStore *file;
  const RunFolder folder = run_folder_make();
  char path[128], sharing[256], yaml[1024];
  snprintf(path, sizeof path, "%s/partner.h5", folder.path);
  snprintf(yaml, sizeof yaml, text, 1, learner, "sharing: shared, hidden: []");
  Training made = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(made.trainer, NULL, &err)); /* a table knows what it saw */
  MarlPolicy *partner = (MarlPolicy *)marl_trainer_policy(made.trainer, 0);
  prefer_the_first(partner);
  UNIT_OK(marl_policy_export(partner, path, &file, &err));
  UNIT_OK(marl_store_commit(&file, &err));
  training_end(&made);
  snprintf(sharing, sizeof sharing,
           "sharing: independent, hidden: [], frozen: %s, frozen_sets: [1]", path);
  snprintf(yaml, sizeof yaml, text, 300, learner, sharing);
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  const MarlPolicyRole *role = &marl_trainer_policy(t.trainer, 0)->roles[0];
  for (size_t s = 0; role->table != NULL && s < role->table->num_states; ++s) {
    const double *values = marl_table_values(role->table, role->table->obs + s * OBS, 1);
    CU_ASSERT(values[0] == 1 && values[1] == 0);
  }
  for (size_t i = 0; role->table == NULL && i < NET; ++i)
    CU_ASSERT_EQUAL(role->params[NET + i], (float)(i == NET - CHOICES));
  MarlEvaluation result;
  UNIT_OK(marl_trainer_evaluate(t.trainer, 0, 2000, false, &result, &err));
  const double own = result.mean[marl_evaluation_find(&result, "env/choice_0_first")];
  const double other = result.mean[marl_evaluation_find(&result, "env/choice_0_second")];
  printf("\n    %.3f, partner %.3f ", own, other);
  CU_ASSERT(own > 0.95); /* stag pays 3.4, hare 2.85 */
  UNIT_NEAR(other, 0.85, 4 * sqrt(0.85 * 0.15 / 2000));
  /* the file knows who does not learn, and how he explores: what is judged from it is what was played */
  MarlPolicy *read = NULL;
  UNIT_OK(marl_policy_export(marl_trainer_policy(t.trainer, 0), path, &file, &err));
  UNIT_OK(marl_store_commit(&file, &err));
  UNIT_OK(marl_policy_open(path, 0, &read, &err));
  CU_ASSERT(marl_policy_learns(read, 0) && !marl_policy_learns(read, 1));
  CU_ASSERT(read->roles[0].epsilon == 0 && read->roles[0].frozen_epsilon == 0.3f);
  marl_policy_destroy(&read);
  training_end(&t);
  run_folder_remove(&folder);
}

static void test_a_partner_of_values_is_frozen_too(void) {
  respond_to_values("name: dqn, replay_start: 64");
  respond_to_values("name: tabular_q");
}

static MarlCode create(const char *yaml, MarlError *out) {
  MarlError err;
  MarlConfig *config = NULL;
  MarlTrainer *trainer = NULL;
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &config, &err));
  const MarlCode code =
      marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_SELF, &trainer, out);
  marl_trainer_destroy(&trainer);
  marl_config_destroy(&config);
  return code;
}

static void test_what_cannot_be_meant_is_said(void) {
  const RunFolder folder = run_folder_make();
  char path[128];
  snprintf(path, sizeof path, "%s/partner.h5", folder.path);
  write_partner(0.5, path);
  static const struct {
    const char *learner, *hidden, *policy; /* PATH stands for the partner's file */
    const char *words;
  } cases[] = {
      {"ppo", "[]", "sharing: groups", "which has fewer"},
      {"ppo", "[]", "sharing: groups, groups: [0, 0, 0]", "which has more"},
      {"ppo", "[]", "sharing: groups, groups: [1, 1]", "no agent is in group 0"},
      {"ppo", "[]", "sharing: groups, groups: [0, x]", "'x' is no group"},
      {"ppo", "[]", "sharing: groups, groups: [0*z]", "'0*z' is not group*count"},
      {"ppo", "[]", "groups: [0, 0]", "means nothing without policy.sharing = groups"},
      {"cmaes", "[]", "sharing: groups, groups: [0, 0]", "cmaes"},
      {"ppo", "[]", "frozen_sets: [0]", "belong together"},
      {"ppo", "[]", "frozen: PATH", "belong together"},
      {"ppo", "[]", "sharing: independent, frozen: PATH, frozen_sets: [2]", "there are 0 .. 1"},
      {"ppo", "[]", "frozen: PATH, frozen_sets: [0]", "leaves nobody who learns"},
      {"ppo", "[3]", "sharing: independent, frozen: PATH, frozen_sets: [1]", "the networks of"},
      {"tabular_q", "[]", "sharing: independent, frozen: PATH, frozen_sets: [1]", "the kind of"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    MarlError err;
    char yaml[1024], policy[256];
    const char *at = strstr(cases[i].policy, "PATH");
    const int head = at == NULL ? (int)strlen(cases[i].policy) : (int)(at - cases[i].policy);
    snprintf(policy, sizeof policy, "%.*s%s%s", head, cases[i].policy, at == NULL ? "" : path,
             at == NULL ? "" : at + 4);
    snprintf(yaml, sizeof yaml,
             "env: {name: matrix_game}\nlearner: {name: %s}\n"
             "policy: {hidden: %s, normalize_observations: false, %s}\n",
             cases[i].learner, cases[i].hidden, policy);
    UNIT_ERROR(create(yaml, &err), MARL_ECONFIG, cases[i].words);
  }
  run_folder_remove(&folder);
}

/* Groups are in the file: what reads it asks the right set. */
static void test_groups_are_part_of_a_policy(void) {
  MarlError err;
  MarlStore *file;
  MarlPolicy *policy;
  const RunFolder folder = run_folder_make();
  char path[128];
  snprintf(path, sizeof path, "%s/groups.h5", folder.path);
  Training t = train(1, "stag_hunt", 1, "[]", "false", "sharing: groups, groups: [0, 0]");
  UNIT_OK(marl_policy_export(marl_trainer_policy(t.trainer, 0), path, &file, &err));
  UNIT_OK(marl_store_commit(&file, &err));
  UNIT_OK(marl_policy_open(path, 0, &policy, &err));
  CU_ASSERT(policy->num_sets == 1 && !policy->shared && policy->num_agents == 2);
  CU_ASSERT(marl_policy_set(policy, 0) == 0 && marl_policy_set(policy, 1) == 0);
  marl_policy_destroy(&policy);
  training_end(&t);
  run_folder_remove(&folder);
}

static CU_TestInfo tests[] = {
    {"sharing and independence are groups", test_sharing_and_independence_are_groups},
    {"rows are sorted by group", test_rows_are_sorted_by_group},
    {"the best response to a frozen partner is found",
     test_the_best_response_to_a_frozen_partner_is_found},
    {"what cannot be meant is said", test_what_cannot_be_meant_is_said},
    {"groups are part of a policy", test_groups_are_part_of_a_policy},
    {"a partner of values is frozen too", test_a_partner_of_values_is_frozen_too},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/partners", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
