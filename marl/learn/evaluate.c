#include "marl/learn/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/learn/decider.h"
#include "marl/learn/inference.h"
#include "marl/learn/returns.h"

enum { ENVS_AT_A_TIME = 32 };
static const int64_t most_steps = 10000000;

/* A batch of environments, each in its first episode. */
typedef struct Crowd {
  const MarlPolicy *policy;
  const MarlEvaluationTask *task;
  MarlVecEnv *vec;
  const MarlEnvSpec *spec;
  MarlBatch *batch;
  int first;       /* episode of environment 0 */
  double *returns; /* [E, num_roles] summed over agents */
  double *results; /* [episodes, count] of the whole evaluation */
  int count;       /* numbers an episode */
  bool *ended;     /* [E] */
  MarlDecider decider;
} Crowd;

/* Store what environment e's episode came to. */
static void finish(Crowd *c, int e, int64_t length) {
  double *out = c->results + (size_t)(c->first + e) * (size_t)c->count;
  *out++ = (double)length;
  const int R = marl_num_returns(c->spec);
  for (int i = 0; i < R; ++i)
    *out++ = c->returns[e * R + i] / (double)marl_return_agents(c->spec, i);
  for (int m = 0; m < c->spec->num_metrics; ++m)
    *out++ = (double)c->batch->final_metrics[e * c->spec->num_metrics + m];
  c->ended[e] = true;
}

/* Rewards of this step; returns how many episodes it ended. */
static int book(Crowd *c, int64_t length) {
  int ended = 0;
  for (int e = 0; e < c->batch->num_envs; ++e) {
    if (c->ended[e]) continue;
    marl_add_returns(c->spec, c->batch, e, c->returns + (ptrdiff_t)e * marl_num_returns(c->spec));
    if (!c->batch->episode_ended[e]) continue;
    finish(c, e, length);
    ++ended;
  }
  return ended;
}

static MarlCode run_crowd(Crowd *c, MarlError *err) {
  const MarlKey act_key = marl_key_fold(c->task->key, MARL_STREAM_POLICY);
  MARL_TRY(marl_vec_env_reset(c->vec, err));
  int running = c->batch->num_envs;
  for (int64_t step = 0; running > 0; ++step) {
    if (step == most_steps)
      return MARL_FAIL(err, MARL_ENUMERIC,
                       "evaluation: an episode of '%s' has not ended after %lld steps; give the "
                       "environment a time limit",
                       c->task->ops->name, (long long)most_steps);
    const MarlKey step_key = marl_key_fold(act_key, (uint64_t)step);
    marl_decider_act(&c->decider, c->batch, c->task->greedy ? NULL : &step_key, c->first);
    MARL_TRY(marl_vec_env_step(c->vec, err));
    running -= book(c, step + 1);
  }
  return MARL_OK;
}

static void release(Crowd *c) {
  marl_vec_env_destroy(&c->vec);
  free(c->returns);
  free(c->ended);
  marl_decider_clear(&c->decider);
}

