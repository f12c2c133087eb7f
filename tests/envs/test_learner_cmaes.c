/* ctest: label=unit ranks=1,2 timeout=120 */
#include <unistd.h>

#include "envs/turbulence/turbulence.h"
#include "tests/envs/reference_case.h"
#include "tests/envs/training.h"

/* The problem of test_lqr_optimum.c, x' = .9 x + .5 u, cost x^2 + .1 u^2, over four steps. */
static const char *const yaml =
    "run: {seed: 1, updates: 40, shards: 4}\n"
    "env: {name: lqr, num_envs: 8, num_agents: 512, max_steps: 4}\n"
    "learner: {name: cmaes, horizon: 120}\n"
    "policy: {hidden: [], action: clipped, normalize_observations: false}\n";

/* Cost of u = -k x from x0 = 1, and its minimum over k on a fine grid. */
static double cost(double k) {
  double sum = 0;
  for (int t = 0; t < 4; ++t) sum += (1 + 0.1 * k * k) * pow(0.9 - 0.5 * k, 2 * t);
  return sum;
}
static double best_gain(void) {
  double best = 0;
  for (double k = 0; k < 3; k += 1e-3)
    if (cost(k) < cost(best)) best = k;
  return best;
}

/* A candidate's value is the mean of 30 x 512 squared normals, known to sqrt(2/15360) = 1.1 %; the
 * cost is 1.1 % above its minimum 0.2 from the best gain of 1.5, and the mean of four candidates
 * over about twenty generations knows the gain nine times better: 0.02. Four of that. */
static void the_gain_is_the_best_one(void) {
  MarlError err;
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  const float obs[2] = {-0.5f, 0.5f};
  float act[2];
  marl_policy_act(marl_trainer_policy(t.trainer, 0), 0, 0, 2, obs, NULL, act);
  UNIT_NEAR((double)act[0] - (double)act[1], best_gain(), 0.08);
  training_end(&t);
}

