#include "physics/changing_flow.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "physics/flow_config.h"

enum { MAX_CHANGE = 512 };
static const double ROUND_OFF = 1e-9; /* of a time, relative to the times of a run */

static bool may_change(const char *setting) {
  return strncmp(setting, "flow.", 5) == 0 || strncmp(setting, "forcing.", 8) == 0;
}

/* TIME:SECTION.KEY=VALUE... into a configuration in which nothing is claimed. */
static MarlCode apply(MarlConfig *config, const char *change, double *start, MarlError *err) {
  char text[MAX_CHANGE], *end = NULL;
  if (snprintf(text, sizeof text, "%s", change) >= (int)sizeof text)
    return MARL_FAIL(err, MARL_ECONFIG, "the change '%.40s...' is too long", change);
  *start = strtod(text, &end);
  if (end == text || *end != ':' || !isfinite(*start))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "the change '%s' is not TIME:SECTION.KEY=VALUE, as 30:forcing.wavenumber=4",
                     change);
  for (char *setting = end + 1, *next; setting != NULL; setting = next) {
    next = strchr(setting, ':');
    if (next != NULL) *next++ = '\0';
    if (!may_change(setting))
      return MARL_FAIL(err, MARL_ECONFIG,
                       "the change '%s': '%s' is no key of section flow or forcing", change,
                       setting);
    MARL_TRY(marl_config_set(config, setting, err));
  }
  return MARL_OK;
}

static bool same_grid(const MarlSolverParams *a, const MarlSolverParams *b) {
  return a->dealias == b->dealias && a->advection == b->advection;
}

static MarlCode read_phase(const MarlConfig *config, uint64_t seed, MarlSolverParams *out,
                           MarlError *err) {
  MarlConfig *copy;
  MARL_TRY(marl_config_copy(config, "", &copy, err));
  const MarlCode code = marl_flow_params_from_config(copy, seed, out, err);
  marl_config_destroy(&copy);
  return code;
}

static MarlCode add_change(MarlConfig *config, const char *change, uint64_t seed,
                           MarlChangingFlow *out, MarlError *err) {
  const int p = out->num_phases;
  if (p == MARL_MAX_PHASES)
    return MARL_FAIL(err, MARL_ECONFIG, "a flow has %d phases at most", MARL_MAX_PHASES);
  MARL_TRY(apply(config, change, &out->start[p], err));
  if (!(out->start[p] > out->start[p - 1]))
    return MARL_FAIL(err, MARL_ECONFIG, "the change '%s' is not after %g: order them by time",
                     change, out->start[p - 1]);
  MARL_TRY(read_phase(config, seed, &out->phase[p], err));
  if (!same_grid(&out->phase[0], &out->phase[p]))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "the change '%s': flow.dealias and flow.advection cannot change", change);
  out->num_phases = p + 1;
  return MARL_OK;
}

MarlCode marl_changing_flow_read(const MarlConfig *config, const char *const *changes,
                                 size_t num_changes, uint64_t seed, MarlChangingFlow *out,
                                 MarlError *err) {
  MarlConfig *changed = NULL;
  *out = (MarlChangingFlow){.num_phases = 1};
  MARL_TRY(read_phase(config, seed, &out->phase[0], err));
  MARL_TRY(marl_config_copy(config, "", &changed, err));
  MarlCode code = MARL_OK;
  for (size_t i = 0; i < num_changes && code == MARL_OK; ++i)
    code = add_change(changed, changes[i], seed, out, err);
  marl_config_destroy(&changed);
  return code;
}

int marl_changing_flow_phase(const MarlChangingFlow *flow, double time) {
  int phase = 0;
  while (phase + 1 < flow->num_phases &&
         flow->start[phase + 1] <= time + ROUND_OFF * flow->start[flow->num_phases - 1])
    ++phase;
  return phase;
}

MarlCode marl_changing_flow_step_until(const MarlChangingFlow *flow, MarlSolver *solver, int *phase,
                                       double until, MarlError *err) {
  while (*phase < marl_changing_flow_phase(flow, until)) {
    const double change = flow->start[*phase + 1];
    MARL_TRY(marl_solver_step_until(solver, change, change, err));
    ++*phase;
    MARL_TRY(marl_solver_change_flow(solver, &flow->phase[*phase], err));
  }
  return marl_solver_step_until(solver, until, until, err);
}
