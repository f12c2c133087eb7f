/* Fourth-order Runge-Kutta with an exact integrating factor for viscosity, drag and beta:
 *
 *   L = -(mu + (nu + nu_e) k^2 + nu_4 k^4 + nu_6 k^6) + i beta kx / k^2,  E = exp(L dt/2)
 *   k1 = -N(w), k2 = -N(E (w + dt/2 k1)), k3 = -N(E w + dt/2 k2), k4 = -N(E^2 w + dt E k3)
 *   w' = E^2 (w + dt/6 k1) + dt/3 E (k2 + k3) + dt/6 k4
 *
 * (Canuto, Hussaini, Quarteroni and Zang, Spectral Methods, appendix D, applied to exp(-L t) w.)
 * A closure's stress and tendency are evaluated at every stage; its uniform coefficients are
 * those of the start of the step, so a closure that varies them is first order in time. */
#include <math.h>

#include "physics/forcing.h"
#include "physics/solver_internal.h"

/* work[0] sums w', work[1] is the stage, work[2] is E */
typedef struct Stage {
  MarlSolver *s;
  MarlRun run[2];
  int number; /* 0 .. 3 */
} Stage;

/* E = exp(L dt/2) */
static void make_factor(MarlSolver *s, MarlDamping damping) {
  const MarlGrid *grid = s->grid;
  const double half = 0.5 * s->dt;
  MarlRun run[2];
  marl_solver_runs(s, run);
  for (int i = 0; i < s->advection->pencil->columns; ++i)
    for (int r = 0; r < 2; ++r)
      for (int j = run[r].first; j < run[r].first + run[r].count; ++j) {
        const ptrdiff_t at = (ptrdiff_t)i * grid->ny + j;
        const double k2 = grid->k2[at];
        const double decay = s->params.linear_drag +
                             marl_damping_rate(damping, k2, grid->edge_x[i] + grid->edge_y[j],
                                               grid->rim_x[i] + grid->rim_y[j]);
        const double size = exp(-half * decay);
        const double angle = k2 > 0 ? half * s->params.beta * grid->kx[i] / k2 : 0;
        s->work[2][at] = CMPLX(size * cos(angle), size * sin(angle));
      }
  s->factor_dt = s->dt;
  s->factor_damping = damping;
}

static MarlComplex times(MarlComplex a, MarlComplex b) {
  return CMPLX(creal(a) * creal(b) - cimag(a) * cimag(b),
               creal(a) * cimag(b) + cimag(a) * creal(b));
}

/* One stage for kept ky first .. first+n-1; n_hat = N at the stage's state */
static void advance_modes(const Stage *stage, ptrdiff_t at, int n, const MarlComplex *n_hat) {
  MarlSolver *s = stage->s;
  const double dt = s->dt;
  MarlComplex *restrict w = s->w_hat + at, *restrict sum = s->work[0] + at;
  MarlComplex *restrict next = s->work[1] + at;
  const MarlComplex *restrict e = s->work[2] + at;
  switch (stage->number) {
    case 0:
      for (int j = 0; j < n; ++j) {
        sum[j] = times(e[j], times(e[j], w[j] - dt / 6 * n_hat[j]));
        next[j] = times(e[j], w[j] - dt / 2 * n_hat[j]);
      }
      break;
    case 1:
      for (int j = 0; j < n; ++j) {
        sum[j] -= dt / 3 * times(e[j], n_hat[j]);
        next[j] = times(e[j], w[j]) - dt / 2 * n_hat[j];
      }
      break;
    case 2:
      for (int j = 0; j < n; ++j) {
        const MarlComplex en = times(e[j], n_hat[j]);
        sum[j] -= dt / 3 * en;
        next[j] = times(e[j], times(e[j], w[j])) - dt * en;
      }
      break;
    default:
      for (int j = 0; j < n; ++j) w[j] = sum[j] - dt / 6 * n_hat[j];
  }
}

static const MarlComplex *update_column(void *context, int i, MarlComplex *n_hat) {
  const Stage *stage = context;
  MarlSolver *s = stage->s;
  const ptrdiff_t at = (ptrdiff_t)i * s->grid->ny;
  marl_solver_complete_column(s, i, n_hat);
  for (int r = 0; r < 2; ++r) {
    const int first = stage->run[r].first, count = stage->run[r].count;
    if (s->subgrid.has_tendency)
      for (int j = first; j < first + count; ++j) n_hat[j] -= s->subgrid.tendency[at + j];
    advance_modes(stage, at + first, count, n_hat + first);
  }
  MarlComplex *next = (stage->number < 3 ? s->work[1] : s->w_hat) + at;
  if (s->grid->k0 + i == 0) next[0] = 0;
  if (stage->number == 3)
    marl_forcing_kick(&s->params.forcing, s->grid, s->noise_modes, s->params.key, s->steps, s->dt,
                      i, next);
  return next;
}

static MarlCode step(MarlSolver *s, MarlError *err) {
  const MarlDamping damping = marl_solver_damping(s);
  if (s->factor_dt != s->dt || !marl_damping_equal(s->factor_damping, damping))
    make_factor(s, damping);
  Stage stage = {.s = s};
  marl_solver_runs(s, stage.run);
  for (stage.number = 0; stage.number < 4; ++stage.number) {
    if (stage.number > 0) {
      MARL_TRY(marl_solver_evaluate(s, s->work[1], err));
      marl_solver_products(s, NULL);
    }
    marl_advection_advance(s->advection, update_column, &stage);
  }
  return MARL_OK;
}

const MarlIntegratorOps marl_integrator_ifrk4 = {
    .name = "ifrk4",
    /* the stability region reaches 2.83 on the imaginary axis; |lambda| = 2/3 pi |u|/dx */
    .cfl_limit = 1.35,
    .num_arrays = 3,
    .num_memory = 0,
    .step = step,
};
