/* The configuration that a policy was trained with
 *
 * `policy` is a run folder (its config.yaml), a checkpoint file in one (the config.yaml beside it),
 * or a file of `marl export`; every file carries the text of the configuration in its attribute
 * "configuration". */
#ifndef MARL_ENVS_TURBULENCE_TRAINED_POLICY_H
#define MARL_ENVS_TURBULENCE_TRAINED_POLICY_H

#include "envs/turbulence/params.h"
#include "marl/core/config.h"
#include "marl/learn/policy.h"

/* The caller destroys *out. MARL_ECONFIG if there is no such policy, MARL_EIO if it is unreadable. */
MarlCode marl_trained_policy_config(const char *policy, MarlConfig **out,
                                    MarlError *err) MARL_NODISCARD;

/* And what it says of the flow and its agents. `shipped`: folder of the shipped data, or NULL.
 * params->reference lives as long as *run, which the caller destroys, after a failure too. */
MarlCode marl_trained_policy_params(const char *policy, const char *shipped, MarlConfig **run,
                                    MarlTurbulenceParams *params, MarlError *err) MARL_NODISCARD;

/* The role of a policy in which it gives the coefficients of these agents, who see `columns` numbers.
 * MARL_ECONFIG if it cannot be a closure's: one set for all agents, no memory, these sizes. */
MarlCode marl_trained_policy_role(const MarlPolicy *policy, const MarlTurbulenceParams *params,
                                  int columns, const char *path, int *role,
                                  MarlError *err) MARL_NODISCARD;

#endif
