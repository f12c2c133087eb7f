#include "cli/suite_table.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/quote.h"
#include "marl/run/text_file.h"

enum { MAX_LINE = 16384, MAX_FIELDS = 128, MAX_PATH = 4096, MAX_COLUMNS = 64 };

/* The fields of a line of CSV (RFC 4180), in place; how many. */
static int split(char *line, char *field[MAX_FIELDS]) {
  int count = 0;
  for (char *at = line; count < MAX_FIELDS; ++at) {
    char *to = field[count++] = at;
    const bool quoted = *at == '"';
    for (at += quoted; *at != '\0'; ++at) {
      if (quoted && *at == '"' && *++at != '"') break;
      if (!quoted && (*at == ',' || *at == '\n' || *at == '\r')) break;
      *to++ = *at;
    }
    const char end = *at;
    *to = '\0';
    if (end != ',') break;
  }
  return count;
}

/* The number under `name`; NaN if the file has no such column. */
static double value(char *const *head, char *const *field, int count, const char *name) {
  for (int f = 0; f < count; ++f)
    if (strcmp(head[f], name) == 0) return strtod(field[f], NULL);
  return (double)NAN;
}

static MarlCode add(MarlSuiteTable *table, const MarlSuiteCell *cell, MarlError *err) {
  if (table->num_cells == table->room) {
    table->room = 2 * table->room + 64;
    MarlSuiteCell *cells = realloc(table->cells, (size_t)table->room * sizeof *cells);
    if (cells == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a table of flows");
    table->cells = cells;
  }
  table->cells[table->num_cells++] = *cell;
  return MARL_OK;
}

/* The error of a run that blew up is that of the time before, and no measure of anything. */
static void compare(MarlSuiteCell *cell, const MarlSuiteCell *yardstick) {
  const bool whole = !(cell->blow_ups > 0) && !(yardstick->blow_ups > 0);
  cell->relative = whole ? cell->error / yardstick->error : (double)NAN;
  cell->relative_error = cell == yardstick
                             ? 0
                             : cell->relative * hypot(cell->error_error / cell->error,
                                                      yardstick->error_error / yardstick->error);
}

/* Rows of the reference itself, which no closure made */
static bool is_reference(const char *label) {
  return strcmp(label, "reference") == 0 || strcmp(label, "reference, truncated") == 0;
}

static MarlCode check_label(const MarlSuiteTable *table, int first, const char *path,
                            MarlError *err) {
  const int last = table->num_cells - 1;
  for (int c = first; c < last; ++c)
    if (strcmp(table->cells[c].closure, table->cells[last].closure) == 0)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "%s: two closures are called '%s': give them names, CLOSURE:label=NAME",
                       path, table->cells[last].closure);
  return MARL_OK;
}

static MarlCode read_rows(MarlSuiteTable *table, const char *flow, FILE *file, const char *path,
                          MarlError *err) {
  char head_line[MAX_LINE], line[MAX_LINE];
  char *head[MAX_FIELDS], *field[MAX_FIELDS];
  const int first = table->num_cells;
  if (fgets(head_line, sizeof head_line, file) == NULL)
    return MARL_FAIL(err, MARL_EIO, "%s is empty", path);
  const int count = split(head_line, head);
  while (fgets(line, sizeof line, file) != NULL) {
    MarlSuiteCell cell = {.relative = 1};
    if (split(line, field) != count)
      return MARL_FAIL(err, MARL_EIO, "%s: a row has not the %d fields of the head", path, count);
    snprintf(cell.flow, sizeof cell.flow, "%s", flow);
    snprintf(cell.closure, sizeof cell.closure, "%s", field[0]);
    cell.error = value(head, field, count, "e_trunc");
    cell.error_error = value(head, field, count, "e_trunc_error");
    cell.drift = value(head, field, count, "drift");
    cell.blow_ups = value(head, field, count, "blow_ups");
    if (is_reference(field[0])) continue;
    MARL_TRY(add(table, &cell, err));
    MARL_TRY(check_label(table, first, path, err));
  }
  if (table->num_cells == first)
    return MARL_FAIL(err, MARL_EIO, "%s has no closure: nothing to compare on this flow", path);
  for (int c = first; c < table->num_cells; ++c) compare(&table->cells[c], &table->cells[first]);
  return MARL_OK;
}

MarlCode marl_suite_table_read(MarlSuiteTable *table, const char *flow, const char *folder,
                               MarlError *err) {
  char path[MAX_PATH];
  snprintf(path, sizeof path, "%s/scores.csv", folder);
  FILE *file = fopen(path, "r");
  if (file == NULL) return MARL_FAIL(err, MARL_EIO, "%s: %s", path, strerror(errno));
  const MarlCode code = read_rows(table, flow, file, path, err);
  fclose(file);
  return code;
}

