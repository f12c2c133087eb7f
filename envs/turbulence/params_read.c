#include "envs/turbulence/params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/turbulence/action.h"
#include "envs/turbulence/reward.h"
#include "physics/reference_flow.h"

static const char *const targets[] = {"full", "truncated", "filtered", NULL};
const char *const marl_lanes_names[] = {"off", "double", "float", NULL};

const MarlOption marl_turbulence_options[MARL_TURBULENCE_OPTIONS] = {
    {"reference", MARL_OPTION_TEXT, "configs/reference/data/re20k_kf4.h5", 0, 0, NULL, "file",
     "reference statistics and initial fields; the flow is the one described there"},
    {"more_references", MARL_OPTION_TEXTS, "", 0, 0, NULL, "file",
     "further flows to train on: environments are dealt over `reference` and these in turn"},
    {"more_resolutions", MARL_OPTION_INTS, "", 8, 4096, NULL, "1",
     "grid points a side for each of more_references; empty: as resolution"},
    {"more_dts", MARL_OPTION_REALS, "", 1e-6, 1, NULL, "T",
     "time step for each of more_references, an action's time over a whole number; empty: as dt"},
    {"resolution", MARL_OPTION_INT, "32", 8, 4096, NULL, "1", "grid points a side of the LES"},
    {"dt", MARL_OPTION_REAL, "5e-4", 1e-6, 1, NULL, "T", "time step"},
    {"dealias", MARL_OPTION_CHOICE, "padding", 0, 0, marl_dealias_names, "1",
     "dealiasing of the LES"},
    {"advection", MARL_OPTION_CHOICE, "basdevant", 0, 0, marl_advection_names, "1",
     "form of the advection of the LES; skew_symmetric is stable without dealiasing"},
    {"lanes", MARL_OPTION_CHOICE, "off", 0, 0, marl_lanes_names, "1",
     "double, float: step the flows of a rank together, as lanes of vectors, several times as "
     "fast; other "
     "bits than off (round-off), the same for any number of environments, shards and ranks"},
    {"agents", MARL_OPTION_INT, "4", 1, 4096, NULL, "1", "agents a side; divides resolution"},
    {"action_interval", MARL_OPTION_INT, "10", 1, 1e6, NULL, "steps", "steps an action is held"},
    {"interpolation", MARL_OPTION_TEXT, "bilinear", 0, 0, NULL, "1",
     "from the agents to the grid, see `marl list interpolations`"},
    {"action", MARL_OPTION_TEXT, "leith_biharmonic", 0, 0, NULL, "1",
     "which coefficients an agent sets, see `marl list actions`"},
    {"action_center", MARL_OPTION_REALS, "", -10, 10, NULL, "1",
     "coefficients at action 0; empty: those of the action set"},
    {"action_scale", MARL_OPTION_REALS, "", 0, 10, NULL, "1",
     "change of the coefficients at action 1; empty: those of the action set"},
    {"observation", MARL_OPTION_TEXTS, "velocity_gradient,okubo_weiss,band_ratios", 0, 0, NULL, "1",
     "what an agent sees: blocks of `marl list observations`"},
    {"target", MARL_OPTION_CHOICE, "truncated", 0, 0, targets, "1",
     "reference spectrum: of the full field, or of the field cut (and filtered) to resolution"},
    {"samples", MARL_OPTION_INT, "0", 0, 1e6, NULL, "fields",
     "0: statistics of the whole reference run; n: of its first n training fields, cut or filtered "
     "as target says"},
    {"reward", MARL_OPTION_TEXT, "log_likelihood", 0, 0, NULL, "1",
     "what is rewarded, see `marl list rewards`"},
    {"reward_window", MARL_OPTION_REAL, "1", 0, 1e4, NULL, "T",
     "time constant of the running mean that is rewarded; 0: the instantaneous spectrum"},
    {"reward_pdf", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "1",
     "weight of KL(reference || running density)"},
    {"reward_after", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "T",
     "time from the start of an episode before rewards and metrics count"},
    {"blow_up_reward", MARL_OPTION_REAL, "-100", -1e9, 0, NULL, "1",
     "reward of the action that ends in a blow-up"},
    {"max_steps", MARL_OPTION_INT, "1000", 1, 1e9, NULL, "actions", "time limit of an episode"},
    {"best_constants", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "1",
     "log_spectrum_error of the best constant coefficients in such episodes, shown beside that of "
     "the policy; 0: not known"},
};

static MarlCode read_list(const MarlSection *section, const char *key, int count,
                          const double *fallback, double *out, MarlError *err) {
  size_t given = 0;
  const double *values = marl_section_reals(section, key, &given);
  if (given != 0 && given != (size_t)count)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.%s has %zu values; this action set has %d coefficients", key, given,
                     count);
  memcpy(out, given == 0 ? fallback : values, (size_t)count * sizeof *out);
  return MARL_OK;
}

