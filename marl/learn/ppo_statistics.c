#include <math.h>
#include <string.h>

#include "marl/learn/ppo.h"
#include "marl/learn/shard_exchange.h"

/* Row `shard` of the exchange, n numbers wide. */
static double *stats_row(const Ppo *ppo, int shard, size_t n) {
  return ppo->stats + (size_t)shard * n;
}

static MarlCode exchange(Ppo *ppo, size_t n, MarlError *err) {
  return marl_shard_exchange(ppo->comm, ppo->num_shards, n, ppo->stats, err);
}

/* Counting sort of the closed decisions of one shard by group. */
static void sort_samples(Ppo *ppo, PpoShard *shard) {
  const MarlRollout *rollout = shard->rollout;
  const size_t slots = marl_rollout_num_slots(rollout), rows = rollout->shape.rows;
  size_t *first = shard->first;
  memset(first, 0, ((size_t)ppo->num_groups + 1) * sizeof *first);
  for (int pass = 0; pass < 2; ++pass) {
    for (size_t slot = 0; slot < slots; ++slot) {
      if (rollout->role[slot] == MARL_NO_ROLE || !rollout->closed[slot]) continue;
      const int agent = (int)(slot % rows % (size_t)ppo->num_agents);
      const int group =
          marl_ppo_group(ppo, rollout->role[slot], marl_policy_set(ppo->policy, agent));
      if (pass == 0)
        ++first[group + 1];
      else
        shard->sample[first[group]++] = (uint32_t)slot;
    }
    for (int g = 0; g < ppo->num_groups && pass == 0; ++g) first[g + 1] += first[g];
  }
  /* the second pass moved each start to the next group's */
  memmove(first + 1, first, (size_t)ppo->num_groups * sizeof *first);
  first[0] = 0;
}

MarlCode marl_ppo_count_samples(Ppo *ppo, MarlError *err) {
  const size_t n = (size_t)ppo->num_groups;
  for (int s = 0; s < ppo->own_shards; ++s) {
    PpoShard *shard = &ppo->shards[s];
    if (ppo->memory > 0)
      marl_ppo_sort_sequences(ppo, shard);
    else
      sort_samples(ppo, shard);
    double *row = stats_row(ppo, ppo->first_shard + s, n);
    for (size_t g = 0; g < n; ++g) row[g] = (double)(shard->first[g + 1] - shard->first[g]);
  }
  MARL_TRY(exchange(ppo, n, err));
  for (size_t g = 0; g < n; ++g) {
    ppo->groups[g].samples = 0;
    for (int shard = 0; shard < ppo->num_shards; ++shard)
      ppo->groups[g].samples += stats_row(ppo, shard, n)[g];
  }
  memcpy(ppo->sample_counts, ppo->stats, n * (size_t)ppo->num_shards * sizeof *ppo->stats);
  return MARL_OK;
}

size_t marl_ppo_samples_of(const Ppo *ppo, int shard, int group) {
  return (size_t)ppo->sample_counts[(size_t)shard * (size_t)ppo->num_groups + (size_t)group];
}

/* Sum over the decisions of each group of (A - mean)^power, in shard order. */
static MarlCode sum_advantages(Ppo *ppo, int power, double *sums, MarlError *err) {
  const size_t n = (size_t)ppo->num_groups;
  for (int s = 0; s < ppo->own_shards; ++s) {
    const PpoShard *shard = &ppo->shards[s];
    double *row = stats_row(ppo, ppo->first_shard + s, n);
    for (size_t g = 0; g < n; ++g) {
      const double mean = ppo->groups[g].advantage_mean;
      row[g] = 0;
      for (size_t i = shard->first[g]; i < shard->first[g + 1]; ++i) {
        const double d = shard->rollout->advantage[shard->sample[i]] - mean;
        row[g] += power == 1 ? d : d * d;
      }
    }
  }
  MARL_TRY(exchange(ppo, n, err));
  for (size_t g = 0; g < n; ++g) {
    sums[g] = 0;
    for (int shard = 0; shard < ppo->num_shards; ++shard) sums[g] += stats_row(ppo, shard, n)[g];
  }
  return MARL_OK;
}