void marl_suite_table_clear(MarlSuiteTable *table) {
  free(table->cells);
  *table = (MarlSuiteTable){.cells = NULL};
}

static bool begins_flow(const MarlSuiteTable *table, int c) {
  return c == 0 || strcmp(table->cells[c].flow, table->cells[c - 1].flow) != 0;
}

/* The cell of a closure in the flow that begins at `first`; NULL: it was not run there. */
static const MarlSuiteCell *find(const MarlSuiteTable *table, int first, const char *closure) {
  for (int c = first; c < table->num_cells && (c == first || !begins_flow(table, c)); ++c)
    if (strcmp(table->cells[c].closure, closure) == 0) return &table->cells[c];
  return NULL;
}

/* exp(mean log relative) of a closure over all flows, and the largest; NaN if it is missing or has blown up
 * in one. */
static double mean_of(const MarlSuiteTable *table, const char *closure, double *worst) {
  double sum = 0;
  int flows = 0;
  *worst = 0;
  for (int c = 0; c < table->num_cells; ++c) {
    if (!begins_flow(table, c)) continue;
    const MarlSuiteCell *cell = find(table, c, closure);
    if (cell == NULL || isnan(cell->relative)) return *worst = (double)NAN;
    sum += log(cell->relative);
    *worst = fmax(*worst, cell->relative);
    ++flows;
  }
  return exp(sum / flows);
}

/* The closures that are compared, in the order of their first rows; how many. */
static int list_columns(const MarlSuiteTable *table, const char *column[MAX_COLUMNS]) {
  int count = 0;
  for (int c = 0; c < table->num_cells; ++c) {
    int known = 0;
    while (known < count && strcmp(column[known], table->cells[c].closure) != 0) ++known;
    if (!begins_flow(table, c) && known == count && count < MAX_COLUMNS)
      column[count++] = table->cells[c].closure;
  }
  return count;
}

static void print_cell(FILE *out, const MarlSuiteCell *cell) {
  if (cell == NULL)
    fprintf(out, " %16s", "-");
  else if (cell->blow_ups > 0)
    fprintf(out, " %16s", "blew up");
  else
    fprintf(out, " %8.2f+-%-6.2f", cell->relative, cell->relative_error);
}

void marl_suite_table_print(FILE *out, const MarlSuiteTable *table) {
  const char *column[MAX_COLUMNS];
  const int count = list_columns(table, column);
  fprintf(out, "e_trunc over that of each flow's own yardstick\n%-16s %14s", "flow", "yardstick");
  for (int k = 0; k < count; ++k) fprintf(out, " %16.16s", column[k]);
  fputc('\n', out);
  for (int c = 0; c < table->num_cells; ++c) {
    const MarlSuiteCell *yardstick = &table->cells[c];
    if (!begins_flow(table, c)) continue;
    fprintf(out, "%-16.16s ", yardstick->flow);
    if (yardstick->blow_ups > 0)
      fprintf(out, "%14s", "blew up");
    else
      fprintf(out, "%6.3f+-%-6.3f", yardstick->error, yardstick->error_error);
    for (int k = 0; k < count; ++k) print_cell(out, find(table, c, column[k]));
    fputc('\n', out);
  }
  for (int row = 0; row < 2; ++row) {
    fprintf(out, "%-31s", row == 0 ? "geometric mean" : "worst");
    for (int k = 0; k < count; ++k) {
      double worst;
      const double mean = mean_of(table, column[k], &worst);
      fprintf(out, " %8.2f        ", row == 0 ? mean : worst);
    }
    fputc('\n', out);
  }
}

MarlCode marl_suite_table_csv(const MarlSuiteTable *table, const char *folder, MarlError *err) {
  FILE *out = NULL;
  MARL_TRY(marl_text_open(folder, "suite.csv", &out, err));
  fputs("flow,closure,e_trunc,e_trunc_error,relative,relative_error,drift,blow_ups\n", out);
  for (int c = 0; c < table->num_cells; ++c) {
    const MarlSuiteCell *cell = &table->cells[c];
    marl_write_csv_field(out, cell->flow);
    fputc(',', out);
    marl_write_csv_field(out, cell->closure);
    fprintf(out, ",%.6g,%.6g,%.6g,%.6g,%.6g,%g\n", cell->error, cell->error_error, cell->relative,
            cell->relative_error, cell->drift, cell->blow_ups);
  }
  return marl_text_close(out, folder, "suite.csv", err);
}
