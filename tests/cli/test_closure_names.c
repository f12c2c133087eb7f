/* ctest: timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* --set closure.name=X starts from the defaults of X, whatever the file said of another closure. */
#include "tests/cli/program.h"

static Program p;

/* Each name that is advertised runs two steps with the shipped flow, and its coefficient, if it has
 * one, is not the 0.2 of the file's Leith closure. */
static void every_closure_runs_with_a_shipped_flow(void) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "cd '%s' || exit 1\n"
           "policy=configs/closure/policies/kf4_n32_cmaes.h5\n"
           "names=$(marl list closures | sed -n 's/^  \\([a-z][a-z0-9_]*\\)  *.*/\\1/p')\n"
           "for name in $names; do\n"
           "  set -- --set closure.name=$name\n"
           "  [ $name != learned ] || set -- \"$@\" --set closure.policy=$policy\n"
           "  marl simulate configs/flow/forced_turbulence.yaml --quiet --set grid.n=32 \\\n"
           "    --set statistics.sizes=16 --set time.end=1e-3 --set time.spinup=0 --set "
           "output.statistics_every=0 \"$@\" \\\n"
           "    --out %s/$name || exit 1\n"
           "  echo $name $(sed -n 's/^  coefficient: \\([0-9.]*\\).*/\\1/p' %s/$name/config.yaml)\n"
           "done",
           getenv("MARL_SOURCE"), p.folder, p.folder);
  PROGRAM_SAYS(&p, line, 0, "smagorinsky 0.17\nleith 0.2\n");
}

static int begin(void) {
  return program_begin(&p);
}
static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"every closure runs with a shipped flow", every_closure_runs_with_a_shipped_flow},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"closure names", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
