/* The flux of anticipated vorticity with the velocity of the small scales, which two closures share
 *
 *   PI = -F div[theta u' (u'.grad F w)],   theta = C / <w^2>^{1/2}
 *   u' = u - G u,  G_hat = exp(-k^2 W^2 / 24),  W = width Delta;  F_hat = (|k| Delta / pi)^power
 *
 * The vorticity that is advected is that which the small-scale flow will have brought in a time theta (Sadourny
 * and Basdevant, J. Atmos. Sci. 42, 1985): no viscosity, but a tensor theta u'u' along the streamlines. It takes
 * enstrophy, <w PI> = theta <(u'.grad F w)^2>, where filaments are stirred and none where vorticity is constant
 * along streamlines, so that it leaves the core of a vortex and parallel shear alone. With power 0 it takes
 * no energy from a flow of small scales, u'.grad psi' = 0; a power keeps it near the cut. With the whole
 * velocity in place of u' a vortex that the large scales carry along would be damped as it moves (Vallis and
 * Hua, J. Atmos. Sci. 45, 1988): hence the filter G, which is not in these papers. Products are as exact as
 * those of the advection (products.h); u' twice makes a cubic one, which is aliased less. */
#ifndef MARL_PHYSICS_ANTICIPATED_FLUX_H
#define MARL_PHYSICS_ANTICIPATED_FLUX_H

#include "physics/products.h"

typedef struct MarlAnticipatedFlux {
  double coefficient;    /* C, 1; 0: there is none */
  double *small, *sharp; /* [nk_local, ny] 1 - G_hat and F_hat; owned, as are the others */
  MarlComplex *psi, *w;  /* [nk_local, ny] of u', F w */
  MarlComplex *fx, *fy;  /* [nk_local, ny] of the flux */
} MarlAnticipatedFlux;

/* `config` has MARL_ANTICIPATED_OPTIONS. */
MarlCode marl_anticipated_flux_init(MarlAnticipatedFlux *flux, const MarlGrid *grid,
                                    const MarlSection *config, MarlError *err) MARL_NODISCARD;
void marl_anticipated_flux_clear(MarlAnticipatedFlux *flux);

/* -PI_hat added to tendency [nk_local, ny], and theta (u'.grad F w)^2 to drain [num_points] unless that is NULL.
 * Uses the fields 0 to 3 of the products. Collective. */
void marl_anticipated_flux_add(MarlAnticipatedFlux *flux, MarlProducts *products,
                               const MarlFlow *flow, MarlComplex *tendency, double *drain);

/* What both closures say of it. */
#define MARL_ANTICIPATED_OPTIONS(value, what)                                                   \
  {.key = "coefficient",                                                                        \
   .kind = MARL_OPTION_REAL,                                                                    \
   .fallback = value,                                                                           \
   .min = 0,                                                                                    \
   .max = 1000,                                                                                 \
   .unit = "1",                                                                                 \
   .help = what},                                                                               \
      {.key = "width",                                                                          \
       .kind = MARL_OPTION_REAL,                                                                \
       .fallback = "6",                                                                         \
       .min = 1e-3,                                                                             \
       .max = 1e6,                                                                              \
       .unit = "1",                                                                             \
       .help = "of the Gaussian filter that tells the large scales, in Delta"},                 \
  {                                                                                             \
    .key = "power", .kind = MARL_OPTION_REAL, .fallback = "1", .min = 0, .max = 8, .unit = "1", \
    .help = "of |k| Delta/pi in F"                                                              \
  }

#endif
