/* Adams-Bashforth 2 with every linear term exact:
 *
 *   w' = R d [d w - dt (3/2 N - 1/2 R N_old)]
 *   R = exp(i beta kx dt / k^2),  d = exp(-(mu + D) dt / 2),  D = (nu + nu_e) k^2 + ... (damping.h)
 *
 * N is advection, forcing, the closure's stress and its tendency. beta is an integrating factor
 * (Canuto, Hussaini, Quarteroni and Zang, Spectral Methods, appendix D): waves that exchange energy
 * for long are slow in the rotating frame, where the extrapolation is then made. Drag and damping
 * act half before and half after N, which is extrapolated to the middle of the step. Without N a
 * mode decays and rotates exactly, at every step; with it the scheme is second order. A steady N
 * is balanced up to factors 1 - ((mu + D) dt)^2 / 24 and 1 + 5/12 (beta kx dt / k^2)^2. Uniform
 * coefficients of a closure are those of the start of the step. The first step takes N_old = N. */
#include <math.h>

#include "physics/adams_bashforth.h"
#include "physics/exponential.h"

static void make_rotation(MarlSolver *s) {
  const MarlGrid *grid = s->grid;
  for (int i = 0; i < s->advection->pencil->columns; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const ptrdiff_t at = (ptrdiff_t)i * grid->ny + j;
      const double k2 = grid->k2[at];
      const double angle = k2 > 0 ? s->dt * s->params.beta * grid->kx[i] / k2 : 0;
      s->rotation[at] = CMPLX(cos(angle), sin(angle));
    }
}

/* d of kept ky >= 0, and mirrored */
static void decay_column(const MarlSolver *s, MarlDamping damping, int i, double *restrict d) {
  const MarlGrid *grid = s->grid;
  const int kept = grid->kept_y, ny = grid->ny;
  const double half = -0.5 * s->dt, drag = half * s->params.linear_drag;
  const MarlDamping by_half = marl_damping_times(damping, half);
  const double *restrict k2 = grid->k2 + (ptrdiff_t)i * ny, *restrict edge_y = grid->edge_y;
  const double *restrict rim_y = grid->rim_y;
  const double edge_x = grid->edge_x[i], rim_x = grid->rim_x[i];
  for (int j = 0; j < kept; ++j)
    d[j] = drag + marl_damping_rate(by_half, k2[j], edge_x + edge_y[j], rim_x + rim_y[j]);
  marl_exponentials(kept, d);
  for (int j = 1; j < kept; ++j) d[ny - j] = d[j];
}

bool marl_ifab2_factors(MarlSolver *s) {
  const MarlDamping damping = marl_solver_damping(s);
  const bool same_dt = s->factor_dt == s->dt;
  if (same_dt && marl_damping_equal(s->factor_damping, damping)) return false;
  for (int i = 0; i < s->advection->pencil->columns; ++i)
    decay_column(s, damping, i, s->decay + (ptrdiff_t)i * s->grid->ny);
  if (s->rotation != NULL && !same_dt) make_rotation(s);
  s->factor_dt = s->dt;
  s->factor_damping = damping;
  return true;
}

/* (re, im) pairs of n modes */
static void advance(const MarlAdamsBashforth *u, int n, const double *restrict d,
                    const double *restrict now, double *restrict old, double *restrict w) {
  const double newest = u->newest, oldest = u->oldest;
  for (int j = 0; j < n; ++j) {
    w[2 * j] = d[j] * (d[j] * w[2 * j] - newest * now[2 * j] + oldest * old[2 * j]);
    w[2 * j + 1] = d[j] * (d[j] * w[2 * j + 1] - newest * now[2 * j + 1] + oldest * old[2 * j + 1]);
    old[2 * j] = now[2 * j];
    old[2 * j + 1] = now[2 * j + 1];
  }
}

static void advance_rotating(const MarlAdamsBashforth *u, int n, const double *restrict d,
                             const double *restrict turn, const double *restrict now,
                             double *restrict old, double *restrict w) {
  const double newest = u->newest, oldest = u->oldest;
  for (int j = 0; j < n; ++j) {
    const double c = turn[2 * j], s = turn[2 * j + 1];
    const double old_re = c * old[2 * j] - s * old[2 * j + 1];
    const double old_im = s * old[2 * j] + c * old[2 * j + 1];
    const double re = d[j] * (d[j] * w[2 * j] - newest * now[2 * j] + oldest * old_re);
    const double im = d[j] * (d[j] * w[2 * j + 1] - newest * now[2 * j + 1] + oldest * old_im);
    w[2 * j] = c * re - s * im;
    w[2 * j + 1] = s * re + c * im;
    old[2 * j] = now[2 * j];
    old[2 * j + 1] = now[2 * j + 1];
  }
}

/* modes first .. first+n-1 of own column i */
static void advance_modes(const MarlAdamsBashforth *u, int i, int first, int n,
                          const MarlComplex *n_hat) {
  const MarlSolver *s = u->s;
  const ptrdiff_t at = (ptrdiff_t)i * s->grid->ny + first;
  const double *d = s->decay + at, *now = (const double *)(n_hat + first);
  double *w = (double *)(s->w_hat + at), *old = (double *)(s->work[0] + at);
  if (s->rotation != NULL)
    advance_rotating(u, n, d, (const double *)(s->rotation + at), now, old, w);
  else
    advance(u, n, d, now, old, w);
}

static const MarlComplex *update_column(void *context, int i, MarlComplex *n_hat) {
  const MarlAdamsBashforth *u = context;
  MarlSolver *s = u->s;
  const ptrdiff_t at = (ptrdiff_t)i * s->grid->ny;
  marl_solver_complete_column(s, i, n_hat);
  for (int r = 0; r < 2; ++r) {
    const int first = u->run[r].first, count = u->run[r].count;
    if (s->subgrid.has_tendency)
      for (int j = first; j < first + count; ++j) n_hat[j] -= s->subgrid.tendency[at + j];
    advance_modes(u, i, first, count, n_hat);
  }
  return marl_adams_bashforth_end(s, i, s->w_hat + at);
}

static MarlCode step(MarlSolver *s, MarlError *err) {
  (void)err; /* every failure is found before */
  marl_ifab2_factors(s);
  marl_adams_bashforth_step(s, update_column);
  return MARL_OK;
}

const MarlIntegratorOps marl_integrator_ifab2 = {
    .name = "ifab2",
    /* AB2 needs |lambda| dt < 1 at the least; |lambda| = 2/3 pi |u|/dx at the cut */
    .cfl_limit = 1,
    .num_arrays = 1,
    .num_memory = 1,
    .has_factors = true,
    .step = step,
};
