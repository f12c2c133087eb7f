/* Exact results as plugins: what `marl theory TOPIC` prints.
 *
 * A topic is a table of options and a function that fills a table of results: rows with a label,
 * columns of numbers. To add one: its file, ending in a MarlTopicOps, its line in
 * envs/theory_table.c, a test against a published or hand-computed value. */
#ifndef MARL_THEORY_TOPIC_H
#define MARL_THEORY_TOPIC_H

#include "marl/core/plugin.h"

enum { MARL_TOPIC_LABEL = 64, MARL_TOPIC_NOTE = 256 };

typedef struct MarlTopicTable {
  const char *rows_are;       /* "strategy"; static */
  const char *const *columns; /* [num_columns] names, [a-z0-9_]+; static */
  const char *const *units;   /* [num_columns] */
  size_t num_columns;
  size_t num_rows, capacity;
  char (*label)[MARL_TOPIC_LABEL]; /* [num_rows] unique, owned */
  double *value;                   /* [num_rows, num_columns], owned; NaN: there is none */
  char note[MARL_TOPIC_NOTE];      /* what the table cannot say, or "" */
} MarlTopicTable;

/* A new row, [num_columns], filled with NaN. The label is printf's. */
MarlCode marl_topic_row(MarlTopicTable *table, double **row, MarlError *err, const char *label, ...)
    MARL_PRINTF(4, 5) MARL_NODISCARD;
void marl_topic_table_clear(MarlTopicTable *table);

typedef struct MarlTopicOps {
  MARL_PLUGIN;
  /* Fills *out, which is zero on entry; the caller clears it, on failure too. */
  MarlCode (*compute)(const MarlSection *section, MarlTopicTable *out, MarlError *err);
} MarlTopicOps;

#endif
