#include "marl/learn/rollout.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/plain_array.h"

static size_t depth(const MarlRolloutShape *shape) {
  return (size_t)shape->num_roles + (size_t)shape->horizon;
}

static size_t lay_out(MarlRollout *r, char *block) {
  const MarlRolloutShape *s = &r->shape;
  const size_t slots = depth(s) * s->rows, streams = s->rows * (size_t)s->num_roles;
  size_t n = 0;
  r->role = marl_carve(block, &n, slots, sizeof *r->role);
  r->closed = marl_carve(block, &n, slots, sizeof *r->closed);
  r->chained = marl_carve(block, &n, slots, sizeof *r->chained);
  r->obs = marl_carve(block, &n, slots * (size_t)(s->obs_dim - s->bits), sizeof *r->obs);
  r->obs_bits = marl_carve(block, &n, slots * marl_rollout_num_words(s), sizeof *r->obs_bits);
  r->state = marl_carve(block, &n, slots * (size_t)s->state_dim, sizeof *r->state);
  r->mask = marl_carve(block, &n, slots * (size_t)s->mask_dim, sizeof *r->mask);
  r->memory = marl_carve(block, &n, slots * (size_t)s->memory_dim, sizeof *r->memory);
  r->act = marl_carve(block, &n, slots * (size_t)s->act_dim, sizeof *r->act);
  r->log_prob = marl_carve(block, &n, slots, sizeof *r->log_prob);
  r->value = marl_carve(block, &n, slots, sizeof *r->value);
  r->reward = marl_carve(block, &n, slots, sizeof *r->reward);
  r->next_value = marl_carve(block, &n, slots, sizeof *r->next_value);
  r->advantage = marl_carve(block, &n, slots, sizeof *r->advantage);
  r->open = marl_carve(block, &n, streams, sizeof *r->open);
  r->tail = marl_carve(block, &n, streams, sizeof *r->tail);
  return n;
}

