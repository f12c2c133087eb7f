#include "envs/iterated/mixed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/plain_array.h"

enum { B = MARL_MATCH_BLOCK, MAX = MARL_MAX_MIXED };

struct MarlMixed {
  MarlMixedParams params;
  MarlKey key;
  int64_t cycle;
  size_t bytes;
  uint8_t *kind;         /* [N] strategy of each agent */
  uint32_t *order;       /* [N] who meets whom: neighbors in this order */
  uint32_t *pair;        /* [N] the same, pairs sorted by their two strategies */
  MarlJointTable *table; /* [N] */
  char *memory;
};

MarlCode marl_mixed_check(const MarlMixedParams *params, MarlError *err) {
  MARL_TRY(marl_match_rules_check(&params->rules, err));
  if (params->num_strategies < 1 || params->num_strategies > MAX)
    return MARL_FAIL(err, MARL_ECONFIG, "%d strategies; expected 1 .. %d", params->num_strategies,
                     MAX);
  if (params->num_agents < 2 || params->num_agents > 1 << 30)
    return MARL_FAIL(err, MARL_ECONFIG, "%d agents; expected 2 .. 2^30", params->num_agents);
  double sum = 0.0;
  for (int i = 0; i < params->num_strategies; ++i) {
    if (!(params->share[i] >= 0.0))
      return MARL_FAIL(err, MARL_ECONFIG, "a share of %g; expected 0 .. 1", params->share[i]);
    sum += params->share[i];
  }
  if (fabs(sum - 1.0) > 1e-6) /* shares are typed with few digits */
    return MARL_FAIL(err, MARL_ECONFIG, "shares sum to %g; expected 1", sum);
  return MARL_OK;
}

static size_t lay_out(MarlMixed *m, char *block) {
  const size_t n = (size_t)m->params.num_agents;
  size_t size = 0;
  m->kind = marl_carve(block, &size, n, sizeof *m->kind);
  m->order = marl_carve(block, &size, n, sizeof *m->order);
  m->pair = marl_carve(block, &size, n, sizeof *m->pair);
  m->table = marl_carve(block, &size, n, sizeof *m->table);
  return size;
}

MarlCode marl_mixed_create(const MarlMixedParams *params, MarlKey key, MarlMixed **out,
                           MarlError *err) {
  MARL_TRY(marl_mixed_check(params, err));
  MarlMixed *m = calloc(1, sizeof *m);
  if (m == NULL) return MARL_FAIL(err, MARL_EMEMORY, "mixed population: no memory");
  m->params = *params;
  m->key = key;
  m->bytes = lay_out(m, NULL);
  m->memory = marl_arena_alloc(m->bytes);
  if (m->memory == NULL) {
    free(m);
    return MARL_FAIL(err, MARL_EMEMORY, "mixed population: no memory for %d agents",
                     params->num_agents);
  }
  lay_out(m, m->memory);
  double border = 0.0;
  for (int i = 0, agent = 0; i < params->num_strategies; ++i) {
    border += params->share[i];
    const bool last = i == params->num_strategies - 1;
    const int end = last ? params->num_agents : (int)lround(border * params->num_agents);
    for (; agent < end && agent < params->num_agents; ++agent) m->kind[agent] = (uint8_t)i;
  }
  *out = m;
  return MARL_OK;
}

void marl_mixed_destroy(MarlMixed **mixed) {
  if (*mixed == NULL) return;
  free((*mixed)->memory);
  free(*mixed);
  *mixed = NULL;
}

/* Pairs by strategies, the lower first: first[group] is where a group of pairs starts. */
static void sort_pairs(MarlMixed *m, MarlKey key, int first[MAX * MAX + 1]) {
  const int pairs = m->params.num_agents / 2;
  int at[MAX * MAX + 1] = {0};
  marl_permutation(key, (uint32_t)m->params.num_agents, m->order);
  for (int p = 0; p < pairs; ++p) {
    uint32_t *pair = m->order + (ptrdiff_t)2 * p;
    if (m->kind[pair[0]] > m->kind[pair[1]]) {
      const uint32_t swap = pair[0];
      pair[0] = pair[1];
      pair[1] = swap;
    }
    ++at[m->kind[pair[0]] * MAX + m->kind[pair[1]] + 1];
  }
  for (int g = 0; g < MAX * MAX; ++g) at[g + 1] += at[g];
  memcpy(first, at, sizeof at);
  for (int p = 0; p < pairs; ++p) {
    const uint32_t *pair = m->order + (ptrdiff_t)2 * p;
    const int slot = at[m->kind[pair[0]] * MAX + m->kind[pair[1]]]++;
    memcpy(m->pair + (ptrdiff_t)2 * slot, pair, 2 * sizeof *pair);
  }
}

