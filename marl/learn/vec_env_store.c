/* Memory, who is touched, and checkpoints, of a vector of environments. */
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/group_transfer.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/vec_env_internal.h"

size_t marl_vec_env_lay_out(MarlVecEnv *vec, const MarlEnvSpec *s, char *block) {
  MarlBatch *b = &vec->batch;
  const size_t e = (size_t)b->num_envs, rows = e * (size_t)b->num_agents;
  size_t n = 0;
  b->act = marl_carve(block, &n, rows * (size_t)s->act_dim, sizeof *b->act);
  b->obs = marl_carve(block, &n, rows * (size_t)s->obs_dim, sizeof *b->obs);
  b->final_obs = marl_carve(block, &n, rows * (size_t)s->obs_dim, sizeof *b->final_obs);
  b->mask = marl_carve(block, &n, rows * (size_t)s->mask_dim, sizeof *b->mask);
  b->final_mask = marl_carve(block, &n, rows * (size_t)s->mask_dim, sizeof *b->final_mask);
  b->state = marl_carve(block, &n, e * (size_t)s->state_dim, sizeof *b->state);
  b->final_state = marl_carve(block, &n, e * (size_t)s->state_dim, sizeof *b->final_state);
  b->role = marl_carve(block, &n, rows, sizeof *b->role);
  b->final_role = marl_carve(block, &n, rows, sizeof *b->final_role);
  b->final_active = marl_carve(block, &n, rows, sizeof *b->final_active);
  b->reward = marl_carve(block, &n, rows * (size_t)s->num_roles, sizeof *b->reward);
  b->terminated = marl_carve(block, &n, rows, sizeof *b->terminated);
  b->truncated = marl_carve(block, &n, rows, sizeof *b->truncated);
  b->active = marl_carve(block, &n, rows, sizeof *b->active);
  b->metrics = marl_carve(block, &n, e * (size_t)s->num_metrics, sizeof *b->metrics);
  b->final_metrics = marl_carve(block, &n, e * (size_t)s->num_metrics, sizeof *b->final_metrics);
  b->cycle_metrics = marl_carve(block, &n, e * (size_t)s->num_metrics, sizeof *b->cycle_metrics);
  b->cycle_whole = marl_carve(block, &n, e * (size_t)s->num_metrics, sizeof *b->cycle_whole);
  b->cycle_ended = marl_carve(block, &n, e, sizeof *b->cycle_ended);
  vec->episode = marl_carve(block, &n, e, sizeof *vec->episode);
  vec->steps = marl_carve(block, &n, e, sizeof *vec->steps);
  b->gone = marl_carve(block, &n, rows, sizeof *b->gone);
  vec->num_gone = marl_carve(block, &n, e, sizeof *vec->num_gone);
  b->episode_ended = marl_carve(block, &n, e, sizeof *b->episode_ended);
  b->touched = marl_carve(block, &n, rows, sizeof *b->touched);
  b->first_touched = marl_carve(block, &n, e + 1, sizeof *b->first_touched);
  if (s->lists_touched) {
    vec->list = marl_carve(block, &n, rows, sizeof *vec->list);
    vec->listed = marl_carve(block, &n, e, sizeof *vec->listed);
  }
  if (s->players != NULL) vec->waiting = marl_carve(block, &n, rows, sizeof *vec->waiting);
  if (s->ends_decisions)
    b->ended = marl_carve(block, &n, rows * (size_t)s->num_roles, sizeof *b->ended);
  if (s->max_transitions == 0) return n;
  const size_t given = e * (size_t)s->max_transitions, O = (size_t)s->obs_dim;
  b->num_transitions = marl_carve(block, &n, e, sizeof *b->num_transitions);
  b->transition = marl_carve(block, &n, given, sizeof *b->transition);
  float *obs = marl_carve(block, &n, 2 * given * O, sizeof *obs);
  for (size_t i = 0; block != NULL && i < given; ++i)
    b->transition[i] = (MarlTransition){.obs = obs + 2 * i * O, .next_obs = obs + (2 * i + 1) * O};
  return n;
}

void marl_vec_env_touch_all(const MarlVecEnv *vec, int e) {
  const int A = vec->batch.num_agents;
  for (int a = 0; vec->list != NULL && a < A; ++a) vec->list[(ptrdiff_t)e * A + a] = a;
  if (vec->list != NULL) vec->listed[e] = A;
}

