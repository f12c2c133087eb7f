/* The view of the flow that closures and statistics read, and the closure's answer. */
#include <string.h>

#include "physics/forcing.h"
#include "physics/solver_internal.h"

typedef struct Source {
  const MarlGrid *grid;
  const MarlComplex *w_hat;
} Source;

static MarlComplex times(double re, double im, MarlComplex q) {
  return CMPLX(re * creal(q) - im * cimag(q), re * cimag(q) + im * creal(q));
}

/* u + i v and u - i v from psi_hat = w_hat / k^2: u_hat = i ky psi_hat, v_hat = -i kx psi_hat */
static void velocity(const void *context, int i, MarlComplex *plus, MarlComplex *minus) {
  const Source *s = context;
  const double kx = s->grid->kx[i];
  const ptrdiff_t at = (ptrdiff_t)i * s->grid->ny;
  for (int j = 0; j < s->grid->ny; ++j) {
    const double ky = s->grid->ky[j], k2 = s->grid->k2[at + j], scale = k2 > 0 ? 1 / k2 : 0;
    plus[j] = times(scale * kx, scale * ky, s->w_hat[at + j]);
    minus[j] = times(-scale * kx, scale * ky, s->w_hat[at + j]);
  }
}

/* s11_hat = -kx ky psi_hat, s12_hat = (kx^2 - ky^2)/2 psi_hat */
static void strain(const void *context, int i, MarlComplex *plus, MarlComplex *minus) {
  const Source *s = context;
  const double kx = s->grid->kx[i];
  const ptrdiff_t at = (ptrdiff_t)i * s->grid->ny;
  for (int j = 0; j < s->grid->ny; ++j) {
    const double ky = s->grid->ky[j], k2 = s->grid->k2[at + j], scale = k2 > 0 ? 1 / k2 : 0;
    const double s11 = -scale * kx * ky, s12 = 0.5 * scale * (kx * kx - ky * ky);
    plus[j] = times(s11, s12, s->w_hat[at + j]);
    minus[j] = times(s11, -s12, s->w_hat[at + j]);
  }
}

/* wx_hat = i kx w_hat, wy_hat = i ky w_hat */
static void gradient(const void *context, int i, MarlComplex *plus, MarlComplex *minus) {
  const Source *s = context;
  const double kx = s->grid->kx[i];
  const ptrdiff_t at = (ptrdiff_t)i * s->grid->ny;
  for (int j = 0; j < s->grid->ny; ++j) {
    const double ky = s->grid->ky[j];
    plus[j] = times(-ky, kx, s->w_hat[at + j]);
    minus[j] = times(ky, kx, s->w_hat[at + j]);
  }
}

static void vorticity(const void *context, int i, MarlComplex *plus, MarlComplex *minus) {
  const Source *s = context;
  const size_t ny = (size_t)s->grid->ny;
  memcpy(plus, s->w_hat + (size_t)i * ny, ny * sizeof *plus);
  memcpy(minus, plus, ny * sizeof *minus);
}

typedef struct FieldRule {
  unsigned need;
  MarlFftColumn column;
  int first, count; /* of solver->field */
} FieldRule;

static const FieldRule field_rules[] = {
    {MARL_NEED_VELOCITY, velocity, 0, 2},
    {MARL_NEED_STRAIN, strain, 2, 2},
    {MARL_NEED_GRAD_VORTICITY, gradient, 4, 2},
    {MARL_NEED_VORTICITY, vorticity, 6, 1},
};

static bool have_real(double **array, const MarlGrid *grid) {
  if (*array == NULL) *array = marl_fft_alloc_physical(grid);
  return *array != NULL;
}

static bool have_complex(MarlComplex **array, const MarlGrid *grid) {
  if (*array == NULL) *array = marl_fft_alloc_spectral(grid);
  return *array != NULL;
}

static void fill_psi(MarlSolver *s, const MarlComplex *w_hat) {
  for (size_t i = 0; i < s->grid->num_spectral; ++i) {
    const double k2 = s->grid->k2[i];
    s->psi_hat[i] = k2 > 0 ? w_hat[i] / k2 : 0;
  }
}

