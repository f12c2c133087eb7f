#include "theory/topic.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 32 };

static MarlCode grow(MarlTopicTable *table, MarlError *err) {
  const size_t capacity = table->capacity == 0 ? FIRST_CAPACITY : 2 * table->capacity;
  void *label = realloc(table->label, capacity * sizeof *table->label);
  if (label != NULL) table->label = label;
  double *value = realloc(table->value, capacity * table->num_columns * sizeof *value);
  if (value != NULL) table->value = value;
  if (label == NULL || value == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for a table of %zu rows", capacity);
  table->capacity = capacity;
  return MARL_OK;
}

MarlCode marl_topic_row(MarlTopicTable *table, double **row, MarlError *err, const char *label,
                        ...) {
  if (table->num_rows == table->capacity) MARL_TRY(grow(table, err));
  va_list arguments;
  va_start(arguments, label);
  (void)vsnprintf(table->label[table->num_rows], MARL_TOPIC_LABEL, label, arguments);
  va_end(arguments);
  *row = table->value + table->num_rows++ * table->num_columns;
  for (size_t c = 0; c < table->num_columns; ++c) (*row)[c] = NAN;
  return MARL_OK;
}

void marl_topic_table_clear(MarlTopicTable *table) {
  free(table->label);
  free(table->value);
  *table = (MarlTopicTable){.num_rows = 0};
}
