/* Who met whom: of societies larger than a picture a cell is of a group of agents, and nothing is lost. */
#include "envs/society/ledger.h"
#include "tests/unit.h"

static void test_every_move_is_counted_once_in_societies_of_any_size(void) {
  static const int sizes[] = {2, 128, 129, 10000};
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; ++k) {
    MarlError err;
    MarlLedger ledger = {.met = NULL};
    const int n = sizes[k];
    double met = 0, cooperated = 0;
    UNIT_OK(marl_ledger_begin(n, &ledger, &err));
    for (int a = 0; a + 1 < n; ++a) {
      const MarlRound round = {
          .player = {a, a + 1}, .moved = {true, true}, .action = {MARL_COOPERATE, MARL_DEFECT}};
      marl_ledger_add(&ledger, &round);
    }
    for (int i = 0; i < ledger.side * ledger.side; ++i)
      met += ledger.met[i], cooperated += ledger.cooperated[i];
    CU_ASSERT_EQUAL(met, 2 * (n - 1));
    CU_ASSERT_EQUAL(cooperated, n - 1);
    CU_ASSERT(ledger.side <= 128 && (n > 128 || ledger.side == n));
    if (n <= 128) CU_ASSERT_EQUAL(ledger.cooperated[1], 1); /* row 0, column 1 */
    marl_ledger_forget(&ledger);
    for (int i = 0; i < ledger.side * ledger.side; ++i) CU_ASSERT_EQUAL_FATAL(ledger.met[i], 0);
    marl_ledger_clear(&ledger);
  }
}

static CU_TestInfo tests[] = {
    {"every move is counted once in societies of any size",
     test_every_move_is_counted_once_in_societies_of_any_size},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"ledger", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
