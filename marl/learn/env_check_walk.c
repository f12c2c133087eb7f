#include "marl/learn/env_check_walk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/scripted.h"

enum { GUARD = 1024, GUARD_BYTE = 0xA5 }; /* bytes before and behind each array */

/* One array of an environment's rows. */
typedef struct Field {
  const char *name;
  void **data;
  size_t size; /* bytes */
} Field;

static void list_fields(MarlWalker *w, Field fields[MARL_WALKER_ARRAYS]) {
  const MarlEnvSpec *s = &w->env->spec;
  const size_t A = (size_t)s->num_agents, wide = sizeof(float);
  const Field list[MARL_WALKER_ARRAYS] = {
      {"act", (void **)&w->act, A * (size_t)s->act_dim * wide},
      {"obs", (void **)&w->io.obs, A * (size_t)s->obs_dim * wide},
      {"role", (void **)&w->io.role, A},
      {"active", (void **)&w->io.active, A},
      {"mask", (void **)&w->io.mask, A * (size_t)s->mask_dim},
      {"state", (void **)&w->io.state, (size_t)s->state_dim * wide},
      {"reward", (void **)&w->reward, A * (size_t)s->num_roles * wide},
      {"terminated", (void **)&w->terminated, A},
      {"metrics", (void **)&w->io.metrics, (size_t)s->num_metrics * wide},
      {"ended", (void **)&w->decisions_ended, s->ends_decisions ? A * (size_t)s->num_roles : 0},
      {"touched", (void **)&w->io.touched, s->lists_touched ? A * sizeof *w->io.touched : 0},
  };
  memcpy(fields, list, sizeof list);
}

static size_t rounded(size_t size) {
  return (size + 63) / 64 * 64;
}

