#include "marl/learn/transitions.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/group_transfer.h"
#include "marl/learn/plain_array.h"

static size_t lay_out(MarlTransitions *t, char *block) {
  const size_t streams = t->rows * t->num_roles;
  size_t n = 0;
  t->open = marl_carve(block, &n, streams, sizeof *t->open);
  t->choice = marl_carve(block, &n, streams, sizeof *t->choice);
  t->reward = marl_carve(block, &n, streams, sizeof *t->reward);
  t->obs = marl_carve(block, &n, streams * t->wide, sizeof *t->obs);
  return n;
}

static MarlCode build(const MarlTransitionShape *shape, MarlTransitions *t, MarlError *err) {
  for (int role = 0; role < shape->num_roles; ++role)
    if ((size_t)shape->roles[role].obs_dim > t->wide) t->wide = (size_t)shape->roles[role].obs_dim;
  const size_t size = lay_out(t, NULL);
  t->memory = marl_arena_alloc(size);
  t->replay = calloc(t->num_roles * t->num_sets, sizeof *t->replay);
  if (t->memory == NULL || t->replay == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory: %zu bytes of open decisions", size);
  lay_out(t, t->memory);
  for (int role = 0; role < shape->num_roles; ++role)
    for (int set = 0; set < shape->num_sets; ++set)
      MARL_TRY(marl_replay_create(
          (size_t)shape->roles[role].obs_dim, shape->roles[role].num_choices, shape->masked,
          shape->capacity[role], marl_transitions_replay(t, role, set), err));
  return MARL_OK;
}

MarlCode marl_transitions_create(const MarlTransitionShape *shape, MarlTransitions **out,
                                 MarlError *err) {
  *out = NULL;
  MarlTransitions *t = calloc(1, sizeof *t);
  if (t == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a replay");
  t->rows = shape->rows;
  t->num_roles = (size_t)shape->num_roles;
  t->num_sets = (size_t)shape->num_sets;
  const MarlCode code = build(shape, t, err);
  if (code == MARL_OK)
    *out = t;
  else
    marl_transitions_destroy(&t);
  return code;
}

void marl_transitions_destroy(MarlTransitions **transitions) {
  MarlTransitions *t = *transitions;
  if (t == NULL) return;
  for (size_t i = 0; t->replay != NULL && i < t->num_roles * t->num_sets; ++i)
    marl_replay_clear(&t->replay[i]);
  free(t->replay);
  free(t->memory);
  free(t);
  *transitions = NULL;
}

MarlReplay *marl_transitions_replay(const MarlTransitions *t, int role, int set) {
  return &t->replay[(size_t)role * t->num_sets + (size_t)set];
}

static size_t stream_of(const MarlTransitions *t, size_t row, int role) {
  return row * t->num_roles + (size_t)role;
}

void marl_transitions_drop(MarlTransitions *t, size_t row, int role) {
  t->open[stream_of(t, row, role)] = 0;
}

bool marl_transitions_end(MarlTransitions *t, size_t row, int role, int set,
                          const float *final_obs) {
  const size_t stream = stream_of(t, row, role);
  if (!t->open[stream]) return false;
  const float *obs = t->obs + stream * t->wide;
  marl_replay_add(marl_transitions_replay(t, role, set), obs, t->choice[stream], t->reward[stream],
                  final_obs != NULL ? final_obs : obs, final_obs == NULL);
  t->open[stream] = 0;
  return true;
}

void marl_transitions_decide(MarlTransitions *t, size_t row, int role, int set, const float *obs,
                             int choice) {
  const size_t stream = stream_of(t, row, role);
  (void)marl_transitions_end(t, row, role, set, obs);
  t->open[stream] = 1;
  t->choice[stream] = choice;
  t->reward[stream] = 0;
  memcpy(t->obs + stream * t->wide, obs,
         marl_transitions_replay(t, role, set)->obs_dim * sizeof *obs);
}

void marl_transitions_reward(MarlTransitions *t, size_t row, int role, float reward) {
  const size_t stream = stream_of(t, row, role);
  if (t->open[stream]) t->reward[stream] += reward;
}

static MarlCode transfer(MarlTransitions *t, MarlStore *store, bool write, MarlError *err) {
  const size_t streams = t->rows * t->num_roles;
  const MarlPlainArray fields[] = {
      {"open", MARL_U8, streams, t->open},
      {"choice", MARL_I32, streams, t->choice},
      {"reward", MARL_F32, streams, t->reward},
      {"obs", MARL_F32, streams * t->wide, t->obs},
  };
  MARL_TRY(marl_plain_transfer(store, fields, sizeof fields / sizeof fields[0], write, err));
  for (size_t i = 0; i < t->num_roles * t->num_sets; ++i) {
    MarlStore *group;
    MARL_TRY(marl_group_begin(store, "replay", (int)i, write, &group, err));
    const MarlCode code = write ? marl_replay_save(&t->replay[i], group, err)
                                : marl_replay_load(&t->replay[i], group, err);
    marl_store_close(&group);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

MarlCode marl_transitions_save(const MarlTransitions *t, MarlStore *to, MarlError *err) {
  MarlTransitions view = *t; /* the same arrays; nothing is changed when writing */
  return transfer(&view, to, true, err);
}

MarlCode marl_transitions_load(MarlTransitions *t, MarlStore *from, MarlError *err) {
  MARL_TRY(transfer(t, from, false, err));
  for (size_t stream = 0; stream < t->rows * t->num_roles; ++stream)
    if (t->open[stream])
      MARL_TRY(marl_store_check_within(
          from, "choice", MARL_I32, 1, 0,
          marl_transitions_replay(t, (int)(stream % t->num_roles), 0)->num_choices - 1,
          &t->choice[stream], err));
  return MARL_OK;
}
