/* Environment `turbulence`: the agents are points of a lattice on an LES grid and set the
 * coefficients of its sub-grid closure; the reward is how near the LES's enstrophy spectrum is to
 * that of a high-resolution run (Mojgani et al. 2023, arXiv:2312.00907; Guan et al. 2026,
 * arXiv:2603.03351).
 *
 * With several references there are several flows, and environment i always has flow i modulo their
 * number, and reads no other once it knows its i; all numbers that agents see are dimensionless, so that one policy
 * can serve them all.
 * An episode starts from one of the reference's training fields, chosen by the key. A blow-up
 * terminates it with env.blow_up_reward; a time limit truncates it (vec_env). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/turbulence/training_flow.h"
#include "envs/turbulence/turbulence.h"

enum {
  METRIC_ERROR,
  METRIC_KL,
  METRIC_STD,
  METRIC_COEFFICIENT,
  METRIC_BACKSCATTER,
  METRIC_BLOW_UP
};
static const char *const metrics[] = {
    [METRIC_ERROR] =
        "log_spectrum_error", /* of the episode's mean, against the target; NaN before there is one */
    [METRIC_KL] = "kl",       /* of the episode's density; NaN if it has no weight */
    [METRIC_STD] = "std_ratio",           /* vorticity's standard deviation over the reference's */
    [METRIC_COEFFICIENT] = "coefficient", /* mean C_1 over agents and actions */
    [METRIC_BACKSCATTER] = "backscatter", /* share of actions with C_1 < 0 */
    [METRIC_BLOW_UP] = "blow_up",         /* 1 if the flow did */
};

/* Sums over the episode, saved as they are. */
typedef struct Episode {
  double actions;  /* taken */
  double counted;  /* of them after reward_after */
  double variance; /* sum of <w^2> over the counted */
  double coefficient, backscatter;
  double blown_up;
} Episode;

typedef struct TurbulenceEnv {
  MarlEnv base;
  MarlRole role;
  MarlTurbulenceParams params; /* of all flows */
  MarlSection *config;         /* whose texts they borrow; owned */
  int num_flows;
  int flow;              /* of `now` */
  MarlTrainingFlow *now; /* the first flow's until the environment knows its index */
  MarlKey key;           /* of the episode: of the noise of a stochastic forcing */
  Episode episode;
  MarlFlowBatch *batch; /* NULL: lanes are off; memory is that of the first one of a company */
} TurbulenceEnv;

static TurbulenceEnv *turbulence(MarlEnv *env) {
  return (TurbulenceEnv *)env;
}

static void destroy(MarlEnv *base) {
  TurbulenceEnv *env = turbulence(base);
  if (env == NULL) return;
  marl_training_flow_destroy(&env->now);
  marl_flow_batch_destroy(&env->batch);
  marl_section_destroy(&env->config);
  free(env);
}

static void describe(TurbulenceEnv *env) {
  env->base.ops = &marl_env_turbulence;
  env->role = (MarlRole){.name = "coefficient",
                         .obs_dim = env->now->observer->dim,
                         .action_kind = MARL_ACTION_CONTINUOUS,
                         .act_dim = env->params.num_coefficients,
                         .act_low = -1,
                         .act_high = 1};
  env->base.spec = (MarlEnvSpec){.num_agents = env->params.agents * env->params.agents,
                                 .num_roles = 1,
                                 .roles = &env->role,
                                 .obs_dim = env->role.obs_dim,
                                 .act_dim = env->role.act_dim,
                                 .max_steps = env->params.max_steps,
                                 .num_kinds = env->num_flows,
                                 .num_metrics = sizeof metrics / sizeof metrics[0],
                                 .metrics = metrics};
}

/* All flows are seen by one policy. */
static MarlCode check_columns(const TurbulenceEnv *env, const MarlTrainingFlow *made,
                              MarlError *err) {
  const int columns = env->base.spec.obs_dim;
  if (made->observer->dim != columns)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "on %d x %d points an agent sees %d numbers, on %d x %d it sees %d: flows of "
                     "several sizes need blocks that do not depend on it, not log_spectrum",
                     env->params.n, env->params.n, columns, made->params.n, made->params.n,
                     made->observer->dim);
  return MARL_OK;
}

