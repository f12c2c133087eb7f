/* What the physics tests share: a quiet flow, analytic fields, norms. */
#ifndef MARL_TESTS_PHYSICS_FLOW_FIELDS_H
#define MARL_TESTS_PHYSICS_FLOW_FIELDS_H

#include "marl/core/rng.h"
#include "physics/solver.h"
#include "tests/unit.h"

static const double TWO_PI = 6.283185307179586476925286766559;

/* A box of 2 pi without forcing, drag, beta and viscosity. */
static inline MarlSolverParams quiet_params(int n, MarlIntegrator integrator, double dt) {
  MarlSolverParams p = marl_solver_defaults(n);
  p.viscosity = 0;
  p.linear_drag = 0;
  p.forcing.ops = &marl_forcing_none;
  p.dealias = MARL_DEALIAS_TWO_THIRDS;
  p.integrator = integrator;
  p.dt = dt;
  return p;
}

static inline MarlSolver *make_solver(const MarlSolverParams *p) {
  MarlError err;
  MarlSolver *s = NULL;
  UNIT_OK(marl_solver_create(p, MPI_COMM_WORLD, &s, &err));
  return s;
}

static inline void take_steps(MarlSolver *s, int64_t n) {
  MarlError err;
  UNIT_OK(marl_solver_step(s, n, &err));
}

typedef double (*FieldFunction)(double x, double y, const double *parameters);

static inline void sample(const MarlGrid *g, FieldFunction f, const double *parameters,
                          double *out) {
  for (int j = 0; j < g->ny_local; ++j)
    for (int i = 0; i < g->nx; ++i)
      out[(size_t)j * (size_t)g->nx + (size_t)i] =
          f(i * g->lx / g->nx, (g->y0 + j) * g->ly / g->ny, parameters);
}

static inline void start_from(MarlSolver *s, FieldFunction f, const double *parameters) {
  MarlError err;
  double *w = marl_fft_alloc_physical(marl_solver_grid(s));
  sample(marl_solver_grid(s), f, parameters, w);
  UNIT_OK(marl_solver_set_vorticity(s, w, &err));
  marl_fft_free(w);
}

/* Largest difference of the vorticity to f over all ranks. */
static inline double distance_to(MarlSolver *s, FieldFunction f, const double *parameters) {
  const MarlGrid *g = marl_solver_grid(s);
  double *w = marl_fft_alloc_physical(g), worst = 0;
  sample(g, f, parameters, w);
  const MarlFlow *flow = marl_solver_flow(s, MARL_NEED_VORTICITY);
  for (size_t i = 0; i < g->num_physical; ++i) worst = fmax(worst, fabs(flow->w[i] - w[i]));
  marl_fft_free(w);
  MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return worst;
}

/* sum over all modes of |w_hat|^2 / 2 (power 0: enstrophy) or |w_hat|^2 / 2 k^2 (energy). */
static inline double quadratic(MarlSolver *s, bool energy) {
  const MarlGrid *g = marl_solver_grid(s);
  const MarlComplex *w = marl_solver_w_hat(s);
  double sum = 0;
  for (int i = 0; i < g->nk_local; ++i)
    for (int j = 0; j < g->ny; ++j) {
      const size_t at = (size_t)i * (size_t)g->ny + (size_t)j;
      const double mirror = g->k0 + i == 0 ? 0.5 : 1;
      if (g->k2[at] > 0)
        sum += mirror * (creal(w[at]) * creal(w[at]) + cimag(w[at]) * cimag(w[at])) /
               (energy ? g->k2[at] : 1);
    }
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return sum;
}
static inline double total_energy(MarlSolver *s) {
  return quadratic(s, true);
}
static inline double total_enstrophy(MarlSolver *s) {
  return quadratic(s, false);
}

/* Smooth field of modes 1 <= |kx|, |ky| <= parameters[0] with fixed pseudo-random coefficients of
 * order one: a well-resolved nonlinear flow. */
static inline double smooth_field(double x, double y, const double *parameters) {
  const int top = (int)parameters[0];
  const MarlKey key = marl_key(17, MARL_STREAM_INIT);
  double w = 0;
  for (int kx = 0; kx <= top; ++kx)
    for (int ky = -top; ky <= top; ++ky) {
      if (kx == 0 && ky <= 0) continue;
      const uint64_t index = 2 * (uint64_t)(kx * 64 + ky + 32);
      w += marl_normal(key, index) * cos(kx * x + ky * y + TWO_PI * marl_uniform(key, index + 1));
    }
  return w / top;
}

/* Slope of log(error) over log(dt) between two runs of steps dt and dt/2. */
static inline double order_of(double coarse, double fine) {
  return log2(coarse / fine);
}

#endif
