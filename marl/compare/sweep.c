/* Where in a sweep something happens, as a table. */
#include <stdlib.h>
#include <string.h>

#include "marl/compare/report.h"
#include "marl/core/quote.h"
#include "marl/run/text_file.h"

typedef struct Sweep {
  const MarlComparison *comparison;
  const MarlComparisonResults *results;
  int first;    /* number of the first swept axis */
  int unswept;  /* cells of one point: the panels */
  int sizes[2]; /* values of the swept axes; 1 where there is none */
} Sweep;

static const MarlAxis *axis(const Sweep *s, int i) {
  return &s->comparison->axes[s->first + i];
}

static int cell_at(const Sweep *s, int panel, int x, int y) {
  return panel + s->unswept * (x + s->sizes[0] * y);
}

/* "DP/published/paper" of "DP/published/paper/fine=1". */
static void panel_name(const Sweep *s, int panel, char name[MARL_CELL_NAME]) {
  snprintf(name, MARL_CELL_NAME, "%s",
           s->first > 0 ? s->comparison->cells[panel].name : s->comparison->population->name);
  for (int i = 0; s->first > 0 && i < s->comparison->num_swept; ++i) *strrchr(name, '/') = '\0';
}

static MarlCode write_row(const Sweep *s, int panel, int x, int y, FILE *table, MarlError *err) {
  const MarlComparison *c = s->comparison;
  const int cell = cell_at(s, panel, x, y);
  char name[MARL_CELL_NAME];
  MarlCellSummary followed, one;
  MARL_TRY(marl_comparison_summarize(c, s->results, cell, c->followed, &followed, err));
  const MarlInterval interval = marl_cell_interval(&followed);
  panel_name(s, panel, name);
  marl_write_csv_field(table, name);
  for (int i = 0; i < c->num_swept; ++i) {
    fprintf(table, ",");
    marl_write_csv_field(table, axis(s, i)->values[i == 0 ? x : y].number);
  }
  fprintf(table, ",%d,%.9g,%.9g", c->num_seeds, interval.low, interval.high);
  for (int m = 0; m < c->num_metrics; ++m) {
    MARL_TRY(marl_comparison_summarize(c, s->results, cell, m, &one, err));
    fprintf(table, ",%.9g", m == marl_comparison_time(c) ? one.median : one.mean);
  }
  fprintf(table, "\n");
  return MARL_OK;
}

static MarlCode write_rows(const Sweep *s, FILE *table, MarlError *err) {
  const MarlComparison *c = s->comparison;
  fprintf(table, "cell,%s", axis(s, 0)->name);
  if (c->num_swept > 1) fprintf(table, ",%s", axis(s, 1)->name);
  fprintf(table, ",runs,%s_low,%s_high", c->metric_name[c->followed], c->metric_name[c->followed]);
  for (int m = 0; m < c->num_metrics; ++m)
    fprintf(table, ",%s%s", m == marl_comparison_time(c) ? "median_" : "", c->metric_name[m]);
  fprintf(table, "\n");
  for (int panel = 0; panel < s->unswept; ++panel)
    for (int y = 0; y < s->sizes[1]; ++y)
      for (int x = 0; x < s->sizes[0]; ++x) MARL_TRY(write_row(s, panel, x, y, table, err));
  return MARL_OK;
}

MarlCode marl_comparison_write_sweep(const MarlComparison *comparison,
                                     const MarlComparisonResults *results, const char *folder,
                                     MarlError *err) {
  if (comparison->num_swept == 0) return MARL_OK;
  Sweep s = {comparison,
             results,
             comparison->num_axes - comparison->num_swept,
             marl_comparison_unswept(comparison),
             {1, 1}};
  for (int i = 0; i < comparison->num_swept; ++i) s.sizes[i] = axis(&s, i)->num_values;
  FILE *table = NULL;
  MarlCode code = marl_text_open(folder, "sweep.csv", &table, err);
  if (code == MARL_OK) code = write_rows(&s, table, err);
  const MarlCode closed = marl_text_close(table, folder, "sweep.csv", err);
  return code != MARL_OK ? code : closed;
}
