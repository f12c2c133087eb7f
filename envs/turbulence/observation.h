/* What the agents of a flow see, from its vorticity and streamfunction coefficients
 *
 * Rows are agents, y slowest; columns are the chosen blocks (params.h) in the order of their bits.
 * Local blocks are values at the agent's grid node. Computed in double, stored as float here. */
#ifndef MARL_ENVS_TURBULENCE_OBSERVATION_H
#define MARL_ENVS_TURBULENCE_OBSERVATION_H

#include "envs/turbulence/params.h"
#include "physics/closure.h"

enum { MARL_OBSERVATION_BANDS = 6 };

typedef struct MarlObserver {
  const MarlGrid *grid; /* borrowed */
  unsigned blocks;
  int agents;                                 /* a side */
  int dim;                                    /* columns */
  double viscosity;                           /* nu, L^2/T */
  double band_target[MARL_OBSERVATION_BANDS]; /* target enstrophy of each band, 1/T^2 */
  /* of the last marl_observer_look */
  double *spectrum;     /* [n/2] enstrophy */
  double enstrophy;     /* <w^2>/2 */
  double vorticity_rms; /* = <|S|^2>^(1/2), |S|^2 = 2 S_ij S_ij */
  double gradient_mean; /* <|grad w|> */
  double gradient_rms;  /* <|grad w|^2>^(1/2) */
  MarlComplex *hat;     /* [nk, n] */
  double *field[4];     /* [n, n] scratch */
} MarlObserver;

/* `target` [kept_x] is the spectrum that bands are compared with; not kept. */
MarlCode marl_observer_create(const MarlTurbulenceParams *params, const MarlGrid *grid,
                              double viscosity, const double *target, MarlObserver **out,
                              MarlError *err) MARL_NODISCARD;
void marl_observer_destroy(MarlObserver **observer);

/* Spectrum and scales of the flow. Only grid, fft, w_hat and psi_hat of `flow` are used. */
void marl_observer_look(MarlObserver *observer, const MarlFlow *flow);
/* Observations obs [agents^2, dim] of the flow last looked at. */
void marl_observer_write(MarlObserver *observer, const MarlFlow *flow, float *obs);

#endif
