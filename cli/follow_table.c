/* What `marl follow` shows and writes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/follow_job.h"
#include "marl/core/quote.h"
#include "marl/run/text_file.h"

enum { NAME = 24 };

static const double *runs_of(const MarlFollowJob *f, int row, double *packed) {
  const size_t size = marl_follow_size(&f->plan);
  for (int m = 0; m < f->plan.members; ++m) {
    const double *unit = f->units + (size_t)((row + 1) * f->plan.members + m) * f->unit;
    for (size_t i = 0; i < size; ++i) packed[(size_t)m * size + i] = unit[i];
  }
  return packed;
}

static int blow_ups(const MarlFollowJob *f, int row) {
  int count = 0;
  for (int m = 0; m < f->plan.members && row >= 0; ++m) {
    const double *unit = f->units + (size_t)((row + 1) * f->plan.members + m) * f->unit;
    count += !isnan(unit[f->unit - 1]);
  }
  return count;
}

static const char *label_of(const MarlFollowJob *f, int row) {
  return row < f->num_closures ? f->rows[row].label : "a perfect closure";
}

static void name_region(int r, char name[NAME]) {
  snprintf(name, NAME, r == 0 ? "box" : "strip %d", r - 1);
}

/* The spectra [members, size] of the direct simulations and of a row; NULL for the perfect closure's. */
typedef struct Rows {
  double *direct, *les;
} Rows;

