/* ctest: label=verification timeout=60 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "tests/cli/same_lattice.h"

static Program p;

static void write_config(const char *update) {
  char yaml[256];
  snprintf(yaml, sizeof yaml,
           "run: {checkpoint_every: 2, keep: 3}\nlattice: {update: %s}\n"
           "env: {side: 24, cycles: 6, steps: 5, fine: 2}\n",
           update);
  program_write(&p, "small.yaml", yaml);
}

/* A run without end, killed on one rank, stopped by a signal on two, ended on four; and the whole.
 * A kill loses at most two cycles, a signal none: the rows of series.csv tell. */
static void killed_stopped_and_resumed(const char *update) {
  write_config(update);
  PROGRAM_SAYS(&p,
               "cycle() { sed 's/checkpoint_0*//; s/.h5//' part/latest; }\n"
               "rm -rf part whole\n"
               "\"$MARL\" lattice small.yaml --out part --quiet --set env.cycles=1e8 & pid=$!\n"
               "while ! [ -e part/latest ]; do sleep 0.02; done\n"
               "kill -KILL $pid; wait $pid 2>/dev/null\n"
               "rows=$(($(wc -l <part/series.csv) - 1)); before=$(cycle)\n"
               "[ $rows -ge $before ] && [ $rows -le $((before + 2)) ] || exit 1\n"
               "\"$MARL\" lattice --resume part --quiet -n 2 & pid=$!\n"
               "while [ $(cycle) = $before ]; do sleep 0.02; done\n"
               "kill -TERM $pid; wait $pid 2>/dev/null; [ $? = 75 ] || exit 2\n"
               "[ $(wc -l <part/series.csv) = $(($(cycle) + 1)) ] || exit 3\n"
               "last=$(($(cycle) + 3))\n"
               "marl lattice --resume part --quiet -n 4 --set env.cycles=$last || exit 4\n"
               "marl lattice small.yaml --out whole --quiet --set env.cycles=$last || exit 5\n"
               "for file in series.csv pattern.h5 latest $(cat whole/latest); do\n"
               "  cmp part/$file whole/$file || exit 6\ndone\n"
               "grep -c 'resumed from' part/log.txt",
               0, "2");
}

static void killed_learners_continue_on_other_ranks(void) {
  killed_stopped_and_resumed("learn");
}

static void killed_imitators_continue_on_other_ranks(void) {
  killed_stopped_and_resumed("imitate");
}

static void a_finished_run_is_prolonged(void) {
  write_config("learn");
  same_lattice_says(
      &p,
      "rm -rf a b\n"
      "marl lattice small.yaml --out a --quiet || exit 1\n"
      "marl lattice small.yaml --out b --quiet --set env.cycles=3 || exit 1\n"
      "cmp -s a/series.csv b/series.csv && exit 1\n"
      "marl lattice --resume b --quiet --set env.cycles=6 && same b && echo prolonged",
      0, "prolonged");
  /* what a kill left behind the rows of the checkpoint is cut, and no row is made up */
  same_lattice_says(&p,
                    "printf 7,0.5 >>a/series.csv; marl lattice --resume a --quiet && same b && "
                    "echo whole",
                    0, "whole");
  PROGRAM_SAYS(&p, "sed -i '2s/0/1/' a/series.csv; marl lattice --resume a --quiet", 1,
               "a/series.csv: the first 6 rows are not those of the checkpoint");
  PROGRAM_SAYS(&p, "cp b/series.csv a; marl lattice --resume a --quiet && echo good", 0, "good");
  PROGRAM_SAYS(&p, "marl lattice --resume a --quiet --set env.cycles=5", 2,
               "has done 6 cycles, env.cycles is 5: a run can be prolonged, not shortened");
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"killed learners continue on other ranks", killed_learners_continue_on_other_ranks},
    {"killed imitators continue on other ranks", killed_imitators_continue_on_other_ranks},
    {"a finished run is prolonged", a_finished_run_is_prolonged},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"marl lattice --resume", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
