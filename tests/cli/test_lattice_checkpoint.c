/* ctest: label=verification timeout=60 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "tests/cli/same_lattice.h"

static Program p;

static const char small[] =
    "run: {checkpoint_every: 2, keep: 3}\n"
    "lattice: {update: learn}\n"
    "env: {side: 24, cycles: 6, steps: 5, fine: 2}\n";

/* Checkpoints of the cycles 2, 4 and 6: the last two cut off or changed. */
static void a_damaged_checkpoint_falls_back(void) {
  program_write(&p, "small.yaml", small);
  same_lattice_says(
      &p,
      "rm -rf a b\n"
      "marl lattice small.yaml --out a --quiet || exit 1\n"
      "cp -r a b; cd b; rm pattern.h5; printf 99,half >>series.csv\n"
      "half=$(($(wc -c <checkpoint_000006.h5) / 2))\n"
      "head -c $half checkpoint_000006.h5 >cut; mv cut checkpoint_000006.h5\n"
      "printf '\\377\\377\\377\\377' |\n"
      "  dd of=checkpoint_000004.h5 bs=1 seek=$half conv=notrunc 2>/dev/null; cd ..\n"
      "marl lattice --resume b --quiet || exit 1\n"
      "grep -c 'checkpoint_00000[46].*falling back to the checkpoint before it' b/log.txt\n"
      "grep 'resumed from cycle 2' b/log.txt || exit 1; same b",
      0, "2\n");
  same_lattice_says(
      &p, "for file in b/checkpoint*; do echo >$file; done; marl lattice --resume b --quiet", 1,
      "b: no checkpoint to resume from; b/checkpoint_000002.h5");
  same_lattice_says(
      &p, "rm b/checkpoint* b/latest; marl lattice --resume b --quiet && same b && echo anew", 0,
      "anew");
}

/* Refused, and the run is as it was. */
static void another_configuration_is_refused(void) {
  static const char *const cases[][2] = {
      {"run.seed=2", "was made with run.seed = 1, the configuration says 2"},
      {"env.side=25", "was made with env.side = 24, the configuration says 25"},
      {"env.fine=2.5", "was made with env.fine = 2, the configuration says 2.5"},
      {"learner.epsilon=0.5", "was made with learner.epsilon = 0.01, the configuration says 0.5"},
  };
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(&p, "rm -rf a b; marl lattice small.yaml --out a --quiet && cp -r a b", 0, "");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char line[PROGRAM_COMMAND];
    snprintf(line, sizeof line, "marl lattice --resume a --quiet --set %s", cases[i][0]);
    PROGRAM_SAYS(&p, line, 2, cases[i][1]);
  }
  PROGRAM_SAYS(
      &p, "sed 's/learn}/imitate}/' small.yaml >other.yaml; marl lattice other.yaml --resume a", 2,
      "was made with lattice.update = learn, the configuration says imitate");
  PROGRAM_SAYS(&p, "diff -r a b && echo unchanged", 0, "unchanged");
  PROGRAM_SAYS(&p, "marl lattice --resume nowhere", 2, "nowhere/config.yaml");
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"a damaged checkpoint falls back", a_damaged_checkpoint_falls_back},
    {"another configuration is refused", another_configuration_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"checkpoints of marl lattice", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
