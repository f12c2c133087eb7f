#include "marl/learn/sequences.h"

#include <stdlib.h>

#include "marl/core/arena.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/refer.h"

static size_t lay_out(MarlSequences *s, char *block) {
  const MarlSequenceShape *shape = &s->shape;
  const size_t N = shape->rows, slots = shape->capacity * N, finals = s->num_finals * N;
  const size_t obs = (size_t)shape->obs_dim, act = (size_t)shape->act_dim;
  size_t n = 0;
  s->end = marl_carve(block, &n, slots, sizeof *s->end);
  s->final_slot = marl_carve(block, &n, slots, sizeof *s->final_slot);
  s->obs = marl_carve(block, &n, slots * obs, sizeof *s->obs);
  s->x = marl_carve(block, &n, slots * act, sizeof *s->x);
  s->mean = marl_carve(block, &n, slots * act, sizeof *s->mean);
  s->log_std = marl_carve(block, &n, slots * act, sizeof *s->log_std);
  s->log_prob = marl_carve(block, &n, slots, sizeof *s->log_prob);
  s->reward = marl_carve(block, &n, slots, sizeof *s->reward);
  s->value = marl_carve(block, &n, slots, sizeof *s->value);
  s->ratio = marl_carve(block, &n, slots, sizeof *s->ratio);
  s->target = marl_carve(block, &n, slots, sizeof *s->target);
  s->ended = marl_carve(block, &n, N, sizeof *s->ended);
  s->final_obs = marl_carve(block, &n, finals * obs, sizeof *s->final_obs);
  s->final_value = marl_carve(block, &n, finals, sizeof *s->final_value);
  s->next = marl_carve(block, &n, N, sizeof *s->next);
  return n;
}

MarlCode marl_sequences_create(const MarlSequenceShape *shape, MarlSequences **out,
                               MarlError *err) {
  *out = NULL;
  if (shape->capacity < 2 || shape->capacity > UINT32_MAX / shape->rows)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "a replay of %zu steps of %zu agents is not possible: 2 steps at least, less "
                     "than 2^32 decisions in a shard; change learner.replay_size or run.shards",
                     shape->capacity, shape->rows);
  MarlSequences *s = calloc(1, sizeof *s);
  if (s == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a replay");
  s->shape = *shape;
  if (shape->max_steps > 0) s->num_finals = (shape->capacity - 1) / (size_t)shape->max_steps + 1;
  const size_t size = lay_out(s, NULL);
  s->memory = marl_arena_alloc(size);
  if (s->memory == NULL) {
    free(s);
    return MARL_FAIL(err, MARL_EMEMORY,
                     "out of memory: %zu bytes of replay; lower learner.replay_size", size);
  }
  lay_out(s, s->memory);
  *out = s;
  return MARL_OK;
}

void marl_sequences_destroy(MarlSequences **sequences) {
  if (*sequences == NULL) return;
  free((*sequences)->memory);
  free(*sequences);
  *sequences = NULL;
}

size_t marl_sequences_num_layers(const MarlSequences *s) {
  return s->steps < (int64_t)s->shape.capacity ? (size_t)s->steps : s->shape.capacity;
}

size_t marl_sequences_layer(const MarlSequences *s, size_t age) {
  const size_t step = (size_t)s->steps - 1 - age;
  return step % s->shape.capacity * s->shape.rows;
}

size_t marl_sequences_next_layer(const MarlSequences *s) {
  return (size_t)s->steps % s->shape.capacity * s->shape.rows;
}

void marl_sequences_advance(MarlSequences *s) {
  ++s->steps;
}

size_t marl_sequences_truncate(MarlSequences *s, size_t row) {
  const size_t slot = marl_sequences_next_layer(s) + row;
  const size_t at = s->ended[row] * s->shape.rows + row;
  s->ended[row] = (s->ended[row] + 1) % (uint32_t)s->num_finals;
  s->end[slot] = MARL_SEQUENCE_TRUNCATED;
  s->final_slot[slot] = (uint32_t)at;
  return at;
}

/* Without branches, which would be guessed wrong half the time: adding 0 for what is absent changes
 * nothing. */
MarlSequenceSums marl_sequences_sums(const MarlSequences *s, float bound) {
  const size_t N = s->shape.rows, layers = marl_sequences_num_layers(s);
  uint64_t decisions = 0, far = 0;
  double squared = 0;
  for (size_t age = layers; age-- > 0;) {
    const size_t first = marl_sequences_layer(s, age);
    for (size_t slot = first; slot < first + N; ++slot) {
      const bool present = s->end[slot] != MARL_SEQUENCE_ABSENT;
      const double reward = present ? (double)s->reward[slot] : 0;
      decisions += present;
      far += present & !marl_refer_near(s->ratio[slot], bound);
      squared += reward * reward;
    }
  }
  return (MarlSequenceSums){
      .decisions = (double)decisions, .far = (double)far, .squared_reward = squared};
}

