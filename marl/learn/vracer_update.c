#include <float.h>
#include <math.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/learn/refer.h"
#include "marl/learn/shard_exchange.h"
#include "marl/learn/vracer.h"

static double annealed(const Vracer *v) {
  return v->params.learning_rate / (1 + v->params.anneal * (double)v->step);
}

/* What all that is in memory says: share of far decisions, scale of the rewards; then targets. */
static MarlCode survey(Vracer *v, MarlError *err) {
  enum { DECISIONS, FAR, SQUARED_REWARD, NUM_SUMS };
  v->bound = marl_refer_bound(v->params.cutoff, v->params.anneal, v->step);
  for (int s = 0; s < v->own_shards; ++s) {
    const MarlSequenceSums sums = marl_sequences_sums(v->shards[s], v->bound);
    double *row = v->stats + (ptrdiff_t)(v->first_shard + s) * NUM_SUMS;
    row[DECISIONS] = sums.decisions, row[FAR] = sums.far;
    row[SQUARED_REWARD] = sums.squared_reward;
  }
  MARL_TRY(marl_shard_exchange(v->comm, v->num_shards, NUM_SUMS, v->stats, err));
  double total[NUM_SUMS] = {0};
  for (ptrdiff_t shard = 0; shard < v->num_shards; ++shard)
    for (int i = 0; i < NUM_SUMS; ++i) total[i] += v->stats[shard * NUM_SUMS + i];
  v->far_share = total[FAR] / total[DECISIONS];
  const double mean_square = total[SQUARED_REWARD] / total[DECISIONS];
  v->reward_scale = v->params.scale_reward && mean_square > 0 ? (float)(1 / sqrt(mean_square)) : 1;
  for (int s = 0; s < v->own_shards; ++s)
    marl_sequences_retrace(v->shards[s], v->params.gamma, v->reward_scale);
  return MARL_OK;
}

/* Steps of environments that shard gives to a minibatch: sizes differ by at most one. */
static size_t share_of(const Vracer *v, int shard) {
  const int64_t M = v->params.minibatch, S = v->num_shards;
  return (size_t)(M * (shard + 1) / S - M * shard / S);
}

/* All agents of uniformly drawn steps, the newest excluded; returns the number of slots. */
static size_t sample(const Vracer *v, int shard, const MarlSequences *s) {
  const size_t A = (size_t)v->num_agents, E = (size_t)v->num_envs, steps = share_of(v, shard);
  const uint64_t choices = (marl_sequences_num_layers(s) - 1) * E;
  const MarlKey key =
      marl_key_fold(marl_key_fold(v->sample_key, (uint64_t)v->step), (uint64_t)shard);
  for (size_t i = 0; i < steps; ++i) {
    const uint64_t choice = marl_below(key, i, choices);
    const size_t first = marl_sequences_layer(s, 1 + choice / E) + choice % E * A;
    for (size_t a = 0; a < A; ++a) v->slots[i * A + a] = (uint32_t)(first + a);
  }
  return steps * A;
}

/* The final observations behind the truncated ones of these slots get their values of now. */
static void refresh_finals(Vracer *v, MarlSequences *s, size_t count, const uint32_t *slots) {
  uint32_t finals[MARL_MLP_BLOCK];
  size_t n = 0;
  for (size_t i = 0; i < count; ++i)
    if (s->end[slots[i]] == MARL_SEQUENCE_TRUNCATED) finals[n++] = s->final_slot[slots[i]];
  if (n > 0) marl_vracer_look_at_finals(v, s, n, finals);
}

static void add_shard(Vracer *v, int own, float *grad) {
  MarlSequences *s = v->shards[own];
  const size_t count = sample(v, v->first_shard + own, s);
  const float share = (float)(1 / ((double)v->params.minibatch * v->num_agents));
  for (size_t at = 0; at < count; at += MARL_MLP_BLOCK) {
    const size_t left = count - at, n = left < MARL_MLP_BLOCK ? left : MARL_MLP_BLOCK;
    refresh_finals(v, s, n, v->slots + at);
    marl_vracer_add_gradient(v, s, n, v->slots + at, share, grad);
  }
}

static MarlCode descend(Vracer *v, MarlError *err) {
  const size_t size = v->num_params + VRACER_NUM_SUMS;
  memset(v->shard_grad, 0, (size_t)v->own_shards * size * sizeof *v->shard_grad);
  for (int own = 0; own < v->own_shards; ++own)
    add_shard(v, own, v->shard_grad + (size_t)own * size);
  MARL_TRY(marl_comm_tree_sum(v->comm, v->num_shards, size, v->shard_grad, v->grad, err));
  const float norm = marl_clip_norm(v->num_params, FLT_MAX, v->grad);
  if (!isfinite(norm))
    return MARL_FAIL(err, MARL_ENUMERIC,
                     "vracer: the gradient is not finite in update %lld; check the environment's "
                     "observations and rewards, or lower learner.learning_rate",
                     (long long)v->update + 1);
  marl_adam_step(v->adam, 0, (float)annealed(v), v->network, v->grad);
  v->beta = marl_refer_beta(v->beta, v->far_share, v->params.far_target, annealed(v));
  ++v->step;
  for (size_t i = 0; i < VRACER_NUM_SUMS; ++i) v->totals[i] += (double)v->grad[v->num_params + i];
  v->totals[VRACER_NUM_SUMS] += (double)norm;
  return MARL_OK;
}

static void report(const Vracer *v, MarlStats *stats) {
  static const char *const names[] = {"value_loss", "policy_loss", "kl", "gradient_norm"};
  enum { NUM_NAMES = sizeof names / sizeof names[0] };
  _Static_assert(NUM_NAMES == VRACER_NUM_SUMS + 1, "a name for each total");
  stats->updated = true;
  stats->count = NUM_NAMES;
  for (int i = 0; i < NUM_NAMES; ++i)
    stats->name[i] = names[i], stats->value[i] = v->totals[i] / v->params.gradient_steps;
  const struct {
    const char *name;
    double value;
  } now[] = {{"beta", v->beta},
             {"far_share", v->far_share},
             {"reward_scale", (double)v->reward_scale},
             {"learning_rate", annealed(v)}};
  for (size_t i = 0; i < sizeof now / sizeof now[0]; ++i, ++stats->count)
    stats->name[stats->count] = now[i].name, stats->value[stats->count] = now[i].value;
}

MarlCode marl_vracer_update(MarlLearner *learner, MarlStats *stats, MarlError *err) {
  Vracer *v = (Vracer *)learner;
  const int64_t due = (int64_t)v->start_layers + v->update * v->params.interval;
  stats->updated = false;
  if (v->shards[0]->steps < due) return MARL_OK;
  MARL_TRY(marl_vracer_rescale(v, err));
  MARL_TRY(survey(v, err));
  memset(v->totals, 0, sizeof v->totals);
  for (int i = 0; i < v->params.gradient_steps; ++i) MARL_TRY(descend(v, err));
  marl_vracer_sync_policy(v);
  report(v, stats);
  ++v->update;
  return MARL_OK;
}
