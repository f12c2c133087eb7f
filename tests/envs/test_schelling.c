/* Schelling diagrams by the core (`marl schelling`): of scripted players the published one, of trained
 * policies what they earn alone, whoever stands on the other side. */
#include "marl/learn/schelling.h"
#include "tests/envs/grid_life.h"

enum { AGENTS = 4 };

static MarlSection *world(const char *const *settings) {
  MarlError err;
  MarlSection *config;
  const MarlEnvOps *ops;
  char path[1024];
  UNIT_OK(marl_env_find(marl_env_table, "cleanup", &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  snprintf(path, sizeof path, "%s/configs/grid/maps/cleanup_small.txt", getenv("MARL_SOURCE"));
  UNIT_OK(marl_section_set(config, "map", path, "test", &err));
  UNIT_OK(marl_section_set(config, "num_agents", "4", "test", &err));
  for (; settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(config, settings[0], settings[1], "test", &err));
  return config;
}

static MarlSchellingTask task_of(const MarlSection *config, MarlSide c, MarlSide d, int episodes) {
  MarlError err;
  MarlSchellingTask task = {
      .world = {.config = config, .discount = 1, .key = marl_key(5, MARL_STREAM_ENV)},
      .side = {c, d},
      .episodes = episodes};
  UNIT_OK(marl_env_find(marl_env_table, "cleanup", &task.world.ops, &err));
  return task;
}

static MarlSchellingPoint point_of(const MarlSchellingTask *task, int cooperators) {
  MarlError err;
  MarlSchellingPoint point;
  UNIT_OK(marl_schelling_point(task, AGENTS, cooperators, &point, &err));
  return point;
}

/* grid_agrees wants a standard error; an interval of n values is t of them to each side. */
static GridMean mean_of(double mean, MarlInterval interval, int n) {
  return (GridMean){mean, (interval.high - interval.low) / 2 / marl_student_quantile(0.95, n - 1)};
}

static void test_scripted_sides_are_the_published_diagram(void) {
  enum { EPISODES = 60 };
  MarlSection *config = world((const char *const[]){"dynamics", "socialjax", "socialjax_quirks",
                                                    "true", "jitter", "0.1", NULL});
  MarlSchellingTask task = task_of(config, (MarlSide){.scripted = "turn_taker"},
                                   (MarlSide){.scripted = "eater"}, EPISODES);
  const MarlSchellingPoint three = point_of(&task, 3), four = point_of(&task, 4);
  grid_agrees("cooperator", mean_of(three.mean[0], three.interval[0], EPISODES), 106.2, 5.0, 0.1);
  grid_agrees("defector", mean_of(three.mean[1], three.interval[1], EPISODES), 278.6, 11.6, 0.1);
  grid_agrees("cooperator", mean_of(four.mean[0], four.interval[0], EPISODES), 204.1, 2.0, 0.1);
  CU_ASSERT_TRUE(isnan(four.mean[1]) && isnan(four.interval[1].low));
  UNIT_NEAR(three.total, 3 * three.mean[0] + three.mean[1], 1e-9); /* round-off */
  task.world.discount = 0.99;
  const MarlSchellingPoint soon = point_of(&task, 3);
  /* one run of the model, printed to a tenth: within a tenth of it */
  UNIT_NEAR(soon.mean[1], 27.9, 2.79);
  marl_section_destroy(&config);
}

/* Networks as they begin, in the shape of the shipped ones. */
static MarlPolicy *untrained(const MarlSection *env_config) {
  MarlError err;
  MarlSection *config;
  MarlPolicy *policy = NULL;
  MarlEnv *env;
  const MarlEnvOps *ops;
  UNIT_OK(marl_env_find(marl_env_table, "cleanup", &ops, &err));
  UNIT_OK(marl_env_create(ops, env_config, 0, MPI_COMM_SELF, &env, &err));
  UNIT_OK(marl_section_create("policy", &marl_policy_options, 1, &config, &err));
  UNIT_OK(marl_section_set(config, "normalize_observations", "false", "test", &err));
  UNIT_OK(marl_policy_create(config, &env->spec, MARL_OUTPUTS_PLAIN, 0,
                             marl_key(2, MARL_STREAM_INIT), &policy, &err));
  marl_section_destroy(&config);
  marl_env_destroy(env);
  return policy;
}

static void test_trained_sides_act_by_their_own_policies(void) {
  MarlError err;
  MarlPolicy *trained = NULL;
  char path[1024];
  snprintf(path, sizeof path, "%s/configs/grid/policies/cleanup_small_common.h5",
           getenv("MARL_SOURCE"));
  UNIT_OK(marl_policy_open(path, 0, &trained, &err));
  MarlSection *config = world((const char *const[]){"see_heading", "false", "see_beams", "false",
                                                    "episode_steps", "300", NULL});
  MarlPolicy *fresh = untrained(config);
  const MarlSide a = {.policy = trained}, b = {.policy = fresh}, eater = {.scripted = "eater"};
  const MarlSchellingTask both = task_of(config, a, b, 2), first = task_of(config, a, eater, 2),
                          second = task_of(config, eater, b, 2), same = task_of(config, a, a, 2);
  const double all_trained = point_of(&both, AGENTS).total;
  CU_ASSERT_TRUE(all_trained > 0);
  UNIT_NEAR(point_of(&first, AGENTS).total, all_trained, 0);
  UNIT_NEAR(point_of(&same, 1).total, all_trained, 0); /* whatever they are called */
  UNIT_NEAR(point_of(&both, 0).total, point_of(&second, 0).total, 0);
  CU_ASSERT_TRUE(point_of(&both, 0).total < all_trained);
  marl_policy_destroy(&trained);
  marl_policy_destroy(&fresh);
  marl_section_destroy(&config);
}

static CU_TestInfo tests[] = {
    {"scripted sides are the published diagram", test_scripted_sides_are_the_published_diagram},
    {"trained sides act by their own policies", test_trained_sides_act_by_their_own_policies},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"Schelling diagrams of the core", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
