/* Advection u.grad w of a two-dimensional flow by pair transforms, in one of two forms
 *
 * Basdevant's form (J. Comput. Phys. 50, 1983), u.grad w = curl div(u u):
 *   N_hat = kx ky a_hat + (ky^2 - kx^2) b_hat / 2,   a = u^2 - v^2, b = 2 u v,
 * needs two real transforms each way. Since (u + i v)^2 = a + i b, the square of one complex field
 * needs one complex transform each way. A deviatoric stress adds 2 tau11 to a and 2 tau12 to b and
 * costs no further transform.
 *
 * The skew-symmetric form, the mean of the conservative and the advective form,
 *   N = [div(u w) + u.grad w] / 2,
 * needs u, v, w, w_x, w_y and the transforms of u w, v w and u.grad w: twice the work. Where the
 * products are exact the two forms are one. Where they are aliased (no dealiasing) this one still
 * conserves enstrophy: derivatives are antisymmetric on the grid, so the two halves of <w N> cancel
 * whatever the products are (Zang, Appl. Numer. Math. 7, 1991). The public codes of Guan et al.
 * run it without dealiasing.
 *
 * The velocities of the current vorticity live in the pencils between calls. marl_advection_advance
 * finishes a right-hand side, lets the integrator update each column of kx while it is in cache,
 * and starts the next right-hand side from the column the integrator returns: a step crosses
 * memory twice. */
#ifndef MARL_PHYSICS_ADVECTION_H
#define MARL_PHYSICS_ADVECTION_H

#include "physics/pencil.h"
#include "physics/solver.h"

typedef struct MarlAdvection {
  const MarlGrid *grid; /* borrowed */
  MarlAdvectionForm form;
  int kept_x, kept_y;    /* modes |kx| < kept_x, |ky| < kept_y (in wave indices) exist */
  bool folds_stress;     /* stress can be added to the products: Basdevant, on the grid itself */
  MarlPencil *pencil;    /* (u, v), then a and b, or u w and v w */
  MarlComplex *n_column; /* [ny] */

  /* of the skew-symmetric form only */
  MarlPencil *vorticity;    /* w, then u.grad w */
  MarlPencil *slope;        /* w_y */
  MarlComplex *gradient_in; /* [row_block, mx] w_x + i w_y before and */
  MarlComplex *gradient;    /* [row_block, mx] after the transform along x */
} MarlAdvection;

MarlCode marl_advection_create(const MarlGrid *grid, MarlDealias dealias, MarlAdvectionForm form,
                               MarlAdvection **out, MarlError *err) MARL_NODISCARD;
void marl_advection_destroy(MarlAdvection **advection);

/* Take the velocities of w_hat [nk_local, ny]. Collective. */
void marl_advection_set(MarlAdvection *advection, const MarlComplex *w_hat);

/* Replace velocities by products, plus the stress [ny_local, nx] if tau11 is not NULL (only with
 * folds_stress). If speed is not NULL it becomes the largest |u|/dx + |v|/dy of own rows, INFINITY
 * if not finite. */
void marl_advection_products(MarlAdvection *advection, const double *tau11, const double *tau12,
                             double *speed);

/* Gets N_hat [ny] of own column i (kept modes only; the others are not written) and returns the
 * vorticity [ny] whose velocities come next. */
typedef const MarlComplex *(*MarlColumnUpdate)(void *context, int i, MarlComplex *n_hat);
/* Collective. */
void marl_advection_advance(MarlAdvection *advection, MarlColumnUpdate update, void *context);

#endif