static MarlCode prepare(Crowd *c, int num_envs, MarlError *err) {
  MARL_TRY(marl_vec_env_create(c->task->ops, c->task->config, num_envs, c->first,
                               marl_key_fold(c->task->key, MARL_STREAM_ENV), MPI_COMM_SELF, &c->vec,
                               err));
  c->spec = marl_vec_env_spec(c->vec);
  c->batch = marl_vec_env_batch(c->vec);
  c->count = 1 + marl_num_returns(c->spec) + c->spec->num_metrics;
  MARL_TRY(marl_policy_check_env(c->policy, c->spec, c->task->ops->name, err));
  const size_t E = (size_t)num_envs;
  c->returns = calloc(E * (size_t)marl_num_returns(c->spec), sizeof *c->returns);
  c->ended = calloc(E, sizeof *c->ended);
  if (c->returns == NULL || c->ended == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for an evaluation");
  return marl_decider_create(c->policy, c->spec, num_envs, &c->decider, err);
}

/* Episodes first .. end - 1 into results, which the crowd writes. */
static MarlCode run_episodes(const MarlPolicy *policy, const MarlEvaluationTask *task, int first,
                             int end,
                             double *results,  // NOLINT(readability-non-const-parameter)
                             MarlError *err) {
  for (int at = first; at < end; at += ENVS_AT_A_TIME) {
    Crowd crowd = {.policy = policy, .task = task, .first = at, .results = results};
    const int left = end - at;
    MarlCode code = prepare(&crowd, left < ENVS_AT_A_TIME ? left : ENVS_AT_A_TIME, err);
    if (code == MARL_OK) code = run_crowd(&crowd, err);
    release(&crowd);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

static MarlCode name_figures(const MarlEnvSpec *spec, const MarlEvaluationTask *task,
                             MarlEvaluation *out, MarlError *err) {
  const int R = marl_num_returns(spec);
  *out = (MarlEvaluation){.episodes = task->episodes, .count = 1 + R + spec->num_metrics};
  if (out->count > MARL_EVALUATION_MAX)
    return MARL_FAIL(err, MARL_EARG, "environment '%s' has more than %d metrics", task->ops->name,
                     MARL_EVALUATION_MAX);
  snprintf(out->name[0], sizeof out->name[0], "length");
  for (int r = 0; r < R; ++r)
    snprintf(out->name[1 + r], sizeof out->name[0], "return_%s", marl_return_name(spec, r));
  for (int m = 0; m < spec->num_metrics; ++m)
    snprintf(out->name[1 + R + m], sizeof out->name[0], "env/%s", spec->metrics[m]);
  return MARL_OK;
}

/* Names of the numbers, from one instance of the environment. */
static MarlCode name_results(const MarlEvaluationTask *task, MarlEvaluation *out, MarlError *err) {
  MarlEnv *env;
  MARL_TRY(marl_env_check_ops(task->ops, err));
  MARL_TRY(marl_env_create(task->ops, task->config, 0, MPI_COMM_SELF, &env, err));
  const MarlCode code = name_figures(&env->spec, task, out, err);
  marl_env_destroy(env);
  return code;
}

MarlCode marl_evaluate_policy(const MarlPolicy *policy, const MarlEvaluationTask *task,
                              MPI_Comm comm, MarlEvaluation *out, MarlError *err) {
  if (task->episodes < 1)
    return MARL_FAIL(err, MARL_EARG, "an evaluation needs at least one episode, not %d",
                     task->episodes);
  double *results = NULL;
  int first, count;
  marl_comm_shards(comm, task->episodes, &first, &count);
  MarlCode code = name_results(task, out, err);
  if (code == MARL_OK) {
    results = calloc((size_t)task->episodes * (size_t)out->count, sizeof *results);
    code = results == NULL
               ? MARL_FAIL(err, MARL_EMEMORY, "out of memory for %d episodes", task->episodes)
               : run_episodes(policy, task, first, first + count, results, err);
  }
  code = marl_comm_agree(comm, code, err);
  /* every number is one rank's plus zeros: exact in any order */
  if (code == MARL_OK && MPI_Allreduce(MPI_IN_PLACE, results, task->episodes * out->count,
                                       MPI_DOUBLE, MPI_SUM, comm) != MPI_SUCCESS)
    code = MARL_FAIL(err, MARL_EMPI, "evaluation: the sum over ranks failed");
  for (int i = 0; code == MARL_OK && results != NULL && i < out->count; ++i)
    marl_mean_of_known(results + i, (size_t)task->episodes, (size_t)out->count, &out->mean[i],
                       &out->standard_error[i]);
  free(results);
  return code;
}

int marl_evaluation_find(const MarlEvaluation *evaluation, const char *name) {
  for (int i = 0; i < evaluation->count; ++i)
    if (strcmp(evaluation->name[i], name) == 0) return i;
  return -1;
}
