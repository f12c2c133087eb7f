/* Pseudo-spectral solver of the forced two-dimensional vorticity equation on a periodic box
 *
 *   w_t + u.grad w + beta v = nu lap w - mu w - f - PI     [1/T^2]
 *   u = psi_y, v = -psi_x, w = -lap psi, arrays [y, x]
 *
 * with the deterministic forcing f = kf [cos(kf x) + cos(kf y)] of Guan et al. (JCP 2022) or a
 * stochastic ring. Advection in Basdevant's or in the skew-symmetric form (advection.h). Nothing hidden: no filter, clip or hyperviscosity that
 * the parameters do not name.
 *
 * Integrators (each file has its formula):
 * - ifab2: second-order Adams-Bashforth for advection, forcing and closure; beta, drag, viscosity
 *   and a closure's uniform damping exact.
 * - ab2cn: the scheme of Guan et al., to compare with their codes: Adams-Bashforth 2 advection,
 *   Crank-Nicolson viscosity, implicit Euler drag, explicit Euler beta and tendency. Its rates are
 *   off by dt: a wave of frequency omega = beta kx / k^2 grows at omega^2 dt / 2, which for
 *   kx = 1, beta = 20, dt = 5e-4 is all of a drag of .1.
 * - ifrk4: fourth-order Runge-Kutta with an exact integrating factor for viscosity, drag and beta.
 */
#ifndef MARL_PHYSICS_SOLVER_H
#define MARL_PHYSICS_SOLVER_H

#include <stdbool.h>
#include <stdint.h>

#include "marl/core/rng.h"
#include "marl/core/store.h"
#include "physics/advection_form.h"
#include "physics/closure.h"
#include "physics/fft.h"
#include "physics/forcing.h"
#include "physics/grid.h"

/* Names in a configuration, by value, NULL-terminated. */
extern const char *const marl_dealias_names[], *const marl_advection_names[],
                                                   *const marl_transform_names[];

typedef enum MarlIntegrator { MARL_IFAB2, MARL_AB2CN, MARL_IFRK4 } MarlIntegrator;

typedef struct MarlSolverParams {
  int nx, ny;
  double lx, ly;      /* L */
  double viscosity;   /* nu, L^2/T */
  double linear_drag; /* mu, 1/T */
  double beta;        /* 1/(L T), along y */
  MarlForcing forcing;
  MarlDealias dealias;
  MarlAdvectionForm advection;
  MarlTransform transform;
  MarlIntegrator integrator;
  double dt;   /* T; the fixed step, or the largest one if cfl > 0 */
  double cfl;  /* > 0: adaptive (ifrk4 only), dt = cfl / max(|u|/dx + |v|/dy), set every 10 steps */
  MarlKey key; /* of the stochastic forcing */
} MarlSolverParams;

/* Re = 20,000, kf = 4 in x and y, mu = 0.1, box 2 pi, dt = 5e-4, ifab2: case 1 of Guan et al.; padded. */
MarlSolverParams marl_solver_defaults(int n);

typedef struct MarlSolver MarlSolver;

/* Collective over comm. `closure` may be NULL; it is borrowed and must outlive the solver, as
 * must comm. The flow starts at rest, time 0. */
MarlCode marl_solver_create(const MarlSolverParams *params, MPI_Comm comm, MarlSolver **out,
                            MarlError *err) MARL_NODISCARD;
void marl_solver_destroy(MarlSolver **solver);
void marl_solver_set_closure(MarlSolver *solver, MarlClosure *closure);
/* The key of the stochastic forcing from now on; not part of what is saved. */
void marl_solver_set_key(MarlSolver *solver, MarlKey key);

/* From the next step on the flow has viscosity, drag, beta and forcing of `params`; all else of it must be as
 * in the solver's own. That step is one without older tendencies, as the first of a run. Not part of what
 * is saved: a solver is loaded after its flow was changed. MARL_ECONFIG if the forcing does not fit the
 * grid; then nothing has changed. Collective. */
MarlCode marl_solver_change_flow(MarlSolver *solver, const MarlSolverParams *params,
                                 MarlError *err) MARL_NODISCARD;

const MarlGrid *marl_solver_grid(const MarlSolver *solver);
MarlFft *marl_solver_fft(MarlSolver *solver);
const MarlSolverParams *marl_solver_params(const MarlSolver *solver);
double marl_solver_time(const MarlSolver *solver);
int64_t marl_solver_steps(const MarlSolver *solver);
double marl_solver_dt(const MarlSolver *solver); /* of the last step taken */

/* [nk_local, ny] coefficients of the current vorticity; valid until the next call. */
const MarlComplex *marl_solver_w_hat(const MarlSolver *solver);
/* Start again from a vorticity: time 0, step 0, no memory of older tendencies. The mean and every
 * mode that dealiasing cuts are set to zero. MARL_ENUMERIC if it is not finite. Collective. */
MarlCode marl_solver_set_w_hat(MarlSolver *solver, const MarlComplex *w_hat,
                               MarlError *err) MARL_NODISCARD;
MarlCode marl_solver_set_vorticity(MarlSolver *solver, const double *w, /* [ny_local, nx] */
                                   MarlError *err) MARL_NODISCARD;

/* Can the scheme take its fixed step from the field as it is? MARL_ECONFIG with the CFL number,
 * max(|u|/dx + |v|/dy) dt over the grid's points, and the largest step; MARL_OK if the step is adaptive.
 * Nothing is changed. Collective. */
MarlCode marl_solver_check_dt(MarlSolver *solver, MarlError *err) MARL_NODISCARD;

/* Take n steps. MARL_ENUMERIC when the flow is not finite or the CFL number passes its limit,
 * noticed at most 10 steps late; the message has step, time, dt, CFL and what to change.
 * Collective. */
MarlCode marl_solver_step(MarlSolver *solver, int64_t n, MarlError *err) MARL_NODISCARD;
/* Step until the time is `until` up to round-off, or past it by less than one step: fixed steps end
 * at multiples of dt, adaptive ones only at `landing` (INFINITY: nowhere), which they hit exactly.
 * With landing apart from until, where a run pauses does not change its steps. Collective. */
MarlCode marl_solver_step_until(MarlSolver *solver, double until, double landing,
                                MarlError *err) MARL_NODISCARD;

/* A view of the current flow with the fields of `needs` filled in, valid until the next call on
 * this solver; NULL if there is no memory for them (the first call that needs a field allocates
 * it). For observation, statistics and tests. Collective. */
const MarlFlow *marl_solver_flow(MarlSolver *solver, unsigned needs);
/* What the closure gives for the current flow (borrowed, valid until the next call), for budgets. */
MarlCode marl_solver_subgrid(MarlSolver *solver, const MarlSubgrid **out,
                             MarlError *err) MARL_NODISCARD;

/* Bit-exact restart: state, older tendencies, time, step counter, dt. Root (rank 0 of comm) needs
 * the store, the others pass NULL. Collective. */
MarlCode marl_solver_save(const MarlSolver *solver, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_solver_load(MarlSolver *solver, MarlStore *from, MarlError *err) MARL_NODISCARD;

/* A loaded state has the step that it was saved with. Go on with the fixed step of this solver's
 * params instead, if it is another one: the older tendencies do not fit it and are forgotten, so that
 * the next step is one without them, as the first of a run. Returns whether anything changed. */
bool marl_solver_take_dt(MarlSolver *solver);

#endif
