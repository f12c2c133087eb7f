#include "cli/theory_output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "marl/core/quote.h"
#include "marl/run/checkpoint.h"
#include "marl/run/text_file.h"

enum { LEAST_WIDTH = 9 };

static int widest_label(const MarlTopicTable *t) {
  size_t widest = strlen(t->rows_are);
  for (size_t r = 0; r < t->num_rows; ++r)
    if (strlen(t->label[r]) > widest) widest = strlen(t->label[r]);
  return (int)widest;
}

static int column_width(const char *name) {
  return strlen(name) > LEAST_WIDTH ? (int)strlen(name) : LEAST_WIDTH;
}

void marl_theory_print(FILE *out, const MarlTopicTable *t) {
  const int width = widest_label(t);
  fprintf(out, "%-*s", width, t->rows_are);
  for (size_t c = 0; c < t->num_columns; ++c)
    fprintf(out, "  %*s", column_width(t->columns[c]), t->columns[c]);
  for (size_t r = 0; r < t->num_rows; ++r) {
    fprintf(out, "\n%-*s", width, t->label[r]);
    for (size_t c = 0; c < t->num_columns; ++c) {
      const double value = t->value[r * t->num_columns + c];
      if (isnan(value))
        fprintf(out, "  %*s", column_width(t->columns[c]), "-");
      else
        fprintf(out, "  %*.5g", column_width(t->columns[c]), value);
    }
  }
  fprintf(out, "\n%s%s", t->note, t->note[0] != '\0' ? "\n" : "");
}

MarlCode marl_theory_write_csv(const MarlTopicTable *t, const char *path, MarlError *err) {
  char name[MARL_MAX_PATH];
  MARL_TRY(marl_arguments_name(path, ".csv", name, err));
  FILE *file;
  MARL_TRY(marl_text_begin(name, &file, err));
  marl_write_csv_field(file, t->rows_are);
  for (size_t c = 0; c < t->num_columns; ++c) fprintf(file, ",%s", t->columns[c]);
  for (size_t r = 0; r < t->num_rows; ++r) {
    fputc('\n', file);
    marl_write_csv_field(file, t->label[r]);
    for (size_t c = 0; c < t->num_columns; ++c) {
      const double value = t->value[r * t->num_columns + c];
      fprintf(file, isnan(value) ? "," : ",%.17g", value);
    }
  }
  fputc('\n', file);
  return marl_text_end(file, name, MARL_OK, err);
}

static MarlCode write_columns(const MarlTopicTable *t, MarlStore *store, MarlError *err) {
  const char *const scales[] = {t->rows_are};
  double *column = calloc(t->num_rows + 1, sizeof *column);
  const char **labels = calloc(t->num_rows + 1, sizeof *labels);
  MarlCode code = MARL_OK;
  if (column == NULL || labels == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for a table of %zu rows", t->num_rows);
  for (size_t r = 0; code == MARL_OK && r < t->num_rows; ++r) labels[r] = t->label[r];
  if (code == MARL_OK)
    code = marl_store_write_labels(store, t->rows_are, t->num_rows, labels, t->note, err);
  for (size_t c = 0; code == MARL_OK && c < t->num_columns; ++c) {
    const MarlArray array = {.type = MARL_F64,
                             .rank = 1,
                             .shape = {t->num_rows},
                             .scales = scales,
                             .units = t->units[c],
                             .long_name = t->columns[c]};
    for (size_t r = 0; r < t->num_rows; ++r) column[r] = t->value[r * t->num_columns + c];
    code = marl_store_write(store, t->columns[c], &array, column, err);
  }
  free(column);
  free(labels);
  return code;
}

static MarlCode write_source(const MarlPlugin *topic, MarlStore *store, MarlError *err) {
  MARL_TRY(marl_store_set_text(store, NULL, "title", topic->summary, err));
  return topic->source == NULL ? MARL_OK
                               : marl_store_set_text(store, NULL, "source", topic->source, err);
}

MarlCode marl_theory_write_store(const MarlTopicTable *table, const MarlPlugin *topic,
                                 const MarlProvenance *provenance, const char *path,
                                 MarlError *err) {
  char name[MARL_MAX_PATH];
  MarlStore *store;
  MARL_TRY(marl_arguments_name(path, ".h5", name, err));
  MARL_TRY(marl_checkpoint_begin(name, provenance, &store, err));
  MarlCode code = write_columns(table, store, err);
  if (code == MARL_OK) code = write_source(topic, store, err);
  return marl_store_end_file(&store, code, err);
}