/* `count` pairs of one group, at most a block of them; the block's other matches are nobody's. */
static void play(MarlMixed *m, MarlKey key, uint64_t block, const uint32_t *pair, int count,
                 MarlMixedResult *result) {
  MarlJointTable tables[2 * B];
  MarlMatchOutcome outcome[B];
  const int kind[2] = {m->kind[pair[0]], m->kind[pair[1]]};
  const MarlStrategy *const strategies[2] = {&m->params.strategy[kind[0]],
                                             &m->params.strategy[kind[1]]};
  memset(tables, 0, sizeof tables);
  for (int i = 0; i < 2 * count; ++i) tables[i % 2 * B + i / 2] = m->table[pair[i]];
  marl_match_block(&m->params.rules, strategies, key, block, tables, outcome);
  for (int i = 0; i < 2 * count; ++i) {
    const int side = i % 2;
    const MarlMatchOutcome *o = &outcome[i / 2];
    const int cooperated = o->rounds[0][0] + (side == 0 ? o->rounds[0][1] : o->rounds[1][0]);
    m->table[pair[i]] = tables[side * B + i / 2];
    result->payoff[kind[side]] += o->payoff[side];
    result->cooperation[kind[side]] += (double)cooperated / m->params.rules.rounds;
    ++result->players[kind[side]];
  }
}

static void add_cycle(MarlMixed *m, MarlMixedResult *result) {
  const MarlKey key = marl_key_fold(m->key, (uint64_t)m->cycle++);
  int first[MAX * MAX + 1];
  sort_pairs(m, marl_key_fold(key, MARL_STREAM_SHUFFLE), first);
  for (int g = 0; g < MAX * MAX; ++g) {
    const MarlKey own = marl_key_fold(marl_key_fold(key, MARL_STREAM_POLICY), (uint64_t)g);
    for (int at = first[g]; at < first[g + 1]; at += B) {
      const int rest = first[g + 1] - at;
      play(m, own, (uint64_t)((at - first[g]) / B), m->pair + (ptrdiff_t)2 * at,
           rest < B ? rest : B, result);
    }
  }
}

static void divide(MarlMixedResult *result) {
  for (int i = 0; i < MAX; ++i) {
    if (result->players[i] == 0) continue;
    result->payoff[i] /= (double)result->players[i];
    result->cooperation[i] /= (double)result->players[i];
  }
}

void marl_mixed_cycle(MarlMixed *mixed, MarlMixedResult *result) {
  *result = (MarlMixedResult){.players = {0}};
  add_cycle(mixed, result);
  divide(result);
}

MarlCode marl_mixed_greedy(const MarlMixed *mixed, int cycles, MarlMixedResult *result,
                           MarlError *err) {
  MarlMixed *copy = NULL;
  MARL_TRY(marl_mixed_create(&mixed->params, mixed->key, &copy, err));
  memcpy(copy->memory, mixed->memory, mixed->bytes);
  copy->cycle = mixed->cycle;
  for (int i = 0; i < copy->params.num_strategies; ++i)
    copy->params.strategy[i].epsilon = copy->params.strategy[i].learning_rate = 0.0;
  *result = (MarlMixedResult){.players = {0}};
  for (int i = 0; i < cycles; ++i) add_cycle(copy, result);
  divide(result);
  marl_mixed_destroy(&copy);
  return MARL_OK;
}

/* Everything but the learners' tables follows from the parameters, the key and the cycle. */
static size_t table_floats(const MarlMixed *m) {
  return (size_t)m->params.num_agents * (sizeof *m->table / sizeof(float));
}

MarlCode marl_mixed_save(const MarlMixed *mixed, MarlStore *to, MarlError *err) {
  MARL_TRY(marl_store_set_int(to, NULL, "cycle", mixed->cycle, err));
  return marl_plain_write(to, "tables", MARL_F32, table_floats(mixed), mixed->table, err);
}

MarlCode marl_mixed_load(MarlMixed *mixed, MarlStore *from, MarlError *err) {
  MARL_TRY(marl_store_get_int(from, NULL, "cycle", &mixed->cycle, err));
  return marl_plain_read(from, "tables", MARL_F32, table_floats(mixed), mixed->table, err);
}

static double mean(const MarlMixedResult *result, const double *values) {
  double sum = 0.0, players = 0.0;
  for (int i = 0; i < MAX; ++i) {
    sum += values[i] * (double)result->players[i];
    players += (double)result->players[i];
  }
  return sum / players;
}

double marl_mixed_cooperation(const MarlMixedResult *result) {
  return mean(result, result->cooperation);
}

double marl_mixed_payoff(const MarlMixedResult *result) {
  return mean(result, result->payoff);
}
