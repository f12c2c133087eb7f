/* A population's exact state: copied, and in a store. */
#include <math.h>
#include <string.h>

#include "envs/society/population.h"

enum {
  NUM_COUNTERS = 6,
  JUDGE_INTS = 6,
  ROUND_HEAD = 10,
  ROUND_INTS = ROUND_HEAD + JUDGE_INTS * MARL_MAX_JUDGES,
  ROUND_REALS = 4 + 3 * MARL_MAX_JUDGES
};

static void pack_round(const MarlRound *round, int32_t ints[ROUND_INTS], float reals[ROUND_REALS]) {
  const int32_t head[ROUND_HEAD] = {
      round->player[0], round->player[1], round->action[0], round->action[1],  round->moved[0],
      round->moved[1],  round->last,      round->terminal,  round->num_judges, round->num_decided};
  memcpy(ints, head, sizeof head);
  reals[0] = round->reward[0], reals[1] = round->reward[1];
  reals[2] = round->utility[0], reals[3] = round->utility[1];
  for (int i = 0; i < MARL_MAX_JUDGES; ++i) {
    const MarlJudge *j = &round->judge[i];
    const int32_t row[JUDGE_INTS] = {j->agent, j->side,      j->about,
                                     j->from,  j->mechanism, j->decision};
    memcpy(ints + ROUND_HEAD + JUDGE_INTS * i, row, sizeof row);
    const float felt[3] = {j->reward, j->fine, j->utility};
    memcpy(reals + 4 + 3 * i, felt, sizeof felt);
  }
}

static void unpack_round(MarlRound *round, const int32_t ints[ROUND_INTS],
                         const float reals[ROUND_REALS]) {
  *round = (MarlRound){.player = {ints[0], ints[1]},
                       .action = {ints[2], ints[3]},
                       .moved = {ints[4] != 0, ints[5] != 0},
                       .last = ints[6] != 0,
                       .terminal = ints[7] != 0,
                       .num_judges = ints[8],
                       .num_decided = ints[9],
                       .reward = {reals[0], reals[1]},
                       .utility = {reals[2], reals[3]}};
  for (int i = 0; i < MARL_MAX_JUDGES; ++i) {
    const int32_t *row = ints + ROUND_HEAD + JUDGE_INTS * i;
    const float *felt = reals + 4 + 3 * i;
    round->judge[i] = (MarlJudge){.agent = row[0],
                                  .side = row[1],
                                  .about = row[2],
                                  .from = row[3],
                                  .mechanism = row[4],
                                  .decision = row[5],
                                  .reward = felt[0],
                                  .fine = felt[1],
                                  .utility = felt[2]};
  }
}

MarlCode marl_population_save(const MarlPopulation *p, MarlStore *to, MarlError *err) {
  const size_t n = (size_t)p->rules.num_agents;
  const size_t scores = marl_reputation_size(p->rules.num_agents, p->rules.individual_reputation);
  const int64_t counters[NUM_COUNTERS] = {p->cycle,          p->selector, p->round,
                                          (int64_t)p->phase, p->key.k[0], p->key.k[1]};
  int32_t ints[2][ROUND_INTS];
  float reals[2][ROUND_REALS];
  pack_round(&p->now, ints[0], reals[0]);
  pack_round(&p->finished, ints[1], reals[1]);
  const MarlArray counter = {.type = MARL_I64, .rank = 1, .shape = {NUM_COUNTERS}};
  const MarlArray score = {.type = MARL_I32, .rank = 1, .shape = {scores}};
  const MarlArray last = {.type = MARL_U8, .rank = 1, .shape = {n}};
  const MarlArray choice = {.type = MARL_I32, .rank = 1, .shape = {n}};
  const MarlArray int_rows = {.type = MARL_I32, .rank = 2, .shape = {2, ROUND_INTS}};
  const MarlArray real_rows = {.type = MARL_F32, .rank = 2, .shape = {2, ROUND_REALS}};
  MARL_TRY(marl_store_write(to, "counters", &counter, counters, err));
  MARL_TRY(marl_store_write(to, "score", &score, p->reputation.score, err));
  MARL_TRY(marl_store_write(to, "last_action", &last, p->last_action, err));
  MARL_TRY(marl_store_write(to, "choice", &choice, p->choice, err));
  const size_t states = (size_t)p->rules.mechanisms.num_states;
  const MarlArray state = {.type = MARL_F64, .rank = 2, .shape = {states, n}};
  if (states > 0) MARL_TRY(marl_store_write(to, "mechanism_state", &state, p->state, err));
  const MarlArray trace = {.type = MARL_F64, .rank = 1, .shape = {n}};
  MARL_TRY(marl_store_write(to, "trace", &trace, p->trace, err));
  MARL_TRY(marl_store_write(to, "round_ints", &int_rows, ints, err));
  MARL_TRY(marl_store_write(to, "round_rewards", &real_rows, reals, err));
  return marl_tally_save(&p->tally, to, err);
}

typedef struct Limit {
  const char *what;
  int64_t value, low, high;
} Limit;

static MarlCode check(const Limit *limits, size_t count, MarlStore *from, MarlError *err) {
  for (size_t i = 0; i < count; ++i)
    MARL_TRY(marl_store_check_within(from, limits[i].what, MARL_I64, 1, limits[i].low,
                                     limits[i].high, &limits[i].value, err));
  return MARL_OK;
}

static MarlCode check_counters(const MarlPopulation *p, const int64_t c[NUM_COUNTERS],
                               MarlStore *from, MarlError *err) {
  const Limit limits[] = {
      {"counters: cycle", c[0], 0, INT64_MAX - 1},
      {"counters: selector", c[1], 0, p->rules.num_agents - 1},
      {"counters: round", c[2], 0, 2 * (int64_t)p->rules.rounds},
      {"counters: phase", c[3], 0, MARL_NUM_DILEMMA_ROLES - 1},
  };
  return check(limits, sizeof limits / sizeof limits[0], from, err);
}