static MarlCode rows_begin(const MarlFollowJob *f, Rows *rows, MarlError *err) {
  const size_t size = (size_t)f->plan.members * marl_follow_size(&f->plan);
  rows->direct = malloc(2 * size * sizeof *rows->direct);
  if (rows->direct == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the table");
  rows->les = rows->direct + size;
  (void)runs_of(f, -1, rows->direct);
  return MARL_OK;
}

static const double *les_of(const MarlFollowJob *f, const Rows *rows, int row) {
  return row < f->num_closures ? runs_of(f, row, rows->les) : NULL;
}

static MarlCode write_phases(const MarlFollowJob *f, const Rows *rows, FILE *file) {
  const MarlFollowPlan *plan = &f->plan;
  fprintf(file, "closure,phase,start,region,error,standard_error,blow_ups\n");
  for (int c = 0; c <= f->num_closures; ++c) {
    const double *les = les_of(f, rows, c);
    for (int p = 0; p < plan->les.num_phases; ++p)
      for (int r = 0; r < marl_follow_regions(plan); ++r) {
        char region[NAME];
        double value, error;
        name_region(r, region);
        marl_follow_phase_error(plan, rows->direct, les, p, r, &value, &error);
        marl_write_csv_field(file, label_of(f, c));
        fprintf(file, ",%d,%.9g,%s,%.9g,%.9g,%d\n", p, plan->les.start[p], region, value, error,
                blow_ups(f, c < f->num_closures ? c : -1));
      }
  }
  return MARL_OK;
}

static MarlCode write_windows(const MarlFollowJob *f, const Rows *rows, FILE *file) {
  const MarlFollowPlan *plan = &f->plan;
  fprintf(file, "closure,start,end,region,error,standard_error\n");
  for (int c = 0; c <= f->num_closures; ++c) {
    const double *les = les_of(f, rows, c);
    for (int v = 0; v < plan->num_windows; ++v)
      for (int r = 0; r < marl_follow_regions(plan); ++r) {
        char region[NAME];
        double value, error;
        name_region(r, region);
        marl_follow_error(plan, rows->direct, les, v, r, &value, &error);
        marl_write_csv_field(file, label_of(f, c));
        fprintf(file, ",%.9g,%.9g,%s,%.9g,%.9g\n", v * plan->window, (v + 1) * plan->window, region,
                value, error);
      }
  }
  return MARL_OK;
}

/* Mean spectra over the members: [run, window, region, wavenumber], run 0 the direct simulations'. */
static MarlCode write_spectra(const MarlFollowJob *f, MarlStore *file, double *means,
                              MarlError *err) {
  static const char *const axes[] = {"run", "window", "region", "wavenumber"};
  const MarlFollowPlan *plan = &f->plan;
  const size_t size = marl_follow_size(plan), runs = (size_t)f->num_closures + 1;
  const char **labels = calloc(runs, sizeof *labels);
  double *axis = calloc((size_t)plan->num_windows + (size_t)plan->num_k, sizeof *axis);
  int regions[1 + 64];
  MarlCode code = MARL_OK;
  if (labels == NULL || axis == NULL) code = MARL_FAIL(err, MARL_EMEMORY, "no memory for spectra");
  for (size_t c = 0; code == MARL_OK && c < runs; ++c) {
    labels[c] = c == 0 ? "direct simulation" : f->rows[c - 1].label;
    for (size_t i = 0; i < size; ++i) {
      double sum = 0;
      for (int m = 0; m < plan->members; ++m)
        sum += f->units[(c * (size_t)plan->members + (size_t)m) * f->unit + i];
      means[c * size + i] = sum / plan->members;
    }
  }
  if (code == MARL_OK) code = marl_store_write_labels(file, axes[0], runs, labels, "closure", err);
  if (code == MARL_OK) {
    for (int v = 0; v < plan->num_windows; ++v) axis[v] = v * plan->window;
    const MarlArray a = {.type = MARL_F64,
                         .rank = 1,
                         .shape = {(size_t)plan->num_windows},
                         .units = "T",
                         .long_name = "start of the window"};
    code = marl_store_write_scale(file, axes[1], &a, axis, err);
  }
  if (code == MARL_OK) {
    for (int r = 0; r < marl_follow_regions(plan); ++r) regions[r] = r;
    const MarlArray a = {.type = MARL_I32,
                         .rank = 1,
                         .shape = {(size_t)marl_follow_regions(plan)},
                         .units = "1",
                         .long_name = "0: the box; r: strip r - 1 of x"};
    code = marl_store_write_scale(file, axes[2], &a, regions, err);
  }
  if (code == MARL_OK) {
    for (int k = 0; k < plan->num_k; ++k) axis[k] = k;
    const MarlArray a = {.type = MARL_F64,
                         .rank = 1,
                         .shape = {(size_t)plan->num_k},
                         .units = "waves in the box",
                         .long_name = "wavenumber"};
    code = marl_store_write_scale(file, axes[3], &a, axis, err);
  }
  const MarlArray spectra = {
      .type = MARL_F64,
      .rank = 4,
      .shape = {runs, (size_t)plan->num_windows, (size_t)marl_follow_regions(plan),
                (size_t)plan->num_k},
      .scales = axes,
      .units = "1/T^2",
      .long_name = "enstrophy spectrum, mean over window and members; of strips along y"};
  if (code == MARL_OK) code = marl_store_write(file, "enstrophy_spectrum", &spectra, means, err);
  free(labels);
  free(axis);
  return code;
}

static MarlCode write_csv(const MarlFollowJob *f, const Rows *rows, const char *name,
                          MarlCode (*write)(const MarlFollowJob *, const Rows *, FILE *),
                          MarlError *err) {
  FILE *file = NULL;
  MARL_TRY(marl_text_open(f->base.folder->path, name, &file, err));
  MARL_TRY(write(f, rows, file));
  return marl_text_close(file, f->base.folder->path, name, err);
}

MarlCode marl_follow_write(const MarlFollowJob *f, MarlError *err) {
  Rows rows;
  MarlStore *store = NULL;
  double *means =
      malloc(((size_t)f->num_closures + 1) * marl_follow_size(&f->plan) * sizeof *means);
  if (means == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for spectra");
  MarlCode code = marl_run_folder_create(f->base.folder, "spectra.h5", &store, err);
  if (code == MARL_OK) code = marl_store_end_file(&store, write_spectra(f, store, means, err), err);
  free(means);
  MARL_TRY(code);
  MARL_TRY(rows_begin(f, &rows, err));
  code = write_csv(f, &rows, "windows.csv", write_windows, err);
  if (code == MARL_OK) code = write_csv(f, &rows, "phases.csv", write_phases, err);
  free(rows.direct);
  return code;
}

void marl_follow_print(const MarlFollowJob *f) {
  const MarlFollowPlan *plan = &f->plan;
  Rows rows;
  MarlError err;
  if (rows_begin(f, &rows, &err) != MARL_OK) return;
  printf(
      "error of the log enstrophy spectrum, mean over the windows of %g of a phase, %d members\n",
      plan->window, plan->members);
  printf("%-44s", "closure");
  for (int p = 0; p < plan->les.num_phases; ++p)
    for (int r = 0; r < marl_follow_regions(plan); ++r) {
      char region[NAME], head[NAME + 24];
      name_region(r, region);
      snprintf(head, sizeof head, "from %g, %s", plan->les.start[p], region);
      printf(" %20s", head);
    }
  printf("\n");
  for (int c = 0; c <= f->num_closures; ++c) {
    const double *les = les_of(f, &rows, c);
    printf("%-44.44s", label_of(f, c));
    for (int p = 0; p < plan->les.num_phases; ++p)
      for (int r = 0; r < marl_follow_regions(plan); ++r) {
        double value, error;
        char cell[48];
        marl_follow_phase_error(plan, rows.direct, les, p, r, &value, &error);
        snprintf(cell, sizeof cell, "%.3f +- %.3f", value, error);
        printf(" %20s", cell);
      }
    if (c < f->num_closures && blow_ups(f, c) > 0) printf("  %d blew up", blow_ups(f, c));
    printf("\n");
  }
  printf("%s: phases.csv, windows.csv, spectra.h5\n", f->base.folder->path);
  free(rows.direct);
}
