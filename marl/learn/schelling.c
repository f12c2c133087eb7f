#include "marl/learn/schelling.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/decider.h"
#include "marl/learn/scripted.h"

enum { MAX_AGENTS = 64, MAX_LIST = MAX_AGENTS * (MARL_POLICY_NAME + 2) };
static const int64_t most_steps = 10000000;

/* One episode under way. */
typedef struct Episode {
  const MarlSchellingTask *task;
  const MarlEnvSpec *spec;
  MarlVecEnv *vec;
  MarlBatch *batch;
  uint8_t side[MAX_AGENTS];
  MarlDecider decider[2]; /* of trained sides */
  float *act;             /* [A, U] of one side */
  double earned[MAX_AGENTS];
} Episode;

MarlCode marl_schelling_agents(const MarlSchellingTask *task, int *num_agents, MarlError *err) {
  MarlEnv *env;
  MARL_TRY(marl_env_check_ops(task->ops, err));
  MARL_TRY(marl_env_create(task->ops, task->config, 0, MPI_COMM_SELF, &env, err));
  *num_agents = env->spec.num_agents;
  marl_env_destroy(env);
  if (*num_agents <= MAX_AGENTS) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "%d agents; a Schelling diagram has at most %d", *num_agents,
                   MAX_AGENTS);
}

/* The section with `policies` as this episode deals them. */
static MarlCode deal(const Episode *e, int num_agents, MarlSection **out, MarlError *err) {
  const MarlSchellingTask *task = e->task;
  char list[MAX_LIST] = "";
  MARL_TRY(marl_section_copy(task->config, out, err));
  if (task->ops->num_scripted == 0) return MARL_OK;
  for (int a = 0; a < num_agents; ++a) {
    const char *name = task->side[e->side[a]].scripted;
    const size_t used = strlen(list);
    snprintf(list + used, sizeof list - used, "%s%s", a > 0 ? ", " : "",
             name != NULL ? name : "learner");
  }
  return marl_section_set(*out, "policies", list, "marl schelling", err);
}

static MarlCode prepare(Episode *e, int number, int num_agents, MarlError *err) {
  const MarlSchellingTask *task = e->task;
  MarlSection *config = NULL;
  MarlCode code = deal(e, num_agents, &config, err);
  if (code == MARL_OK)
    code =
        marl_vec_env_create(task->ops, config, 1, number, marl_key_fold(task->key, MARL_STREAM_ENV),
                            MPI_COMM_SELF, &e->vec, err);
  marl_section_destroy(&config);
  MARL_TRY(code);
  e->spec = marl_vec_env_spec(e->vec);
  e->batch = marl_vec_env_batch(e->vec);
  e->act = calloc((size_t)num_agents * (size_t)e->spec->act_dim, sizeof *e->act);
  if (e->act == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for an episode");
  for (int s = 0; s < 2; ++s) {
    const MarlPolicy *policy = task->side[s].policy;
    if (policy == NULL) continue;
    MARL_TRY(marl_policy_check_env(policy, e->spec, task->ops->name, err));
    MARL_TRY(marl_decider_create(policy, e->spec, 1, &e->decider[s], err));
  }
  return marl_vec_env_reset(e->vec, err);
}

/* Both trained sides are asked about all; each agent has the answer of its own. */
static void decide(Episode *e, int number, int64_t step) {
  const size_t width = (size_t)e->spec->act_dim, count = (size_t)e->spec->num_agents;
  const MarlKey key =
      marl_key_fold(marl_key_fold(e->task->key, MARL_STREAM_POLICY), (uint64_t)step);
  bool asked = false;
  for (int s = 0; s < 2; ++s) {
    if (e->task->side[s].policy == NULL) continue;
    if (asked) memcpy(e->act, e->batch->act, count * width * sizeof *e->act);
    marl_decider_act(&e->decider[s], e->batch, e->task->greedy ? NULL : &key, number);
    for (size_t a = 0; asked && a < count; ++a)
      if (e->side[a] != s)
        memcpy(e->batch->act + a * width, e->act + a * width, width * sizeof *e->act);
    asked = true;
  }
}

static MarlCode play(Episode *e, int number, MarlError *err) {
  const int agents = e->spec->num_agents, roles = e->spec->num_roles;
  double weight = 1.0;
  for (int64_t step = 0; step < most_steps; ++step) {
    decide(e, number, step);
    MARL_TRY(marl_vec_env_step(e->vec, err));
    for (int i = 0; i < agents * roles; ++i)
      e->earned[i / roles] += weight * (double)e->batch->reward[i];
    weight *= e->task->discount;
    if (e->batch->episode_ended[0]) return MARL_OK;
  }
  return MARL_FAIL(err, MARL_ENUMERIC,
                   "an episode of '%s' has not ended after %lld steps; give the environment a time "
                   "limit",
                   e->task->ops->name, (long long)most_steps);
}

/* Returns of one episode: a cooperator's, a defector's (their means) and the total. */
static MarlCode run_episode(const MarlSchellingTask *task, int number, int num_agents,
                            int cooperators, double out[3], MarlError *err) {
  uint32_t order[MAX_AGENTS];
  Episode e = {.task = task};
  const MarlKey key =
      marl_key_fold(marl_key_fold(task->key, MARL_STREAM_SHUFFLE), (uint64_t)number);
  marl_permutation(key, (uint32_t)num_agents, order);
  for (int a = 0; a < num_agents; ++a)
    e.side[a] = (int)order[a] < cooperators ? MARL_SCHELLING_COOPERATOR : MARL_SCHELLING_DEFECTOR;
  MarlCode code = prepare(&e, number, num_agents, err);
  if (code == MARL_OK) code = play(&e, number, err);
  out[0] = out[1] = 0;
  for (int a = 0; a < num_agents; ++a) out[e.side[a]] += e.earned[a];
  out[2] = out[0] + out[1];
  out[0] /= cooperators;
  out[1] /= num_agents - cooperators;
  for (int s = 0; s < 2; ++s) marl_decider_clear(&e.decider[s]);
  marl_vec_env_destroy(&e.vec);
  free(e.act);
  return code;
}

MarlCode marl_schelling_point(const MarlSchellingTask *task, int cooperators,
                              MarlSchellingPoint *out, MarlError *err) {
  int num_agents;
  MARL_TRY(marl_schelling_agents(task, &num_agents, err));
  const size_t n = (size_t)task->episodes;
  double *values = calloc(3 * n, sizeof *values), one[3];
  MarlCode code =
      values == NULL ? MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu episodes", n) : MARL_OK;
  for (size_t e = 0; code == MARL_OK && e < n; ++e) {
    code = run_episode(task, (int)e, num_agents, cooperators, one, err);
    for (size_t i = 0; i < 3; ++i) values[i * n + e] = one[i];
  }
  const bool there[3] = {cooperators > 0, cooperators < num_agents, true};
  double *const mean[3] = {&out->mean[0], &out->mean[1], &out->total};
  MarlInterval *const interval[3] = {&out->interval[0], &out->interval[1], &out->total_interval};
  for (size_t i = 0; code == MARL_OK && i < 3; ++i) {
    double sum = 0;
    for (size_t e = 0; e < n; ++e) sum += values[i * n + e];
    *mean[i] = there[i] ? sum / (double)n : (double)NAN;
    *interval[i] = there[i] ? marl_mean_interval(values + i * n, n, 0.95)
                            : (MarlInterval){(double)NAN, (double)NAN};
  }
  free(values);
  return code;
}
