#include <math.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/learn/learner_dqn.h"
#include "marl/learn/shard_exchange.h"

static double *totals_of(const DqnLearner *dqn, int group) {
  return dqn->totals + (ptrdiff_t)group * DQN_NUM_TOTALS;
}

void marl_dqn_learner_copy_target(DqnLearner *dqn, const DqnGroup *group) {
  memcpy(dqn->target + group->target_at, marl_policy_params(dqn->policy, group->role, group->set),
         group->num_params * sizeof *dqn->target);
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

/* A shard's part of a gradient step, added to grad [network | sums] of group number g. */
static void add_shard(DqnLearner *dqn, int own, int g, float *grad) {
  const DqnGroup *group = &dqn->groups[g];
  const int shard = dqn->first_shard + own;
  const MarlReplay *replay =
      marl_transitions_replay(dqn->shards[own].memory, group->role, group->set);
  const size_t count = share_of(dqn, shard, replay->size);
  MarlKey key = marl_key_fold(dqn->sample_key, (uint64_t)group->steps);
  key = marl_key_fold(marl_key_fold(key, (uint64_t)shard), (uint64_t)g);
  marl_replay_sample(replay, key, count, dqn->sampled);
  for (size_t at = 0; at < count; at += MARL_MLP_BLOCK) {
    const size_t left = count - at;
    marl_dqn_learner_add_gradient(dqn, group, replay, left < MARL_MLP_BLOCK ? left : MARL_MLP_BLOCK,
                                  dqn->sampled + at, group->samples, grad);
  }
}

static float rate_of(const DqnLearner *dqn, int role) {
  MarlSchedule own = dqn->schedule;
  own.rate = dqn->roles[role].learning_rate;
  return marl_schedule_rate(&own, dqn->update);
}

/* The step of group number g along its gradient in dqn->grad. */
static MarlCode descend_group(DqnLearner *dqn, int g, MarlError *err) {
  DqnGroup *group = &dqn->groups[g];
  float *grad = dqn->grad + group->at;
  const float norm = marl_clip_norm(group->num_params, dqn->params.max_grad_norm, grad);
  if (!isfinite(norm))
    return MARL_FAIL(err, MARL_ENUMERIC,
                     "dqn: the gradient of role '%s' is not finite in update %lld; check the "
                     "environment's observations and rewards, or lower learner.learning_rate",
                     dqn->policy->roles[group->role].name, (long long)dqn->update + 1);
  marl_adam_step(dqn->adam[group->role], group->set, rate_of(dqn, group->role),
                 marl_policy_params(dqn->policy, group->role, group->set), grad);
  double *totals = totals_of(dqn, g);
  for (int i = 0; i < DQN_NUM_SUMS; ++i) totals[i] += (double)grad[group->num_params + (size_t)i];
  totals[DQN_TOTAL_NORM] += (double)norm;
  totals[DQN_TOTAL_STEPS] += 1;
  if (++group->steps % dqn->params.target_interval == 0) marl_dqn_learner_copy_target(dqn, group);
  return MARL_OK;
}

/* One gradient step of every group that remembers anything. */
static MarlCode descend(DqnLearner *dqn, MarlError *err) {
  memset(dqn->shard_grad, 0, (size_t)dqn->own_shards * dqn->grad_size * sizeof(float));
  for (int own = 0; own < dqn->own_shards; ++own)
    for (int g = 0; g < dqn->num_groups; ++g)
      add_shard(dqn, own, g, dqn->shard_grad + (size_t)own * dqn->grad_size + dqn->groups[g].at);
  MARL_TRY(marl_comm_tree_sum(dqn->comm, dqn->num_shards, dqn->grad_size, dqn->shard_grad,
                              dqn->grad, err));
  for (int g = 0; g < dqn->num_groups; ++g)
    if (dqn->groups[g].samples > 0) MARL_TRY(descend_group(dqn, g, err));
  return MARL_OK;
}

MarlCode marl_dqn_learner_learn(DqnLearner *dqn, int g, MarlError *err) {
  DqnGroup *group = &dqn->groups[g];
  const MarlReplay *replay =
      marl_transitions_replay(dqn->shards[0].memory, group->role, group->set);
  if (replay->size < (size_t)dqn->params.replay_start) return MARL_OK;
  group->samples = (double)share_of(dqn, 0, replay->size);
  float *grad = dqn->grad + group->at;
  for (int i = 0; i < dqn->params.gradient_steps; ++i) {
    memset(grad, 0, (group->num_params + DQN_NUM_SUMS) * sizeof *grad);
    add_shard(dqn, 0, g, grad);
    MARL_TRY(descend_group(dqn, g, err));
  }
  return MARL_OK;
}

/* Means over gradient steps, then over groups that learned; of rates over roles. */
static void report(const DqnLearner *dqn, MarlStats *stats) {
  static const char *const names[] = {"loss", "value", "gradient_norm"};
  enum { NUM_NAMES = sizeof names / sizeof names[0] };
  _Static_assert(NUM_NAMES == DQN_NUM_SUMS + 1, "a name for each total");
  stats->updated = true;
  stats->count = NUM_NAMES + 2;
  int learned = 0;
  for (int i = 0; i < NUM_NAMES; ++i) stats->name[i] = names[i], stats->value[i] = 0;
  for (int g = 0; g < dqn->num_groups; ++g) {
    const double *totals = totals_of(dqn, g);
    if (totals[DQN_TOTAL_STEPS] == 0) continue;
    ++learned;
    for (int i = 0; i < NUM_NAMES; ++i) stats->value[i] += totals[i] / totals[DQN_TOTAL_STEPS];
  }
  for (int i = 0; i < NUM_NAMES && learned > 0; ++i) stats->value[i] /= learned;
  stats->name[NUM_NAMES] = "epsilon";
  stats->name[NUM_NAMES + 1] = "learning_rate";
  double epsilon = 0, rate = 0;
  for (int role = 0; role < dqn->num_roles; ++role) {
    epsilon += (double)dqn->policy->roles[role].epsilon;
    rate += (double)rate_of(dqn, role);
  }
  stats->value[NUM_NAMES] = epsilon / dqn->num_roles;
  stats->value[NUM_NAMES + 1] = rate / dqn->num_roles;
}

static int64_t next_update(const DqnLearner *dqn) {
  const int64_t interval = dqn->params.interval;
  if (dqn->params.every_transition) return (dqn->update + 1) * interval;
  return dqn->start_steps + dqn->update * interval;
}

MarlCode marl_dqn_learner_update(MarlLearner *learner, MarlStats *stats, MarlError *err) {
  DqnLearner *dqn = (DqnLearner *)learner;
  stats->updated = false;
  if (dqn->shards[0].acts < next_update(dqn)) return MARL_OK;
  MARL_TRY(take_stock(dqn, err));
  for (int i = 0; !dqn->params.every_transition && i < dqn->params.gradient_steps; ++i)
    MARL_TRY(descend(dqn, err));
  report(dqn, stats);
  memset(dqn->totals, 0, (size_t)dqn->num_groups * DQN_NUM_TOTALS * sizeof *dqn->totals);
  ++dqn->update;
  return MARL_OK;
}
