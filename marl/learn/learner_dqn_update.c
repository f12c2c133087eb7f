#include <math.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/learn/learner_dqn.h"
#include "marl/learn/shard_exchange.h"

/* Columns of dqn->totals behind the sums. */
enum { TOTAL_NORM = DQN_NUM_SUMS, TOTAL_STEPS, NUM_TOTALS };

static double *totals_of(const DqnLearner *dqn, int group) {
  return dqn->totals + (ptrdiff_t)group * NUM_TOTALS;
}

void marl_dqn_learner_copy_target(DqnLearner *dqn) {
  for (int g = 0; g < dqn->num_groups; ++g) {
    const DqnGroup *group = &dqn->groups[g];
    memcpy(dqn->target + group->target_at, marl_policy_params(dqn->policy, group->role, group->set),
           group->num_params * sizeof *dqn->target);
  }
}

/* Transitions that a shard with `size` of them gives to a minibatch: shares differ by at most one,
 * but none is drawn twice. */
static size_t share_of(const DqnLearner *dqn, int shard, size_t size) {
  const int64_t M = dqn->params.minibatch, S = dqn->num_shards;
  const size_t share = (size_t)(M * (shard + 1) / S - M * shard / S);
  return size < share ? size : share;
}

static MarlNormalizer *normalizer_of(const DqnLearner *dqn, const DqnGroup *group) {
  MarlNormalizer **of_role = dqn->policy->roles[group->role].normalizer;
  return of_role == NULL ? NULL : of_role[group->set];
}

static void forget(MarlNormalizer *normalizer) {
  normalizer->count = 0;
  memset(normalizer->mean, 0, (size_t)normalizer->dim * sizeof *normalizer->mean);
  memset(normalizer->m2, 0, (size_t)normalizer->dim * sizeof *normalizer->m2);
}

/* What shards know of each group: transitions in memory, observations since the last update. */
static MarlCode take_stock(DqnLearner *dqn, MarlError *err) {
  for (int s = 0; s < dqn->own_shards; ++s) {
    const DqnShard *shard = &dqn->shards[s];
    double *at = dqn->stats + (size_t)(dqn->first_shard + s) * dqn->stats_size;
    for (int g = 0; g < dqn->num_groups; ++g) {
      const DqnGroup *group = &dqn->groups[g];
      *at++ = (double)marl_transitions_replay(shard->memory, group->role, group->set)->size;
      if (shard->seen == NULL) continue;
      at += marl_normalizer_pack(shard->seen[g], at);
      forget(shard->seen[g]);
    }
  }
  MARL_TRY(marl_shard_exchange(dqn->comm, dqn->num_shards, dqn->stats_size, dqn->stats, err));
  for (int g = 0; g < dqn->num_groups; ++g) dqn->groups[g].samples = 0;
  for (int shard = 0; shard < dqn->num_shards; ++shard) {
    const double *at = dqn->stats + (size_t)shard * dqn->stats_size;
    for (int g = 0; g < dqn->num_groups; ++g) {
      DqnGroup *group = &dqn->groups[g];
      group->samples += (double)share_of(dqn, shard, (size_t)*at++);
      if (normalizer_of(dqn, group) != NULL)
        at += marl_normalizer_merge_packed(normalizer_of(dqn, group), at);
    }
  }
  return MARL_OK;
}

static void add_shard(DqnLearner *dqn, int own, int g) {
  const DqnGroup *group = &dqn->groups[g];
  const int shard = dqn->first_shard + own;
  const MarlReplay *replay =
      marl_transitions_replay(dqn->shards[own].memory, group->role, group->set);
  const size_t count = share_of(dqn, shard, replay->size);
  MarlKey key = marl_key_fold(dqn->sample_key, (uint64_t)dqn->step);
  key = marl_key_fold(marl_key_fold(key, (uint64_t)shard), (uint64_t)g);
  marl_replay_sample(replay, key, count, dqn->sampled);
  float *grad = dqn->shard_grad + (size_t)own * dqn->grad_size + group->at;
  for (size_t at = 0; at < count; at += MARL_MLP_BLOCK) {
    const size_t left = count - at;
    marl_dqn_learner_add_gradient(dqn, group, replay, left < MARL_MLP_BLOCK ? left : MARL_MLP_BLOCK,
                                  dqn->sampled + at, group->samples, grad);
  }
}

