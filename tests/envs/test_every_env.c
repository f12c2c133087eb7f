/* A new environment is tested the moment it is in the table: it keeps the contract of env.h, with its
 * defaults and where options change who decides when. */
#include "envs/env_table.h"
#include "marl/learn/env_check.h"
#include "tests/envs/reference_case.h"
#include "tests/unit.h"

/* Each line is a run of its own, on top of the defaults: environment, then keys and values. */
static const char *const variants[][18] = {
    {"dilemma", "mechanism", "third_party"},
    {"dilemma", "matching", "select"},
    {"public_goods", "punishment", "learned"},
    {"commons", "punishment", "learned"},
    {"matrix_game", "max_steps", "7"},
    {"reciprocity", "assessment", "bottom_up", "own_name", "true", "seeds", "2"},
    {"cleanup", "dynamics", "socialjax", "socialjax_quirks", "true", "see_identity", "true"},
    {"cleanup", "policies", "learner*2, turn_taker*3, random*2", "jitter", "0.1", "mechanism",
     "removal(steps=3)", "end_probability", "0.5", "end_every", "10", "episode_steps", "20"},
    {"cleanup", "mechanism", "fine(amount=2)+graduated(freeze=3)", "mark_steps", "9", "see_mark",
     "true", "see_record", "true", "see_identity", "true", "zap_cooldown", "1"},
    {"harvest", "dynamics", "socialjax", "inequity_disadvantage", "5", "inequity_trace", "0.9",
     "num_agents", "16", "regrowth", "0.1"},
    {"harvest", "mechanism", "fine+removal(steps=2)", "zap_cooldown", "0", "hit_cost", "5",
     "num_agents", "16", "self_interest", "0.25"},
    {"coop_mining", "iron_growth", "0.1", "gold_growth", "0.2", "num_agents", "12"},
};

/* The smallest populations, where a mean over the others is over one or nobody. */
static const char *const smallest[][18] = {
    {"reciprocity", "num_agents", "3", "seeds", "2", "encounters", "1"},
    {"dilemma", "num_agents", "2", "mechanism", "direct+metanorm", "inequity_advantage", "1",
     "orientation_weight", "1"},
    {"dilemma", "num_agents", "3", "mechanism", "direct+third_party+metanorm", "matching", "select",
     "individual_reputation", "true", "punish_sees_reputation", "true"},
    {"dilemma", "num_agents", "2", "mechanism", "voluntary_pool(second_order=true)", "cycles", "3",
     "rematch", "true"},
    {"dilemma", "num_agents", "2", "mechanism", "indirect", "game", "centipede"},
    {"public_goods", "num_agents", "2", "group_size", "2", "punishment", "learned", "matching",
     "partners", "inequity_disadvantage", "1", "orientation_weight", "1"},
    {"commons", "num_agents", "2", "newcomer", "2", "punishment", "learned",
     "inequity_disadvantage", "1", "orientation_weight", "1"},
    {"commons", "num_agents", "2", "newcomer", "100", "punishment", "fixed", "universalization",
     "1", "inequity_advantage", "1"},
    {"commons", "num_agents", "2", "scenario", "trash", "newcomer", "2", "inequity_advantage", "1"},
};

/* Their maps are files. */
static bool is_grid(const MarlEnvOps *ops) {
  static const char *const names[] = {"cleanup", "harvest", "coins", "coop_mining"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    if (strcmp(ops->name, names[i]) == 0) return true;
  return false;
}

static void keeps_its_contract(const MarlEnvOps *ops, const char *const *settings) {
  MarlError err;
  MarlSection *config;
  MarlEnvCheckReport report;
  int steps = 250; /* the longest episode has 200 */
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  const char *file = NULL;
  if (strcmp(ops->name, "turbulence") == 0) { /* needs a reference file: a small one */
    file = case_reference();
    steps = 12;
    UNIT_OK(marl_section_set(config, "reference", file, "test", &err));
    UNIT_OK(marl_section_set(config, "resolution", "16", "test", &err));
    UNIT_OK(marl_section_set(config, "dt", "2e-3", "test", &err));
    UNIT_OK(marl_section_set(config, "max_steps", "7", "test", &err));
  }
  if (strcmp(ops->name, "reciprocity") == 0) /* lives on */
    UNIT_OK(marl_section_set(config, "max_steps", "70", "test", &err));
  char map[1024];
  if (is_grid(ops)) {
    snprintf(map, sizeof map, "%s/%s", getenv("MARL_SOURCE"), marl_section_text(config, "map"));
    UNIT_OK(marl_section_set(config, "map", map, "test", &err));
    UNIT_OK(marl_section_set(config, "episode_steps", "70", "test", &err));
    if (strcmp(ops->name, "harvest") != 0) { /* rewards within a short walk */
      const bool cleanup = strcmp(ops->name, "cleanup") == 0,
                 coins = strcmp(ops->name, "coins") == 0;
      const char *key = cleanup ? "apple_growth" : coins ? "coin_growth" : "iron_growth";
      UNIT_OK(marl_section_set(config, key, "0.2", "test", &err));
      if (cleanup) UNIT_OK(marl_section_set(config, "depletion", "1", "test", &err));
    }
  }
  for (; settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(config, settings[0], settings[1], "test", &err));
  UNIT_OK(marl_env_check(ops, config, 3, steps, &report, &err));
  for (int i = 0; i < report.num_notes; ++i) /* nothing random: two of ours are like that */
    CU_ASSERT_PTR_NOT_NULL(strstr(report.note[i], "nothing depends on the seed"));
  CU_ASSERT_TRUE(report.episodes > 0);
  if (file != NULL) unlink(file);
  marl_section_destroy(&config);
}

static void test_every_environment_keeps_its_contract(void) {
  for (int i = 0; marl_env_table[i] != NULL; ++i) {
    const MarlEnvOps *ops = marl_env_table[i];
    CU_ASSERT(ops->name != NULL && ops->summary != NULL && ops->source != NULL);
    keeps_its_contract(ops, (const char *const[]){NULL});
  }
}

static void all_keep_it(const char *const (*cases)[18], size_t count) {
  MarlError err;
  for (size_t i = 0; i < count; ++i) {
    const MarlEnvOps *ops;
    UNIT_OK(marl_env_find(marl_env_table, cases[i][0], &ops, &err));
    keeps_its_contract(ops, cases[i] + 1);
  }
}

static void test_variants_keep_it_too(void) {
  all_keep_it(variants, sizeof variants / sizeof variants[0]);
}

static void test_the_smallest_populations_keep_it_too(void) {
  all_keep_it(smallest, sizeof smallest / sizeof smallest[0]);
}

static CU_TestInfo tests[] = {
    {"every environment keeps its contract", test_every_environment_keeps_its_contract},
    {"variants keep it too", test_variants_keep_it_too},
    {"the smallest populations keep it too", test_the_smallest_populations_keep_it_too},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"every environment", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
