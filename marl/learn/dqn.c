#include "marl/learn/dqn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Batches with at most this many different observations are computed by observation, not by row:
 * the same gradient, since it is linear in the rows' deltas. Small games have few states. */
enum { MAX_DISTINCT = 16 };

struct MarlDqn {
  MarlDqnParams params;
  MarlValueShape shape;
  MarlKey act_key, learn_key;
  int64_t acts, learning_steps;
  float epsilon;
  MarlAdam *adam;
  MarlReplay replay;
  size_t num_params;
  float *online, *target, *grad; /* [num_params] each */
  float *obs, *next_obs;         /* [batch, I] */
  float *q, *next_q, *best_q;    /* [batch, K] */
  float *delta;                  /* [batch K] */
  uint32_t *sampled;             /* [batch] */
  int32_t *row, *next_row;       /* [batch] row of obs, next_obs that a transition uses */
};

static MarlCode check(const MarlDqnParams *p, const MarlValueShape *shape, MarlError *err) {
  const MarlMlpShape mlp = {.num_inputs = shape->num_inputs,
                            .num_outputs = shape->num_choices,
                            .num_hidden = 1,
                            .hidden = {shape->hidden},
                            .activation = MARL_RELU};
  MarlValueShape fits;
  if (!marl_value_net_fits(&mlp, &fits))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "dqn: no network of %d inputs, %d hidden units (a multiple of %d) and %d "
                     "choices",
                     shape->num_inputs, shape->hidden, MARL_VALUE_NET_LANES, shape->num_choices);
  if (p->batch < 1 || p->batch > MARL_REPLAY_MAX_BATCH)
    return MARL_FAIL(err, MARL_ECONFIG, "dqn: batch = %d is not in 1 .. %d", p->batch,
                     MARL_REPLAY_MAX_BATCH);
  if (p->warmup < p->batch || p->capacity < p->warmup)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "dqn: batch = %d <= warmup = %d <= capacity = %d does not hold", p->batch,
                     p->warmup, p->capacity);
  return MARL_OK;
}

/* Take `count` floats (or words of the same size) from the block. */
static void *take(float **block, size_t count) {
  float *start = *block;
  *block += count;
  return start;
}

static MarlCode lay_out(MarlDqn *dqn, MarlError *err) {
  const size_t batch = (size_t)dqn->params.batch, inputs = (size_t)dqn->shape.num_inputs;
  const size_t choices = (size_t)dqn->shape.num_choices;
  const size_t total = 3 * dqn->num_params + 2 * batch * inputs + 4 * batch * choices + 3 * batch;
  float *block = calloc(total, sizeof *block);
  if (block == NULL) return MARL_FAIL(err, MARL_EMEMORY, "dqn: no memory for a network");
  dqn->online = take(&block, dqn->num_params);
  dqn->target = take(&block, dqn->num_params);
  dqn->grad = take(&block, dqn->num_params);
  dqn->obs = take(&block, batch * inputs);
  dqn->next_obs = take(&block, batch * inputs);
  dqn->q = take(&block, batch * choices);
  dqn->next_q = take(&block, batch * choices);
  dqn->best_q = take(&block, batch * choices);
  dqn->delta = take(&block, batch * choices);
  dqn->sampled = take(&block, batch);
  dqn->row = take(&block, batch);
  dqn->next_row = take(&block, batch);
  return MARL_OK;
}

/* Uniform in +-1/sqrt(fan in); the output weights are numbered choice by choice. */
static void init(const MarlValueShape *shape, MarlKey key, float *params) {
  const size_t hidden = (size_t)shape->hidden, choices = (size_t)shape->num_choices;
  const size_t first = ((size_t)shape->num_inputs + 1) * hidden;
  const double bound_first = 1.0 / sqrt((double)shape->num_inputs);
  const double bound_second = 1.0 / sqrt((double)shape->hidden);
  for (size_t i = 0; i < first + choices * hidden + choices; ++i) {
    const double bound = i < first ? bound_first : bound_second;
    const size_t k = (i - first) / hidden, h = (i - first) % hidden;
    const size_t to = i < first || k == choices ? i : first + h * choices + k;
    params[to] = (float)(bound * (2.0 * marl_uniform(key, i) - 1.0));
  }
}