static MarlCode descend_group(DqnLearner *dqn, int g, MarlError *err) {
  const DqnGroup *group = &dqn->groups[g];
  float *grad = dqn->grad + group->at;
  const float norm = marl_clip_norm(group->num_params, dqn->params.max_grad_norm, grad);
  if (!isfinite(norm))
    return MARL_FAIL(err, MARL_ENUMERIC,
                     "dqn: the gradient of role '%s' is not finite in update %lld; check the "
                     "environment's observations and rewards, or lower learner.learning_rate",
                     dqn->policy->roles[group->role].name, (long long)dqn->update + 1);
  marl_adam_step(dqn->adam[group->role], group->set,
                 marl_schedule_rate(&dqn->schedule, dqn->update),
                 marl_policy_params(dqn->policy, group->role, group->set), grad);
  double *totals = totals_of(dqn, g);
  for (int i = 0; i < DQN_NUM_SUMS; ++i) totals[i] += (double)grad[group->num_params + (size_t)i];
  totals[TOTAL_NORM] += (double)norm;
  totals[TOTAL_STEPS] += 1;
  return MARL_OK;
}

/* One gradient step of every group that remembers anything. */
static MarlCode descend(DqnLearner *dqn, MarlError *err) {
  memset(dqn->shard_grad, 0, (size_t)dqn->own_shards * dqn->grad_size * sizeof(float));
  for (int own = 0; own < dqn->own_shards; ++own)
    for (int g = 0; g < dqn->num_groups; ++g) add_shard(dqn, own, g);
  MARL_TRY(marl_comm_tree_sum(dqn->comm, dqn->num_shards, dqn->grad_size, dqn->shard_grad,
                              dqn->grad, err));
  for (int g = 0; g < dqn->num_groups; ++g)
    if (dqn->groups[g].samples > 0) MARL_TRY(descend_group(dqn, g, err));
  if (++dqn->step % dqn->params.target_interval == 0) marl_dqn_learner_copy_target(dqn);
  return MARL_OK;
}

/* Means over gradient steps, then over groups that learned. */
static void report(const DqnLearner *dqn, float rate, MarlStats *stats) {
  static const char *const names[] = {"loss", "value", "gradient_norm"};
  enum { NUM_NAMES = sizeof names / sizeof names[0] };
  _Static_assert(NUM_NAMES == DQN_NUM_SUMS + 1, "a name for each total");
  stats->updated = true;
  stats->count = NUM_NAMES + 2;
  int learned = 0;
  for (int i = 0; i < NUM_NAMES; ++i) stats->name[i] = names[i], stats->value[i] = 0;
  for (int g = 0; g < dqn->num_groups; ++g) {
    const double *totals = totals_of(dqn, g);
    if (totals[TOTAL_STEPS] == 0) continue;
    ++learned;
    for (int i = 0; i < NUM_NAMES; ++i) stats->value[i] += totals[i] / totals[TOTAL_STEPS];
  }
  for (int i = 0; i < NUM_NAMES && learned > 0; ++i) stats->value[i] /= learned;
  stats->name[NUM_NAMES] = "epsilon";
  stats->value[NUM_NAMES] = (double)dqn->policy->roles[0].epsilon;
  stats->name[NUM_NAMES + 1] = "learning_rate";
  stats->value[NUM_NAMES + 1] = (double)rate;
}

MarlCode marl_dqn_learner_update(MarlLearner *learner, MarlStats *stats, MarlError *err) {
  DqnLearner *dqn = (DqnLearner *)learner;
  const int64_t due = dqn->start_steps + dqn->update * dqn->params.interval;
  stats->updated = false;
  if (dqn->shards[0].acts < due) return MARL_OK;
  MARL_TRY(take_stock(dqn, err));
  memset(dqn->totals, 0, (size_t)dqn->num_groups * NUM_TOTALS * sizeof *dqn->totals);
  for (int i = 0; i < dqn->params.gradient_steps; ++i) MARL_TRY(descend(dqn, err));
  report(dqn, marl_schedule_rate(&dqn->schedule, dqn->update), stats);
  ++dqn->update;
  return MARL_OK;
}
