/* Dynamic coefficient as the group of Guan, Hassanzadeh and others computes it: the idea of the
 * Germano identity in vorticity form, with two departures from the least squares of Lilly that are
 * said below (germano_lilly.h has those)
 *
 * For a model PI = -C Delta^p s lap w with a scale s(x, y) (|S|, |grad w|), test filter F = square
 * cut at half the wavenumbers that the flow keeps (|kx| < kept_x/2, |ky| < kept_y/2 in units of
 * 2 pi / L), so that Delta_test = 2 Delta whatever the dealiasing:
 *
 *   L = F[u.grad w] - F[u].grad F[w]
 *   M = Delta^p F[s lap w] - (2 Delta)^p F[s] lap F[w]
 *   C = <max(L M, 0)> / <M M>            (Guan et al., J. Comput. Phys. 458, 2022)
 *
 * - Negative values of L M count as zero, inside the mean for a uniform coefficient and point by point
 *   for a local one: C is never negative and larger than the least squares.
 * - The scale at the test level is F[s], of the unfiltered flow, instead of the filtered flow's.
 * marl_germano_least_squares is without both, C = <L M> / <M M> with the scale of the filtered flow: the
 * least squares of Lilly (Phys. Fluids A 4, 1992) for the vorticity equation.
 * Products are taken on the grid: exact before the test filter under the 2/3 rule, but for s, which
 * is no polynomial; aliased under padding. */
#ifndef MARL_PHYSICS_GERMANO_H
#define MARL_PHYSICS_GERMANO_H

#include "physics/closure.h"

/* What the view has to hold, besides what the scale needs. */
enum { MARL_GERMANO_NEEDS = MARL_NEED_VELOCITY | MARL_NEED_GRAD_VORTICITY };

typedef struct MarlGermano {
  double *l, *m;      /* [ny_local, nx], owned as are the others; results of compute */
  double *a, *b;      /* scratch */
  MarlComplex *hat;   /* [nk_local, ny] scratch */
  MarlComplex *w_hat; /* F[w] */
  MarlComplex *psi_hat;
} MarlGermano;

MarlCode marl_germano_init(MarlGermano *germano, const MarlGrid *grid,
                           MarlError *err) MARL_NODISCARD;
void marl_germano_clear(MarlGermano *germano);

/* out = F in [nk_local, ny]; out may be in. */
void marl_germano_filter(const MarlGrid *grid, const MarlComplex *in, MarlComplex *out);

/* L and M of the current flow for a scale [ny_local, nx] of marl_fft_alloc_physical, and that of the
 * test level, NULL for the scale filtered. Collective. */
void marl_germano_compute(MarlGermano *germano, const MarlFlow *flow, const double *scale,
                          const double *test_scale, double delta, int p);
/* C after compute, 0 when M vanishes. Collective. */
double marl_germano_coefficient(const MarlGermano *germano, const MarlGrid *grid);
/* <L M> / <M M>, of either sign; 0 when M vanishes. Collective. */
double marl_germano_least_squares(const MarlGermano *germano, const MarlGrid *grid);
/* C(x, y) = max(L M, 0) / <M M> into out [ny_local, nx]. Collective. */
void marl_germano_local(const MarlGermano *germano, const MarlGrid *grid, double *out);

#endif