/* Can the flow be a lane, if lanes are asked for? */
static MarlCode check_lanes(const TurbulenceEnv *env, const MarlTrainingFlow *made,
                            MarlError *err) {
  const char *why = env->batch != NULL ? marl_flow_batch_alone(made->solver) : NULL;
  if (why == NULL) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "env.lanes: %s: %s; set env.lanes: off",
                   marl_lanes_names[env->params.lanes], why);
}

/* The flow of the environment's index, in place of another. */
static MarlCode choose_flow(TurbulenceEnv *env, MarlError *err) {
  const int flow = env->base.index % env->num_flows;
  if (flow == env->flow) return MARL_OK;
  MarlTrainingFlow *made = NULL;
  MarlCode code = marl_training_flow_create(&env->params, flow, &made, err);
  if (code == MARL_OK) code = check_columns(env, made, err);
  if (code == MARL_OK) code = check_lanes(env, made, err);
  if (code != MARL_OK) {
    marl_training_flow_destroy(&made);
    return code;
  }
  marl_training_flow_destroy(&env->now);
  env->now = made;
  env->flow = flow;
  return MARL_OK;
}

static MarlCode begin(const MarlSection *config, TurbulenceEnv *env, MarlError *err) {
  MARL_TRY(
      marl_turbulence_params(config, &env->params, err)); /* its messages say where a key was set */
  MARL_TRY(marl_section_copy(config, &env->config, err));
  MARL_TRY(marl_turbulence_params(env->config, &env->params, err));
  env->num_flows = 1 + (int)env->params.num_more_references;
  MARL_TRY(marl_training_flow_create(&env->params, 0, &env->now, err));
  MARL_TRY(marl_lanes_create(env->params.lanes, &env->batch, err));
  return check_lanes(env, env->now, err);
}

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* a flow runs on one rank */
  TurbulenceEnv *env = calloc(1, sizeof *env);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a turbulence environment");
  const MarlCode code = begin(config, env, err);
  if (code != MARL_OK) {
    destroy(&env->base);
    return code;
  }
  describe(env);
  *out = &env->base;
  return MARL_OK;
}

/* Observations of the flow now; the view that they came from. */
static const MarlFlow *observe(TurbulenceEnv *env, const MarlEnvIo *io, unsigned needs) {
  const MarlFlow *flow = marl_solver_flow(env->now->solver, needs);
  marl_observer_look(env->now->observer, flow);
  marl_observer_write(env->now->observer, flow, io->obs);
  const size_t agents = (size_t)env->base.spec.num_agents;
  memset(io->role, 0, agents);
  memset(io->active, 1, agents);
  return flow;
}

static void write_metrics(const TurbulenceEnv *env, float *out) {
  const Episode *sums = &env->episode;
  const double counted = fmax(sums->counted, 1), actions = fmax(sums->actions, 1);
  out[METRIC_ERROR] = (float)marl_reward_episode_error(env->now->reward);
  out[METRIC_KL] =
      env->params.reward_pdf > 0 ? (float)marl_reward_episode_kl(env->now->reward) : NAN;
  out[METRIC_STD] = (float)(sqrt(sums->variance / counted) / env->now->sigma);
  out[METRIC_COEFFICIENT] = (float)(sums->coefficient / actions);
  out[METRIC_BACKSCATTER] = (float)(sums->backscatter / actions);
  out[METRIC_BLOW_UP] = (float)sums->blown_up;
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  TurbulenceEnv *env = turbulence(base);
  MARL_TRY(choose_flow(env, err));
  const size_t points = (size_t)env->now->params.n * (size_t)env->now->params.n;
  const size_t field = marl_below(key, 0, (uint64_t)env->now->num_fields);
  double *w = env->now->observer->field[0]; /* a transform wants its own alignment */
  memcpy(w, env->now->fields + field * points, points * sizeof *w);
  MARL_TRY(marl_solver_set_vorticity(env->now->solver, w, err));
  marl_reward_begin(env->now->reward);
  env->episode = (Episode){0};
  env->key = key;
  marl_solver_set_key(env->now->solver, key);
  observe(env, io, 0);
  write_metrics(env, io->metrics);
  return MARL_OK;
}