/* Weights after three generations of four steps. */
static Training three_generations(int max_steps, const char *restart) {
  char text[512];
  snprintf(text, sizeof text,
           "run: {seed: 3, updates: 3, shards: 4}\n"
           "env: {name: lqr, num_envs: 8, num_agents: 4, max_steps: %d}\n"
           "learner: {name: cmaes, horizon: 4, restart: %s}\n"
           "policy: {hidden: [4], action: clipped, normalize_observations: false}\n",
           max_steps, restart);
  MarlError err;
  Training t = training_begin(text, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  return t;
}

/* Restarting cuts endless episodes into those of a time limit, and begins none twice. */
static void a_restart_is_a_time_limit(void) {
  Training limited = three_generations(4, "false");
  Training cut = three_generations(1000, "true"), both = three_generations(4, "true");
  Training endless = three_generations(1000, "false");
  const MarlPolicy *policy = marl_trainer_policy(limited.trainer, 0);
  const float *params = marl_policy_params(policy, 0, 0);
  const size_t size = policy->roles[0].num_params * sizeof(float);
  UNIT_BITS_EQUAL(params, marl_policy_params(marl_trainer_policy(cut.trainer, 0), 0, 0), size);
  UNIT_BITS_EQUAL(params, marl_policy_params(marl_trainer_policy(both.trainer, 0), 0, 0), size);
  CU_ASSERT(
      memcmp(params, marl_policy_params(marl_trainer_policy(endless.trainer, 0), 0, 0), size) != 0);
  training_end(&limited), training_end(&cut), training_end(&both), training_end(&endless);
}

/* First observations of `count` environments on one flow. */
static size_t first_seen(int company, int count, float *obs) {
  MarlError err;
  MarlVecEnv *vec = NULL;
  MarlSection *section = NULL;
  const MarlOptionTable table = {marl_env_turbulence.options, marl_env_turbulence.num_options};
  UNIT_OK(marl_section_create("env", &table, 1, &section, &err));
  UNIT_OK(marl_section_set(section, "reference", case_reference(), "test", &err));
  UNIT_OK(marl_section_set(section, "resolution", "16", "test", &err));
  UNIT_OK(marl_section_set(section, "agents", "1", "test", &err));
  UNIT_OK(marl_section_set(section, "observation", "flow_regime", "test", &err));
  UNIT_OK(marl_vec_env_create(&marl_env_turbulence, section, count, 0, marl_key(5, MARL_STREAM_ENV),
                              MPI_COMM_SELF, &vec, &err));
  marl_vec_env_draw_alike(vec, company);
  UNIT_OK(marl_vec_env_reset(vec, &err));
  const size_t dim = (size_t)marl_vec_env_spec(vec)->obs_dim;
  memcpy(obs, marl_vec_env_batch(vec)->obs, (size_t)count * dim * sizeof *obs);
  marl_vec_env_destroy(&vec);
  marl_section_destroy(&section);
  return dim;
}

/* Companies of four: environments 0 to 3 begin as 4 to 7 do; without, each draws for itself. */
static void candidates_meet_the_same_fields(void) {
  float alike[8 * 4], own[8 * 4];
  const size_t half = 4 * first_seen(4, 8, alike);
  first_seen(0, 8, own);
  UNIT_BITS_EQUAL(alike, alike + half, half * sizeof(float));
  UNIT_BITS_EQUAL(alike, own, half * sizeof(float));
  CU_ASSERT(memcmp(own, own + half, half * sizeof(float)) != 0);
}

/* Three generations of four candidates, each twice on each of two flows of which one is a hundred times as viscous. */
static Training two_flows(const char *first, const char *second) {
  char text[2048];
  snprintf(text, sizeof text,
           "run: {seed: 3, updates: 3, shards: 2}\n"
           "env: {name: turbulence, num_envs: 16, agents: 1, resolution: 16, dt: 4e-3,\n"
           "  reference: %s, more_references: [%s], action_interval: 5, max_steps: 4,\n"
           "  observation: [flow_regime], reward: episode_error_order}\n"
           "learner: {name: cmaes, horizon: 4, restart: true, population: 4}\n"
           "policy: {hidden: [], action: clipped, normalize_observations: false}\n",
           first, second);
  MarlError err;
  Training t = training_begin(text, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  return t;
}

/* Every candidate meets every flow with the same fields, so the order in which flows are named changes a
 * candidate's value by the round-off of a sum of four, which is no rank: the search goes the same way. */
static void the_order_of_the_flows_does_not_change_the_ranking(void) {
  char paths[2][600];
  for (int f = 0; f < 2; ++f) {
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(paths[f], 512));
    snprintf(paths[f] + strlen(paths[f]), 64, "/two_flows_%d_%ld.h5", f, (long)getpid());
    case_write_reference(paths[f], f == 0 ? 1e-3 : 0.1);
  }
  Training a = two_flows(paths[0], paths[1]), b = two_flows(paths[1], paths[0]);
  const MarlPolicy *policy = marl_trainer_policy(a.trainer, 0);
  UNIT_BITS_EQUAL(marl_policy_params(policy, 0, 0),
                  marl_policy_params(marl_trainer_policy(b.trainer, 0), 0, 0),
                  policy->roles[0].num_params * sizeof(float));
  training_end(&a), training_end(&b);
  for (int f = 0; f < 2; ++f) unlink(paths[f]);
}

static void any_number_of_ranks_gives_the_same_bits(void) {
  static const char *const brief =
      "run: {seed: 3, updates: 3, shards: 4}\n"
      "env: {name: lqr, num_envs: 8, num_agents: 4, max_steps: 4}\n"
      "learner: {name: cmaes, horizon: 12, settle: 2, population: 4}\n"
      "policy: {hidden: [4], action: clipped, normalize_observations: false}\n";
  MarlError err;
  Training shared = training_begin(brief, NULL, MPI_COMM_WORLD);
  Training alone = training_begin(brief, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(shared.trainer, NULL, &err));
  UNIT_OK(marl_trainer_run(alone.trainer, NULL, &err));
  const MarlPolicy *a = marl_trainer_policy(shared.trainer, 0);
  const MarlPolicy *b = marl_trainer_policy(alone.trainer, 0);
  UNIT_BITS_EQUAL(marl_policy_params(a, 0, 0), marl_policy_params(b, 0, 0),
                  a->roles[0].num_params * sizeof(float));
  training_end(&shared), training_end(&alone);
}

static void mistakes_are_explained(void) {
  static const struct {
    const char *text, *words;
  } wrong[] = {
      {"learner: {name: cmaes, population: 5}\npolicy: {normalize_observations: false}\n",
       "so that every candidate meets every kind"},
      {"learner: {name: cmaes, horizon: 10, settle: 10}\npolicy: {normalize_observations: false}\n",
       "learner.settle"},
      {"learner: {name: cmaes}\n", "normalize_observations=false"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
    MarlError err;
    MarlConfig *config = NULL;
    MarlTrainer *trainer = NULL;
    char text[512];
    snprintf(text, sizeof text, "env: {name: lqr, num_envs: 8}\n%s", wrong[i].text);
    UNIT_OK(marl_config_parse(text, strlen(text), "test", &config, &err));
    UNIT_ERROR(marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_SELF, &trainer, &err),
               MARL_ECONFIG, wrong[i].words);
    marl_config_destroy(&config);
  }
}

static CU_TestInfo tests[] = {
    {"the gain is the best one", the_gain_is_the_best_one},
    {"a restart is a time limit", a_restart_is_a_time_limit},
    {"candidates meet the same fields", candidates_meet_the_same_fields},
    {"the order of the flows does not change the ranking",
     the_order_of_the_flows_does_not_change_the_ranking},
    {"any number of ranks gives the same bits", any_number_of_ranks_gives_the_same_bits},
    {"mistakes are explained", mistakes_are_explained},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learner_cmaes", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
