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

#include "physics/advection_form.h"
#include "physics/closure.h"
#include "physics/pencil.h"

/* One complex field in the rows of a block: [row_block, mx] before and after the pass along x. */
typedef struct MarlRowPair {
  MarlComplex *in, *z;
} MarlRowPair;

/* A closure's stress: fields [ny_local, nx], or a function of points, or (all NULL) none. */
typedef struct MarlStress {
  const double *tau11, *tau12;
  const MarlClosure *points; /* its ops have a point_stress */
} MarlStress;

typedef struct MarlAdvection {
  const MarlGrid *grid; /* borrowed */
  MarlAdvectionForm form;
  bool folds_points;     /* a stress of points can be added to the products: Basdevant */
  bool folds_stress;     /* a stress of fields, too: on the grid itself */
  MarlPencil *pencil;    /* (u, v), then a and b, or u w and v w */
  MarlComplex *n_column; /* [ny] */

  /* What the skew-symmetric form or a point stress reads beside the velocities: MARL_NEED_STRAIN,
   * MARL_NEED_GRAD_VORTICITY. Derivatives along x are taken between the two passes, so that both
   * need no more columns than w and w_y; made when first needed, else NULL. */
  unsigned rows;
  MarlPencil *vorticity;        /* w; of the skew-symmetric form then u.grad w */
  MarlPencil *slope;            /* w_y */
  MarlRowPair strain, gradient; /* s12 - i s11, w_y - i w_x */
} MarlAdvection;

/* Dealiased as the grid says. */
MarlCode marl_advection_create(const MarlGrid *grid, MarlAdvectionForm form, MarlAdvection **out,
                               MarlError *err) MARL_NODISCARD;
void marl_advection_destroy(MarlAdvection **advection);

/* Take the velocities of w_hat [nk_local, ny]. Collective. */
void marl_advection_set(MarlAdvection *advection, const MarlComplex *w_hat);

/* What later calls of marl_advection_products have for points: MarlFlowNeed bits. If that is new,
 * marl_advection_set is due again. Only with folds_points. Collective. */
MarlCode marl_advection_provide(MarlAdvection *advection, unsigned rows,
                                MarlError *err) MARL_NODISCARD;

/* Replace velocities by products, plus the stress (only with folds_points or folds_stress). If speed is not NULL it becomes the largest |u|/dx + |v|/dy of own rows, INFINITY
 * if not finite. */
void marl_advection_products(MarlAdvection *advection, MarlStress stress, double *speed);

/* Gets N_hat [ny] of own column i (kept modes only; the others are not written) and returns the
 * vorticity [ny] whose velocities come next. */
typedef const MarlComplex *(*MarlColumnUpdate)(void *context, int i, MarlComplex *n_hat);
/* Collective. */
void marl_advection_advance(MarlAdvection *advection, MarlColumnUpdate update, void *context);

#endif