/* v of the state after a slot's decision; `next` is that of the row's following step. */
static float value_after(const MarlSequences *s, size_t slot, float next) {
  switch (s->end[slot]) {
    case MARL_SEQUENCE_GOES_ON:
      return next;
    case MARL_SEQUENCE_TRUNCATED:
      return s->final_value[s->final_slot[slot]];
    default:
      return 0;
  }
}

void marl_sequences_retrace(MarlSequences *s, float gamma, float reward_scale) {
  const size_t N = s->shape.rows, layers = marl_sequences_num_layers(s);
  const size_t newest = marl_sequences_layer(s, 0);
  for (size_t row = 0; row < N; ++row) s->next[row] = s->value[newest + row];
  for (size_t age = 1; age < layers; ++age) {
    const size_t first = marl_sequences_layer(s, age);
    for (size_t row = 0; row < N; ++row) {
      const size_t slot = first + row;
      const float q = reward_scale * s->reward[slot] + gamma * value_after(s, slot, s->next[row]);
      const float trust = s->ratio[slot] < 1 ? s->ratio[slot] : 1;
      s->target[slot] = q;
      s->next[row] = s->value[slot] + trust * (q - s->value[slot]);
    }
  }
}

/* Only the layers that hold a step; targets are made anew before they are used. */
static MarlCode transfer(MarlSequences *s, MarlStore *store, bool write, MarlError *err) {
  const size_t N = s->shape.rows, slots = marl_sequences_num_layers(s) * N;
  const size_t obs = (size_t)s->shape.obs_dim, act = (size_t)s->shape.act_dim;
  const MarlPlainArray fields[] = {
      {"end", MARL_U8, slots, s->end},
      {"final_slot", MARL_U32, slots, s->final_slot},
      {"obs", MARL_F32, slots * obs, s->obs},
      {"x", MARL_F32, slots * act, s->x},
      {"mean", MARL_F32, slots * act, s->mean},
      {"log_std", MARL_F32, slots * act, s->log_std},
      {"log_prob", MARL_F32, slots, s->log_prob},
      {"reward", MARL_F32, slots, s->reward},
      {"value", MARL_F32, slots, s->value},
      {"ratio", MARL_F32, slots, s->ratio},
      {"ended", MARL_U32, N, s->ended},
      {"final_obs", MARL_F32, s->num_finals * N * obs, s->final_obs},
      {"final_value", MARL_F32, s->num_finals * N, s->final_value},
  };
  return marl_plain_transfer(store, fields, sizeof fields / sizeof fields[0], write, err);
}

MarlCode marl_sequences_save(const MarlSequences *s, MarlStore *to, MarlError *err) {
  MarlSequences view = *s; /* the same arrays; nothing is changed when writing */
  MARL_TRY(marl_store_set_int(to, NULL, "steps", s->steps, err));
  return transfer(&view, to, true, err);
}

/* Where truncated steps keep their final observations. */
static MarlCode check_finals(const MarlSequences *s, MarlStore *from, MarlError *err) {
  const size_t N = s->shape.rows, slots = marl_sequences_num_layers(s) * N;
  const int64_t finals = (int64_t)(s->num_finals * N);
  for (size_t slot = 0; slot < slots; ++slot)
    if (s->end[slot] == MARL_SEQUENCE_TRUNCATED)
      MARL_TRY(marl_store_check_within(from, "final_slot", MARL_U32, 1, 0, finals - 1,
                                       &s->final_slot[slot], err));
  const int64_t last = s->num_finals > 0 ? (int64_t)s->num_finals - 1 : 0;
  return marl_store_check_within(from, "ended", MARL_U32, N, 0, last, s->ended, err);
}

MarlCode marl_sequences_load(MarlSequences *s, MarlStore *from, MarlError *err) {
  int64_t steps = 0;
  MARL_TRY(marl_store_get_int(from, NULL, "steps", &steps, err));
  if (steps < 0 || steps > INT64_MAX / 2)
    return MARL_FAIL(err, MARL_EIO, "%s: a replay of %lld steps is impossible",
                     marl_store_path(from), (long long)steps);
  s->steps = steps;
  MARL_TRY(transfer(s, from, false, err));
  return check_finals(s, from, err);
}