static bool fill_view(MarlSolver *s, const MarlComplex *w_hat, unsigned needs) {
  if (!have_complex(&s->psi_hat, s->grid)) return false;
  fill_psi(s, w_hat);
  const Source source = {.grid = s->grid, .w_hat = w_hat};
  double **f = s->field;
  unsigned filled = 0;
  for (size_t r = 0; r < sizeof field_rules / sizeof field_rules[0]; ++r) {
    const FieldRule *rule = &field_rules[r];
    if ((needs & rule->need) == 0) continue;
    for (int i = 0; i < rule->count; ++i)
      if (!have_real(&f[rule->first + i], s->grid)) return false;
    marl_fft_inverse_columns(s->kept_fft, rule->column, &source, f[rule->first],
                             rule->count == 2 ? f[rule->first + 1] : NULL);
    filled |= rule->need;
  }
  const bool has_u = (filled & MARL_NEED_VELOCITY) != 0, has_s = (filled & MARL_NEED_STRAIN) != 0;
  const bool has_g = (filled & MARL_NEED_GRAD_VORTICITY) != 0;
  s->flow = (MarlFlow){.grid = s->grid,
                       .fft = s->fft,
                       .time = s->time,
                       .step = s->steps,
                       .w_hat = w_hat,
                       .psi_hat = s->psi_hat,
                       .u = has_u ? f[0] : NULL,
                       .v = has_u ? f[1] : NULL,
                       .s11 = has_s ? f[2] : NULL,
                       .s12 = has_s ? f[3] : NULL,
                       .wx = has_g ? f[4] : NULL,
                       .wy = has_g ? f[5] : NULL,
                       .w = (filled & MARL_NEED_VORTICITY) != 0 ? f[6] : NULL};
  return true;
}

const MarlFlow *marl_solver_flow(MarlSolver *s, unsigned needs) {
  return fill_view(s, s->w_hat, needs) ? &s->flow : NULL;
}

static bool have_subgrid_arrays(MarlSolver *s, const MarlClosureOps *ops) {
  MarlSubgrid *sub = &s->subgrid;
  if (ops->stress && !(have_real(&sub->tau11, s->grid) && have_real(&sub->tau12, s->grid)))
    return false;
  if (ops->stress && !s->advection->same_grid &&
      !(have_complex(&s->tau11_hat, s->grid) && have_complex(&s->tau12_hat, s->grid)))
    return false;
  return !ops->tendency || have_complex(&sub->tendency, s->grid);
}

MarlCode marl_solver_evaluate(MarlSolver *s, const MarlComplex *w_hat, MarlError *err) {
  MarlSubgrid *sub = &s->subgrid;
  *sub = (MarlSubgrid){.tau11 = sub->tau11, .tau12 = sub->tau12, .tendency = sub->tendency};
  if (s->closure == NULL) return MARL_OK;
  const MarlClosureOps *ops = s->closure->ops;
  if (!have_subgrid_arrays(s, ops) || !fill_view(s, w_hat, ops->needs))
    return MARL_FAIL(err, MARL_EMEMORY,
                     "no memory for the fields of closure '%s' on %d x %d points", ops->name,
                     s->grid->nx, s->grid->ny);
  MARL_TRY(ops->evaluate(s->closure, &s->flow, sub, err));
  if (sub->has_stress && !s->advection->same_grid)
    marl_fft_forward_pair(s->fft, sub->tau11, sub->tau12, s->tau11_hat, s->tau12_hat);
  return MARL_OK;
}

MarlCode marl_solver_subgrid(MarlSolver *s, const MarlSubgrid **out, MarlError *err) {
  MARL_TRY(marl_solver_evaluate(s, s->w_hat, err));
  *out = &s->subgrid;
  return MARL_OK;
}

MarlDamping marl_solver_damping(const MarlSolver *s) {
  return (MarlDamping){.viscosity = s->params.viscosity + s->subgrid.viscosity,
                       .biharmonic = s->subgrid.biharmonic,
                       .triharmonic = s->subgrid.triharmonic};
}

void marl_solver_products(MarlSolver *s, double *speed) {
  const bool fold = s->subgrid.has_stress && s->advection->same_grid;
  marl_advection_products(s->advection, fold ? s->subgrid.tau11 : NULL,
                          fold ? s->subgrid.tau12 : NULL, speed);
}

void marl_solver_runs(const MarlSolver *s, MarlRun runs[2]) {
  const int kept = s->advection->kept_y;
  runs[0] = (MarlRun){.first = 0, .count = kept};
  runs[1] = (MarlRun){.first = s->grid->ny - kept + 1, .count = kept - 1};
}

/* PI_hat = 2 kx ky tau11^ + (ky^2 - kx^2) tau12^ of a trace-free stress */
static void add_stress(const MarlSolver *s, int i, MarlComplex *n_hat) {
  const ptrdiff_t at = (ptrdiff_t)i * s->grid->ny;
  const double kx = s->grid->kx[i];
  for (int j = 0; j < s->grid->ny; ++j) {
    const double ky = s->grid->ky[j];
    n_hat[j] += 2 * kx * ky * s->tau11_hat[at + j] + (ky * ky - kx * kx) * s->tau12_hat[at + j];
  }
}

void marl_solver_complete_column(const MarlSolver *s, int i, MarlComplex *n_hat) {
  marl_forcing_add(&s->params.forcing, s->grid, i, n_hat);
  if (s->subgrid.has_stress && !s->advection->same_grid) add_stress(s, i, n_hat);
}
