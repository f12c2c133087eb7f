#include "marl/learn/vec_env_internal.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/common_reward.h"
#include "marl/learn/scripted.h"

/* All environments of a batch share its rows: each must be what the first is. */
static MarlCode check_same(const MarlEnvOps *ops, const MarlEnvSpec *first, const MarlEnvSpec *s,
                           MarlError *err) {
  if (s->num_agents == first->num_agents && s->num_roles == first->num_roles &&
      s->obs_dim == first->obs_dim && s->act_dim == first->act_dim &&
      s->state_dim == first->state_dim && s->mask_dim == first->mask_dim &&
      s->num_metrics == first->num_metrics && s->max_steps == first->max_steps &&
      s->ends_decisions == first->ends_decisions && s->lists_touched == first->lists_touched &&
      s->max_transitions == first->max_transitions)
    return MARL_OK;
  return MARL_FAIL(err, MARL_EARG,
                   "environment '%s': two instances of one configuration differ in agents, roles, "
                   "dimensions, metrics or time limit",
                   ops->name);
}

MarlCode marl_vec_env_create(const MarlEnvOps *ops, const MarlSection *config, int num_envs,
                             int first_env, MarlKey key, MPI_Comm env_comm, MarlVecEnv **out,
                             MarlError *err) {
  *out = NULL;
  if (num_envs < 1) return MARL_FAIL(err, MARL_EARG, "num_envs = %d, need at least 1", num_envs);
  MARL_TRY(marl_env_check_ops(ops, err));

  MarlCode code = MARL_OK;
  MarlVecEnv *vec = calloc(1, sizeof *vec);
  MarlEnv **env = calloc((size_t)num_envs, sizeof(MarlEnv *));
  if (vec == NULL || env == NULL) {
    free(vec);
    free(env);
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for %d environments", num_envs);
  }
  vec->env = env;
  vec->batch.num_envs = num_envs;
  vec->key = key;
  vec->first_env = first_env;
  for (int e = 0; e < num_envs; ++e) {
    code = marl_env_create(ops, config, first_env + e, env_comm, &vec->env[e], err);
    if (code == MARL_OK && e > 0)
      code = check_same(ops, &vec->env[0]->spec, &vec->env[e]->spec, err);
    if (code != MARL_OK) goto fail;
  }
  const MarlEnvSpec *spec = &vec->env[0]->spec;
  vec->batch.num_agents = spec->num_agents;
  vec->batch.max_transitions = spec->max_transitions;
  vec->batch.players = spec->players;

  const size_t size = marl_vec_env_lay_out(vec, spec, NULL);
  vec->memory = marl_arena_alloc(size);
  if (vec->memory == NULL) {
    code = MARL_FAIL(err, MARL_EMEMORY, "out of memory: %zu bytes of step buffers", size);
    goto fail;
  }
  marl_vec_env_lay_out(vec, spec, vec->memory);
  for (int e = 0; e < num_envs; ++e) marl_vec_env_touch_all(vec, e);
  marl_vec_env_list_touched(vec);
  *out = vec;
  return MARL_OK;

fail:
  marl_vec_env_destroy(&vec);
  return code;
}

void marl_vec_env_destroy(MarlVecEnv **vec_env) {
  MarlVecEnv *vec = *vec_env;
  if (vec == NULL) return;
  for (int e = 0; e < vec->batch.num_envs; ++e) marl_env_destroy(vec->env[e]);
  free(vec->env);
  free(vec->together);
  free(vec->rows);
  free(vec->memory);
  free(vec);
  *vec_env = NULL;
}

void marl_vec_env_share_rewards(MarlVecEnv *vec, double weight) {
  vec->common_reward = weight;
}

void marl_vec_env_rekey(MarlVecEnv *vec, MarlKey key) {
  vec->key = key;
  memset(vec->episode, 0, (size_t)vec->batch.num_envs * sizeof *vec->episode);
}

static MarlEnvIo rows_of(const MarlVecEnv *vec, int e) {
  const MarlEnvSpec *s = &vec->env[e]->spec;
  const MarlBatch *b = &vec->batch;
  const size_t row = (size_t)e * (size_t)b->num_agents;
  return (MarlEnvIo){
      .act = b->act + row * (size_t)s->act_dim,
      .obs = b->obs + row * (size_t)s->obs_dim,
      .mask = b->mask != NULL ? b->mask + row * (size_t)s->mask_dim : NULL,
      .state = b->state != NULL ? b->state + (size_t)e * (size_t)s->state_dim : NULL,
      .role = b->role + row,
      .reward = b->reward + row * (size_t)s->num_roles,
      .terminated = b->terminated + row,
      .active = b->active + row,
      .ended = b->ended != NULL ? b->ended + row * (size_t)s->num_roles : NULL,
      .transition =
          b->transition != NULL ? b->transition + (size_t)e * (size_t)s->max_transitions : NULL,
      .num_transitions = b->num_transitions != NULL ? b->num_transitions + e : NULL,
      .metrics = b->metrics != NULL ? b->metrics + (size_t)e * (size_t)s->num_metrics : NULL,
      .touched = vec->list != NULL ? vec->list + row : NULL,
      .num_touched = vec->list != NULL ? vec->listed + e : NULL,
  };
}

