/* Tables of exact results: on the terminal, as CSV and as HDF5. Rank 0. */
#ifndef MARL_CLI_THEORY_OUTPUT_H
#define MARL_CLI_THEORY_OUTPUT_H

#include <stdio.h>

#include "marl/core/provenance.h"
#include "theory/topic.h"

void marl_theory_print(FILE *out, const MarlTopicTable *table);
/* PATH.csv */
MarlCode marl_theory_write_csv(const MarlTopicTable *table, const char *path,
                               MarlError *err) MARL_NODISCARD;
/* PATH.h5: a dataset a column over the labelled rows. */
MarlCode marl_theory_write_store(const MarlTopicTable *table, const MarlPlugin *topic,
                                 const MarlProvenance *provenance, const char *path,
                                 MarlError *err) MARL_NODISCARD;

#endif
