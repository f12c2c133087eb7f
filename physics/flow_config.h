/* The sections of a configuration that describe a flow: grid, flow, forcing, initial, integrator,
 * time. Everything is in the user's units of length L and time T; reynolds = 1 / viscosity, as in
 * the papers, where both units are 1. */
#ifndef MARL_PHYSICS_FLOW_CONFIG_H
#define MARL_PHYSICS_FLOW_CONFIG_H

#include "marl/core/config.h"
#include "physics/initial.h"
#include "physics/solver.h"

/* Names of forcing.direction; NULL-terminated. */
extern const char *const marl_forcing_directions[];

/* Claim one of the sections named above, to read its values; `section` may be NULL to claim only.
 * time has dt, end and spinup [T]. */
MarlCode marl_flow_section(MarlConfig *config, const char *name, const MarlSection **section,
                           MarlError *err) MARL_NODISCARD;
/* Claim all of them. */
MarlCode marl_flow_claim(MarlConfig *config, MarlError *err) MARL_NODISCARD;

/* Claims grid, flow, forcing, integrator and time. MARL_ECONFIG unless exactly one of
 * flow.reynolds and flow.viscosity is set. The stochastic forcing draws from `seed`. */
MarlCode marl_flow_params_from_config(MarlConfig *config, uint64_t seed, MarlSolverParams *params,
                                      MarlError *err) MARL_NODISCARD;

/* Claims initial. Texts are borrowed from the config. */
MarlCode marl_initial_from_config(MarlConfig *config, uint64_t seed, MarlInitial *initial,
                                  MarlError *err) MARL_NODISCARD;

#endif
