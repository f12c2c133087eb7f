/* The view of the flow that closures and statistics read, and the closure's answer. */
#include <string.h>

#include "physics/forcing.h"
#include "physics/modes.h"
#include "physics/solver_internal.h"

typedef struct Source {
  const MarlSolver *solver;
  const MarlComplex *w_hat;
} Source;

/* Only kept modes are written: the others stay zero in the transform. */
static void apply_modes(MarlModes modes, const Source *source, int i, MarlComplex *plus,
                        MarlComplex *minus) {
  const MarlGrid *grid = source->solver->grid;
  const MarlComplex *w_hat = source->w_hat + (ptrdiff_t)i * grid->ny;
  MarlRun run[2];
  marl_solver_runs(source->solver, run);
  for (int r = 0; r < 2; ++r) {
    const int first = run[r].first;
    modes(run[r].count, grid->kx[i], grid->ky + first, (const double *)(w_hat + first),
          (double *)(plus + first), (double *)(minus + first));
  }
}

static void velocity(const void *context, int i, MarlComplex *plus, MarlComplex *minus) {
  apply_modes(marl_modes_velocity, context, i, plus, minus);
}

static void strain(const void *context, int i, MarlComplex *plus, MarlComplex *minus) {
  apply_modes(marl_modes_strain, context, i, plus, minus);
}

static void gradient(const void *context, int i, MarlComplex *plus, MarlComplex *minus) {
  apply_modes(marl_modes_gradient, context, i, plus, minus);
}

typedef struct FieldRule {
  unsigned need;
  MarlFftColumn column;
  int first; /* of two in solver->field */
} FieldRule;

static const FieldRule field_rules[] = {
    {MARL_NEED_VELOCITY, velocity, 0},
    {MARL_NEED_STRAIN, strain, 2},
    {MARL_NEED_GRAD_VORTICITY, gradient, 4},
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
  const double *restrict k2 = s->grid->k2, *restrict w = (const double *)w_hat;
  double *restrict psi = (double *)s->psi_hat;
  const size_t n = (size_t)s->advection->pencil->columns * (size_t)s->grid->ny;
  for (size_t i = 0; i < n; ++i) {
    const double scale = 1 / (k2[i] > 0 ? k2[i] : 1); /* the mean vorticity is zero */
    psi[2 * i] = scale * w[2 * i];
    psi[2 * i + 1] = scale * w[2 * i + 1];
  }
}

static bool fill_view(MarlSolver *s, const MarlComplex *w_hat, unsigned needs) {
  if (!have_complex(&s->psi_hat, s->grid)) return false;
  fill_psi(s, w_hat);
  const Source source = {.solver = s, .w_hat = w_hat};
  double **f = s->field;
  unsigned filled = 0;
  for (size_t r = 0; r < sizeof field_rules / sizeof field_rules[0]; ++r) {
    const FieldRule *rule = &field_rules[r];
    if ((needs & rule->need) == 0) continue;
    double **a = &f[rule->first], **b = a + 1;
    if (!have_real(a, s->grid) || !have_real(b, s->grid)) return false;
    marl_fft_inverse_columns(s->kept_fft, rule->column, &source, *a, *b);
    filled |= rule->need;
  }
  if ((needs & MARL_NEED_VORTICITY) != 0) {
    if (!have_real(&f[6], s->grid)) return false;
    marl_fft_inverse(s->kept_fft, w_hat, f[6]);
  }
  const bool has_u = (filled & MARL_NEED_VELOCITY) != 0, has_s = (filled & MARL_NEED_STRAIN) != 0;
  const bool has_g = (filled & MARL_NEED_GRAD_VORTICITY) != 0;
  s->flow = (MarlFlow){.grid = s->grid,
                       .fft = s->fft,
                       .time = s->time,
                       .step = s->steps,
                       .viscosity = s->params.viscosity,
                       .beta = s->params.beta,
                       .w_hat = w_hat,
                       .psi_hat = s->psi_hat,
                       .u = has_u ? f[0] : NULL,
                       .v = has_u ? f[1] : NULL,
                       .s11 = has_s ? f[2] : NULL,
                       .s12 = has_s ? f[3] : NULL,
                       .wx = has_g ? f[4] : NULL,
                       .wy = has_g ? f[5] : NULL,
                       .w = (needs & MARL_NEED_VORTICITY) != 0 ? f[6] : NULL};
  return true;
}

