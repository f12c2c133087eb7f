/* ctest: timeout=120 */
/* marl export: what the exported files compute is what the trained policy computes. */
#include "marl/learn/policy.h"
#include "tests/cli/program.h"

static Program p;

enum { MAX_OBS = 8, ROWS = 5 };

/* A little training moves parameters and normalizers away from where they start. */
static void train(const char *name, const char *settings) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "marl train '%s/configs/control/%s.yaml' --out %s --quiet --set run.updates=3 "
           "--set env.num_envs=4 --set run.shards=2 --set learner.horizon=32 %s && "
           "marl export %s --out %s",
           getenv("MARL_SOURCE"), name, name, settings, name, name);
  CU_ASSERT_EQUAL_FATAL(program_run(&p, line), 0);
}

static MarlPolicy *open_policy(const char *file) {
  MarlError err;
  MarlPolicy *policy = NULL;
  char path[2 * PROGRAM_PATH];
  snprintf(path, sizeof path, "%s/%s", p.folder, file);
  UNIT_OK(marl_policy_open(path, 0, &policy, &err));
  return policy;
}

static float observation(int row, int i) {
  return 3 * sinf((float)(7 * row + 3 * i + 1));
}

/* Actions of a program that knows the header alone, for every set and row. */
static void run_header(const char *name, const char *role, const MarlPolicyRole *like,
                       float *actions) {
  char program[PROGRAM_COMMAND], line[PROGRAM_COMMAND];
  snprintf(program, sizeof program,
           "#include \"%s.h\"\n#include <stdio.h>\n"
           "int main(void) {\n  float obs[8], act[8];\n"
           "  for (int set = 0; set < %d; ++set)\n    for (int row = 0; row < %d; ++row) {\n"
           "      for (int i = 0; i < %d; ++i) obs[i] = 3 * sinf((float)(7 * row + 3 * i + 1));\n"
           "      %s_%s(set, obs, act);\n      printf(\"%%a\\n\", (double)act[0]);\n    }\n"
           "  return 0;\n}\n",
           name, like->num_sets, ROWS, like->role.obs_dim, name, role);
  program_write(&p, "main.c", program);
  snprintf(line, sizeof line,
           "cc -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Werror main.c -o %s.out -lm && "
           "./%s.out",
           name, name);
  if (program_run(&p, line) != 0) printf("\n    %s", p.err);
  CU_ASSERT_EQUAL_FATAL(p.code, 0);
  char *at = p.out;
  for (int i = 0; i < like->num_sets * ROWS; ++i) actions[i] = strtof(at, &at);
}

/* The header's tanhf and order of summation are not the engine's: a few rounding errors of
 * magnitude 1 through a 64-wide network, times the half width of the box (5). */
static void compare(const char *name, const char *role, double tolerance) {
  char file[PROGRAM_PATH];
  snprintf(file, sizeof file, "%s.h5", name);
  MarlPolicy *whole = open_policy(name), *alone = open_policy(file);
  const MarlPolicyRole *r = &whole->roles[0];
  float *actions = calloc((size_t)r->num_sets * ROWS, sizeof *actions);
  CU_ASSERT_FATAL(r->role.obs_dim <= MAX_OBS && r->role.act_dim == 1 && actions != NULL);
  run_header(name, role, r, actions);
  bool differ = false;
  for (int set = 0; set < r->num_sets; ++set)
    for (int row = 0; row < ROWS; ++row) {
      float obs[MAX_OBS], from_run, from_file;
      for (int i = 0; i < r->role.obs_dim; ++i) obs[i] = observation(row, i);
      marl_policy_act(whole, 0, set, 1, obs, NULL, &from_run);
      marl_policy_act(alone, 0, set, 1, obs, NULL, &from_file);
      UNIT_BITS_EQUAL(&from_file, &from_run, sizeof from_run);
      UNIT_NEAR((double)actions[set * ROWS + row], (double)from_run, tolerance);
      differ = differ || from_run != actions[0];
    }
  CU_ASSERT(differ || whole->roles[0].role.action_kind == MARL_ACTION_DISCRETE);
  free(actions);
  marl_policy_destroy(&whole);
  marl_policy_destroy(&alone);
}

static void a_continuous_policy_of_several_sets(void) {
  train("lqr", "--set policy.sharing=independent");
  compare("lqr", "control", 5e-5);
}

static void a_policy_without_normalizer_and_hidden_layers(void) {
  CU_ASSERT_EQUAL(program_run(&p, "rm -r lqr"), 0);
  train("lqr",
        "--set policy.hidden= --set policy.action=clipped "
        "--set policy.normalize_observations=false");
  compare("lqr", "control", 1e-6);
}

static void a_discrete_policy(void) {
  train("prisoners_dilemma", "--set policy.activation=relu --set env.rounds=1");
  compare("prisoners_dilemma", "play", 0);
}

static void what_is_not_there_is_said(void) {
  PROGRAM_SAYS(&p, "marl export nowhere", 1, "nowhere");
  PROGRAM_SAYS(&p, "marl export lqr --replica 3", 1, "replica_3");
  PROGRAM_SAYS(&p, "marl export lqr --out no/such/folder", 1, "no/such/folder.h5");
  PROGRAM_SAYS(&p, "marl export", 2, "RUN");
}

static int begin(void) {
  return program_begin(&p);
}
static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"a continuous policy of several sets", a_continuous_policy_of_several_sets},
    {"a policy without normalizer and hidden layers",
     a_policy_without_normalizer_and_hidden_layers},
    {"a discrete policy", a_discrete_policy},
    {"what is not there is said", what_is_not_there_is_said},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"export", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
