/* The statistics of learned closures as a file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/turbulence/interpretation.h"
#include "marl/core/store.h"

enum {
  CONDITIONS = MARL_INTERPRETED_CONDITIONS,
  BINS = MARL_INTERPRETED_BINS,
  COEFFICIENTS = MARL_MAX_COEFFICIENTS
};
enum { MAX_NAME = 64 };

static MarlCode write_axis(MarlStore *file, const char *name, const char *unit, const char *meaning,
                           int count, double first, double step, double *scratch, MarlError *err) {
  for (int i = 0; i < count; ++i) scratch[i] = first + i * step;
  const MarlArray array = {
      .type = MARL_F64, .rank = 1, .shape = {(size_t)count}, .units = unit, .long_name = meaning};
  return marl_store_write_scale(file, name, &array, scratch, err);
}

static MarlCode write_axes(const MarlInterpretation *in, MarlStore *file, double *scratch,
                           MarlError *err) {
  const double spacing = in->length / in->n;
  MARL_TRY(write_axis(file, "coefficient", "1", "1: Laplacian, 2: biharmonic, 3: k^6", COEFFICIENTS,
                      1, 1, scratch, err));
  for (int q = 0; q < CONDITIONS; ++q) {
    const double first = marl_interpreted_center(q, 0);
    MARL_TRY(write_axis(file, marl_interpreted_conditions[q].name, "1",
                        marl_interpreted_conditions[q].meaning, BINS, first,
                        marl_interpreted_center(q, 1) - first, scratch, err));
  }
  MARL_TRY(write_axis(file, "y", "L", "y", in->n, 0, spacing, scratch, err));
  MARL_TRY(write_axis(file, "x", "L", "x", in->n, 0, spacing, scratch, err));
  const char **labels = calloc((size_t)in->num_rows, sizeof *labels);
  if (labels == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for labels");
  for (int r = 0; r < in->num_rows; ++r) labels[r] = in->rows[r].label;
  const MarlCode code =
      marl_store_write_labels(file, "row", (size_t)in->num_rows, labels, "closure", err);
  free(labels);
  return code;
}

static MarlCode write_shares(const MarlInterpretation *in, MarlStore *file, double *scratch,
                             MarlError *err) {
  static const char *const axes[] = {"row"};
  MarlArray array = {MARL_F64, 1, {(size_t)in->num_rows}, axes, "1", NULL};
  array.long_name = "share of grid points with C_1 < 0";
  for (int r = 0; r < in->num_rows; ++r) scratch[r] = in->rows[r].backscatter_points;
  MARL_TRY(marl_store_write(file, "backscatter_points", &array, scratch, err));
  array.long_name = "share of <|nu_e| |S|^2>, the energy exchanged, at points with C_1 < 0";
  for (int r = 0; r < in->num_rows; ++r) scratch[r] = in->rows[r].backscatter_energy;
  return marl_store_write(file, "backscatter_energy", &array, scratch, err);
}

static MarlCode write_moments(const MarlInterpretation *in, MarlStore *file, double *scratch,
                              MarlError *err) {
  static const char *const axes[] = {"row", "coefficient"};
  MarlArray array = {MARL_F64, 2, {(size_t)in->num_rows, COEFFICIENTS}, axes, "1", NULL};
  for (int r = 0; r < in->num_rows; ++r)
    memcpy(scratch + (ptrdiff_t)r * COEFFICIENTS, in->rows[r].overall, sizeof in->rows[r].overall);
  array.long_name = "mean of the coefficient over points and samples";
  MARL_TRY(marl_store_write(file, "coefficient_mean", &array, scratch, err));
  for (int r = 0; r < in->num_rows; ++r)
    memcpy(scratch + (ptrdiff_t)r * COEFFICIENTS, in->rows[r].in_time, sizeof in->rows[r].in_time);
  array.long_name = "standard deviation of the coefficient's domain mean over samples";
  MARL_TRY(marl_store_write(file, "deviation_in_time", &array, scratch, err));
  for (int r = 0; r < in->num_rows; ++r)
    memcpy(scratch + (ptrdiff_t)r * COEFFICIENTS, in->rows[r].in_space,
           sizeof in->rows[r].in_space);
  array.long_name = "standard deviation of the coefficient within a sample";
  return marl_store_write(file, "deviation_in_space", &array, scratch, err);
}

/* Share, mean and deviation given condition q. */
static MarlCode write_condition(const MarlInterpretation *in, int q, MarlStore *file,
                                double *scratch, MarlError *err) {
  const char *condition = marl_interpreted_conditions[q].name;
  const char *const share_axes[] = {"row", condition};
  const char *const axes[] = {"row", "coefficient", condition};
  const size_t rows = (size_t)in->num_rows;
  const MarlArray share = {MARL_F64, 2, {rows, BINS}, share_axes, "1", "share of grid points"};
  MarlArray array = {MARL_F64, 3, {rows, COEFFICIENTS, BINS}, axes, "1", NULL};
  char name[MAX_NAME];
  for (size_t r = 0; r < rows; ++r)
    memcpy(scratch + r * BINS, in->rows[r].share[q], sizeof in->rows[r].share[q]);
  snprintf(name, sizeof name, "share_given_%s", condition);
  MARL_TRY(marl_store_write(file, name, &share, scratch, err));
  for (size_t r = 0; r < rows; ++r)
    memcpy(scratch + r * COEFFICIENTS * BINS, in->rows[r].mean[q], sizeof in->rows[r].mean[q]);
  array.long_name = "mean of the coefficient";
  snprintf(name, sizeof name, "mean_given_%s", condition);
  MARL_TRY(marl_store_write(file, name, &array, scratch, err));
  for (size_t r = 0; r < rows; ++r)
    memcpy(scratch + r * COEFFICIENTS * BINS, in->rows[r].deviation[q],
           sizeof in->rows[r].deviation[q]);
  array.long_name = "standard deviation of the coefficient";
  snprintf(name, sizeof name, "deviation_given_%s", condition);
  return marl_store_write(file, name, &array, scratch, err);
}

