/* The learned closure: agents as in training, their actions from a trained policy
 *
 * closure.policy names a run folder, one checkpoint file of it, or a file of `marl export`; the
 * configuration of its training (trained_policy.h) says what the agents see and do. The policy
 * acts every action_interval steps on the resolved flow, or every closure.interval where the time
 * step is another than in training, at the means of its Gaussians unless closure.sample is true. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/turbulence/agent_closure.h"
#include "envs/turbulence/closures.h"
#include "envs/turbulence/reward.h"
#include "envs/turbulence/trained_policy.h"
#include "marl/learn/policy.h"

typedef struct LearnedClosure {
  MarlClosure base;
  MarlTurbulenceParams params;
  MarlAgentClosure *agents;
  MarlObserver *observer;
  MarlPolicy *policy;
  int role;
  bool sample;
  MarlKey key;
  int64_t last; /* step of the last action; -1: none yet */
  /* T of an action in the training, where closure.interval does not say how many steps; 0 */
  double hold;
  float *obs;    /* [agents^2, obs_dim] */
  float *act;    /* [agents^2, num_coefficients] */
  MarlKey *keys; /* [agents^2] */
} LearnedClosure;

static const MarlOption options[] = {
    {"policy", MARL_OPTION_TEXT, "", 0, 0, NULL, "path",
     "run folder, checkpoint or exported policy"},
    {"reference", MARL_OPTION_TEXT, "", 0, 0, NULL, "file",
     "reference that observed bands are compared with, read where a policy observes them; empty: "
     "the "
     "training's first, or that of `marl evaluate`"},
    {"interval", MARL_OPTION_INT, "0", 0, 1e6, NULL, "steps",
     "steps an action is held; 0: as many as in the training, however long a step is here"},
    {"transfer", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "run on other wavenumbers than in training; coefficients are in units of the resolved scale"},
    {"replica", MARL_OPTION_INT, "0", 0, 1e6, NULL, "1", "which replica of the run"},
    {"sample", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1", "draw actions instead of their means"},
    {"seed", MARL_OPTION_INT, "1", 0, 1e15, NULL, "1", "of drawn actions"},
};

static LearnedClosure *learned(MarlClosure *closure) {
  return (LearnedClosure *)closure;
}

static void destroy(MarlClosure *base) {
  LearnedClosure *closure = learned(base);
  if (closure == NULL) return;
  marl_agent_closure_destroy(&closure->agents);
  marl_observer_destroy(&closure->observer);
  marl_policy_destroy(&closure->policy);
  free(closure->obs);
  free(closure->act);
  free(closure->keys);
  free(closure);
}

static bool aliased(MarlDealias dealias) {
  return dealias == MARL_DEALIAS_NONE;
}

/* Has the training had such a grid, or several, from which others follow? */
static bool has_seen(const MarlTurbulenceParams *params, const MarlGrid *grid) {
  bool seen = false, several = false;
  for (int f = 0; f <= (int)params->num_more_references; ++f) {
    const MarlTurbulenceParams flow = marl_turbulence_flow(params, f);
    const int kept = marl_grid_kept(flow.n, params->dealias);
    seen = seen || (grid->kept_x == kept && grid->kept_y == kept);
    several = several || flow.n != params->n;
  }
  return (seen || several) && aliased(grid->dealias) == aliased(params->dealias);
}

/* The flow resolves what the training's did, or the user has said that it need not; from then on
 * the parameters are of this flow. */
static MarlCode check_flow(LearnedClosure *closure, const MarlGrid *grid, bool transfer,
                           const char *path, MarlError *err) {
  MarlTurbulenceParams *params = &closure->params;
  const int kept = marl_grid_kept(params->n, params->dealias);
  if (!has_seen(params, grid) && !transfer)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "%s was trained on %d x %d points with dealias: %s, wavenumbers below %d; this "
        "flow has %d x %d with dealias: %s, wavenumbers below %d: run it as trained, or "
        "set closure.transfer=true (coefficients are in units of the resolved scale)",
        path, params->n, params->n, marl_dealias_names[params->dealias], kept, grid->nx, grid->ny,
        marl_dealias_names[grid->dealias], grid->kept_x);
  *params = marl_turbulence_flow(params, 0);
  params->n = grid->nx;
  params->dealias = grid->dealias;
  return MARL_OK;
}

/* A reference is read where a block compares with it, and only there. */
static MarlCode build_observer(LearnedClosure *closure, const MarlGrid *grid, const char *path,
                               MarlError *err) {
  MarlTurbulenceParams *params = &closure->params;
  if (!marl_observation_needs_target(params))
    return marl_observer_create(params, grid, NULL, &closure->observer, err);
  params->reward = &marl_reward_episode_log_error; /* of the reward only the target is used */
  MarlReference *reference = NULL;
  MarlReward *reward = NULL;
  MARL_TRY(marl_reference_read(path[0] != '\0' ? path : params->reference, &reference, err));
  MarlCode code = marl_reward_create(params, reference, &reward, err);
  if (code == MARL_OK)
    code = marl_observer_create(params, grid, reward->target, &closure->observer, err);
  marl_reward_destroy(&reward);
  marl_reference_destroy(&reference);
  return code;
}