const MarlFlow *marl_solver_flow(MarlSolver *s, unsigned needs) {
  return fill_view(s, s->w_hat, needs) ? &s->flow : NULL;
}

static bool have_subgrid_arrays(MarlSolver *s, const MarlClosureOps *ops) {
  MarlSubgrid *sub = &s->subgrid;
  if (ops->stress && !(have_real(&sub->tau11, s->grid) && have_real(&sub->tau12, s->grid)))
    return false;
  if (ops->stress && !s->advection->folds_stress &&
      !(have_complex(&s->tau11_hat, s->grid) && have_complex(&s->tau12_hat, s->grid)))
    return false;
  return !ops->tendency || have_complex(&sub->tendency, s->grid);
}

static void clear_subgrid(MarlSubgrid *sub) {
  *sub = (MarlSubgrid){.tau11 = sub->tau11, .tau12 = sub->tau12, .tendency = sub->tendency};
}

/* Products of a stress of points are padded as those of the advection are. */
static bool pads_points(const MarlSolver *s) {
  return s->closure->ops->point_stress != NULL && s->grid->dealias == MARL_DEALIAS_PADDING;
}

static MarlCode evaluate_padded(MarlSolver *s, MarlError *err) {
  if (s->products == NULL) MARL_TRY(marl_products_create(s->grid, &s->products, err));
  marl_products_point_stress(s->products, s->closure, &s->flow, s->tau11_hat, s->tau12_hat);
  s->subgrid.has_stress = true;
  return MARL_OK;
}

static MarlCode evaluate_fields(MarlSolver *s, const MarlComplex *w_hat, MarlError *err) {
  MarlSubgrid *sub = &s->subgrid;
  clear_subgrid(sub);
  if (s->closure == NULL) return MARL_OK;
  const MarlClosureOps *ops = s->closure->ops;
  const bool padded = pads_points(s);
  if (!have_subgrid_arrays(s, ops) || !fill_view(s, w_hat, padded ? 0 : ops->needs))
    return MARL_FAIL(err, MARL_EMEMORY,
                     "no memory for the fields of closure '%s' on %d x %d points", ops->name,
                     s->grid->nx, s->grid->ny);
  if (padded) return evaluate_padded(s, err);
  MARL_TRY(ops->evaluate(s->closure, &s->flow, sub, err));
  if (sub->has_stress && !s->advection->folds_stress)
    marl_fft_forward_pair(s->fft, sub->tau11, sub->tau12, s->tau11_hat, s->tau12_hat);
  return MARL_OK;
}

MarlCode marl_solver_evaluate(MarlSolver *s, const MarlComplex *w_hat, MarlError *err) {
  if (!marl_solver_has_points(s)) return evaluate_fields(s, w_hat, err);
  clear_subgrid(&s->subgrid); /* the products ask point by point */
  return MARL_OK;
}

bool marl_solver_has_points(const MarlSolver *s) {
  return s->closure != NULL && s->closure->ops->point_stress != NULL && s->advection->folds_points;
}

MarlCode marl_solver_subgrid(MarlSolver *s, const MarlSubgrid **out, MarlError *err) {
  MARL_TRY(evaluate_fields(s, s->w_hat, err));
  if (s->closure != NULL && pads_points(s))
    marl_fft_inverse_pair(s->fft, s->tau11_hat, s->tau12_hat, s->subgrid.tau11, s->subgrid.tau12);
  *out = &s->subgrid;
  return MARL_OK;
}

MarlDamping marl_solver_damping(const MarlSolver *s) {
  MarlDamping damping = s->subgrid.uniform;
  damping.viscosity += s->params.viscosity;
  return damping;
}

void marl_solver_products(MarlSolver *s, double *speed) {
  MarlStress stress = {.tau11 = NULL};
  if (marl_solver_has_points(s))
    stress.points = s->closure;
  else if (s->subgrid.has_stress && s->advection->folds_stress)
    stress = (MarlStress){.tau11 = s->subgrid.tau11, .tau12 = s->subgrid.tau12};
  marl_advection_products(s->advection, stress, speed);
}

void marl_solver_runs(const MarlSolver *s, MarlRun runs[2]) {
  const int kept = s->grid->kept_y;
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
  if (s->subgrid.has_stress && !s->advection->folds_stress) add_stress(s, i, n_hat);
}
