#include "marl/learn/deciders.h"

#include <stdlib.h>

MarlCode marl_deciders_create(const MarlPolicy *policy, int num_envs, int num_agents,
                              MarlDeciders *out, MarlError *err) {
  const size_t rows = (size_t)num_envs * (size_t)num_agents;
  *out = (MarlDeciders){.policy = policy,
                        .num_agents = num_agents,
                        .rows = calloc(rows, sizeof *out->rows),
                        .keys = calloc(rows, sizeof *out->keys)};
  if (out->rows != NULL && out->keys != NULL) return MARL_OK;
  marl_deciders_clear(out);
  return MARL_FAIL(err, MARL_EMEMORY, "out of memory for the decisions of %zu agents", rows);
}

void marl_deciders_clear(MarlDeciders *deciders) {
  free(deciders->rows);
  free(deciders->keys);
  *deciders = (MarlDeciders){.policy = NULL};
}

static int compare(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Who decides in which role with which networks: equal of those that are alike. */
static uint64_t kind_of(const MarlDeciders *d, const MarlBatch *batch, uint32_t row) {
  const int set = marl_policy_set(d->policy, (int)(row % (uint32_t)d->num_agents));
  return (uint64_t)batch->role[row] * (uint64_t)d->policy->num_sets + (uint64_t)set;
}

void marl_deciders_list(MarlDeciders *d, const MarlBatch *batch) {
  size_t n = 0;
  bool ordered = true;
  for (size_t i = 0; i < batch->first_touched[batch->num_envs]; ++i) {
    const uint32_t row = batch->touched[i];
    if (!batch->active[row]) continue;
    d->keys[n] = kind_of(d, batch, row) << 32 | row;
    ordered = ordered && (n == 0 || d->keys[n - 1] < d->keys[n]);
    ++n;
  }
  if (!ordered) qsort(d->keys, n, sizeof *d->keys, compare);
  for (size_t i = 0; i < n; ++i) d->rows[i] = (uint32_t)d->keys[i];
  d->count = n;
}

size_t marl_deciders_alike(const MarlDeciders *d, size_t at, size_t most) {
  const uint64_t kind = d->keys[at] >> 32;
  size_t count = 1;
  while (count < most && at + count < d->count && d->keys[at + count] >> 32 == kind) ++count;
  return count;
}
