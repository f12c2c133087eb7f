/* A flow given by a few modes psi = sum a cos(kx x + ky y + phase) on [0, 2 pi]^2, with every
 * member of MarlFlow filled in from the analytic derivatives, and a closure evaluated on it. */
#ifndef MARL_TESTS_PHYSICS_CLOSURE_CASE_H
#define MARL_TESTS_PHYSICS_CLOSURE_CASE_H

#include "physics/closure.h"
#include "tests/unit.h"

#define CASE_PI 3.14159265358979323846

typedef struct Mode {
  double a;
  int kx, ky;
  double phase;
} Mode;

typedef struct ClosureCase {
  MarlGrid *grid;
  MarlFft *fft;
  MarlFlow flow;
  MarlSubgrid subgrid;
  const Mode *modes;
  int num_modes;
  double *fields[9]; /* u v s11 s12 w wx wy tau11 tau12 */
  MarlComplex *hats[3];
  MarlClosure *closure;
  MarlSection *section;
} ClosureCase;

/* d^(px+py) psi / dx^px dy^py at (x, y) */
static inline double case_psi(const ClosureCase *c, int px, int py, double x, double y) {
  double sum = 0.0;
  for (int m = 0; m < c->num_modes; ++m) {
    const Mode *mode = &c->modes[m];
    // each derivative turns cos by a quarter
    sum += mode->a * pow(mode->kx, px) * pow(mode->ky, py) *
           cos(mode->kx * x + mode->ky * y + mode->phase + 0.5 * CASE_PI * (px + py));
  }
  return sum;
}

/* The same of w = -lap psi. */
static inline double case_w(const ClosureCase *c, int px, int py, double x, double y) {
  return -case_psi(c, px + 2, py, x, y) - case_psi(c, px, py + 2, x, y);
}

static inline void case_point(const ClosureCase *c, size_t i, double *x, double *y) {
  const int nx = c->grid->nx;
  *x = (int)i % nx * c->grid->lx / nx;
  *y = (c->grid->y0 + (int)i / nx) * c->grid->ly / c->grid->ny;
}

static inline void case_begin(ClosureCase *c, int n, const Mode *modes, int num_modes) {
  MarlError err;
  *c = (ClosureCase){.modes = modes, .num_modes = num_modes};
  UNIT_OK(marl_grid_create(n, n, 2 * CASE_PI, 2 * CASE_PI, MPI_COMM_WORLD, &c->grid, &err));
  UNIT_OK(marl_fft_create(c->grid, &c->fft, &err));
  for (int f = 0; f < 9; ++f) c->fields[f] = marl_fft_alloc_physical(c->grid);
  for (int f = 0; f < 3; ++f) c->hats[f] = marl_fft_alloc_spectral(c->grid);
  for (size_t i = 0; i < c->grid->num_physical; ++i) {
    double x, y;
    case_point(c, i, &x, &y);
    c->fields[7][i] = case_psi(c, 0, 0, x, y);
    c->fields[0][i] = case_psi(c, 0, 1, x, y);
    c->fields[1][i] = -case_psi(c, 1, 0, x, y);
    c->fields[2][i] = case_psi(c, 1, 1, x, y);
    c->fields[3][i] = 0.5 * (case_psi(c, 0, 2, x, y) - case_psi(c, 2, 0, x, y));
    c->fields[4][i] = case_w(c, 0, 0, x, y);
    c->fields[5][i] = case_w(c, 1, 0, x, y);
    c->fields[6][i] = case_w(c, 0, 1, x, y);
  }
  marl_fft_forward(c->fft, c->fields[4], c->hats[0]);
  marl_fft_forward(c->fft, c->fields[7], c->hats[1]);
  c->flow = (MarlFlow){.grid = c->grid,
                       .fft = c->fft,
                       .w_hat = c->hats[0],
                       .psi_hat = c->hats[1],
                       .u = c->fields[0],
                       .v = c->fields[1],
                       .s11 = c->fields[2],
                       .s12 = c->fields[3],
                       .w = c->fields[4],
                       .wx = c->fields[5],
                       .wy = c->fields[6]};
}

static inline void case_end(ClosureCase *c) {
  if (c->closure != NULL) c->closure->ops->destroy(c->closure);
  marl_section_destroy(&c->section);
  for (int f = 0; f < 9; ++f) marl_fft_free(c->fields[f]);
  for (int f = 0; f < 3; ++f) marl_fft_free(c->hats[f]);
  marl_fft_destroy(&c->fft);
  marl_grid_destroy(&c->grid);
}

/* Evaluate a closure with `settings` = {"key", "value", ..., NULL} into c->subgrid. */
static inline void case_evaluate(ClosureCase *c, const char *name, const char *const *settings) {
  MarlError err;
  const MarlClosureOps *ops;
  if (c->closure != NULL) c->closure->ops->destroy(c->closure);
  marl_section_destroy(&c->section);
  UNIT_OK(marl_closure_find(name, &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("closure", &table, 1, &c->section, &err));
  for (int i = 0; settings[i] != NULL; i += 2)
    UNIT_OK(marl_section_set(c->section, settings[i], settings[i + 1], "test", &err));
  UNIT_OK(ops->create(c->grid, c->section, &c->closure, &err));
  c->subgrid = (MarlSubgrid){.tau11 = c->fields[7], .tau12 = c->fields[8], .tendency = c->hats[2]};
  UNIT_OK(c->closure->ops->evaluate(c->closure, &c->flow, &c->subgrid, &err));
}

/* Domain mean of a field. */
static inline double case_mean(const ClosureCase *c, const double *field) {
  double sum = 0.0;
  for (size_t i = 0; i < c->grid->num_physical; ++i) sum += field[i];
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return sum / ((double)c->grid->nx * c->grid->ny);
}

#endif