/* What was found in environment e at a step of its episode: an error says where and when, too. */
static MarlCode located(const MarlVecEnv *vec, int e, int step, MarlCode code,
                        const MarlError *found, MarlError *err) {
  if (code == MARL_OK) return MARL_OK;
  return MARL_FAIL(err, code, "%s (number %d, episode %lld, step %d)", found->message,
                   vec->first_env + e, (long long)vec->episode[e], step);
}

/* What environment e has just written. */
static MarlCode check_rows(const MarlVecEnv *vec, int e, const MarlEnvIo *io, const uint8_t *gone,
                           MarlError *err) {
  MarlError found;
  const MarlEnv *env = vec->env[e];
  MarlCode code = marl_env_check_rows(env->ops, &env->spec, io, gone, &found);
  if (code == MARL_OK) code = marl_env_check_transitions(env->ops, &env->spec, io, &found);
  return located(vec, e, vec->steps[e] + (gone != NULL), code, &found, err);
}

void marl_vec_env_draw_alike(MarlVecEnv *vec, int company) {
  vec->company = company;
}

static MarlKey episode_key(const MarlVecEnv *vec, int e, int64_t episode) {
  const int kinds = vec->env[e]->spec.num_kinds, number = vec->first_env + e;
  const int draws = vec->company == 0 ? number : number % vec->company / (kinds > 0 ? kinds : 1);
  const MarlKey env_key = marl_key_fold(vec->key, (uint64_t)draws);
  return marl_key_fold(env_key, (uint64_t)episode);
}

/* Of the environment's episode and step; `purpose` is no step and no agent of its own. */
static MarlKey moment_key(const MarlVecEnv *vec, int e, uint64_t purpose) {
  return marl_key_fold(marl_key_fold(episode_key(vec, e, vec->episode[e]), purpose),
                       (uint64_t)vec->steps[e]);
}

MarlKey marl_vec_env_probe_key(const MarlVecEnv *vec, int env) {
  return moment_key(vec, env, UINT64_C(0x70726f6265)); /* "probe" */
}

static void act_scripted(const MarlVecEnv *vec, int e, const MarlEnvIo *io) {
  const MarlEnvSpec *s = &vec->env[e]->spec;
  if (s->players == NULL) return;
  const size_t row = (size_t)e * (size_t)s->num_agents;
  const MarlKey key = moment_key(vec, e, UINT64_C(0x736372697074)); /* "script" */
  marl_scripted_act(vec->env[e], io, vec->waiting + row, key,
                    vec->batch.act + row * (size_t)s->act_dim);
}

static void hide_scripted(const MarlVecEnv *vec, int e, const MarlEnvIo *io) {
  const MarlEnvSpec *s = &vec->env[e]->spec;
  if (s->players != NULL)
    marl_scripted_hide(s, io, vec->waiting + (size_t)e * (size_t)s->num_agents);
}

/* What is 0 or 1 when a step begins, of `count` agents from `a` on. */
static void clear_rows(const MarlEnvSpec *s, const MarlEnvIo *io, size_t a, size_t count) {
  const size_t R = (size_t)s->num_roles, M = (size_t)s->mask_dim;
  memset(io->reward + a * R, 0, count * R * sizeof *io->reward);
  memset(io->terminated + a, 0, count);
  if (io->ended != NULL) memset(io->ended + a * R, 0, count * R);
  if (M > 0) memset(io->mask + a * M, 1, count * M);
}

/* What an environment that lists whom it touches finds 0, too. */
static void blank_rows(const MarlEnvSpec *s, const MarlEnvIo *io, size_t a, size_t count) {
  const size_t O = (size_t)s->obs_dim;
  memset(io->obs + a * O, 0, count * O * sizeof *io->obs);
  memset(io->role + a, 0, count);
  memset(io->active + a, 0, count);
}

