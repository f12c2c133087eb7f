/* Dynamic coefficient from the Germano identity of the stress, by least squares
 *
 * For tau_ij = -2 C Delta^p s S_ij (deviators) at the scale Delta and at that of the test filter F
 * (germano.h), with the rate s (|S|, |grad w|) of the flow at each of the two scales:
 *
 *   L_ij = F[u_i u_j] - F[u_i] F[u_j]
 *   M_ij = 2 (Delta^p F[s S_ij] - (2 Delta)^p s~ F[S_ij]),   s~ the rate of the filtered flow
 *   C = <L_ij M_ij> / <M_ij M_ij>
 *
 * (Germano et al., Phys. Fluids A 3, 1991; Lilly, Phys. Fluids A 4, 1992; mean over the domain.)
 * Nothing is clipped inside the means. */
#ifndef MARL_PHYSICS_GERMANO_LILLY_H
#define MARL_PHYSICS_GERMANO_LILLY_H

#include "physics/closure.h"

enum { MARL_GERMANO_LILLY_FIELDS = 12 };

typedef struct MarlGermanoLilly {
  double *field[MARL_GERMANO_LILLY_FIELDS]; /* [ny_local, nx] scratch, owned as are the others */
  MarlComplex *hat, *w_hat, *psi_hat;       /* [nk_local, ny] */
} MarlGermanoLilly;

/* What the view has to hold, besides what the rate needs. */
enum { MARL_GERMANO_LILLY_NEEDS = MARL_NEED_VELOCITY | MARL_NEED_STRAIN };

MarlCode marl_germano_lilly_init(MarlGermanoLilly *lilly, const MarlGrid *grid,
                                 MarlError *err) MARL_NODISCARD;
void marl_germano_lilly_clear(MarlGermanoLilly *lilly);

/* The filtered flow F[u] as a view with all fields but w, valid until the next call. Collective. */
MarlFlow marl_germano_lilly_filtered(MarlGermanoLilly *lilly, const MarlFlow *flow);

/* A field [ny_local, nx] that marl_germano_lilly_filtered does not use. */
double *marl_germano_lilly_scratch(MarlGermanoLilly *lilly);

/* C of the current flow, 0 when M vanishes; of either sign. `rate` reads strain and vorticity
 * gradient of a view. Collective. */
double marl_germano_lilly_coefficient(MarlGermanoLilly *lilly, const MarlFlow *flow,
                                      void (*rate)(const MarlFlow *flow, double *out), double delta,
                                      int p);

#endif
