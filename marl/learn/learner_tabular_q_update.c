#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/core/log.h"
#include "marl/learn/learner_tabular_q.h"
#include "marl/learn/shard_exchange.h"

/* After `acts` steps of each environment and `episodes` of this one. */
double marl_tabular_q_epsilon(const TabularQ *q, int role, int64_t acts, int64_t episodes) {
  const TabularParams *p = &q->params[role];
  const bool by_episode = q->epsilon_episodes > 0;
  const double length = by_episode ? (double)q->epsilon_episodes : p->epsilon_steps;
  const double done = (double)(by_episode ? episodes : acts * q->num_envs * q->num_shards);
  if (done >= length) return p->epsilon_end;
  const double part = done / length;
  return p->epsilon_start + part * (p->epsilon_end - p->epsilon_start);
}

/* Of a transition, for learning and for travelling: the numbers, then obs and next [obs_dim], then
 * legal [mask_dim]. */
typedef struct Transition {
  size_t stream;
  int choice;
  bool terminal;
  double reward;
  const float *obs, *next;
  const uint8_t *legal; /* NULL: all choices are */
} Transition;

static MarlCode learn(TabularQ *q, const Transition *t, MarlError *err) {
  const int role = (int)(t->stream % (size_t)q->num_roles);
  const int agent = (int)(t->stream / (size_t)q->num_roles % (size_t)q->num_agents);
  const int set = marl_policy_set(q->policy, agent);
  const TabularParams *p = &q->params[role];
  MarlTable *table = q->policy->roles[role].table;
  double target = t->reward, *values;
  if (!t->terminal) {
    const double *next = marl_table_values(table, t->next, set);
    target += p->gamma * next[marl_table_greedy(next, table->shape.num_choices, t->legal)];
  }
  MARL_TRY(marl_table_learn(table, t->obs, set, &values, err));
  double *value = &values[t->choice];
  const double error = target - *value;
  *value += p->learning_rate * error;
  q->sums[TABULAR_ERROR] += fabs(error);
  q->sums[TABULAR_VALUE] += *value;
  q->sums[TABULAR_COUNT] += 1;
  if (isfinite(*value)) return MARL_OK;
  return MARL_FAIL(
      err, MARL_ENUMERIC,
      "tabular_q: a value of role '%s' is not finite; check the environment's rewards, "
      "or give a learner.gamma below 1",
      q->policy->roles[role].name);
}

static Transition transition_of(const TabularQ *q, const TabularShard *shard, size_t stream) {
  return (Transition){.stream = stream,
                      .choice = shard->choice[stream],
                      .terminal = shard->stage[stream] == TABULAR_ENDED,
                      .reward = shard->reward[stream],
                      .obs = shard->obs + stream * q->obs_dim,
                      .next = shard->next + stream * q->obs_dim,
                      .legal = q->mask_dim > 0 ? shard->legal + stream * q->mask_dim : NULL};
}

/* All shards are here: nothing travels. */
static MarlCode learn_here(TabularQ *q, MarlError *err) {
  for (int own = 0; own < q->own_shards; ++own)
    for (size_t i = 0; i < q->shards[own].num_complete; ++i) {
      const Transition t = transition_of(q, &q->shards[own], q->shards[own].complete[i]);
      MARL_TRY(learn(q, &t, err));
    }
  return MARL_OK;
}

enum { NUM_NUMBERS = 4 }; /* in front of the observations of a transition that travels */

/* In doubles; observations are copied as they are. */
static size_t stride_of(const TabularQ *q) {
  const size_t bytes = 2 * q->obs_dim * sizeof(float) + q->mask_dim;
  return NUM_NUMBERS + (bytes + sizeof(double) - 1) / sizeof(double);
}

