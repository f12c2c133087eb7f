#include <math.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/learn/ppo.h"

/* Columns of ppo->totals behind the sums. */
enum { TOTAL_NORM = PPO_NUM_SUMS, TOTAL_STEPS, NUM_TOTALS };

static double *totals_of(const Ppo *ppo, int group) {
  return ppo->totals + (ptrdiff_t)group * NUM_TOTALS;
}

/* Slice m of n decisions is [start(m), start(m + 1)): sizes differ by at most one. */
static size_t slice_start(const Ppo *ppo, size_t n, int m) {
  return n * (size_t)m / (size_t)ppo->params.minibatches;
}

static double minibatch_size(const Ppo *ppo, int group, int m) {
  size_t total = 0;
  for (int shard = 0; shard < ppo->num_shards; ++shard) {
    const size_t n = marl_ppo_samples_of(ppo, shard, group);
    total += slice_start(ppo, n, m + 1) - slice_start(ppo, n, m);
  }
  return (double)total;
}

/* A new order of every group's decisions, or sequences of them, a function of (update, epoch, group, shard). */
static void shuffle(Ppo *ppo, int s, int epoch) {
  PpoShard *shard = &ppo->shards[s];
  const size_t *start = ppo->memory > 0 ? shard->first_sequence : shard->first;
  MarlKey key = marl_key_fold(ppo->shuffle_key, (uint64_t)ppo->update);
  key = marl_key_fold(key, (uint64_t)epoch);
  key = marl_key_fold(key, (uint64_t)ppo->first_shard + (uint64_t)s);
  for (int g = 0; g < ppo->num_groups; ++g) {
    const size_t first = start[g], n = start[g + 1] - first;
    uint32_t *order = shard->order + first;
    marl_permutation(marl_key_fold(key, (uint64_t)g), (uint32_t)n, order);
    for (size_t i = 0; i < n; ++i)
      order[i] = ppo->memory > 0 ? (uint32_t)first + order[i] : shard->sample[first + order[i]];
  }
}

/* Rows that go through together: fewer where what is seen, or what convolutions make of it, is wide, so that all of
 * it stays in a second-level cache from the forward pass to the backward one. */
static size_t rows_at_once(const Ppo *ppo, const PpoGroup *group) {
  enum { FEW = 128, WIDE = 200 };
  const MarlPolicyRole *role = &ppo->policy->roles[group->role];
  return role->conv.num_layers > 0 || role->role.obs_dim > WIDE ? FEW : MARL_MLP_BLOCK;
}

static void add_slice(Ppo *ppo, int s, int g, int m, double total) {
  const PpoShard *shard = &ppo->shards[s];
  const PpoGroup *group = &ppo->groups[g];
  const size_t first = shard->first[g], n = shard->first[g + 1] - first;
  const size_t end = slice_start(ppo, n, m + 1), block = rows_at_once(ppo, group);
  float *grad = ppo->shard_grad + (size_t)s * ppo->grad_size + group->at;
  for (size_t at = slice_start(ppo, n, m); at < end; at += block) {
    const size_t left = end - at, count = left < block ? left : block;
    marl_ppo_add_gradient(ppo, group, shard->rollout, &(PpoSteps){1, &count},
                          shard->order + first + at, total, grad);
  }
}

static void add_sequences(Ppo *ppo, int s, int g, int m) {
  const PpoShard *shard = &ppo->shards[s];
  const size_t first = shard->first_sequence[g], n = shard->first_sequence[g + 1] - first;
  const size_t begin = slice_start(ppo, n, m), end = slice_start(ppo, n, m + 1);
  marl_ppo_add_sequences(ppo, &ppo->groups[g], shard, shard->order + first + begin, end - begin,
                         ppo->shard_grad + (size_t)s * ppo->grad_size + ppo->groups[g].at);
}

/* Decisions that are in the gradient of a group. That of sequences becomes their mean. */
static double settle(Ppo *ppo, int g, int m) {
  if (ppo->memory == 0) return minibatch_size(ppo, g, m);
  const PpoGroup *group = &ppo->groups[g];
  const size_t n = group->policy_params + group->critic_params;
  float *grad = ppo->grad + group->at;
  const float count = grad[n + PPO_COUNT];
  for (size_t i = 0; count > 0 && i < n + PPO_NUM_SUMS; ++i) grad[i] /= count;
  return (double)count;
}

