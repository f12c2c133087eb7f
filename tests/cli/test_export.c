/* ctest: timeout=240 */
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

/* V-RACER's network also says how wide it explores: no action. NumPy's tanh is not the engine's. */
static void a_policy_that_learned_its_deviations(void) {
  enum { TRIES = 3 };
  CU_ASSERT_EQUAL_FATAL(
      program_run(&p,
                  "marl train \"$MARL_SOURCE/configs/control/pendulum.yaml\" --out swing --quiet "
                  "--set run.updates=3 --set env.num_envs=4 --set run.shards=2 && "
                  "marl export swing --numpy swing.py --out swing"),
      0);
  MarlPolicy *policy = open_policy("swing.h5");
  CU_ASSERT_EQUAL_FATAL(policy->roles[0].role.obs_dim, 3);
  if (program_run(&p, "python3 -c 'import numpy' 2>/dev/null") != 0) {
    printf("no NumPy: skipped ");
  } else {
    CU_ASSERT_EQUAL(
        program_run(&p,
                    "python3 -c 'import math, numpy, swing\n"
                    "obs = numpy.array([[3 * math.sin(7 * r + 3 * i + 1) for i in range(3)] "
                    "for r in range(3)], numpy.float32)\n"
                    "act = swing.swing_swing(0, obs)\n"
                    "assert act.shape == (3, 1), act.shape\n"
                    "print(*map(float, act.ravel()))'"),
        0);
    char *at = p.out;
    for (int row = 0; row < TRIES; ++row) {
      float obs[3], act;
      for (int i = 0; i < 3; ++i) obs[i] = observation(row, i);
      marl_policy_act(policy, 0, 0, 1, obs, NULL, &act);
      UNIT_NEAR((double)strtof(at, &at), (double)act, 5e-5);
    }
  }
  marl_policy_destroy(&policy);
}

static void a_discrete_policy(void) {
  train("prisoners_dilemma", "--set policy.activation=relu --set env.rounds=1");
  compare("prisoners_dilemma", "play", 0);
}

/* Two components of 3 and 2 choices, some illegal: the header and marl_policy_decide strike out the
 * same ones. With zero weights the logits are the biases: the highest is illegal in each. */
static void a_policy_of_several_choices_with_masks(void) {
  enum { LOGITS = 5 };
  static const int choices[] = {3, 2};
  static const MarlRole role = {.name = "dial",
                                .obs_dim = 1,
                                .action_kind = MARL_ACTION_DISCRETE,
                                .act_dim = 2,
                                .choices = choices};
  static const MarlEnvSpec spec = {.num_agents = 1,
                                   .num_roles = 1,
                                   .roles = &role,
                                   .obs_dim = 1,
                                   .act_dim = 2,
                                   .mask_dim = LOGITS};
  static const float biases[LOGITS] = {1, 3, 2, 5, 4}, obs = 0.5f;
  static const uint8_t legal[LOGITS] = {1, 0, 1, 0, 1};
  MarlError err;
  MarlSection *section;
  MarlPolicy *policy;
  MarlStore *file;
  char path[2 * PROGRAM_PATH];
  UNIT_OK(marl_section_create("policy", &marl_policy_options, 1, &section, &err));
  UNIT_OK(marl_section_set(section, "hidden", "", "test", &err));
  UNIT_OK(marl_policy_create(section, &spec, MARL_OUTPUTS_PLAIN, 0, marl_key(1, MARL_STREAM_INIT),
                             &policy, &err));
  marl_section_destroy(&section);
  float *params = marl_policy_params(policy, 0, 0); /* weights [1, 5], then biases */
  for (int i = 0; i < LOGITS; ++i) params[i] = 0, params[LOGITS + i] = biases[i];
  snprintf(path, sizeof path, "%s/dials.h5", p.folder);
  UNIT_OK(marl_policy_export(policy, path, &file, &err));
  UNIT_OK(marl_store_commit(&file, &err));
  marl_policy_destroy(&policy);
  policy = open_policy("dials.h5");
  float act[2];
  const MarlPolicyRows rows = {.count = 1, .obs = &obs, .mask = legal, .act = act};
  marl_policy_decide(policy, 0, 0, &rows);
  CU_ASSERT(act[0] == 2 && act[1] == 1);
  marl_policy_act(policy, 0, 0, 1, &obs, NULL, act);
  CU_ASSERT(act[0] == 1 && act[1] == 0);
  marl_policy_destroy(&policy);

  program_write(&p, "dials.c",
                "#include \"out.h\"\n#include <stdio.h>\n"
                "int main(void) {\n  float obs = .5f, act[2];\n"
                "  const unsigned char legal[5] = {1, 0, 1, 0, 1};\n"
                "  out_dial(0, &obs, legal, act);\n  printf(\"%g %g\", act[0], act[1]);\n"
                "  out_dial(0, &obs, 0, act);\n  printf(\" %g %g\", act[0], act[1]);\n"
                "  return 0;\n}\n");
  CU_ASSERT_EQUAL(program_run(&p,
                              "marl export dials.h5 --out out && "
                              "cc -std=c11 -Wall -Wextra -Wpedantic -Werror dials.c -o dials -lm"),
                  0);
  CU_ASSERT_EQUAL(program_run(&p, "./dials"), 0);
  CU_ASSERT_STRING_EQUAL(p.out, "2 1 1 0");
}