static void pack(const TabularQ *q, const TabularShard *shard, double *to) {
  const size_t bytes = q->obs_dim * sizeof(float);
  for (size_t i = 0; i < shard->num_complete; ++i) {
    const Transition t = transition_of(q, shard, shard->complete[i]);
    const double numbers[NUM_NUMBERS] = {(double)t.stream, t.choice, t.terminal, t.reward};
    memcpy(to, numbers, sizeof numbers);
    memcpy(to + NUM_NUMBERS, t.obs, bytes);
    memcpy((char *)(to + NUM_NUMBERS) + bytes, t.next, bytes);
    if (t.legal != NULL) memcpy((char *)(to + NUM_NUMBERS) + 2 * bytes, t.legal, q->mask_dim);
    to += stride_of(q);
  }
}

static MarlCode learn_packed(TabularQ *q, const double *from, MarlError *err) {
  const float *obs = (const float *)(const void *)(from + NUM_NUMBERS);
  const Transition t = {.stream = (size_t)from[0],
                        .choice = (int)from[1],
                        .terminal = from[2] != 0,
                        .reward = from[3],
                        .obs = obs,
                        .next = obs + q->obs_dim,
                        .legal = q->mask_dim > 0 ? (const uint8_t *)(obs + 2 * q->obs_dim) : NULL};
  return learn(q, &t, err);
}

static MarlCode make_room(TabularQ *q, size_t size, MarlError *err) {
  if (size <= q->travel_size) return MARL_OK;
  double *travel = realloc(q->travel, size * sizeof *travel);
  if (travel == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for transitions");
  q->travel = travel;
  q->travel_size = size;
  return MARL_OK;
}

/* Collective: the transitions of each shard come from its owner, and are learned in the order of shards. */
static MarlCode learn_everywhere(TabularQ *q, MarlError *err) {
  size_t before = 0, total = 0;
  for (int own = 0; own < q->own_shards; ++own)
    q->counts[q->first_shard + own] = (double)q->shards[own].num_complete;
  MARL_TRY(marl_shard_exchange(q->comm, q->num_shards, 1, q->counts, err));
  for (int shard = 0; shard < q->num_shards; ++shard) {
    q->sizes[shard] = (size_t)q->counts[shard] * stride_of(q);
    if (shard < q->first_shard) before += q->sizes[shard];
    total += q->sizes[shard];
  }
  MARL_TRY(marl_comm_agree(q->comm, make_room(q, total, err), err));
  for (int own = 0; own < q->own_shards; ++own) {
    pack(q, &q->shards[own], q->travel + before);
    before += q->sizes[q->first_shard + own];
  }
  MARL_TRY(marl_shard_exchange_uneven(q->comm, q->num_shards, q->sizes, q->travel, err));
  for (size_t at = 0; at < total; at += stride_of(q))
    MARL_TRY(learn_packed(q, q->travel + at, err));
  return MARL_OK;
}

static void report(TabularQ *q, MarlStats *stats) {
  const double count = q->sums[TABULAR_COUNT] > 0 ? q->sums[TABULAR_COUNT] : 1;
  double states = 0;
  for (int role = 0; role < q->num_roles; ++role)
    states += (double)q->policy->roles[role].table->num_states;
  const char *const names[] = {"error", "value", "states", "epsilon"};
  const double values[] = {q->sums[TABULAR_ERROR] / count, q->sums[TABULAR_VALUE] / count, states,
                           (double)q->policy->roles[0].epsilon};
  stats->updated = true;
  stats->count = sizeof names / sizeof *names;
  memcpy(stats->name, names, sizeof names);
  memcpy(stats->value, values, sizeof values);
  memset(q->sums, 0, sizeof q->sums);
}

MarlCode marl_tabular_q_update(MarlLearner *learner, MarlStats *stats, MarlError *err) {
  TabularQ *q = (TabularQ *)learner;
  MARL_TRY(marl_comm_size(q->comm) == 1 ? learn_here(q, err) : learn_everywhere(q, err));
  for (int own = 0; own < q->own_shards; ++own) {
    TabularShard *shard = &q->shards[own];
    for (size_t i = 0; i < shard->num_complete; ++i)
      shard->stage[shard->complete[i]] = TABULAR_NONE;
    shard->num_complete = 0;
  }
  stats->updated = ++q->steps % q->interval == 0;
  if (stats->updated) report(q, stats);
  return MARL_OK;
}
