/* Values that differ by role, and the presets that use them. */
#include "marl/learn/role_values.h"

#include "tests/marl/dqn_case.h"

static const MarlRole society[] = {{.name = "select"}, {.name = "play"}, {.name = "punish"}};
static const MarlRole game[] = {{.name = "play"}};

static MarlCode read(const char *text, const MarlRole *roles, int num_roles, double *out,
                     MarlError *err) {
  Setting set[] = {{"replay_size", text}, {NULL, NULL}};
  MarlSection *config = dqn_config(set);
  const MarlCode code =
      marl_role_values(config, "replay_size", true, roles, num_roles, 1, out, err);
  marl_section_destroy(&config);
  return code;
}

static void test_a_value_is_for_all_roles_or_for_those_it_names(void) {
  static const struct {
    const char *text;
    double expected[3];
  } cases[] = {
      {"7", {7, 7, 7}},
      {"[7, play=9]", {7, 9, 7}},
      {"punish=1, select=2, play=3", {2, 3, 1}},
      {"punish=1, select=2, play=3, sing=4", {2, 3, 1}}, /* a role of other rules */
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    MarlError err;
    double out[3];
    UNIT_OK(read(cases[i].text, society, 3, out, &err));
    for (int r = 0; r < 3; ++r) UNIT_NEAR(out[r], cases[i].expected[r], 0);
  }
}

static void test_a_name_that_is_mistyped_is_a_mistake_in_either_form(void) {
  static const struct {
    const char *text, *words;
  } cases[] = {
      {"[7, plya=9]", "learner.replay_size: no role 'plya'; did you mean 'play'?"},
      {"select=1, plya=2, punish=3", "no value for the role 'play'"},
      {"[7, play=9, play=8]", "'play=8' is the second value of the same role"},
      {"play=0.5, select=1, punish=1", "'play=0.5'; expected a whole number from 1 to 4e+09"},
      {"0", "'0'; expected a whole number from 1"},
      {"many", "'many'; expected a whole number"},
      {"", "no value for the role 'select'"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    MarlError err;
    double out[3];
    UNIT_ERROR(read(cases[i].text, society, 3, out, &err), MARL_ECONFIG, cases[i].words);
  }
}

static double value(MarlSection *config, const char *key, const MarlRole *roles, int num_roles,
                    int role) {
  MarlError err;
  double out[3];
  UNIT_OK(marl_role_values(config, key, false, roles, num_roles, 1, out, &err));
  return out[role];
}

/* The public code of Dasgupta and Musolesi 2025: rates .01, .1, .001, floors .0001, .01, .2,
 * memories 2^17, 2^17, 2^19; exploration falls by .30006666 and .50004444 of its range a step. */
static void test_presets_are_defaults_that_a_key_overrides(void) {
  Setting set[] = {{"gamma", "0.5"}, {"preset", "paper"}, {NULL, NULL}};
  MarlSection *config = dqn_config(set);
  static const double rate[] = {0.01, 0.1, 0.001}, end[] = {0.0001, 0.01, 0.2},
                      size[] = {1 << 17, 1 << 17, 1 << 19},
                      fall[] = {0.30006666666666665, 0.30006666666666665, 0.5000444444444445};
  for (int r = 0; r < 3; ++r) {
    UNIT_NEAR(value(config, "gamma", society, 3, r), 0.5, 0); /* set by the user */
    UNIT_NEAR(value(config, "learning_rate", society, 3, r), rate[r], 0);
    UNIT_NEAR(value(config, "epsilon_end", society, 3, r), end[r], 0);
    UNIT_NEAR(value(config, "replay_size", society, 3, r), size[r], 0);
    UNIT_NEAR(1 / value(config, "epsilon_steps", society, 3, r), fall[r], 1e-16);
  }
  UNIT_NEAR(value(config, "learning_rate", game, 1, 0), 0.1, 0);
  CU_ASSERT_EQUAL(marl_section_choice(config, "learn_after"), 1);
  CU_ASSERT_FALSE(marl_section_bool(config, "double_q"));
  marl_section_destroy(&config);
}

/* What is written down with a run names every value: read again it is the same. */
static void test_a_resolved_preset_resolves_to_itself(void) {
  static const char text[] =
      "learner: {name: dqn, preset: clean, gamma: 0.8}\nenv: {name: dilemma}";
  MarlError err;
  MarlConfig *config[2] = {NULL, NULL};
  char *resolved[2] = {NULL, NULL};
  UNIT_OK(marl_config_parse(text, strlen(text), "test", &config[0], &err));
  for (int k = 0; k < 2; ++k) {
    const MarlSection *learner;
    const MarlOptionTable tables[] = {
        {(const MarlOption[]){{"name", MARL_OPTION_TEXT, "ppo", 0, 0, NULL, "1", "learner"}}, 1},
        {marl_learner_dqn.options, marl_learner_dqn.num_options}};
    UNIT_OK(marl_config_section(config[k], "learner", tables, 2, &learner, &err));
    UNIT_OK(marl_config_prefer(config[k], "learner",
                               marl_learner_preset(&marl_learner_dqn, learner), "preset", &err));
    UNIT_OK(marl_config_resolved(config[k], &resolved[k], &err));
    if (k == 0)
      UNIT_OK(marl_config_parse(resolved[0], strlen(resolved[0]), "again", &config[1], &err));
  }
  CU_ASSERT_STRING_EQUAL(resolved[0], resolved[1]);
  CU_ASSERT_PTR_NOT_NULL(
      strstr(resolved[0], "epsilon_steps: [\"select=500\", \"play=5000\", \"punish=5000\"]"));
  CU_ASSERT_PTR_NOT_NULL(strstr(resolved[0], "gamma: [\"0.8\"]"));
  for (int k = 0; k < 2; ++k) {
    free(resolved[k]);
    marl_config_destroy(&config[k]);
  }
}

static CU_TestInfo tests[] = {
    {"a value is for all roles or for those it names",
     test_a_value_is_for_all_roles_or_for_those_it_names},
    {"a name that is mistyped is a mistake in either form",
     test_a_name_that_is_mistyped_is_a_mistake_in_either_form},
    {"presets are defaults that a key overrides", test_presets_are_defaults_that_a_key_overrides},
    {"a resolved preset resolves to itself", test_a_resolved_preset_resolves_to_itself},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"role values", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
