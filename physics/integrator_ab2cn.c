/* Adams-Bashforth 2 / Crank-Nicolson / implicit Euler drag, as in the codes of Guan et al.:
 *
 *   w' = [w (1 - dt/2 D) - dt (3/2 N - 1/2 N_old) + dt (i beta kx / k^2 w - PI)] /
 *        (1 + dt mu + dt/2 D)
 *   D = (nu + nu_e) k^2 + ...   (damping.h)
 *
 * N is advection, the closure's stress and the steady forcing (for which AB2 is Euler). Drag,
 * beta and a closure's tendency are first order in time; without them the scheme is second order.
 * The first step takes N_old = N. */
#include "physics/adams_bashforth.h"

/* (re, im) pairs of column i, n of them from j0 */
static void advance_modes(const MarlAdamsBashforth *u, int i, int j0, int n,
                          const double *restrict now, double *restrict old, double *restrict w) {
  const MarlGrid *grid = u->s->grid;
  const double kx = grid->kx[i], edge_x = grid->edge_x[i], rim_x = grid->rim_x[i];
  const double *restrict ky = grid->ky + j0, *restrict edge_y = grid->edge_y + j0;
  const double *restrict rim_y = grid->rim_y + j0;
  const double dt = u->s->dt, drag = 1 + dt * u->s->params.linear_drag;
  const double newest = u->newest, oldest = u->oldest;
  const double beta = dt * u->s->params.beta * kx, half = 0.5 * dt;
  const MarlDamping by_half = marl_damping_times(u->damping, half);
  for (int j = 0; j < n; ++j) {
    const double k2 = kx * kx + ky[j] * ky[j];
    const double damping = marl_damping_rate(by_half, k2, edge_x + edge_y[j], rim_x + rim_y[j]);
    const double scale = 1 / (drag + damping), keep = 1 - damping;
    const double rossby = beta / (k2 > 0 ? k2 : 1); /* beta is beta kx: 0 at k = 0 */
    const double re = w[2 * j], im = w[2 * j + 1];
    w[2 * j] = scale * (keep * re - rossby * im - newest * now[2 * j] + oldest * old[2 * j]);
    w[2 * j + 1] =
        scale * (keep * im + rossby * re - newest * now[2 * j + 1] + oldest * old[2 * j + 1]);
    old[2 * j] = now[2 * j];
    old[2 * j + 1] = now[2 * j + 1];
  }
}

/* w += dt tendency / (1 + dt mu + dt/2 D) */
static void add_tendency(const MarlAdamsBashforth *u, int i, MarlRun run, MarlComplex *w) {
  const MarlSolver *s = u->s;
  const MarlComplex *tendency = s->subgrid.tendency + (ptrdiff_t)i * s->grid->ny;
  const double *k2 = s->grid->k2 + (ptrdiff_t)i * s->grid->ny;
  const double half = 0.5 * s->dt, drag = 1 + s->dt * s->params.linear_drag;
  for (int j = run.first; j < run.first + run.count; ++j) {
    const double damping =
        marl_damping_rate(u->damping, k2[j], s->grid->edge_x[i] + s->grid->edge_y[j],
                          s->grid->rim_x[i] + s->grid->rim_y[j]);
    w[j] += s->dt / (drag + half * damping) * tendency[j];
  }
}

static const MarlComplex *update_column(void *context, int i, MarlComplex *n_hat) {
  const MarlAdamsBashforth *u = context;
  MarlSolver *s = u->s;
  const ptrdiff_t at = (ptrdiff_t)i * s->grid->ny;
  MarlComplex *w = s->w_hat + at, *old = s->work[0] + at;
  marl_solver_complete_column(s, i, n_hat);
  for (int r = 0; r < 2; ++r) {
    const int first = u->run[r].first;
    advance_modes(u, i, first, u->run[r].count, (const double *)(n_hat + first),
                  (double *)(old + first), (double *)(w + first));
    if (s->subgrid.has_tendency) add_tendency(u, i, u->run[r], w);
  }
  return marl_adams_bashforth_end(s, i, w);
}

static MarlCode step(MarlSolver *s, MarlError *err) {
  (void)err; /* every failure is found before */
  marl_adams_bashforth_step(s, update_column);
  return MARL_OK;
}

const MarlIntegratorOps marl_integrator_ab2cn = {
    .name = "ab2cn",
    /* AB2 needs |lambda| dt < 1 at the least; |lambda| = 2/3 pi |u|/dx at the cut */
    .cfl_limit = 1,
    .num_arrays = 1,
    .num_memory = 1,
    .step = step,
};
