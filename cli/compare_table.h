/* The table that `marl compare` prints. */
#ifndef MARL_CLI_COMPARE_TABLE_H
#define MARL_CLI_COMPARE_TABLE_H

#include "marl/compare/report.h"

MarlCode marl_compare_table_print(const MarlComparison *comparison,
                                  const MarlComparisonResults *results,
                                  MarlError *err) MARL_NODISCARD;

/* The comparisons that were asked for: tests [num_pairs] of the followed metric. */
void marl_compare_table_print_tests(const MarlComparison *comparison, const MarlPairTest *tests);

#endif
