#include <math.h>
#include <string.h>

#include "marl/learn/learner_dqn.h"

/* Minibatches with at most this many different observations are computed by observation, not by
 * transition: the same gradient, since it is linear in their errors. Small games have few states. */
enum { MAX_DISTINCT = 16, HASH_SLOTS = 64, NO_ROW = 0xff };

/* Slot of `from` in a table of rows of x: the one that holds an equal row, or the empty one where
 * it belongs. At most MAX_DISTINCT + 1 of the slots are in use. */
static inline __attribute__((always_inline)) uint32_t find_slot(const uint8_t *table,
                                                                const float *x, const float *from,
                                                                size_t dim) {
  uint32_t hash = 0;
  for (size_t i = 0; i < dim; ++i) {
    uint32_t bits;
    memcpy(&bits, from + i, sizeof bits);
    hash = (hash ^ bits) * 2654435769u;
  }
  uint32_t slot = hash >> 26;
  for (;; slot = (slot + 1) % HASH_SLOTS) {
    if (table[slot] == NO_ROW) return slot;
    bool same = true;
    for (size_t i = 0; i < dim; ++i) same &= x[table[slot] * dim + i] == from[i];
    if (same) return slot;
  }
}

/* Columns [first, first + dim) of the sampled rows into x, equal rows once, and which row of x each
 * of them is; returns the number of rows of x. Every transition has its own if there are many. */
static inline __attribute__((always_inline)) size_t gather_rows(const MarlReplay *replay,
                                                                size_t dim, size_t count,
                                                                const uint32_t *sampled,
                                                                size_t first, float *x,
                                                                int32_t *row) {
  const float *rows = replay->rows + first;
  uint8_t table[HASH_SLOTS];
  memset(table, NO_ROW, sizeof table);
  uint8_t distinct = 0;
  for (size_t n = 0; n < count && distinct <= MAX_DISTINCT; ++n) {
    const float *from = rows + sampled[n] * replay->stride;
    const uint32_t slot = find_slot(table, x, from, dim);
    if (table[slot] == NO_ROW) {
      memcpy(x + distinct * dim, from, dim * sizeof *x);
      table[slot] = distinct++;
    }
    row[n] = table[slot];
  }
  if (distinct <= MAX_DISTINCT) return distinct;
  for (size_t n = 0; n < count; ++n) {
    memcpy(x + n * dim, rows + sampled[n] * replay->stride, dim * sizeof *x);
    row[n] = (int32_t)n;
  }
  return count;
}

/* Those columns as the network sees them, into dqn->input; returns its rows, and dqn->row. */
static size_t gather(DqnLearner *dqn, const DqnGroup *group, const MarlReplay *replay, size_t count,
                     const uint32_t *sampled, size_t first) {
  const size_t dim = replay->obs_dim;
  const bool normalized = dqn->policy->roles[group->role].normalizer != NULL;
  float *x = normalized ? dqn->raw : dqn->input;
  size_t rows;
  switch (dim) { /* constants let the compiler unroll */
    case 2:
      rows = gather_rows(replay, 2, count, sampled, first, x, dqn->row);
      break;
    case 4:
      rows = gather_rows(replay, 4, count, sampled, first, x, dqn->row);
      break;
    default:
      rows = gather_rows(replay, dim, count, sampled, first, x, dqn->row);
  }
  if (normalized)
    marl_policy_normalize(dqn->policy, group->role, group->set, rows, dim, dqn->raw, dqn->input);
  return rows;
}

/* Values of the first rows of dqn->input. */
static void value(const DqnLearner *dqn, const DqnGroup *group, size_t rows, const float *params,
                  float *out) {
  const DqnRole *role = &dqn->roles[group->role];
  if (role->narrow)
    marl_value_net_forward(&role->shape, rows, params, dqn->input, out);
  else
    marl_mlp_forward(dqn->policy->roles[group->role].mlp, 1, rows, params, dqn->input, out);
}

/* reward, choice, terminal of a row */
static const float *tail_of(const MarlReplay *replay, uint32_t row) {
  return replay->rows + row * replay->stride + 2 * replay->obs_dim;
}

/* Q_target of the legal choice that `judge` likes best; both [choices]. */
static float best_legal(size_t choices, const float *judge, const float *value,
                        const float *legal) {
  size_t best = choices;
  for (size_t k = 0; k < choices; ++k)
    if (legal[k] > 0 && (best == choices || judge[k] > judge[best])) best = k;
  return best < choices ? value[best] : 0;
}

void marl_dqn_learner_goals(DqnLearner *dqn, const DqnGroup *group, const MarlReplay *replay,
                            size_t count, const uint32_t *sampled) {
  const size_t choices = (size_t)replay->num_choices;
  const size_t rows = gather(dqn, group, replay, count, sampled, replay->obs_dim);
  value(dqn, group, rows, dqn->target + group->target_at, dqn->next_value);
  const float *judge = dqn->next_value;
  if (dqn->params.double_q) {
    value(dqn, group, rows, marl_policy_params(dqn->policy, group->role, group->set), dqn->output);
    judge = dqn->output;
  }
  for (size_t r = 0; r < rows; ++r) {
    size_t best = 0;
    for (size_t k = 1; k < choices; ++k)
      if (judge[r * choices + k] > judge[r * choices + best]) best = k;
    dqn->best[r] = dqn->next_value[r * choices + best];
  }
  const float gamma = (float)dqn->roles[group->role].gamma;
  for (size_t i = 0; i < count; ++i) {
    const float *tail = tail_of(replay, sampled[i]);
    const size_t at = (size_t)dqn->row[i] * choices;
    const float best = replay->masked
                           ? best_legal(choices, judge + at, dqn->next_value + at, tail + 3)
                           : dqn->best[dqn->row[i]];
    dqn->goal[i] = tail[0] + gamma * (tail[2] > 0 ? 0 : best);
  }
}

void marl_dqn_learner_add_gradient(DqnLearner *dqn, const DqnGroup *group, const MarlReplay *replay,
                                   size_t count, const uint32_t *sampled, double total,
                                   float *grad) {
  const DqnRole *role = &dqn->roles[group->role];
  const float *params = marl_policy_params(dqn->policy, group->role, group->set);
  const size_t choices = (size_t)replay->num_choices;
  const float share = (float)(1 / total), huber = dqn->params.huber;
  const float limit = huber > 0 ? huber : INFINITY;
  marl_dqn_learner_goals(dqn, group, replay, count, sampled);
  const size_t rows = gather(dqn, group, replay, count, sampled, 0);
  value(dqn, group, rows, params, dqn->output);
  memset(dqn->output_grad, 0, rows * choices * sizeof(float));
  float loss = 0, sum = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t at = (size_t)dqn->row[i] * choices + (size_t)tail_of(replay, sampled[i])[1];
    const float error = dqn->output[at] - dqn->goal[i], size = fabsf(error);
    loss += size <= limit ? 0.5f * error * error : limit * (size - 0.5f * limit);
    sum += dqn->output[at];
    dqn->output_grad[at] += share * (size <= limit ? error : copysignf(limit, error));
  }
  grad[group->num_params + DQN_LOSS] += loss * share;
  grad[group->num_params + DQN_VALUE] += sum * share;
  if (role->narrow)
    marl_value_net_backward(&role->shape, rows, params, dqn->input, dqn->output_grad, grad);
  else
    marl_mlp_backward(dqn->policy->roles[group->role].mlp, 1, rows, params, dqn->input,
                      dqn->output_grad, grad, NULL);
}