void marl_vec_env_list_touched(MarlVecEnv *vec) {
  MarlBatch *b = &vec->batch;
  const size_t A = (size_t)b->num_agents;
  size_t n = 0;
  for (size_t e = 0; e < (size_t)b->num_envs; ++e) {
    const size_t count = vec->list != NULL ? (size_t)vec->listed[e] : A;
    b->first_touched[e] = n;
    for (size_t k = 0; k < count; ++k)
      b->touched[n++] = (uint32_t)(e * A + (vec->list != NULL ? (size_t)vec->list[e * A + k] : k));
  }
  b->first_touched[b->num_envs] = n;
}

/* Everything that a later step reads; act and final_* are written before they are read. */
enum { NUM_FIELDS = 11 };

static void list_fields(const MarlVecEnv *vec, MarlPlainArray fields[NUM_FIELDS]) {
  const MarlEnvSpec *s = marl_vec_env_spec(vec);
  const MarlBatch *b = &vec->batch;
  const size_t e = (size_t)b->num_envs, rows = e * (size_t)b->num_agents;
  const MarlPlainArray list[NUM_FIELDS] = {
      {"obs", MARL_F32, rows * (size_t)s->obs_dim, b->obs},
      {"state", MARL_F32, e * (size_t)s->state_dim, b->state},
      {"mask", MARL_U8, rows * (size_t)s->mask_dim, b->mask},
      {"role", MARL_U8, rows, b->role},
      {"active", MARL_U8, rows, b->active},
      {"terminated", MARL_U8, rows, b->terminated},
      {"metrics", MARL_F32, e * (size_t)s->num_metrics, b->metrics},
      {"episode", MARL_I64, e, vec->episode},
      {"steps", MARL_I32, e, vec->steps},
      {"gone", MARL_U8, rows, b->gone},
      {"waiting", MARL_U8, s->players != NULL ? rows : 0, vec->waiting},
  };
  memcpy(fields, list, sizeof list);
}

MarlCode marl_vec_env_save(const MarlVecEnv *vec, MarlStore *to, MarlError *err) {
  MarlPlainArray fields[NUM_FIELDS];
  list_fields(vec, fields);
  MARL_TRY(marl_plain_transfer(to, fields, NUM_FIELDS, true, err));
  for (int e = 0; e < vec->batch.num_envs; ++e) {
    MarlStore *group;
    MARL_TRY(marl_group_begin(to, "env", e, true, &group, err));
    const MarlCode code = vec->env[e]->ops->save(vec->env[e], group, err);
    marl_store_close(&group);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

MarlCode marl_vec_env_load(MarlVecEnv *vec, MarlStore *from, MarlError *err) {
  MarlPlainArray fields[NUM_FIELDS];
  list_fields(vec, fields);
  MARL_TRY(marl_plain_transfer(from, fields, NUM_FIELDS, false, err));
  const size_t rows = (size_t)vec->batch.num_envs * (size_t)vec->batch.num_agents;
  MARL_TRY(marl_store_check_within(from, "role", MARL_U8, rows, 0,
                                   marl_vec_env_spec(vec)->num_roles - 1, vec->batch.role, err));
  for (int e = 0; e < vec->batch.num_envs; ++e) {
    const int A = vec->batch.num_agents;
    vec->num_gone[e] = 0;
    for (int a = 0; a < A; ++a) vec->num_gone[e] += vec->batch.gone[(ptrdiff_t)e * A + a] != 0;
    marl_vec_env_touch_all(vec, e);
    MarlStore *group;
    MARL_TRY(marl_group_begin(from, "env", e, false, &group, err));
    const MarlCode code = vec->env[e]->ops->load(vec->env[e], group, err);
    marl_store_close(&group);
    if (code != MARL_OK) return code;
  }
  marl_vec_env_list_touched(vec);
  return MARL_OK;
}

const MarlEnvSpec *marl_vec_env_spec(const MarlVecEnv *vec) {
  return &vec->env[0]->spec;
}
const MarlEnv *marl_vec_env_member(const MarlVecEnv *vec, int env) {
  return vec->env[env];
}
MarlBatch *marl_vec_env_batch(MarlVecEnv *vec) {
  return &vec->batch;
}
const int *marl_vec_env_steps(const MarlVecEnv *vec) {
  return vec->steps;
}
