#include "envs/turbulence/closure_description.h"

#include <stdlib.h>

#include "envs/turbulence/reward.h"
#include "envs/turbulence/trained_policy.h"

/* Columns of an observation. */
static int columns_of(const MarlClosureDescription *closure) {
  int columns = 0;
  for (int b = 0; b < closure->params.num_observations; ++b)
    columns += marl_observation_columns(closure->params.observation[b], closure->kept);
  return columns;
}

static MarlCode describe_bands(MarlClosureDescription *closure, MarlError *err) {
  MarlReward *reward = NULL;
  closure->params.reward = &marl_reward_episode_log_error; /* only the target is used */
  MARL_TRY(marl_reward_create(&closure->params, closure->reference, &reward, err));
  marl_observation_bands(reward->target, closure->kept, closure->band_target);
  for (int b = 0; b <= MARL_OBSERVATION_BANDS; ++b)
    closure->band_edge[b] = marl_observation_band_begin(b, closure->kept);
  marl_reward_destroy(&reward);
  return MARL_OK;
}

/* The map's first column: the values at all points of an agent at the origin. */
static MarlCode describe_interpolation(MarlClosureDescription *closure, MarlError *err) {
  const MarlTurbulenceParams *params = &closure->params;
  MarlInterpolation *map = NULL;
  MARL_TRY(marl_interpolation_create(params->interpolation, params->n, params->agents, &map, err));
  closure->weight = calloc((size_t)params->n, sizeof *closure->weight);
  for (int p = 0; closure->weight != NULL && p < params->n; ++p)
    closure->weight[p] = map->weight[(ptrdiff_t)p * params->agents];
  marl_interpolation_destroy(&map);
  if (closure->weight == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  return MARL_OK;
}

static MarlCode describe(const char *path, const MarlPolicy *policy, const char *shipped, int flow,
                         MarlClosureDescription *out, MarlError *err) {
  MarlTurbulenceParams *params = &out->params;
  MARL_TRY(marl_trained_policy_params(path, shipped, &out->config, params, err));
  out->num_flows = 1 + (int)params->num_more_references;
  if (flow >= out->num_flows)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s was trained on %d flow%s, numbered from 0: there is no flow %d", path,
                     out->num_flows, out->num_flows > 1 ? "s" : "", flow);
  *params = marl_turbulence_flow(params, flow);
  out->kept = marl_grid_kept(params->n, params->dealias);
  MARL_TRY(marl_trained_policy_role(policy, params, columns_of(out), path, &out->role, err));
  MARL_TRY(marl_reference_read(params->reference, &out->reference, err));
  out->length = out->reference->domain_length;
  out->delta = 0.5 * out->length / out->kept;
  MARL_TRY(describe_bands(out, err));
  return describe_interpolation(out, err);
}

MarlCode marl_closure_describe(const char *path, const MarlPolicy *policy, const char *shipped,
                               int flow, MarlClosureDescription *out, MarlError *err) {
  *out = (MarlClosureDescription){.config = NULL};
  const MarlCode code = describe(path, policy, shipped, flow, out, err);
  if (code != MARL_OK) marl_closure_description_clear(out);
  return code;
}

void marl_closure_description_clear(MarlClosureDescription *closure) {
  marl_config_destroy(&closure->config);
  marl_reference_destroy(&closure->reference);
  free(closure->weight);
  closure->weight = NULL;
}