/* One Adam step of a group from the mean gradient. */
static MarlCode descend(Ppo *ppo, int g, MarlError *err) {
  PpoGroup *group = &ppo->groups[g];
  const size_t n = group->policy_params + group->critic_params;
  float *grad = ppo->grad + group->at;
  const float *sums = grad + n;
  if (ppo->params.target_kl > 0 && sums[PPO_KL] > 1.5f * ppo->params.target_kl) {
    group->stopped = true; /* 1.5: as Spinning Up (Achiam 2018) */
    return MARL_OK;
  }
  const float norm = marl_clip_norm(n, ppo->params.max_grad_norm, grad);
  if (!isfinite(norm))
    return MARL_FAIL(err, MARL_ENUMERIC,
                     "ppo: the gradient of role '%s' is not finite in update %lld; check the "
                     "environment's observations and rewards, or lower learner.learning_rate",
                     ppo->policy->roles[group->role].name, (long long)ppo->update + 1);
  const float rate = marl_schedule_rate(&ppo->schedule, ppo->update);
  marl_adam_step(ppo->policy_adam[group->role], group->set, rate,
                 marl_policy_params(ppo->policy, group->role, group->set), grad);
  marl_adam_step(ppo->critic_adam[group->role], group->set, rate,
                 marl_critic_params(ppo->critic, group->role, group->set),
                 grad + group->policy_params);
  double *totals = totals_of(ppo, g);
  for (int i = 0; i < PPO_NUM_SUMS; ++i) totals[i] += (double)sums[i];
  totals[TOTAL_NORM] += (double)norm;
  totals[TOTAL_STEPS] += 1;
  return MARL_OK;
}

static MarlCode learn_minibatch(Ppo *ppo, int m, MarlError *err) {
  memset(ppo->shard_grad, 0, (size_t)ppo->own_shards * ppo->grad_size * sizeof(float));
  for (int g = 0; g < ppo->num_groups; ++g) {
    if (ppo->groups[g].stopped) continue;
    for (int s = 0; ppo->memory > 0 && s < ppo->own_shards; ++s) add_sequences(ppo, s, g, m);
    if (ppo->memory > 0) continue;
    const double total = minibatch_size(ppo, g, m);
    for (int s = 0; total > 0 && s < ppo->own_shards; ++s) add_slice(ppo, s, g, m, total);
  }
  MARL_TRY(marl_comm_tree_sum(ppo->comm, ppo->num_shards, ppo->grad_size, ppo->shard_grad,
                              ppo->grad, err));
  for (int g = 0; g < ppo->num_groups; ++g) {
    if (ppo->groups[g].stopped || settle(ppo, g, m) == 0) continue;
    MARL_TRY(descend(ppo, g, err));
  }
  return MARL_OK;
}

static MarlCode prepare(Ppo *ppo, MarlError *err) {
  for (int s = 0; s < ppo->own_shards; ++s)
    marl_rollout_advantages(ppo->shards[s].rollout, ppo->params.gamma, ppo->params.lambda);
  memset(ppo->totals, 0, (size_t)ppo->num_groups * NUM_TOTALS * sizeof *ppo->totals);
  for (int g = 0; g < ppo->num_groups; ++g) ppo->groups[g].stopped = false;
  MARL_TRY(marl_ppo_count_samples(ppo, err));
  MARL_TRY(marl_ppo_scale_advantages(ppo, err));
  return marl_ppo_merge_returns(ppo, err);
}

/* Means over minibatches, then over groups that learned. */
static void report(const Ppo *ppo, float rate, MarlStats *stats) {
  static const char *const names[] = {"policy_loss", "value_loss",    "entropy",
                                      "kl",          "clip_fraction", "gradient_norm"};
  enum { NUM_NAMES = sizeof names / sizeof names[0] };
  stats->updated = true;
  stats->count = NUM_NAMES + 1;
  int learned = 0;
  for (int i = 0; i < NUM_NAMES; ++i) stats->name[i] = names[i], stats->value[i] = 0;
  for (int g = 0; g < ppo->num_groups; ++g) {
    const double *totals = totals_of(ppo, g);
    if (totals[TOTAL_STEPS] == 0) continue;
    ++learned;
    for (int i = 0; i < NUM_NAMES; ++i) stats->value[i] += totals[i] / totals[TOTAL_STEPS];
  }
  for (int i = 0; i < NUM_NAMES && learned > 0; ++i) stats->value[i] /= learned;
  stats->name[NUM_NAMES] = "learning_rate";
  stats->value[NUM_NAMES] = (double)rate;
}

MarlCode marl_ppo_update(MarlLearner *learner, MarlStats *stats, MarlError *err) {
  Ppo *ppo = (Ppo *)learner;
  stats->updated = false;
  if (ppo->shards[0].rollout->step < ppo->params.horizon) return MARL_OK;
  MARL_TRY(prepare(ppo, err));
  for (int epoch = 0; epoch < ppo->params.epochs; ++epoch) {
    for (int s = 0; s < ppo->own_shards; ++s) shuffle(ppo, s, epoch);
    for (int m = 0; m < ppo->params.minibatches; ++m) MARL_TRY(learn_minibatch(ppo, m, err));
  }
  MARL_TRY(marl_ppo_merge_observations(ppo, err));
  for (int s = 0; s < ppo->own_shards; ++s) marl_rollout_restart(ppo->shards[s].rollout);
  report(ppo, marl_schedule_rate(&ppo->schedule, ppo->update), stats);
  ++ppo->update;
  return MARL_OK;
}