static void count_actions(TurbulenceEnv *env, const float *act) {
  const int agents = env->base.spec.num_agents, count = env->params.num_coefficients;
  for (int a = 0; a < agents; ++a) {
    const double value = env->params.center[0] + env->params.scale[0] * (double)act[a * count];
    env->episode.coefficient += value / agents;
    env->episode.backscatter += (value < 0) / (double)agents;
  }
  env->episode.actions += 1;
}

static void finish_step(TurbulenceEnv *env, const MarlEnvIo *io, double reward, bool terminated) {
  for (int a = 0; a < env->base.spec.num_agents; ++a) {
    io->reward[a] = (float)reward;
    io->terminated[a] = terminated;
  }
  write_metrics(env, io->metrics);
}

/* A flow that is finite, but of which squares are not: neither what agents see nor a reward is. */
static bool beyond_figures(TurbulenceEnv *env) {
  static const double most = 1e200; /* the square root of which is no vorticity */
  marl_observer_look(env->now->observer, marl_solver_flow(env->now->solver, 0));
  return !(env->now->observer->enstrophy < most);
}

static void take_actions(TurbulenceEnv *env, const MarlEnvIo *io) {
  count_actions(env, io->act);
  marl_agent_closure_set(env->now->closure, env->now->observer, io->act);
}

/* The step after the flow's, which has ended with `code`. */
static MarlCode look_and_pay(TurbulenceEnv *env, const MarlEnvIo *io, MarlCode code,
                             const MarlError *blow_up, MarlError *err) {
  const MarlTurbulenceParams *params = &env->params;
  /* the observation stays the last one of a finite flow */
  if (code == MARL_ENUMERIC || (code == MARL_OK && beyond_figures(env))) {
    env->episode.blown_up = 1;
    finish_step(env, io, params->blow_up_reward, true);
    return MARL_OK;
  }
  if (code != MARL_OK) {
    if (err != NULL) *err = *blow_up;
    return code;
  }
  const bool density = params->reward_pdf > 0;
  const MarlFlow *flow = observe(env, io, density ? MARL_NEED_VORTICITY : 0);
  double reward = 0;
  if (env->episode.actions * params->interval * params->dt > params->reward_after) {
    const bool last = env->episode.actions >= params->max_steps;
    env->episode.counted += 1;
    env->episode.variance += 2 * env->now->observer->enstrophy;
    reward = marl_reward_add(env->now->reward, env->now->observer->spectrum, flow->w, last);
  }
  finish_step(env, io, reward, false);
  return MARL_OK;
}

/* So many at a time, of any number. */
enum { COMPANY = 1024 };

/* Those of `count` environments whose actions are held for as many steps as those of the first that is
 * left; they are taken off the list. */
static MarlCode step_alike(MarlFlowBatch *batch, MarlEnv *const *envs, bool *left, int count,
                           MarlCode *codes, MarlError *err) {
  MarlSolver *solvers[COMPANY];
  MarlCode own[COMPANY];
  int at[COMPANY], found = 0, interval = 0;
  for (int e = 0; e < count; ++e) {
    const MarlTrainingFlow *now = turbulence(envs[e])->now;
    if (!left[e] || (interval > 0 && now->params.interval != interval)) continue;
    interval = now->params.interval;
    left[e] = false;
    at[found] = e;
    solvers[found++] = now->solver;
  }
  if (found == 0) return MARL_OK;
  MARL_TRY(marl_flow_batch_step(batch, solvers, found, interval, own, NULL, err));
  for (int f = 0; f < found; ++f) codes[at[f]] = own[f];
  return MARL_OK;
}

