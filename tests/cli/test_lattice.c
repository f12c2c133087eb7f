/* ctest: label=verification timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "tests/cli/program.h"

static Program p;

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static void one_two_and_four_ranks_write_the_same_files(void) {
  static const char *const updates[] = {"learn", "imitate"};
  for (int u = 0; u < 2; ++u) {
    char yaml[256];
    snprintf(yaml, sizeof yaml,
             "lattice: {update: %s}\nenv: {side: 50, cycles: 5, steps: 7, fine: 2}\n", updates[u]);
    program_write(&p, "small.yaml", yaml);
    PROGRAM_SAYS(&p,
                 "rm -rf one two four\n"
                 "marl lattice small.yaml --out one --quiet &&\n"
                 "marl lattice small.yaml --out two --quiet -n 2 &&\n"
                 "marl lattice small.yaml --out four --quiet -n 4 &&\n"
                 "for file in series.csv pattern.h5; do\n"
                 "  cmp one/$file two/$file && cmp one/$file four/$file || exit 1\ndone\n"
                 "wc -l <one/series.csv",
                 0, "6");
  }
}

static void mistakes_are_named(void) {
  program_write(&p, "bad.yaml", "lattice: {update: learn}\nenv: {temperature: 1}\n");
  PROGRAM_SAYS(&p, "marl lattice bad.yaml --out bad", 2, "temperature");
  program_write(&p, "bad.yaml", "lattice: {update: imitate}\nenv: {side: 8}\n");
  /* mpirun adds lines of its own */
  PROGRAM_SAYS(&p, "marl lattice bad.yaml --out bad -n 4 2>&1 | grep -o 'at most 2 ranks'", 0,
               "at most 2 ranks");
  CU_ASSERT_FALSE(program_exists(&p, "bad"));
}

static CU_TestInfo tests[] = {
    {"one, two and four ranks write the same files", one_two_and_four_ranks_write_the_same_files},
    {"mistakes are named", mistakes_are_named},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"marl lattice", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
