/* ctest: label=slow timeout=300 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* The recipe of the 2048^2 reference run takes its first steps and writes a file. */
#include "physics/reference.h"
#include "tests/cli/program.h"

static Program p;

static void the_2048_recipe_takes_its_first_steps(void) {
  char line[PROGRAM_COMMAND], path[2 * PROGRAM_PATH];
  snprintf(line, sizeof line,
           "marl reference '%s/configs/reference/re1e5_2048.yaml' --out a --quiet"
           " --set reference.coarse_n=0 --set time.spinup=0.004 --set time.end=0.012"
           " --set output.statistics_every=0.004 --set reference.initial_samples=1"
           " --set reference.held_out=0 && echo done",
           getenv("MARL_SOURCE"));
  PROGRAM_SAYS(&p, line, 0, "done");
  MarlError err;
  MarlReference *reference;
  snprintf(path, sizeof path, "%s/a/reference.h5", p.folder);
  UNIT_OK(marl_reference_read(path, &reference, &err));
  CU_ASSERT_EQUAL(reference->dns_resolution, 2048);
  CU_ASSERT_EQUAL(reference->enstrophy.n, 1024);
  CU_ASSERT_EQUAL(marl_reference_num_initial(reference, 256), 1);
  // the initial spectrum k^4 exp(-(k/10)^2) ends before k = 100: six steps do not fill the rest
  CU_ASSERT(reference->enstrophy.mean[10] > 0.0);
  CU_ASSERT(reference->enstrophy.mean[600] < 1e-6 * reference->enstrophy.mean[10]);
  marl_reference_destroy(&reference);
}

static int begin(void) {
  return program_begin(&p);
}
static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"the 2048^2 recipe takes its first steps", the_2048_recipe_takes_its_first_steps},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"large reference", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