static MarlCode step_company(MarlEnv *const *envs, const MarlEnvIo *io, int count, MarlError *err) {
  MarlCode codes[COMPANY];
  bool left[COMPANY];
  TurbulenceEnv *first = turbulence(envs[0]);
  const MarlError none = {.message = "a flow could not step"}; /* lanes end well or blow up */
  for (int e = 0; e < count; ++e) {
    take_actions(turbulence(envs[e]), &io[e]);
    left[e] = true;
  }
  for (int e = 0; e < count; ++e)
    if (left[e]) MARL_TRY(step_alike(first->batch, envs, left, count, codes, err));
  for (int e = 0; e < count; ++e)
    MARL_TRY(look_and_pay(turbulence(envs[e]), &io[e], codes[e], &none, err));
  return MARL_OK;
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  TurbulenceEnv *env = turbulence(base);
  if (env->batch != NULL) return step_company(&base, io, 1, err);
  MarlError blow_up;
  take_actions(env, io);
  const MarlCode code = marl_solver_step(env->now->solver, env->now->params.interval, &blow_up);
  return look_and_pay(env, io, code, &blow_up, err);
}

static MarlCode step_together(MarlEnv *const *envs, const MarlEnvIo *io, int count,
                              MarlError *err) {
  const bool lanes = turbulence(envs[0])->batch != NULL;
  for (int e = 0; e < count && !lanes; ++e) MARL_TRY(step(envs[e], &io[e], err));
  for (int e = 0; e < count && lanes; e += COMPANY)
    MARL_TRY(step_company(envs + e, io + e, count - e < COMPANY ? count - e : COMPANY, err));
  return MARL_OK;
}

static MarlCode look(const MarlEnv *base, MarlPicture *picture, MarlError *err) {
  const TurbulenceEnv *env = (const TurbulenceEnv *)base;
  const int n = env->now->params.n;
  const MarlFlow *flow = marl_solver_flow(env->now->solver, MARL_NEED_VORTICITY);
  if (flow == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a picture of the flow");
  MARL_TRY(marl_picture_numbers(picture, "vorticity", "1/T", n, n, flow->w, err));
  return marl_agent_closure_look(env->now->closure, picture, err);
}

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  const TurbulenceEnv *env = (const TurbulenceEnv *)base;
  const MarlArray sums = {
      .type = MARL_F64, .rank = 1, .shape = {sizeof env->episode / sizeof(double)}};
  MARL_TRY(marl_solver_save(env->now->solver, to, err));
  MARL_TRY(marl_agent_closure_save(env->now->closure, to, err));
  MARL_TRY(marl_reward_save(env->now->reward, to, err));
  const MarlArray words = {.type = MARL_U32, .rank = 1, .shape = {2}};
  MARL_TRY(marl_store_write(to, "episode_key", &words, env->key.k, err));
  return marl_store_write(to, "episode_sums", &sums, &env->episode, err);
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  TurbulenceEnv *env = turbulence(base);
  MARL_TRY(choose_flow(env, err));
  MARL_TRY(marl_solver_load(env->now->solver, from, err));
  MARL_TRY(marl_agent_closure_load(env->now->closure, from, err));
  MARL_TRY(marl_reward_load(env->now->reward, from, err));
  MARL_TRY(marl_store_read(from, "episode_key", MARL_U32, 2, env->key.k, err));
  marl_solver_set_key(env->now->solver, env->key);
  MARL_TRY(marl_store_read(from, "episode_sums", MARL_F64, sizeof env->episode / sizeof(double),
                           &env->episode, err));
  marl_observer_look(env->now->observer, marl_solver_flow(env->now->solver, 0));
  return MARL_OK;
}

const MarlEnvOps marl_env_turbulence = {
    .name = "turbulence",
    .summary = "grid-point agents set the closure of a 2-D large-eddy simulation",
    .source = "Mojgani et al. 2023, arXiv:2312.00907; Guan et al. 2026, arXiv:2603.03351",
    .options = marl_turbulence_options,
    .num_options = MARL_TURBULENCE_OPTIONS,
    .yardstick = "best_constants",
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .step_together = step_together,
    .save = save,
    .load = load,
    .look = look,
};
