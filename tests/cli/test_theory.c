/* `marl theory` as a user meets it. */
#include "marl/core/store.h"
#include "tests/cli/program.h"

static Program p;

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static void a_table_is_printed_and_written(void) {
  PROGRAM_SAYS(&p,
               "marl theory memory_one --set theory.strategies=TFT,AllD --set theory.noise=.1 "
               "--out pairs",
               0, "");
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "TFT against TFT"));
  CU_ASSERT_EQUAL(program_run(&p, "head -2 pairs.csv"), 0);
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "pair,payoff,others_payoff,cc,cd,dc,dd\n"));
  MarlError err;
  MarlStore *store;
  char path[2 * PROGRAM_PATH];
  double cc[4];
  snprintf(path, sizeof path, "%s/pairs.h5", p.folder);
  UNIT_OK(marl_store_open(path, &store, &err));
  UNIT_OK(marl_store_read(store, "cc", MARL_F64, 4, cc, &err));
  UNIT_NEAR(cc[0], 0.25, 1e-12); /* TFT with itself under noise: Nowak and Sigmund 1992 */
  marl_store_close(&store);
}

static void a_file_may_name_the_topic(void) {
  program_write(&p, "game.yaml", "theory:\n  topic: punishment\n  second_order: true\n");
  PROGRAM_SAYS(&p, "marl theory ./game.yaml", 0, "");
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "peer_punisher"));
  PROGRAM_SAYS(&p, "marl config --check game.yaml", 0, "");
}

static void mistakes_are_explained(void) {
  PROGRAM_SAYS(&p, "marl theory fixations", 2, "no topic 'fixations'; did you mean 'fixation'?");
  PROGRAM_SAYS(&p, "marl theory fixation --set theory.strategies=TFT,grim", 2,
               "grim remembers more than the last round");
  PROGRAM_SAYS(&p, "marl theory memory_one --set 'theory.strategies=zd: .5 .5'", 2,
               "expected five probabilities behind the name");
  PROGRAM_SAYS(&p, "marl theory memory_one --set 'theory.strategies=tft: 1 0 1 0 1'", 2,
               "not one of the known strategies");
  PROGRAM_SAYS(&p, "marl theory stationary --set theory.matrix=1,2,3", 2, "expected 25");
  PROGRAM_SAYS(&p, "marl theory stationary --set theory.fitness=linear --set theory.selection=2", 2,
               "expected 0 .. 1");
  PROGRAM_SAYS(&p, "marl theory memory_one --set theory.strategies=TFT --set theory.noise=0", 1,
               "TFT against TFT: the long run depends on the first round; add noise");
}

static CU_TestInfo tests[] = {
    {"a table is printed and written", a_table_is_printed_and_written},
    {"a file may name the topic", a_file_may_name_the_topic},
    {"mistakes are explained", mistakes_are_explained},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"marl theory", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
