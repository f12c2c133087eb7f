/* Results of all runs: their memory, and the finished runs of a cell in a store. */
#include <stdlib.h>
#include <string.h>

#include "marl/compare/report.h"

static size_t curve_size(const MarlComparison *c) {
  return (size_t)c->num_points * (size_t)c->num_measured;
}

MarlCode marl_comparison_results_create(const MarlComparison *comparison,
                                        MarlComparisonResults *out, MarlError *err) {
  const size_t jobs = (size_t)comparison->num_jobs;
  out->metrics = calloc(jobs * (size_t)comparison->num_metrics, sizeof *out->metrics);
  out->curves = calloc(jobs * curve_size(comparison), sizeof *out->curves);
  if (out->metrics != NULL && out->curves != NULL) return MARL_OK;
  marl_comparison_results_clear(out);
  return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %zu results", jobs);
}

void marl_comparison_results_clear(MarlComparisonResults *results) {
  free(results->metrics);
  free(results->curves);
  *results = (MarlComparisonResults){NULL, NULL};
}

MarlRunResult marl_comparison_result(const MarlComparison *comparison,
                                     const MarlComparisonResults *results, int job) {
  return (MarlRunResult){results->metrics + (size_t)job * (size_t)comparison->num_metrics,
                         results->curves + (size_t)job * curve_size(comparison)};
}

/* Rows of the runs that are done, one after the other. */
typedef struct Rows {
  size_t count;
  int32_t *replica; /* [count] */
  double *metrics;  /* [count, num_metrics] */
  float *curves;    /* [count, num_points, num_metrics of the population] */
} Rows;

static void rows_clear(Rows *rows) {
  free(rows->replica);
  free(rows->metrics);
  free(rows->curves);
}

static MarlCode rows_create(const MarlComparison *c, size_t count, Rows *out, MarlError *err) {
  const size_t some = count > 0 ? count : 1;
  *out = (Rows){count, calloc(some, sizeof *out->replica),
                calloc(some * (size_t)c->num_metrics, sizeof *out->metrics),
                calloc(some * curve_size(c), sizeof *out->curves)};
  if (out->replica != NULL && out->metrics != NULL && out->curves != NULL) return MARL_OK;
  rows_clear(out);
  return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %zu runs", count);
}

static void copy_row(const MarlComparison *c, const MarlRunResult *run, const Rows *rows, size_t at,
                     bool in) {
  const size_t metrics = (size_t)c->num_metrics, curve = curve_size(c);
  double *row = rows->metrics + at * metrics;
  float *points = rows->curves + at * curve;
  memcpy(in ? row : run->metrics, in ? run->metrics : row, metrics * sizeof *row);
  memcpy(in ? points : run->curve, in ? run->curve : points, curve * sizeof *points);
}

MarlCode marl_comparison_save_cell(const MarlComparison *comparison,
                                   const MarlComparisonResults *results, int cell,
                                   const uint8_t *done, MarlStore *to, MarlError *err) {
  const MarlComparison *c = comparison;
  Rows rows;
  size_t count = 0;
  for (int r = 0; r < c->num_seeds; ++r) count += done[r];
  MARL_TRY(rows_create(c, count, &rows, err));
  size_t at = 0;
  for (int r = 0; r < c->num_seeds; ++r) {
    if (!done[r]) continue;
    const MarlRunResult run = marl_comparison_result(c, results, cell * c->num_seeds + r);
    rows.replica[at] = r;
    copy_row(c, &run, &rows, at++, true);
  }
  const MarlArray replica = {.type = MARL_I32, .rank = 1, .shape = {count}};
  const MarlArray metrics = {.type = MARL_F64, .rank = 2, .shape = {count, (size_t)c->num_metrics}};
  const MarlArray curves = {.type = MARL_F32, .rank = 2, .shape = {count, curve_size(c)}};
  MarlCode code = marl_comparison_sign(c, cell, to, err);
  if (code == MARL_OK) code = marl_store_write(to, "replica", &replica, rows.replica, err);
  if (code == MARL_OK) code = marl_store_write(to, "metrics", &metrics, rows.metrics, err);
  if (code == MARL_OK) code = marl_store_write(to, "curves", &curves, rows.curves, err);
  rows_clear(&rows);
  return code;
}

MarlCode marl_comparison_load_cell(const MarlComparison *comparison,
                                   const MarlComparisonResults *results, int cell, uint8_t *done,
                                   MarlStore *from, MarlError *err) {
  const MarlComparison *c = comparison;
  int rank;
  size_t shape[MARL_STORE_MAX_RANK];
  Rows rows;
  MARL_TRY(marl_comparison_check(c, cell, from, err));
  MARL_TRY(marl_store_shape(from, "replica", &rank, shape, err));
  if (rank != 1 || shape[0] > 100000000)
    return MARL_FAIL(err, MARL_EIO, "%s: no runs of a cell", marl_store_path(from));
  MARL_TRY(rows_create(c, shape[0], &rows, err));
  MarlCode code = marl_store_read(from, "replica", MARL_I32, rows.count, rows.replica, err);
  if (code == MARL_OK)
    code = marl_store_read(from, "metrics", MARL_F64, rows.count * (size_t)c->num_metrics,
                           rows.metrics, err);
  if (code == MARL_OK)
    code = marl_store_read(from, "curves", MARL_F32, rows.count * curve_size(c), rows.curves, err);
  for (size_t i = 0; code == MARL_OK && i < rows.count; ++i) {
    if (rows.replica[i] < 0 || rows.replica[i] >= c->num_seeds) continue; /* more were asked for */
    const MarlRunResult run =
        marl_comparison_result(c, results, cell * c->num_seeds + rows.replica[i]);
    copy_row(c, &run, &rows, i, false);
    done[rows.replica[i]] = 1;
  }
  rows_clear(&rows);
  return code;
}