static MarlCode lay_out(MarlWalker *w, MarlError *err) {
  Field fields[MARL_WALKER_ARRAYS];
  list_fields(w, fields);
  size_t size = GUARD;
  for (int i = 0; i < MARL_WALKER_ARRAYS; ++i) size += rounded(fields[i].size) + GUARD;
  w->memory = malloc(size);
  w->gone = calloc((size_t)w->env->spec.num_agents, 1);
  if (w->memory == NULL || w->gone == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory: %zu bytes to check an environment", size);
  memset(w->memory, GUARD_BYTE, size);
  char *at = w->memory + GUARD;
  for (int i = 0; i < MARL_WALKER_ARRAYS; ++i) {
    *fields[i].data = fields[i].size > 0 ? at : NULL;
    memset(at, w->filling, fields[i].size);
    at += rounded(fields[i].size) + GUARD;
  }
  return MARL_OK;
}

static MarlCode create_transitions(MarlWalker *w, MarlError *err) {
  const size_t M = (size_t)w->env->spec.max_transitions, O = (size_t)w->env->spec.obs_dim;
  if (M == 0) return MARL_OK;
  w->transition = calloc(M, sizeof *w->transition + 2 * O * sizeof(float));
  if (w->transition == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for %zu transitions", M);
  float *obs = (float *)(void *)(w->transition + M);
  for (size_t i = 0; i < M; ++i, obs += 2 * O)
    w->transition[i] = (MarlTransition){.obs = obs, .next_obs = obs + O};
  return MARL_OK;
}

/* Between the arrays nothing has been written; the rounding behind an array belongs to its guard. */
static MarlCode check_guards(MarlWalker *w, MarlError *err) {
  Field fields[MARL_WALKER_ARRAYS];
  list_fields(w, fields);
  const char *at = w->memory;
  for (int i = 0; i < MARL_WALKER_ARRAYS; ++i) {
    const char *data = at + GUARD, *end = data + rounded(fields[i].size) + GUARD;
    for (const char *c = at; c < end; ++c) {
      if (c == data) c += fields[i].size;
      if (*(const uint8_t *)c == GUARD_BYTE) continue;
      return MARL_FAIL(err, MARL_EARG,
                       "environment '%s' writes outside its rows, near %s: %zu bytes are its own",
                       w->ops->name, fields[i].name, fields[i].size);
    }
    at += rounded(fields[i].size) + GUARD;
  }
  return MARL_OK;
}

MarlCode marl_walker_create(const MarlEnvOps *ops, const MarlSection *config, int index,
                            uint64_t seed, uint8_t filling, MarlWalker **out, MarlError *err) {
  *out = NULL;
  MarlWalker *w = calloc(1, sizeof *w);
  if (w == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory to check an environment");
  w->ops = ops;
  w->filling = filling;
  w->key = marl_key_fold(marl_key(seed, MARL_STREAM_ENV), (uint64_t)index);
  MarlCode code = marl_env_create(ops, config, index, MPI_COMM_SELF, &w->env, err);
  if (code == MARL_OK) code = lay_out(w, err);
  if (code == MARL_OK) code = create_transitions(w, err);
  if (code == MARL_OK) code = marl_walker_measure_create(w, err);
  if (code == MARL_OK)
    *out = w;
  else
    marl_walker_destroy(&w);
  return code;
}

void marl_walker_destroy(MarlWalker **walker) {
  MarlWalker *w = *walker;
  if (w == NULL) return;
  marl_env_destroy(w->env);
  free(w->memory);
  free(w->gone);
  free(w->transition);
  free(w->measured);
  free(w->asked);
  free(w);
  *walker = NULL;
}

static const uint64_t empty_digest = UINT64_C(14695981039346656037);

void marl_walker_digest(uint64_t *hash, const void *bytes, size_t size) {
  for (size_t i = 0; i < size; ++i)
    *hash = (*hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
}

/* What is learned from beside the rewards. */
static void look_at_endings(const MarlWalker *w, uint64_t *hash) {
  const MarlEnvSpec *s = &w->env->spec;
  if (s->ends_decisions)
    marl_walker_digest(hash, w->decisions_ended, (size_t)s->num_agents * (size_t)s->num_roles);
  for (int k = 0; k < w->num_transitions; ++k) {
    const MarlTransition *t = &w->transition[k];
    const size_t width = (size_t)s->roles[t->role].obs_dim * sizeof(float);
    marl_walker_digest(hash, &t->agent, sizeof t->agent);
    marl_walker_digest(hash, &t->role, sizeof t->role);
    marl_walker_digest(hash, &t->choice, sizeof t->choice);
    marl_walker_digest(hash, &t->terminal, sizeof t->terminal);
    marl_walker_digest(hash, &t->reward, sizeof t->reward);
    marl_walker_digest(hash, t->obs, width);
    if (!t->terminal) marl_walker_digest(hash, t->next_obs, width);
  }
}

static void look(const MarlWalker *w, MarlTracePoint *point) {
  const MarlEnvSpec *s = &w->env->spec;
  const MarlEnvIo *io = &w->io;
  const size_t A = (size_t)s->num_agents;
  uint64_t *part = point->part;
  point->episode = w->episode;
  point->step = w->step;
  for (int i = 0; i < MARL_TRACE_PARTS; ++i) part[i] = empty_digest;
  marl_walker_digest(&part[MARL_TRACE_FLAGS], io->active, A);
  marl_walker_digest(&part[MARL_TRACE_FLAGS], w->gone, A);
  for (size_t a = 0; a < A; ++a) {
    if (!io->active[a]) continue;
    const size_t width = (size_t)s->roles[io->role[a]].obs_dim * sizeof(float);
    marl_walker_digest(&part[MARL_TRACE_ROLES], &io->role[a], 1);
    marl_walker_digest(&part[MARL_TRACE_OBSERVATIONS], io->obs + a * (size_t)s->obs_dim, width);
    marl_walker_digest(&part[MARL_TRACE_MASKS], io->mask + a * (size_t)s->mask_dim,
                       (size_t)s->mask_dim);
  }
  marl_walker_digest(&part[MARL_TRACE_REWARDS], w->reward,
                     A * (size_t)s->num_roles * sizeof(float));
  look_at_endings(w, &part[MARL_TRACE_REWARDS]);
  marl_walker_digest(&part[MARL_TRACE_STATE], io->state, (size_t)s->state_dim * sizeof(float));
  marl_walker_digest(&part[MARL_TRACE_METRICS], io->metrics,
                     (size_t)s->num_metrics * sizeof(float));
  marl_walker_digest(&part[MARL_TRACE_METRICS], &w->measures, sizeof w->measures);
}

static MarlCode check_flags(const MarlWalker *w, MarlError *err) {
  for (int a = 0; a < w->env->spec.num_agents; ++a) {
    const bool out = w->gone[a] || (w->io.terminated != NULL && w->io.terminated[a]);
    const bool bad_end = w->io.terminated != NULL && w->io.terminated[a] > 1;
    if (bad_end || (!out && w->io.active[a] > 1))
      return MARL_FAIL(err, MARL_EARG, "environment '%s': %s of agent %d is %d, not 0 or 1%s",
                       w->ops->name, bad_end ? "terminated" : "active", a,
                       bad_end ? w->io.terminated[a] : w->io.active[a],
                       bad_end ? "" : "; is it written at all?");
  }
  return MARL_OK;
}

static bool is_blank(const void *bytes, size_t size) {
  for (size_t i = 0; i < size; ++i)
    if (((const uint8_t *)bytes)[i] != 0) return false;
  return true;
}

/* Who is not listed has been left alone. */
static MarlCode check_touched(const MarlWalker *w, MarlError *err) {
  const MarlEnvSpec *s = &w->env->spec;
  const MarlEnvIo *io = &w->io;
  const size_t O = (size_t)s->obs_dim, R = (size_t)s->num_roles;
  int next = 0;
  for (size_t a = 0; s->lists_touched && a < (size_t)s->num_agents; ++a) {
    if (next < w->num_touched && io->touched[next] == (int)a) {
      ++next;
      continue;
    }
    const bool paid = io->reward != NULL && !is_blank(io->reward + a * R, R * sizeof *io->reward);
    const bool over = io->terminated != NULL && io->terminated[a] && !w->gone[a];
    const bool ended = io->ended != NULL && !is_blank(io->ended + a * R, R);
    if (io->active[a] || paid || over || ended || !is_blank(io->obs + a * O, O * sizeof *io->obs))
      return MARL_FAIL(err, MARL_EARG,
                       "environment '%s' writes the row of agent %zu and does not touch it "
                       "(marl_touch)",
                       w->ops->name, a);
  }
  if (next == w->num_touched) return MARL_OK;
  return MARL_FAIL(err, MARL_EARG,
                   "environment '%s' lists agents out of order or twice (marl_touch)",
                   w->ops->name);
}

/* Images that are said to be of bits are, to the sign of a zero: a learner gives 0 or 1 back. */
static MarlCode check_image_bits(const MarlWalker *w, MarlError *err) {
  const MarlEnvSpec *s = &w->env->spec;
  for (int a = 0; a < s->num_agents; ++a) {
    const MarlRole *role = &s->roles[w->io.active[a] ? w->io.role[a] : 0];
    const float *obs = w->io.obs + (ptrdiff_t)a * s->obs_dim;
    if (!w->io.active[a] || !role->image_is_bits) continue;
    for (int i = 0; i < role->image[0] * role->image[1] * role->image[2]; ++i)
      if ((obs[i] != 0 && obs[i] != 1) || signbit(obs[i]))
        return MARL_FAIL(err, MARL_EARG,
                         "environment '%s': observation %d of agent %d in role '%s' is %g, and its "
                         "image is to be of 0 and 1 (image_is_bits)",
                         w->ops->name, i, a, role->name, (double)obs[i]);
  }
  return MARL_OK;
}

/* What the environment has written in reset or step. */
static MarlCode check(MarlWalker *w, MarlError *err) {
  MarlError found;
  MarlCode code = check_guards(w, &found);
  if (code == MARL_OK) code = check_flags(w, &found);
  if (code == MARL_OK) code = check_touched(w, &found);
  if (code == MARL_OK) code = marl_env_check_rows(w->ops, &w->env->spec, &w->io, w->gone, &found);
  if (code == MARL_OK) code = check_image_bits(w, &found);
  if (code == MARL_OK) code = marl_env_check_transitions(w->ops, &w->env->spec, &w->io, &found);
  w->measures = empty_digest;
  if (code == MARL_OK)
    code = marl_walker_measure(w, w->io.terminated == NULL, &w->measures, &found);
  if (code == MARL_OK) return MARL_OK;
  return MARL_FAIL(err, code, "%s (episode %lld, step %d)", found.message, (long long)w->episode,
                   w->step);
}

/* Rows that may hold anything before the environment writes them (0 if it lists whom it touches), and
 * the mask. */
static void scramble(MarlWalker *w) {
  const MarlEnvSpec *s = &w->env->spec;
  const size_t A = (size_t)s->num_agents;
  const int filling = s->lists_touched ? 0 : w->filling;
  memset(w->io.obs, filling, A * (size_t)s->obs_dim * sizeof(float));
  memset(w->io.role, filling, A);
  memset(w->io.active, filling, A);
  w->num_touched = 0;
  w->io.num_touched = s->lists_touched ? &w->num_touched : NULL;
  if (s->mask_dim > 0) memset(w->io.mask, 1, A * (size_t)s->mask_dim);
  if (s->state_dim > 0) memset(w->io.state, w->filling, (size_t)s->state_dim * sizeof(float));
}

static MarlCode begin_episode(MarlWalker *w, MarlError *err) {
  const MarlEnvSpec *s = &w->env->spec;
  memset(w->gone, 0, (size_t)s->num_agents);
  scramble(w);
  if (s->num_metrics > 0) memset(w->io.metrics, w->filling, (size_t)s->num_metrics * sizeof(float));
  w->step = 0;
  w->io.act = NULL, w->io.reward = NULL, w->io.terminated = NULL, w->io.ended = NULL;
  w->io.transition = NULL, w->io.num_transitions = NULL;
  w->num_transitions = 0;
  MARL_TRY(w->ops->reset(w->env, marl_key_fold(w->key, (uint64_t)w->episode++), &w->io, err));
  MARL_TRY(check(w, err));
  for (int a = 0; a < s->num_agents; ++a) w->decided = w->decided || w->io.active[a];
  return MARL_OK;
}

MarlCode marl_walker_begin(MarlWalker *w, MarlTracePoint *point, MarlError *err) {
  const MarlEnvSpec *s = &w->env->spec;
  w->episode = 0;
  w->taken = 0;
  memset(w->reward, 0, (size_t)s->num_agents * (size_t)s->num_roles * sizeof *w->reward);
  memset(w->act, 0, (size_t)s->num_agents * (size_t)s->act_dim * sizeof *w->act);
  if (s->ends_decisions)
    memset(w->decisions_ended, 0, (size_t)s->num_agents * (size_t)s->num_roles);
  MARL_TRY(begin_episode(w, err));
  look(w, point);
  return MARL_OK;
}

/* The share-th of the legal choices of a component; without masks of all. */
static int pick(const uint8_t *mask, int choices, double share) {
  int legal = 0, last = 0;
  for (int k = 0; k < choices; ++k) legal += mask == NULL || mask[k];
  int left = (int)(share * legal);
  for (int k = 0; k < choices; ++k) {
    if (mask != NULL && !mask[k]) continue;
    last = k;
    if (left-- == 0) break;
  }
  return last;
}

/* Actions of this step: two of four are at an end of their range, the others anywhere in it. */
static void choose(MarlWalker *w) {
  const MarlEnvSpec *s = &w->env->spec;
  const MarlKey key = marl_key_fold(marl_key(1, MARL_STREAM_POLICY), (uint64_t)w->taken);
  for (int a = 0; a < s->num_agents; ++a) {
    if (!w->io.active[a]) continue;
    const MarlRole *role = &s->roles[w->io.role[a]];
    const uint8_t *mask = s->mask_dim > 0 ? w->io.mask + (ptrdiff_t)a * s->mask_dim : NULL;
    for (int u = 0; u < role->act_dim; ++u) {
      const int at = a * s->act_dim + u;
      const double draw = marl_uniform(key, (uint64_t)at);
      const double share = w->taken % 4 == 1 ? 0 : (w->taken % 4 == 3 ? 1 : draw);
      if (role->action_kind == MARL_ACTION_CONTINUOUS) {
        w->act[at] = role->act_low + (role->act_high - role->act_low) * (float)share;
        continue;
      }
      const int choices = marl_role_choices(role, u);
      w->act[at] = (float)pick(mask, choices, share);
      if (mask != NULL) mask += choices;
    }
  }
}

/* Who is gone, and is the episode over? As in vec_env.c. */
static bool judge(MarlWalker *w) {
  const MarlEnvSpec *s = &w->env->spec;
  bool all_gone = true;
  for (int a = 0; a < s->num_agents; ++a) {
    w->gone[a] = w->gone[a] || w->terminated[a];
    if (w->gone[a]) w->io.active[a] = 0;
    w->decided = w->decided || w->io.active[a];
    all_gone = all_gone && w->gone[a];
  }
  for (int i = 0; i < s->num_agents * s->num_roles; ++i) w->earned = w->earned || w->reward[i] != 0;
  return all_gone || (s->max_steps > 0 && w->step >= s->max_steps);
}

MarlCode marl_walker_step(MarlWalker *w, MarlTracePoint *point, MarlError *err) {
  const MarlEnvSpec *s = &w->env->spec;
  choose(w);
  scramble(w);
  memset(w->reward, 0, (size_t)s->num_agents * (size_t)s->num_roles * sizeof *w->reward);
  memset(w->terminated, 0, (size_t)s->num_agents);
  if (s->ends_decisions)
    memset(w->decisions_ended, 0, (size_t)s->num_agents * (size_t)s->num_roles);
  w->num_transitions = 0;
  w->io.act = w->act, w->io.reward = w->reward, w->io.terminated = w->terminated;
  w->io.ended = s->ends_decisions ? w->decisions_ended : NULL;
  w->io.transition = w->transition;
  w->io.num_transitions = s->max_transitions > 0 ? &w->num_transitions : NULL;
  ++w->step, ++w->taken;
  MARL_TRY(w->ops->step(w->env, &w->io, err));
  MARL_TRY(check(w, err));
  const bool over = judge(w);
  look(w, point);
  if (!over) return MARL_OK;
  ++w->ended;
  return begin_episode(w, err);
}

/* The rows that vec_env keeps in a checkpoint, and its counters. */
static void copy_rows(const MarlWalker *from, MarlWalker *to) {
  Field a[MARL_WALKER_ARRAYS], b[MARL_WALKER_ARRAYS];
  MarlWalker view = *from;
  list_fields(&view, a);
  list_fields(to, b);
  for (int i = 0; i < MARL_WALKER_ARRAYS; ++i)
    if (a[i].size > 0) memcpy(*b[i].data, *a[i].data, a[i].size);
  memcpy(to->gone, from->gone, (size_t)from->env->spec.num_agents);
  to->episode = from->episode, to->step = from->step, to->taken = from->taken;
}

MarlCode marl_walker_copy(const MarlWalker *from, MarlWalker *to, MarlError *err) {
  MarlStore *store = NULL;
  void *bytes = NULL;
  size_t size = 0;
  MARL_TRY(marl_store_create_memory(&store, err));
  MarlCode code = from->ops->save(from->env, store, err);
  if (code == MARL_OK) code = marl_store_image(store, &bytes, &size, err);
  marl_store_close(&store);
  if (code == MARL_OK) code = marl_store_open_image(bytes, size, &store, err);
  if (code == MARL_OK) {
    code = to->ops->load(to->env, store, err);
    marl_store_close(&store);
  }
  free(bytes);
  if (code == MARL_OK) copy_rows(from, to);
  return code;
}
