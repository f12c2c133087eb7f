/* ctest: timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* --set closure.name=X starts from the defaults of X, whatever the file said of another closure, and
 * says so; the same holds for every kind of plugin. */
#include "tests/cli/program.h"

static Program p;

/* Each name that is advertised runs two steps with each shipped flow, and its coefficient, if it has
 * one, is not the 0.2 of a file's Leith closure. The learned one gets a policy of the flow's grid. */
static void every_closure_runs_with_every_shipped_flow(void) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "cd '%s' || exit 1\n"
           "names=$(marl list closures | sed -n 's/^  \\([a-z][a-z0-9_]*\\)  *.*/\\1/p')\n"
           "for flow in configs/flow/*.yaml; do\n"
           "  n=$(marl config --resolved $flow | sed -n 's/^  n: \\([0-9]*\\) .*/\\1/p')\n"
           "  for name in $names; do\n"
           "    set -- --set closure.name=$name\n"
           "    [ $name != learned ] ||\n"
           "      set -- \"$@\" --set closure.policy=configs/closure/policies/kf4_n${n}_cmaes.h5\n"
           "    marl simulate $flow --quiet --set time.end=1e-3 --set time.spinup=0 \\\n"
           "      --set output.statistics_every=0 \"$@\" --out %s/$name 2>%s/note || exit 1\n"
           "    echo $(basename $flow) $name \\\n"
           "      $(sed -n 's/^  coefficient: \\([0-9.]*\\).*/\\1/p' %s/$name/config.yaml) \\\n"
           "      $(sed 's/marl: note: //' %s/note)\n"
           "    rm -r %s/$name\n"
           "  done\n"
           "done",
           getenv("MARL_SOURCE"), p.folder, p.folder, p.folder, p.folder, p.folder);
  PROGRAM_SAYS(&p, line, 0, "forced_turbulence.yaml none ");
  CU_ASSERT_PTR_NOT_NULL(
      strstr(p.out,
             "smagorinsky 0.17 --set closure.name=smagorinsky starts from its own "
             "defaults: closure.coefficient, of leith, left out\n"));
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "\nforced_turbulence.yaml leith 0.2\n"));
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "\nforced_turbulence.yaml learned "));
}

/* What is given beside the new name is the new plugin's, in any order; the old name changes nothing. */
static void the_command_line_is_of_the_new_closure(void) {
  program_write(&p, "flow.yaml",
                "flow:\n  reynolds: 100\nclosure:\n  name: leith\n  coefficient: 0.2\n  local: "
                "true\n");
  PROGRAM_SAYS(&p,
               "marl config --resolved flow.yaml --for simulate --set closure.coefficient=0.3 \\\n"
               "  --set closure.name=smagorinsky | sed -n '/^closure/,/^[a-z]*:$/p'",
               0, "coefficient: 0.3  #");
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "local: false  #"));
  CU_ASSERT_PTR_NOT_NULL(strstr(p.err, "closure.coefficient, closure.local, of leith, left out"));
  PROGRAM_SAYS(&p,
               "marl config --resolved flow.yaml --for simulate --set closure.name=leith |\n"
               "  sed -n '/^closure/,/^[a-z]*:$/p'",
               0, "coefficient: 0.2  #");
  CU_ASSERT_STRING_EQUAL(p.err, "");
}

static void another_learner_starts_from_its_own_defaults(void) {
  program_write(&p, "train.yaml",
                "env:\n  name: lqr\n  num_envs: 4\nlearner:\n  gamma: 0.5\n  horizon: 16\n");
  PROGRAM_SAYS(&p, "marl config --check train.yaml --for train --set learner.name=reinforce", 0,
               "good");
  CU_ASSERT_PTR_NOT_NULL(strstr(p.err, "--set learner.name=reinforce"));
  CU_ASSERT_PTR_NOT_NULL(strstr(p.err, "learner.horizon"));
  CU_ASSERT_PTR_NOT_NULL(strstr(p.err, "learner.gamma"));
}

/* What no plugin has brought is not left out: it is a mistake as before. */
static void a_key_that_nobody_knows_is_still_an_error(void) {
  program_write(&p, "odd.yaml", "flow:\n  reynolds: 100\nclosure:\n  name: leith\n  colour: 2\n");
  PROGRAM_SAYS(&p, "marl config --check odd.yaml --for simulate --set closure.name=none", 2,
               "odd.yaml:5: section 'closure' has no option 'colour'");
}

static int begin(void) {
  return program_begin(&p);
}
static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"every closure runs with every shipped flow", every_closure_runs_with_every_shipped_flow},
    {"the command line is of the new closure", the_command_line_is_of_the_new_closure},
    {"another learner starts from its own defaults", another_learner_starts_from_its_own_defaults},
    {"a key that nobody knows is still an error", a_key_that_nobody_knows_is_still_an_error},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"closure names", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