/* The lists beside more_references: none, or one value for each. */
static MarlCode read_flows(const MarlSection *section, MarlTurbulenceParams *out, MarlError *err) {
  size_t sizes = 0, steps = 0;
  out->more_references = marl_section_texts(section, "more_references", &out->num_more_references);
  out->more_n = marl_section_ints(section, "more_resolutions", &sizes);
  out->more_dt = marl_section_reals(section, "more_dts", &steps);
  const size_t flows = out->num_more_references;
  if ((sizes > 0 && sizes != flows) || (steps > 0 && steps != flows))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.more_references names %zu flows, more_resolutions has %zu values and "
                     "more_dts %zu: give none or one for each",
                     flows, sizes, steps);
  if (sizes == 0) out->more_n = NULL;
  if (steps == 0) out->more_dt = NULL;
  for (size_t f = 1; f <= flows; ++f) {
    const MarlTurbulenceParams flow = marl_turbulence_flow(out, (int)f);
    const double time = out->interval * out->dt;
    if (flow.interval < 1 || fabs(flow.interval * flow.dt - time) > 1e-9 * time)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "env.more_dts: %g is no whole part of %g, the time that an action is held",
                       flow.dt, time);
    if (flow.n % out->agents != 0)
      return MARL_FAIL(err, MARL_ECONFIG, "env.more_resolutions: %d is no multiple of %d agents",
                       flow.n, out->agents);
  }
  return MARL_OK;
}

MarlTurbulenceParams marl_turbulence_flow(const MarlTurbulenceParams *params, int flow) {
  MarlTurbulenceParams own = *params;
  own.more_references = NULL, own.more_n = NULL, own.more_dt = NULL;
  own.num_more_references = 0;
  if (flow == 0) return own;
  own.reference = params->more_references[flow - 1];
  if (params->more_n != NULL) own.n = params->more_n[flow - 1];
  if (params->more_dt != NULL) own.dt = params->more_dt[flow - 1];
  own.interval = (int)lround(params->interval * params->dt / own.dt);
  return own;
}

static MarlCode read_blocks(const MarlSection *section, MarlTurbulenceParams *out, MarlError *err) {
  const MarlPlugin *found[MARL_MAX_OBSERVATIONS];
  size_t count = 0;
  MARL_TRY(marl_section_plugins(section, "observation", &marl_kind_observations,
                                MARL_MAX_OBSERVATIONS, found, &count, err));
  if (count == 0) return MARL_FAIL(err, MARL_ECONFIG, "env.observation names no block");
  out->num_observations = (int)count;
  for (size_t i = 0; i < count; ++i) out->observation[i] = (const MarlObservationOps *)found[i];
  return MARL_OK;
}

static MarlCode read_names(const MarlSection *section, MarlTurbulenceParams *out, MarlError *err) {
  const MarlPlugin *interpolation, *action, *reward;
  MARL_TRY(marl_section_plugin(section, "interpolation", &marl_kind_interpolations, &interpolation,
                               err));
  MARL_TRY(marl_section_plugin(section, "action", &marl_kind_actions, &action, err));
  MARL_TRY(marl_section_plugin(section, "reward", &marl_kind_rewards, &reward, err));
  out->interpolation = (const MarlInterpolationOps *)interpolation;
  out->action = (const MarlActionOps *)action;
  out->reward = (const MarlRewardOps *)reward;
  return read_blocks(section, out, err);
}

MarlCode marl_turbulence_params(const MarlSection *section, MarlTurbulenceParams *out,
                                MarlError *err) {
  *out = (MarlTurbulenceParams){
      .reference = marl_section_text(section, "reference"),
      .n = marl_section_int(section, "resolution"),
      .dt = marl_section_real(section, "dt"),
      .dealias = (MarlDealias)marl_section_choice(section, "dealias"),
      .advection = (MarlAdvectionForm)marl_section_choice(section, "advection"),
      .lanes = (MarlLanesChoice)marl_section_choice(section, "lanes"),
      .agents = marl_section_int(section, "agents"),
      .interval = marl_section_int(section, "action_interval"),
      .target = (MarlTarget)marl_section_choice(section, "target"),
      .samples = marl_section_int(section, "samples"),
      .reward_window = marl_section_real(section, "reward_window"),
      .reward_pdf = marl_section_real(section, "reward_pdf"),
      .reward_after = marl_section_real(section, "reward_after"),
      .blow_up_reward = marl_section_real(section, "blow_up_reward"),
      .max_steps = marl_section_int(section, "max_steps"),
  };
  if (out->agents < 1 || out->n % out->agents != 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: %d agents a side do not divide the %d grid points a side (resolution)",
                     marl_section_origin(section, "agents"), out->agents, out->n);
  MARL_TRY(read_flows(section, out, err));
  MARL_TRY(read_names(section, out, err));
  double center[MARL_MAX_COEFFICIENTS], scale[MARL_MAX_COEFFICIENTS];
  const int count = out->num_coefficients = out->action->num_coefficients;
  for (int c = 0; c < count; ++c) {
    center[c] = out->action->term[c].center;
    scale[c] = out->action->term[c].scale;
  }
  MARL_TRY(read_list(section, "action_center", count, center, out->center, err));
  return read_list(section, "action_scale", count, scale, out->scale, err);
}

MarlCode marl_lanes_create(MarlLanesChoice choice, MarlFlowBatch **out, MarlError *err) {
  *out = NULL;
  if (choice == MARL_LANES_OFF) return MARL_OK;
  return marl_flow_batch_create(
      choice == MARL_LANES_FLOAT ? MARL_PRECISION_FLOAT : MARL_PRECISION_DOUBLE, out, err);
}

MarlCode marl_les_params(const MarlReference *reference, int n, double dt, MarlDealias dealias,
                         MarlSolverParams *out, MarlError *err) {
  MARL_TRY(marl_reference_flow(reference, n, out, err));
  out->dealias = dealias;
  out->integrator = MARL_IFAB2;
  out->dt = dt;
  out->cfl = 0;
  return MARL_OK;
}