/* What environment e is about to read; then its rows as it finds them. */
static MarlCode prepare_rows(const MarlVecEnv *vec, int e, const MarlEnvIo *io, MarlError *err) {
  MarlError found;
  const MarlEnvOps *ops = vec->env[e]->ops;
  const MarlEnvSpec *s = &vec->env[e]->spec;
  act_scripted(vec, e, io);
  MARL_TRY(
      located(vec, e, vec->steps[e] + 1, marl_env_check_choices(ops, s, io, &found), &found, err));
  if (io->num_transitions != NULL) *io->num_transitions = 0;
  if (io->touched == NULL) {
    clear_rows(s, io, 0, (size_t)s->num_agents);
    return MARL_OK;
  }
  for (int k = 0; k < *io->num_touched; ++k) {
    const size_t a = (size_t)io->touched[k];
    clear_rows(s, io, a, 1);
    blank_rows(s, io, a, 1);
    vec->batch.truncated[(size_t)e * (size_t)s->num_agents + a] = 0;
  }
  *io->num_touched = 0;
  return MARL_OK;
}

static MarlCode begin_episode(MarlVecEnv *vec, int e, MarlError *err) {
  MarlEnvIo io = rows_of(vec, e);
  const size_t A = (size_t)vec->batch.num_agents;
  io.act = NULL, io.reward = NULL, io.terminated = NULL, io.ended = NULL;
  io.transition = NULL, io.num_transitions = NULL;
  const MarlKey key = episode_key(vec, e, vec->episode[e]++);
  vec->steps[e] = vec->num_gone[e] = 0;
  if (io.touched != NULL) blank_rows(&vec->env[e]->spec, &io, 0, A);
  if (io.touched != NULL) *io.num_touched = 0;
  memset(vec->batch.gone + (size_t)e * A, 0, A);
  if (io.mask != NULL) memset(io.mask, 1, A * (size_t)vec->env[e]->spec.mask_dim);
  MARL_TRY(vec->env[e]->ops->reset(vec->env[e], key, &io, err));
  MARL_TRY(check_rows(vec, e, &io, NULL, err));
  marl_vec_env_touch_all(vec, e);
  hide_scripted(vec, e, &io);
  return MARL_OK;
}

MarlCode marl_vec_env_reset(MarlVecEnv *vec, MarlError *err) {
  for (int e = 0; e < vec->batch.num_envs; ++e) MARL_TRY(begin_episode(vec, e, err));
  marl_vec_env_list_touched(vec);
  return MARL_OK;
}

MarlCode marl_vec_env_restart(MarlVecEnv *vec, MarlError *err) {
  for (int e = 0; e < vec->batch.num_envs; ++e)
    if (vec->steps[e] > 0) MARL_TRY(begin_episode(vec, e, err));
  marl_vec_env_list_touched(vec);
  return MARL_OK;
}

MarlCode marl_vec_env_begin(MarlVecEnv *vec, int64_t number, MarlError *err) {
  for (int e = 0; e < vec->batch.num_envs; ++e) {
    if (vec->steps[e] == 0 && vec->episode[e] == number + 1) continue;
    vec->episode[e] = number;
    MARL_TRY(begin_episode(vec, e, err));
  }
  marl_vec_env_list_touched(vec);
  return MARL_OK;
}

/* Note who is gone and whose time is up; true when the episode of environment e has ended. Who is gone
 * stays so in every row to the end of the episode: from then on all agents are looked at. */
static bool judge(MarlVecEnv *vec, int e, const MarlEnvIo *io) {
  const int A = vec->batch.num_agents, max_steps = vec->env[e]->spec.max_steps;
  const bool out_of_time = ++vec->steps[e] >= max_steps && max_steps > 0;
  uint8_t *gone = vec->batch.gone + (size_t)e * (size_t)A;
  uint8_t *truncated = vec->batch.truncated + (size_t)e * (size_t)A;
  if (out_of_time || vec->num_gone[e] > 0) marl_vec_env_touch_all(vec, e);
  for (int k = 0; k < marl_num_touched(&vec->env[e]->spec, io); ++k) {
    const int a = marl_touched_agent(io, k);
    vec->num_gone[e] += !gone[a] && io->terminated[a];
    gone[a] = gone[a] || io->terminated[a];
    io->terminated[a] = gone[a];
    if (gone[a]) io->active[a] = 0;
    truncated[a] = out_of_time && !gone[a];
  }
  return vec->num_gone[e] == A || out_of_time;
}

/* How the episode ended, before the next one overwrites it. */
static void keep_final(MarlVecEnv *vec, int e, const MarlEnvIo *io) {
  const MarlEnvSpec *s = &vec->env[e]->spec;
  MarlBatch *b = &vec->batch;
  const size_t at = (size_t)e, A = (size_t)b->num_agents, obs = A * (size_t)s->obs_dim;
  const size_t ns = (size_t)s->state_dim, nm = (size_t)s->num_metrics;
  const size_t mask = A * (size_t)s->mask_dim;
  memcpy(b->final_obs + at * obs, io->obs, obs * sizeof *io->obs);
  memcpy(b->final_role + at * A, io->role, A);
  memcpy(b->final_active + at * A, io->active, A);
  if (mask > 0) memcpy(b->final_mask + at * mask, io->mask, mask);
  if (ns > 0) memcpy(b->final_state + at * ns, io->state, ns * sizeof *io->state);
  if (nm > 0) memcpy(b->final_metrics + at * nm, io->metrics, nm * sizeof *io->metrics);
}