static MarlCode write_maps(const MarlInterpretation *in, MarlStore *file, double *scratch,
                           MarlError *err) {
  static const char *const field_axes[] = {"row", "y", "x"};
  static const char *const axes[] = {"row", "coefficient", "y", "x"};
  const size_t rows = (size_t)in->num_rows, n = (size_t)in->n, points = n * n;
  const MarlArray field = {MARL_F64, 3, {rows, n, n}, field_axes, "1/T", "vorticity, last sample"};
  const MarlArray maps = {MARL_F64, 4,   {rows, COEFFICIENTS, n, n},
                          axes,     "1", "coefficients beside it"};
  for (size_t r = 0; r < rows; ++r)
    memcpy(scratch + r * points, in->rows[r].vorticity, points * sizeof *scratch);
  MARL_TRY(marl_store_write(file, "vorticity_map", &field, scratch, err));
  for (size_t r = 0; r < rows; ++r)
    memcpy(scratch + r * COEFFICIENTS * points, in->rows[r].coefficient,
           COEFFICIENTS * points * sizeof *scratch);
  return marl_store_write(file, "coefficient_map", &maps, scratch, err);
}

static MarlCode write_all(const MarlInterpretation *in, MarlStore *file, double *scratch,
                          MarlError *err) {
  MARL_TRY(write_axes(in, file, scratch, err));
  MARL_TRY(write_shares(in, file, scratch, err));
  MARL_TRY(write_moments(in, file, scratch, err));
  for (int q = 0; q < CONDITIONS; ++q) MARL_TRY(write_condition(in, q, file, scratch, err));
  return write_maps(in, file, scratch, err);
}

MarlCode marl_interpretation_write(const MarlInterpretation *interpretation, MarlStore *to,
                                   MarlError *err) {
  const size_t points = (size_t)interpretation->n * (size_t)interpretation->n;
  const size_t widest = COEFFICIENTS * (points > BINS ? points : BINS);
  double *scratch = calloc((size_t)interpretation->num_rows * widest, sizeof *scratch);
  if (scratch == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory to write %s", marl_store_path(to));
  const MarlCode code = write_all(interpretation, to, scratch, err);
  free(scratch);
  return code;
}