MarlCode marl_rollout_create(const MarlRolloutShape *shape, MarlRollout **out, MarlError *err) {
  *out = NULL;
  MarlRollout *r = calloc(1, sizeof *r);
  if (r == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a rollout");
  r->shape = *shape;
  if (depth(shape) * shape->rows > INT32_MAX) {
    free(r);
    return MARL_FAIL(err, MARL_ECONFIG,
                     "a rollout of %zu agents and %d steps has more than 2^31 decisions; use a "
                     "smaller learner.horizon or more shards",
                     shape->rows, shape->horizon);
  }
  const size_t size = lay_out(r, NULL);
  r->arena = marl_arena_alloc(size);
  if (r->arena == NULL) {
    free(r);
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory: %zu bytes of rollout", size);
  }
  lay_out(r, r->arena);
  memset(r->role, MARL_NO_ROLE, depth(shape) * shape->rows);
  const size_t streams = shape->rows * (size_t)shape->num_roles;
  for (size_t i = 0; i < streams; ++i) r->open[i] = -1;
  *out = r;
  return MARL_OK;
}

void marl_rollout_destroy(MarlRollout **rollout) {
  if (*rollout == NULL) return;
  free((*rollout)->arena);
  free(*rollout);
  *rollout = NULL;
}

size_t marl_rollout_num_slots(const MarlRollout *rollout) {
  return depth(&rollout->shape) * rollout->shape.rows;
}

size_t marl_rollout_slot(const MarlRollout *rollout, size_t row) {
  const size_t layer = (size_t)rollout->shape.num_roles + (size_t)rollout->step;
  return layer * rollout->shape.rows + row;
}

static int32_t *open_slot(const MarlRollout *rollout, size_t row, int role) {
  return &rollout->open[row * (size_t)rollout->shape.num_roles + (size_t)role];
}

void marl_rollout_close(MarlRollout *rollout, size_t row, int role, float next_value) {
  int32_t *open = open_slot(rollout, row, role);
  if (*open < 0) return;
  rollout->closed[*open] = 1;
  rollout->next_value[*open] = next_value;
  *open = -1;
}

/* It stays where it is, with its role and not closed: that ends the recursion before it. */
void marl_rollout_drop(MarlRollout *rollout, size_t row, int role) {
  *open_slot(rollout, row, role) = -1;
}

void marl_rollout_decide(MarlRollout *rollout, size_t row, int role, float value) {
  int32_t *open = open_slot(rollout, row, role);
  if (*open >= 0) rollout->chained[*open] = 1;
  marl_rollout_close(rollout, row, role, value);
  const size_t slot = marl_rollout_slot(rollout, row);
  rollout->role[slot] = (uint8_t)role;
  rollout->closed[slot] = 0;
  rollout->chained[slot] = 0;
  rollout->value[slot] = value;
  rollout->reward[slot] = 0;
  *open = (int32_t)slot;
}

void marl_rollout_reward(MarlRollout *rollout, size_t row, int role, float reward) {
  const int32_t open = *open_slot(rollout, row, role);
  if (open >= 0) rollout->reward[open] += reward;
}

void marl_rollout_advantages(MarlRollout *rollout, float gamma, float lambda) {
  const size_t rows = rollout->shape.rows, roles = (size_t)rollout->shape.num_roles;
  memset(rollout->tail, 0, rows * roles * sizeof *rollout->tail);
  for (size_t layer = depth(&rollout->shape); layer-- > 0;) {
    for (size_t row = 0; row < rows; ++row) {
      const size_t slot = layer * rows + row;
      rollout->advantage[slot] = 0;
      if (rollout->role[slot] == MARL_NO_ROLE) continue;
      float *tail = &rollout->tail[row * roles + rollout->role[slot]];
      if (rollout->closed[slot]) {
        const float delta =
            rollout->reward[slot] + gamma * rollout->next_value[slot] - rollout->value[slot];
        rollout->advantage[slot] = delta + (rollout->chained[slot] ? gamma * lambda * *tail : 0);
      }
      *tail = rollout->advantage[slot];
    }
  }
}

static void move_slot(MarlRollout *r, size_t to, size_t from) {
  const MarlRolloutShape *s = &r->shape;
  const size_t act = (size_t)s->act_dim, state = (size_t)s->state_dim;
  const size_t mask = (size_t)s->mask_dim, memory = (size_t)s->memory_dim;
  r->role[to] = r->role[from];
  r->closed[to] = r->chained[to] = 0;
  marl_rollout_move_obs(r, to, from);
  memmove(r->act + to * act, r->act + from * act, act * sizeof *r->act);
  if (state > 0) memmove(r->state + to * state, r->state + from * state, state * sizeof *r->state);
  if (mask > 0) memmove(r->mask + to * mask, r->mask + from * mask, mask);
  if (memory > 0)
    memmove(r->memory + to * memory, r->memory + from * memory, memory * sizeof *r->memory);
  r->log_prob[to] = r->log_prob[from];
  r->value[to] = r->value[from];
  r->reward[to] = r->reward[from];
}

void marl_rollout_restart(MarlRollout *rollout) {
  const size_t rows = rollout->shape.rows;
  for (int role = 0; role < rollout->shape.num_roles; ++role) {
    for (size_t row = 0; row < rows; ++row) {
      int32_t *open = open_slot(rollout, row, role);
      const size_t to = (size_t)role * rows + row;
      if (*open < 0) {
        rollout->role[to] = MARL_NO_ROLE;
      } else if ((size_t)*open != to) {
        move_slot(rollout, to, (size_t)*open);
        *open = (int32_t)to;
      }
    }
  }
  const size_t carried = (size_t)rollout->shape.num_roles * rows;
  memset(rollout->role + carried, MARL_NO_ROLE, marl_rollout_num_slots(rollout) - carried);
  rollout->step = 0;
}

/* Only the layers that hold something, so that a checkpoint between updates stays small. */
static MarlCode transfer(MarlRollout *r, MarlStore *store, bool write, MarlError *err) {
  const MarlRolloutShape *s = &r->shape;
  const size_t slots = ((size_t)s->num_roles + (size_t)r->step) * s->rows;
  const MarlPlainArray fields[] = {
      {"role", MARL_U8, slots, r->role},
      {"closed", MARL_U8, slots, r->closed},
      {"chained", MARL_U8, slots, r->chained},
      {"obs", MARL_F32, slots * (size_t)(s->obs_dim - s->bits), r->obs},
      {"obs_bits", MARL_U32, slots * marl_rollout_num_words(s), r->obs_bits},
      {"state", MARL_F32, slots * (size_t)s->state_dim, r->state},
      {"mask", MARL_U8, slots * (size_t)s->mask_dim, r->mask},
      {"memory", MARL_F32, slots * (size_t)s->memory_dim, r->memory},
      {"act", MARL_F32, slots * (size_t)s->act_dim, r->act},
      {"log_prob", MARL_F32, slots, r->log_prob},
      {"value", MARL_F32, slots, r->value},
      {"reward", MARL_F32, slots, r->reward},
      {"next_value", MARL_F32, slots, r->next_value},
      {"open", MARL_I32, s->rows * (size_t)s->num_roles, r->open},
  };
  return marl_plain_transfer(store, fields, sizeof fields / sizeof fields[0], write, err);
}

MarlCode marl_rollout_save(const MarlRollout *rollout, MarlStore *to, MarlError *err) {
  MarlRollout view = *rollout; /* the same arrays; nothing is changed when writing */
  MARL_TRY(marl_store_set_int(to, NULL, "step", rollout->step, err));
  return transfer(&view, to, true, err);
}

static MarlCode check_indices(const MarlRollout *r, MarlStore *from, MarlError *err) {
  const MarlRolloutShape *s = &r->shape;
  const size_t layers = (size_t)s->num_roles + (size_t)r->step, slots = layers * s->rows;
  for (size_t slot = 0; slot < slots; ++slot)
    if (r->role[slot] != MARL_NO_ROLE)
      MARL_TRY(marl_store_check_within(from, "role", MARL_U8, 1, 0, s->num_roles - 1,
                                       &r->role[slot], err));
  return marl_store_check_within(from, "open", MARL_I32, s->rows * (size_t)s->num_roles, -1,
                                 (int64_t)slots - 1, r->open, err);
}

MarlCode marl_rollout_load(MarlRollout *rollout, MarlStore *from, MarlError *err) {
  int64_t step = 0;
  MARL_TRY(marl_store_get_int(from, NULL, "step", &step, err));
  if (step < 0 || step > rollout->shape.horizon)
    return MARL_FAIL(err, MARL_EIO, "%s: a rollout of %lld steps does not fit learner.horizon = %d",
                     marl_store_path(from), (long long)step, rollout->shape.horizon);
  memset(rollout->role, MARL_NO_ROLE, marl_rollout_num_slots(rollout));
  rollout->step = (int)step;
  MARL_TRY(transfer(rollout, from, false, err));
  return check_indices(rollout, from, err);
}