MarlCode marl_ppo_scale_advantages(Ppo *ppo, MarlError *err) {
  for (int g = 0; g < ppo->num_groups; ++g)
    ppo->groups[g].advantage_mean = 0, ppo->groups[g].advantage_scale = 1;
  if (!ppo->params.normalize_advantage) return MARL_OK;
  MARL_TRY(sum_advantages(ppo, 1, ppo->group_sums, err));
  for (int g = 0; g < ppo->num_groups; ++g)
    if (ppo->groups[g].samples > 0)
      ppo->groups[g].advantage_mean = ppo->group_sums[g] / ppo->groups[g].samples;
  MARL_TRY(sum_advantages(ppo, 2, ppo->group_sums, err));
  for (int g = 0; g < ppo->num_groups; ++g) {
    PpoGroup *group = &ppo->groups[g];
    if (group->samples > 1)
      group->advantage_scale = 1 / (sqrt(ppo->group_sums[g] / (group->samples - 1)) + 1e-8);
  }
  return MARL_OK;
}

MarlCode marl_ppo_merge_returns(Ppo *ppo, MarlError *err) {
  if (ppo->critic->roles[0].scale == NULL) return MARL_OK;
  const size_t n = 3 * (size_t)ppo->num_groups;
  for (int s = 0; s < ppo->own_shards; ++s) {
    const PpoShard *shard = &ppo->shards[s];
    double *row = stats_row(ppo, ppo->first_shard + s, n);
    for (int g = 0; g < ppo->num_groups; ++g) {
      double mean = 0, m2 = 0;
      MarlNormalizer returns = {1, 0, &mean, &m2};
      for (size_t i = shard->first[g]; i < shard->first[g + 1]; ++i) {
        const uint32_t slot = shard->sample[i];
        const float target = shard->rollout->advantage[slot] + shard->rollout->value[slot];
        marl_normalizer_update(&returns, 1, 1, &target, NULL);
      }
      marl_normalizer_pack(&returns, row + 3 * (ptrdiff_t)g);
    }
  }
  MARL_TRY(exchange(ppo, n, err));
  for (int shard = 0; shard < ppo->num_shards; ++shard)
    for (int g = 0; g < ppo->num_groups; ++g)
      marl_normalizer_merge_packed(
          ppo->critic->roles[ppo->groups[g].role].scale[ppo->groups[g].set],
          stats_row(ppo, shard, n) + 3 * (ptrdiff_t)g);
  return MARL_OK;
}

static void forget(MarlNormalizer *normalizer) {
  normalizer->count = 0;
  memset(normalizer->mean, 0, (size_t)normalizer->dim * sizeof *normalizer->mean);
  memset(normalizer->m2, 0, (size_t)normalizer->dim * sizeof *normalizer->m2);
}

/* The normalizer that collects what a shard has seen of group g, g = num_groups for the state. */
static MarlNormalizer *destination(const Ppo *ppo, int g) {
  if (g == ppo->num_groups) return ppo->state_normalizer;
  MarlNormalizer **of_role = ppo->policy->roles[ppo->groups[g].role].normalizer;
  return of_role == NULL ? NULL : of_role[ppo->groups[g].set];
}

MarlCode marl_ppo_merge_observations(Ppo *ppo, MarlError *err) {
  size_t n = 0;
  for (int g = 0; g <= ppo->num_groups; ++g)
    if (destination(ppo, g) != NULL) n += 1 + 2 * (size_t)destination(ppo, g)->dim;
  if (n == 0) return MARL_OK;
  for (int s = 0; s < ppo->own_shards; ++s) {
    double *row = stats_row(ppo, ppo->first_shard + s, n);
    for (int g = 0; g <= ppo->num_groups; ++g) {
      if (destination(ppo, g) == NULL) continue;
      row += marl_normalizer_pack(ppo->shards[s].seen[g], row);
      forget(ppo->shards[s].seen[g]);
    }
  }
  MARL_TRY(exchange(ppo, n, err));
  for (int shard = 0; shard < ppo->num_shards; ++shard) {
    double *row = stats_row(ppo, shard, n);
    for (int g = 0; g <= ppo->num_groups; ++g)
      if (destination(ppo, g) != NULL)
        row += marl_normalizer_merge_packed(destination(ppo, g), row);
  }
  return MARL_OK;
}
