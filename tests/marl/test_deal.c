/* ctest: ranks=1,2,4 timeout=60 */
/* Work dealt to ranks as they get free: every piece once, and little idling where pieces differ. */
#include "marl/core/deal.h"

#include "tests/unit.h"

enum { COUNT = 500 };

/* Whatever each rank does in between, and if one of them leaves early. */
static void every_number_is_dealt_once(void) {
  for (int leaver = -1; leaver < 4; ++leaver) {
    MarlDeal deal;
    int got[COUNT] = {0}, rank, size, last = -1, taken = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (leaver == 0 || leaver >= size) continue; /* what rank 0 does not deal, nobody gets */
    marl_deal_begin(&deal, COUNT, MPI_COMM_WORLD);
    for (int n; (rank != leaver || taken < 3) && (n = marl_deal_next(&deal)) >= 0; ++taken) {
      CU_ASSERT(n > last && n < COUNT);
      ++got[n];
      last = n;
      marl_deal_serve(&deal);
    }
    marl_deal_end(&deal);
    MPI_Allreduce(MPI_IN_PLACE, got, COUNT, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    for (int n = 0; n < COUNT; ++n) CU_ASSERT_EQUAL(got[n], 1);
  }
}

/* Once rank 0 ends, nobody gets more, and nobody waits. */
static void nothing_is_dealt_after_the_end(void) {
  MarlDeal deal;
  int rank, got = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  marl_deal_begin(&deal, COUNT, MPI_COMM_WORLD);
  if (rank > 0)
    while (marl_deal_next(&deal) >= 0) ++got;
  marl_deal_end(&deal);
  CU_ASSERT_EQUAL(got, 0);
}

/* The share of the time that ranks work, of runs of these costs: as they get free, or rank, rank + size. */
static double busy(const double *costs, int runs, int ranks, bool as_they_get_free) {
  double until[64] = {0}, total = 0, latest = 0;
  for (int run = 0; run < runs; ++run) {
    int to = run % ranks;
    for (int r = 0; r < ranks && as_they_get_free; ++r) to = until[r] < until[to] ? r : to;
    until[to] += costs[run];
    total += costs[run];
  }
  for (int r = 0; r < ranks; ++r) latest = fmax(latest, until[r]);
  return total / (ranks * latest);
}

/* At the end seven ranks idle for the dearest run at most. Ten cells of ten seeds, which cost 1 to 50, the
 * dearest last (the worst order); and 400 runs of which every eighth costs 50 times the others, as when
 * what is dear lies along an axis of eight values: dealt beforehand, one rank would have all of those. */
static void cells_of_unequal_costs_keep_ranks_busy(void) {
  double rising[100], comb[400];
  for (int run = 0; run < 100; ++run) rising[run] = 1 + 49.0 / 9 * (run / 10);
  for (int run = 0; run < 400; ++run) comb[run] = run % 8 == 0 ? 50 : 1;
  CU_ASSERT(busy(rising, 100, 8, true) > 0.9);
  CU_ASSERT(busy(comb, 400, 8, true) > 0.9);
  CU_ASSERT(busy(comb, 400, 8, false) < 0.2);
}

static CU_TestInfo tests[] = {
    {"every number is dealt once", every_number_is_dealt_once},
    {"nothing is dealt after the end", nothing_is_dealt_after_the_end},
    {"cells of unequal costs keep ranks busy", cells_of_unequal_costs_keep_ranks_busy},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"deal", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