MarlCode marl_dqn_create(const MarlDqnParams *params, int num_inputs, int num_choices, MarlKey key,
                         MarlDqn **out, MarlError *err) {
  const MarlValueShape shape = {num_inputs, params->hidden, num_choices};
  MARL_TRY(check(params, &shape, err));
  MarlDqn *dqn = calloc(1, sizeof *dqn);
  if (dqn == NULL) return MARL_FAIL(err, MARL_EMEMORY, "dqn: no memory");
  dqn->params = *params;
  dqn->shape = shape;
  dqn->num_params =
      ((size_t)num_inputs + 1 + (size_t)num_choices) * (size_t)shape.hidden + (size_t)num_choices;
  dqn->act_key = marl_key_fold(key, 1);
  dqn->learn_key = marl_key_fold(key, 2);
  dqn->epsilon = params->epsilon_max;
  const MarlAdamParams adam = {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
  MarlCode code = lay_out(dqn, err);
  if (code == MARL_OK) code = marl_adam_create(&adam, 1, dqn->num_params, &dqn->adam, err);
  if (code == MARL_OK)
    code = marl_replay_create((size_t)num_inputs, num_choices, false, (size_t)params->capacity,
                              &dqn->replay, err);
  if (code != MARL_OK) {
    marl_dqn_destroy(&dqn);
    return code;
  }
  init(&shape, marl_key_fold(key, 0), dqn->online);
  memcpy(dqn->target, dqn->online, dqn->num_params * sizeof *dqn->target);
  *out = dqn;
  return MARL_OK;
}

void marl_dqn_destroy(MarlDqn **dqn) {
  MarlDqn *d = *dqn;
  if (d == NULL) return;
  free(d->online); /* the whole block */
  marl_adam_destroy(&d->adam);
  marl_replay_clear(&d->replay);
  free(d);
  *dqn = NULL;
}

static int argmax(const float *q, int n) {
  int best = 0;
  for (int k = 1; k < n; ++k)
    if (q[k] > q[best]) best = k;
  return best;
}

void marl_dqn_values(const MarlDqn *dqn, const float *obs, float *q) {
  marl_value_net_forward(&dqn->shape, 1, dqn->online, obs, q);
}

int marl_dqn_greedy(const MarlDqn *dqn, const float *obs) {
  float q[MARL_VALUE_NET_MAX_CHOICES];
  marl_dqn_values(dqn, obs, q);
  return argmax(q, dqn->shape.num_choices);
}

int marl_dqn_explore(MarlDqn *dqn, const float *obs) {
  uint32_t word[4];
  marl_philox(dqn->act_key, (uint64_t)dqn->acts++, word);
  /* 24 bits, exact in single precision; multiply-shift for the choice */
  if ((float)(word[0] >> 8) * 0x1p-24f < dqn->epsilon)
    return (int)((uint64_t)word[1] * (uint64_t)dqn->shape.num_choices >> 32);
  return marl_dqn_greedy(dqn, obs);
}

void marl_dqn_store(MarlDqn *dqn, const float *obs, int choice, float reward, const float *next_obs,
                    bool terminal) {
  marl_replay_add(&dqn->replay, obs, choice, reward, next_obs, terminal);
}

enum { HASH_SLOTS = 64, NO_ROW = 0xff };

/* Slot of `from` in a table of rows of x: the one that holds an equal row, or the empty one where
 * it belongs. At most MAX_DISTINCT + 1 of the slots are in use. */
static inline __attribute__((always_inline)) uint32_t find_slot(const uint8_t *table,
                                                                const float *x, const float *from,
                                                                size_t inputs) {
  uint32_t hash = 0;
  for (size_t i = 0; i < inputs; ++i) {
    uint32_t bits;
    memcpy(&bits, from + i, sizeof bits);
    hash = (hash ^ bits) * 2654435769u;
  }
  uint32_t slot = hash >> 26;
  for (;; slot = (slot + 1) % HASH_SLOTS) {
    if (table[slot] == NO_ROW) return slot;
    bool same = true;
    for (size_t i = 0; i < inputs; ++i) same &= x[table[slot] * inputs + i] == from[i];
    if (same) return slot;
  }
}

/* Copy the sampled rows' columns [first, first + I) into x, equal rows once, and say which row of
 * x each of them is; returns the number of rows of x. Every row has its own if there are many. */
static inline __attribute__((always_inline)) size_t gather_rows(const MarlDqn *dqn, size_t inputs,
                                                                size_t first, float *x,
                                                                int32_t *row) {
  const size_t batch = (size_t)dqn->params.batch, stride = dqn->replay.stride;
  const float *rows = dqn->replay.rows + first;
  uint8_t table[HASH_SLOTS];
  memset(table, NO_ROW, sizeof table);
  uint8_t distinct = 0;
  size_t n = 0;
  for (; n < batch && distinct <= MAX_DISTINCT; ++n) {
    const float *from = rows + dqn->sampled[n] * stride;
    const uint32_t slot = find_slot(table, x, from, inputs);
    if (table[slot] == NO_ROW) {
      memcpy(x + distinct * inputs, from, inputs * sizeof *x);
      table[slot] = distinct++;
    }
    row[n] = table[slot];
  }
  if (distinct <= MAX_DISTINCT) return distinct;
  for (n = 0; n < batch; ++n) {
    memcpy(x + n * inputs, rows + dqn->sampled[n] * stride, inputs * sizeof *x);
    row[n] = (int32_t)n;
  }
  return batch;
}

static size_t gather(const MarlDqn *dqn, size_t first, float *x, int32_t *row) {
  switch (dqn->shape.num_inputs) { /* constants let the compiler unroll */
    case 2:
      return gather_rows(dqn, 2, first, x, row);
    case 4:
      return gather_rows(dqn, 4, first, x, row);
    default:
      return gather_rows(dqn, (size_t)dqn->shape.num_inputs, first, x, row);
  }
}

/* Value of the best next action of each row of next_obs, into best_q [rows]. */
static void bootstrap(MarlDqn *dqn, size_t rows) {
  const int choices = dqn->shape.num_choices;
  marl_value_net_forward(&dqn->shape, rows, dqn->target, dqn->next_obs, dqn->next_q);
  const float *judge = dqn->next_q;
  if (dqn->params.double_q) {
    marl_value_net_forward(&dqn->shape, rows, dqn->online, dqn->next_obs, dqn->q);
    judge = dqn->q;
  }
  for (size_t r = 0; r < rows; ++r) {
    const size_t at = r * (size_t)choices;
    dqn->best_q[r] = dqn->next_q[at + (size_t)argmax(judge + at, choices)];
  }
}

/* dLoss/dq summed by (row of obs, choice) into delta [rows, K]. */
static void differences(MarlDqn *dqn, size_t rows) {
  const size_t batch = (size_t)dqn->params.batch, choices = (size_t)dqn->shape.num_choices;
  const float limit = dqn->params.huber, scale = 1.0f / (float)dqn->params.batch;
  memset(dqn->delta, 0, rows * choices * sizeof *dqn->delta);
  for (size_t n = 0; n < batch; ++n) {
    const float *tail =
        dqn->replay.rows + dqn->sampled[n] * dqn->replay.stride + 2 * dqn->replay.obs_dim;
    const float future = (1.0f - tail[2]) * dqn->best_q[dqn->next_row[n]];
    const size_t at = (size_t)dqn->row[n] * choices + (size_t)tail[1];
    const float error = dqn->q[at] - (tail[0] + dqn->params.gamma * future);
    dqn->delta[at] += scale * (error > limit ? limit : error < -limit ? -limit : error);
  }
}

bool marl_dqn_learn(MarlDqn *dqn) {
  const MarlDqnParams *p = &dqn->params;
  const size_t inputs = (size_t)dqn->shape.num_inputs;
  if (dqn->replay.size < (size_t)p->warmup) return false;
  const MarlKey key = marl_key_fold(dqn->learn_key, (uint64_t)dqn->learning_steps);
  marl_replay_sample(&dqn->replay, key, (size_t)p->batch, dqn->sampled);
  const size_t next_rows = gather(dqn, inputs, dqn->next_obs, dqn->next_row);
  bootstrap(dqn, next_rows);
  const size_t rows = gather(dqn, 0, dqn->obs, dqn->row);
  marl_value_net_forward(&dqn->shape, rows, dqn->online, dqn->obs, dqn->q);
  differences(dqn, rows);
  memset(dqn->grad, 0, dqn->num_params * sizeof *dqn->grad);
  marl_value_net_backward(&dqn->shape, rows, dqn->online, dqn->obs, dqn->delta, dqn->grad);
  marl_adam_step(dqn->adam, 0, p->learning_rate, dqn->online, dqn->grad);
  if (++dqn->learning_steps % p->copy_every == 0)
    memcpy(dqn->target, dqn->online, dqn->num_params * sizeof *dqn->target);
  const float lower = dqn->epsilon - (p->epsilon_max - p->epsilon_min) * p->epsilon_decay;
  dqn->epsilon = lower > p->epsilon_min ? lower : p->epsilon_min;
  return true;
}

float marl_dqn_epsilon(const MarlDqn *dqn) {
  return dqn->epsilon;
}

int64_t marl_dqn_learning_steps(const MarlDqn *dqn) {
  return dqn->learning_steps;
}

const MarlValueShape *marl_dqn_shape(const MarlDqn *dqn) {
  return &dqn->shape;
}

const float *marl_dqn_network(const MarlDqn *dqn) {
  return dqn->online;
}

MarlCode marl_dqn_save(const MarlDqn *dqn, MarlStore *to, MarlError *err) {
  const int64_t counts[2] = {dqn->acts, dqn->learning_steps};
  const MarlArray pair = {.type = MARL_I64, .rank = 1, .shape = {2}};
  const MarlArray scalar = {.type = MARL_F32, .rank = 0};
  const MarlArray network = {.type = MARL_F32, .rank = 1, .shape = {dqn->num_params}};
  MARL_TRY(marl_store_write(to, "counts", &pair, counts, err));
  MARL_TRY(marl_store_write(to, "epsilon", &scalar, &dqn->epsilon, err));
  MARL_TRY(marl_store_write(to, "online", &network, dqn->online, err));
  MARL_TRY(marl_store_write(to, "target", &network, dqn->target, err));
  MARL_TRY(marl_adam_save(dqn->adam, to, err));
  return marl_replay_save(&dqn->replay, to, err);
}

MarlCode marl_dqn_load(MarlDqn *dqn, MarlStore *from, MarlError *err) {
  int64_t counts[2];
  MARL_TRY(marl_store_read(from, "counts", MARL_I64, 2, counts, err));
  MARL_TRY(marl_store_read(from, "epsilon", MARL_F32, 1, &dqn->epsilon, err));
  MARL_TRY(marl_store_read(from, "online", MARL_F32, dqn->num_params, dqn->online, err));
  MARL_TRY(marl_store_read(from, "target", MARL_F32, dqn->num_params, dqn->target, err));
  MARL_TRY(marl_adam_load(dqn->adam, from, err));
  MARL_TRY(marl_replay_load(&dqn->replay, from, err));
  dqn->acts = counts[0], dqn->learning_steps = counts[1];
  return MARL_OK;
}