static MarlCode check_agents(const MarlPopulation *p, MarlStore *from, MarlError *err) {
  for (int i = 0; i < p->rules.num_agents; ++i) {
    const Limit choice = {"choice", p->choice[i], 0, p->graph.degree[i] - 1};
    MARL_TRY(check(&choice, 1, from, err));
  }
  return MARL_OK;
}

static MarlCode check_round(const MarlPopulation *p, const int32_t ints[ROUND_INTS],
                            MarlStore *from, MarlError *err) {
  const int last = p->rules.num_agents - 1, mechanisms = p->rules.mechanisms.count;
  const int most_mechanism = mechanisms > 0 ? mechanisms - 1 : 0;
  const Limit head[] = {
      {"round_ints: player", ints[0], 0, last},
      {"round_ints: player", ints[1], 0, last},
      {"round_ints: action", ints[2], 0, MARL_UNKNOWN_ACTION},
      {"round_ints: action", ints[3], 0, MARL_UNKNOWN_ACTION},
      {"round_ints: judges", ints[8], 0, MARL_MAX_JUDGES},
      {"round_ints: decided", ints[9], 0, ints[8]},
  };
  MARL_TRY(check(head, sizeof head / sizeof head[0], from, err));
  for (int i = 0; i < MARL_MAX_JUDGES; ++i) {
    const int32_t *row = ints + ROUND_HEAD + JUDGE_INTS * i;
    const Limit judge[] = {
        {"round_ints: judge", row[0], 0, last},
        {"round_ints: side", row[1], 0, 1},
        {"round_ints: about", row[2], -1, MARL_MAX_JUDGES - 1},
        {"round_ints: from", row[3], MARL_DIRECT, MARL_OUTSIDE},
        {"round_ints: mechanism", row[4], 0, most_mechanism},
        {"round_ints: decision", row[5], 0, marl_mechanisms_choices(&p->rules.mechanisms) - 1},
    };
    MARL_TRY(check(judge, sizeof judge / sizeof judge[0], from, err));
  }
  return MARL_OK;
}

/* What the mechanisms keep, within what they say of it. */
static MarlCode load_states(MarlPopulation *p, MarlStore *from, MarlError *err) {
  const MarlMechanismList *list = &p->rules.mechanisms;
  const int n = p->rules.num_agents;
  if (list->num_states == 0) return MARL_OK;
  MARL_TRY(marl_store_read(from, "mechanism_state", MARL_F64, (size_t)(list->num_states * n),
                           p->state, err));
  const double *value = p->state;
  for (int m = 0; m < list->count; ++m)
    for (size_t k = 0; k < list->of[m].ops->num_states; ++k) {
      const MarlMechanismState *kept = &list->of[m].ops->states[k];
      const double low = kept->is_agent ? -1.0 : kept->low;
      const double high = kept->is_agent ? n - 1.0 : kept->high;
      for (int i = 0; i < n; ++i, ++value)
        if (!(*value >= low && *value <= high) || (kept->is_agent && *value != floor(*value)))
          return MARL_FAIL(err, MARL_EIO, "%s: mechanism_state: %s = %g of agent %d",
                           marl_store_path(from), kept->name, *value, i);
    }
  return MARL_OK;
}

MarlCode marl_population_load(MarlPopulation *p, MarlStore *from, MarlError *err) {
  const size_t n = (size_t)p->rules.num_agents;
  const size_t scores = marl_reputation_size(p->rules.num_agents, p->rules.individual_reputation);
  int64_t counters[NUM_COUNTERS];
  int32_t ints[2][ROUND_INTS];
  float reals[2][ROUND_REALS];
  MARL_TRY(marl_store_read(from, "counters", MARL_I64, NUM_COUNTERS, counters, err));
  /* under a norm a score is a name, which is an index */
  const int64_t most = p->rules.reputation == MARL_REPUTATION_NORM ? MARL_GOOD : INT32_MAX;
  MARL_TRY(marl_store_read_within(from, "score", MARL_I32, scores, most < INT32_MAX ? 0 : INT32_MIN,
                                  most, p->reputation.score, err));
  MARL_TRY(marl_store_read_within(from, "last_action", MARL_U8, n, 0, MARL_UNKNOWN_ACTION,
                                  p->last_action, err));
  MARL_TRY(marl_store_read(from, "choice", MARL_I32, n, p->choice, err));
  MARL_TRY(load_states(p, from, err));
  MARL_TRY(marl_store_read(from, "trace", MARL_F64, n, p->trace, err));
  MARL_TRY(marl_store_read(from, "round_ints", MARL_I32, 2 * ROUND_INTS, ints, err));
  MARL_TRY(marl_store_read(from, "round_rewards", MARL_F32, 2 * ROUND_REALS, reals, err));
  MARL_TRY(check_counters(p, counters, from, err));
  MARL_TRY(check_agents(p, from, err));
  for (int i = 0; i < 2; ++i) MARL_TRY(check_round(p, ints[i], from, err));
  p->cycle = counters[0];
  p->selector = (int)counters[1], p->round = (int)counters[2];
  p->phase = (MarlDilemmaRole)counters[3];
  p->key = (MarlKey){{(uint32_t)counters[4], (uint32_t)counters[5]}};
  unpack_round(&p->now, ints[0], reals[0]);
  unpack_round(&p->finished, ints[1], reals[1]);
  return marl_tally_load(&p->tally, from, err);
}
