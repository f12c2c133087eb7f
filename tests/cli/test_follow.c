/* ctest: label=verification timeout=180 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* marl follow: the same files on any number of ranks, after any stop, and of other closures on the same direct
 * simulations. */
#include "tests/cli/program.h"

static Program p;

static const char config[] =
    "run: {seed: 5}\n"
    "follow: {changes: [\"1:forcing.wavenumber=2:flow.linear_drag=0.5\"], members: 3, resolution: "
    "16, dt: 1e-2,\n"
    "  sample_every: 0.25, window: 0.5, strips: 2, closures: [none, leith]}\n"
    "grid: {n: 32}\n"
    "flow: {reynolds: 200, dealias: padding}\n"
    "forcing: {name: kolmogorov_half, wavenumber: 4, direction: y}\n"
    "integrator: {name: ifrk4, cfl: 0.9}\n"
    "time: {dt: 1e-2, spinup: 0.5, end: 2}\n";

static void ranks_do_not_matter(void) {
  program_write(&p, "flow.yaml", config);
  PROGRAM_SAYS(&p,
               "rm -rf a b; marl follow flow.yaml --out a --quiet >said || exit 1\n"
               "marl follow flow.yaml --out b -n 2 --quiet >/dev/null || exit 2\n"
               "[ $(wc -l <a/phases.csv) = 19 ] && [ $(wc -l <a/windows.csv) = 37 ] || exit 3\n"
               "grep -q '^a perfect closure' said && cmp a/phases.csv b/phases.csv &&\n"
               "cmp a/windows.csv b/windows.csv && echo same",
               0, "same");
}

/* Stopped in the middle of a run: that run begins again, those before it are kept. */
static void a_stop_does_not_matter(void) {
  program_write(&p, "flow.yaml", config);
  PROGRAM_SAYS(&p,
               "rm -rf a b; marl follow flow.yaml --out a --quiet >/dev/null || exit 1\n"
               "$MARL follow flow.yaml --out b --quiet >/dev/null &\n"
               "job=$!; until ls b/checkpoint_* >/dev/null 2>&1; do sleep .01; done\n"
               "kill -TERM $job; wait $job\n"
               "marl follow --resume b --quiet >/dev/null || exit 2\n"
               "cmp a/phases.csv b/phases.csv && cmp a/windows.csv b/windows.csv && echo same",
               0, "same");
}

/* Rows of a closure are the same whether it was asked for at once or later, of the stored direct simulations. */
static void other_closures_take_the_direct_simulations(void) {
  program_write(&p, "flow.yaml", config);
  PROGRAM_SAYS(
      &p,
      "rm -rf a b; marl follow flow.yaml --out a --quiet >/dev/null || exit 1\n"
      "marl follow flow.yaml --out b --set follow.closures=none --quiet >/dev/null || exit 2\n"
      "marl follow --resume b --set follow.closures=leith --quiet >/dev/null || exit 3\n"
      "grep '^leith\\|^a perfect' a/windows.csv >wanted\n"
      "grep '^leith\\|^a perfect' b/windows.csv | cmp - wanted &&\n"
      "! grep -q ^none b/windows.csv && echo same",
      0, "same");
}

/* Members are keys of their own: an ensemble that grows is the one that was asked for at once. */
static void more_members_may_come_later(void) {
  program_write(&p, "flow.yaml", config);
  PROGRAM_SAYS(&p,
               "rm -rf b; marl follow flow.yaml --out b --set follow.members=2 --quiet >/dev/null "
               "|| exit 1\n"
               "marl follow --resume b --set follow.members=3 --quiet >/dev/null || exit 2\n"
               "cmp a/windows.csv b/windows.csv && echo same",
               0, "same");
}

static void mistakes_are_answered(void) {
  program_write(&p, "flow.yaml", config);
  PROGRAM_SAYS(&p, "marl follow flow.yaml --set follow.closures=leth --out n", 2, "leith");
  PROGRAM_SAYS(&p, "marl follow flow.yaml --set follow.changes=1:forcing.wavenumber=30 --out n", 2,
               "forcing.wavenumber 30");
  PROGRAM_SAYS(&p, "marl follow --resume a --set follow.window=1", 2, "follow.window");
}

static CU_TestInfo tests[] = {
    {"ranks do not matter", ranks_do_not_matter},
    {"a stop does not matter", a_stop_does_not_matter},
    {"other closures take the direct simulations", other_closures_take_the_direct_simulations},
    {"more members may come later", more_members_may_come_later},
    {"mistakes are answered", mistakes_are_answered},
    CU_TEST_INFO_NULL,
};

static int begin(void) {
  return program_begin(&p);
}
static int end(void) {
  return program_end(&p);
}
static CU_SuiteInfo suites[] = {
    {"marl follow", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