static void a_policy_that_remembers_has_no_header(void) {
  CU_ASSERT_EQUAL(program_run(&p, "rm -r lqr lqr.h"), 0);
  train("lqr", "--set policy.recurrent=gru --set policy.recurrent_units=4");
  CU_ASSERT_NOT_EQUAL(program_run(&p, "ls lqr.h"), 0);
  MarlPolicy *alone = open_policy("lqr.h5");
  CU_ASSERT_EQUAL(alone->roles[0].memory, 4);
  marl_policy_destroy(&alone);
}

/* Who holds the file alone knows what goes in, in which order, and under which rules it was learned. */
static void a_social_policy_says_what_it_sees(void) {
  CU_ASSERT_EQUAL_FATAL(
      program_run(&p,
                  "marl train dilemma/ppo --out society --quiet --set run.updates=1 "
                  "--set env.fine=7 --set learner.horizon=32 && "
                  "marl export society --c s.h --fortran s.f90 --numpy s.py --out s"),
      0);
  CU_ASSERT_EQUAL(
      program_run(
          &p,
          "for file in s.h s.f90 s.py s.h5; do\n"
          "  for words in 'ENVIRONMENT dilemma' 'ROLE play: of ' 'ROLE punish: of ' \\\n"
          "    \"play: the partner's last act, the own last act\" 'fine: 7'; do\n"
          "    grep -qaF \"$words\" $file || { echo $file: $words; exit 1; }\n  done\ndone"),
      0);
  if (p.code != 0) printf("\n    %s", p.out);
}

/* One policy of two flows (configs/closure/suite_regime.yaml): the code is of the flow that was asked for. */
static void of_many_flows_the_code_is_of_the_one_asked_for(void) {
  PROGRAM_SAYS(
      &p,
      "policy=\"$MARL_SOURCE/configs/closure/policies/suite_regime.h5\"\n"
      "for flow in 0 1; do marl export \"$policy\" --numpy flow.py --flow $flow 2>&1 >/dev/null "
      "&&\n"
      "  sed -n 's/^GRID = \\([0-9]*\\) .*/\\1/p; s/^ *\\(nu = [^,]*\\),.*/\\1/p' flow.py; done",
      0, "nu = 5e-05 L^2/T\n32\nnu = 0.000333333333 L^2/T\n64\n");
  PROGRAM_SAYS(&p,
               "marl export \"$MARL_SOURCE/configs/closure/policies/suite_regime.h5\" --c flow.h "
               "2>&1",
               0, "of 2 flows that it was trained on the code is for the first");
  PROGRAM_SAYS(&p,
               "marl export \"$MARL_SOURCE/configs/closure/policies/suite_regime.h5\" --c flow.h "
               "--flow 2",
               2, "there is no flow 2");
  PROGRAM_SAYS(&p, "marl export lqr --flow 1", 2, "is no closure of a flow");
}

/* From any folder, as configurations. */
static void a_shipped_policy_has_its_name(void) {
  PROGRAM_SAYS(&p, "marl export closure/policies/kf4_n32_cmaes.h5 --numpy k.py", 0, "k.py");
  PROGRAM_SAYS(&p, "marl info configs/closure/policies/kf4_n32_cmaes.h5", 0, "marl ");
  PROGRAM_SAYS(&p, "marl export closure/kf4_n32_cmaes --numpy k.py", 1, "closure/kf4_n32_cmaes:");
}

static void what_is_not_there_is_said(void) {
  PROGRAM_SAYS(&p, "marl export nowhere", 1, "nowhere");
  PROGRAM_SAYS(&p, "marl export lqr --replica 3", 1, "replica_3");
  PROGRAM_SAYS(&p, "marl export lqr --out no/such/folder", 1, "no/such/folder.h5");
  PROGRAM_SAYS(&p, "marl export", 2, "RUN");
  /* what is no plain file is written to as it is, and stays */
  PROGRAM_SAYS(&p, "marl export prisoners_dilemma --c /dev/full", 1, "could not be written");
  PROGRAM_SAYS(
      &p,
      "[ -c /dev/full ] && marl export prisoners_dilemma --c link.h && echo kept >old.h && "
      "ln -sf old.h link.h && marl export prisoners_dilemma --c link.h >said && "
      "[ -L link.h ] && grep -c layer old.h && ls *.part 2>&1 | grep -c 'No such'",
      0, "1\n");
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
    {"a policy that learned its deviations", a_policy_that_learned_its_deviations},
    {"a discrete policy", a_discrete_policy},
    {"a policy of several choices with masks", a_policy_of_several_choices_with_masks},
    {"a policy that remembers has no header", a_policy_that_remembers_has_no_header},
    {"a social policy says what it sees", a_social_policy_says_what_it_sees},
    {"of many flows the code is of the one asked for",
     of_many_flows_the_code_is_of_the_one_asked_for},
    {"a shipped policy has its name", a_shipped_policy_has_its_name},
    {"what is not there is said", what_is_not_there_is_said},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"export", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