static MarlCode build(LearnedClosure *closure, const MarlGrid *grid, const char *policy,
                      int replica, const char *reference, MarlError *err) {
  MarlTurbulenceParams *params = &closure->params;
  MARL_TRY(marl_agent_closure_create(params, grid, &closure->agents, err));
  MARL_TRY(build_observer(closure, grid, reference, err));
  MARL_TRY(marl_policy_open(policy, replica, &closure->policy, err));
  MARL_TRY(marl_trained_policy_role(closure->policy, params, closure->observer->dim, policy,
                                    &closure->role, err));
  const size_t agents = (size_t)params->agents * (size_t)params->agents;
  closure->obs = calloc(agents * (size_t)closure->observer->dim, sizeof *closure->obs);
  closure->act = calloc(agents * (size_t)params->num_coefficients, sizeof *closure->act);
  closure->keys = calloc(agents, sizeof *closure->keys);
  if (closure->obs == NULL || closure->act == NULL || closure->keys == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for the learned closure");
  return MARL_OK;
}

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  const char *policy = marl_section_text(config, "policy");
  const char *path = marl_section_text(config, "reference");
  if (policy[0] == '\0')
    return MARL_FAIL(err, MARL_ECONFIG,
                     "the learned closure needs closure.policy=RUN, a run folder or a checkpoint");
  LearnedClosure *closure = calloc(1, sizeof *closure);
  if (closure == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the learned closure");
  closure->base.ops = &marl_closure_learned;
  closure->last = -1;
  closure->sample = marl_section_bool(config, "sample");
  closure->key = marl_key((uint64_t)marl_section_int64(config, "seed"), MARL_STREAM_POLICY);
  MarlConfig *run = NULL;
  MarlCode code =
      marl_trained_policy_params(policy, marl_section_shipped(config), &run, &closure->params, err);
  const bool several_steps = code == MARL_OK && closure->params.more_dt != NULL;
  if (code == MARL_OK)
    code = check_flow(closure, grid, marl_section_bool(config, "transfer"), policy, err);
  const int interval = marl_section_int(config, "interval");
  if (interval > 0)
    closure->params.interval = interval;
  else
    closure->hold = closure->params.interval * closure->params.dt;
  if (code == MARL_OK && interval == 0 && several_steps)
    code = MARL_FAIL(err, MARL_ECONFIG,
                     "%s was trained on flows of several steps (env.more_dts) and holds an action "
                     "for %g: say closure.interval, that time over this run's step",
                     policy, closure->params.interval * closure->params.dt);
  if (code == MARL_OK)
    code = build(closure, grid, policy, marl_section_int(config, "replica"), path, err);
  closure->params.reference = NULL;
  marl_config_destroy(&run);
  if (code != MARL_OK) {
    destroy(&closure->base);
    return code;
  }
  *out = &closure->base;
  return MARL_OK;
}

const MarlAgentClosure *marl_closure_agents(const MarlClosure *closure) {
  if (closure->ops != &marl_closure_learned) return NULL;
  return ((const LearnedClosure *)closure)->agents;
}

double marl_closure_trained_hold(const MarlClosure *closure, int *steps) {
  if (closure->ops != &marl_closure_learned) return 0;
  *steps = ((const LearnedClosure *)closure)->params.interval;
  return ((const LearnedClosure *)closure)->hold;
}

/* Is the policy to act before this step? */
static bool is_due(const LearnedClosure *closure, int64_t step) {
  return closure->last < 0 || step < closure->last ||
         step >= closure->last + closure->params.interval;
}

static bool held(const MarlClosure *base, int64_t step, MarlHeldDamping *out) {
  const LearnedClosure *closure = (const LearnedClosure *)base;
  marl_agent_closure_held(closure->agents, out);
  if (is_due(closure, step)) return false;
  out->steps = closure->last + closure->params.interval - step;
  return true;
}

static MarlCode evaluate(MarlClosure *base, const MarlFlow *flow, MarlSubgrid *out,
                         MarlError *err) {
  (void)err;
  LearnedClosure *closure = learned(base);
  if (is_due(closure, flow->step)) {
    const size_t agents = (size_t)closure->params.agents * (size_t)closure->params.agents;
    const MarlKey step_key = marl_key_fold(closure->key, (uint64_t)flow->step);
    for (size_t a = 0; a < agents; ++a) closure->keys[a] = marl_key_fold(step_key, a);
    marl_observer_look(closure->observer, flow);
    marl_observer_write(closure->observer, flow, closure->obs);
    marl_policy_act(closure->policy, closure->role, 0, agents, closure->obs,
                    closure->sample ? closure->keys : NULL, closure->act);
    marl_agent_closure_set(closure->agents, closure->observer, closure->act);
    closure->last = flow->step;
  }
  return marl_agent_closure_evaluate(closure->agents, flow, out);
}

static MarlCode save(const MarlClosure *base, MarlStore *to, MarlError *err) {
  const LearnedClosure *closure = (const LearnedClosure *)base;
  MARL_TRY(marl_store_set_int(to, NULL, "last_action", closure->last, err));
  return marl_agent_closure_save(closure->agents, to, err);
}

static MarlCode load(MarlClosure *base, MarlStore *from, MarlError *err) {
  LearnedClosure *closure = learned(base);
  MARL_TRY(marl_store_get_int(from, NULL, "last_action", &closure->last, err));
  return marl_agent_closure_load(closure->agents, from, err);
}

static MarlCode look(const MarlClosure *base, MarlPicture *picture, MarlError *err) {
  return marl_agent_closure_look(((const LearnedClosure *)base)->agents, picture, err);
}

const MarlClosureOps marl_closure_learned = {
    .name = "learned",
    .summary = "coefficients from a trained policy at the agents' grid points",
    .source = "Mojgani et al. 2023, arXiv:2312.00907",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .stress = true,
    .held = held,
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate,
    .save = save,
    .load = load,
    .look = look,
};
