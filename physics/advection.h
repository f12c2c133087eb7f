/* Advection u.grad w of a two-dimensional flow by pair transforms
 *
 *   u.grad w = curl div(u u):  N_hat = kx ky a_hat + (ky^2 - kx^2) b_hat / 2,
 *   a = u^2 - v^2, b = 2 u v,  (u + i v)^2 = a + i b
 *
 * Basdevant's form (J. Comput. Phys. 50, 1983) needs two real transforms each way; the square of
 * one complex field needs one complex transform each way. A deviatoric stress adds 2 tau11 to a
 * and 2 tau12 to b and costs no further transform.
 *
 * The velocities of the current vorticity live in the pencil between calls. marl_advection_advance
 * finishes a right-hand side, lets the integrator update each column of kx while it is in cache,
 * and starts the next right-hand side from the column the integrator returns: a step crosses
 * memory twice. */
#ifndef MARL_PHYSICS_ADVECTION_H
#define MARL_PHYSICS_ADVECTION_H

#include "physics/pencil.h"
#include "physics/solver.h"

typedef struct MarlAdvection {
  const MarlGrid *grid; /* borrowed */
  int kept_x, kept_y;   /* modes |kx| < kept_x, |ky| < kept_y (in wave indices) exist */
  bool same_grid;       /* products are taken on the grid itself, so that stress can be folded */
  MarlPencil *pencil;
  MarlComplex *n_column; /* [ny] */
} MarlAdvection;

MarlCode marl_advection_create(const MarlGrid *grid, MarlDealias dealias, MarlAdvection **out,
                               MarlError *err) MARL_NODISCARD;
void marl_advection_destroy(MarlAdvection **advection);

/* Take the velocities of w_hat [nk_local, ny]. Collective. */
void marl_advection_set(MarlAdvection *advection, const MarlComplex *w_hat);

/* Replace velocities by products, plus the stress [ny_local, nx] if tau11 is not NULL. If speed
 * is not NULL it becomes the largest |u|/dx + |v|/dy of own rows, INFINITY if not finite. */
void marl_advection_products(MarlAdvection *advection, const double *tau11, const double *tau12,
                             double *speed);

/* Gets N_hat [ny] of own column i (kept modes only; the others are not written) and returns the
 * vorticity [ny] whose velocities come next. */
typedef const MarlComplex *(*MarlColumnUpdate)(void *context, int i, MarlComplex *n_hat);
/* Collective. */
void marl_advection_advance(MarlAdvection *advection, MarlColumnUpdate update, void *context);

#endif
