/* The errors of closures over several flows, each beside that of the flow's own yardstick: the first closure of
 * its configuration. Read from the scores.csv of one evaluation a flow. */
#ifndef MARL_CLI_SUITE_TABLE_H
#define MARL_CLI_SUITE_TABLE_H

#include <stdio.h>

#include "marl/core/error.h"

enum { MARL_SUITE_LABEL = 128 };

typedef struct MarlSuiteCell {
  char flow[MARL_SUITE_LABEL], closure[MARL_SUITE_LABEL];
  double error, error_error;       /* e_trunc and its standard error */
  double relative, relative_error; /* over the yardstick's of the same flow */
  double drift, blow_ups;
} MarlSuiteCell;

typedef struct MarlSuiteTable {
  int num_cells, room;
  MarlSuiteCell *cells; /* flow by flow, the yardstick first */
} MarlSuiteTable;

/* Add the closures of folder/scores.csv as those of `flow`. MARL_EIO names what is wrong with the file. */
MarlCode marl_suite_table_read(MarlSuiteTable *table, const char *flow, const char *folder,
                               MarlError *err) MARL_NODISCARD;
void marl_suite_table_clear(MarlSuiteTable *table);

/* One row a flow, one column a closure, then geometric means and the worst. */
void marl_suite_table_print(FILE *out, const MarlSuiteTable *table);
/* One row a flow and closure. */
MarlCode marl_suite_table_csv(const MarlSuiteTable *table, const char *folder,
                              MarlError *err) MARL_NODISCARD;

#endif