/* Has the step ended a cycle? If so, what is known of it. An episode is the cycle of an environment
 * that knows no other. */
static void note_cycle(MarlVecEnv *vec, int e, bool episode_ended) {
  const MarlEnv *env = vec->env[e];
  const size_t count = (size_t)env->spec.num_metrics, at = (size_t)e * count;
  const MarlBatch *b = &vec->batch;
  if (env->ops->cycle != NULL) {
    b->cycle_ended[e] = env->ops->cycle(env, b->cycle_metrics + at, b->cycle_whole + at);
    return;
  }
  b->cycle_ended[e] = episode_ended;
  for (size_t m = at; episode_ended && m < at + count; ++m) {
    const bool there = !isnan(b->metrics[m]);
    b->cycle_metrics[m] = there ? (double)b->metrics[m] : 0.0;
    b->cycle_whole[m] = there ? 1.0 : 0.0;
  }
}

/* What follows from the step of environment e. */
static MarlCode end_step(MarlVecEnv *vec, int e, const MarlEnvIo *io, MarlError *err) {
  const MarlEnvSpec *spec = &vec->env[e]->spec;
  const uint8_t *gone = vec->batch.gone + (size_t)e * (size_t)spec->num_agents;
  MARL_TRY(check_rows(vec, e, io, gone, err));
  if (vec->common_reward > 0) {
    marl_common_reward(spec, vec->common_reward, gone, io->reward);
    marl_vec_env_touch_all(vec, e);
  }
  vec->batch.episode_ended[e] = judge(vec, e, io);
  hide_scripted(vec, e, io);
  note_cycle(vec, e, vec->batch.episode_ended[e]);
  if (!vec->batch.episode_ended[e]) return MARL_OK;
  keep_final(vec, e, io);
  return begin_episode(vec, e, err);
}

MarlCode marl_vec_env_step(MarlVecEnv *vec, MarlError *err) {
  if (vec->env[0]->ops->step_together != NULL) return marl_vec_env_step_all(&vec, 1, err);
  for (int e = 0; e < vec->batch.num_envs; ++e) {
    const MarlEnvIo io = rows_of(vec, e);
    MARL_TRY(prepare_rows(vec, e, &io, err));
    MARL_TRY(vec->env[e]->ops->step(vec->env[e], &io, err));
    MARL_TRY(end_step(vec, e, &io, err));
  }
  marl_vec_env_list_touched(vec);
  return MARL_OK;
}

/* Room in the first of them for the rows of all; grows once. */
static MarlCode make_room(MarlVecEnv *vec, int count, MarlError *err) {
  if (count <= vec->room) return MARL_OK;
  free(vec->together);
  free(vec->rows);
  vec->together = calloc((size_t)count, sizeof(MarlEnv *));
  vec->rows = calloc((size_t)count, sizeof *vec->rows);
  vec->room = vec->together != NULL && vec->rows != NULL ? count : 0;
  return vec->room > 0 ? MARL_OK
                       : MARL_FAIL(err, MARL_EMEMORY, "out of memory for %d environments", count);
}

MarlCode marl_vec_env_step_all(MarlVecEnv *const *vecs, int count, MarlError *err) {
  const MarlEnvOps *ops = vecs[0]->env[0]->ops;
  if (ops->step_together == NULL) {
    for (int v = 0; v < count; ++v) MARL_TRY(marl_vec_env_step(vecs[v], err));
    return MARL_OK;
  }
  int all = 0, at = 0;
  for (int v = 0; v < count; ++v) all += vecs[v]->batch.num_envs;
  MARL_TRY(make_room(vecs[0], all, err));
  MarlEnv **together = vecs[0]->together;
  MarlEnvIo *rows = vecs[0]->rows;
  for (int v = 0; v < count; ++v)
    for (int e = 0; e < vecs[v]->batch.num_envs; ++e, ++at) {
      together[at] = vecs[v]->env[e];
      rows[at] = rows_of(vecs[v], e);
      MARL_TRY(prepare_rows(vecs[v], e, &rows[at], err));
    }
  MARL_TRY(ops->step_together(together, rows, all, err));
  at = 0;
  for (int v = 0; v < count; ++v) {
    for (int e = 0; e < vecs[v]->batch.num_envs; ++e, ++at)
      MARL_TRY(end_step(vecs[v], e, &rows[at], err));
    marl_vec_env_list_touched(vecs[v]);
  }
  return MARL_OK;
}
