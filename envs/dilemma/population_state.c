/* A population's exact state: copied, and in a store. */
#include <string.h>

#include "envs/dilemma/population.h"

enum { NUM_COUNTERS = 6, ROUND_INTS = 5 + 4 * MARL_MAX_JUDGES, ROUND_REALS = 2 + MARL_MAX_JUDGES };

static void pack_round(const MarlRound *round, int32_t ints[ROUND_INTS], float reals[ROUND_REALS]) {
  ints[0] = round->player[0], ints[1] = round->player[1];
  ints[2] = round->action[0], ints[3] = round->action[1], ints[4] = round->num_judges;
  reals[0] = round->reward[0], reals[1] = round->reward[1];
  for (int i = 0; i < MARL_MAX_JUDGES; ++i) {
    const MarlJudge *j = &round->judge[i];
    const int32_t row[4] = {j->agent, j->side, j->from, j->decision};
    memcpy(ints + 5 + 4 * i, row, sizeof row);
    reals[2 + i] = j->reward;
  }
}

static void unpack_round(MarlRound *round, const int32_t ints[ROUND_INTS],
                         const float reals[ROUND_REALS]) {
  *round = (MarlRound){.player = {ints[0], ints[1]},
                       .action = {ints[2], ints[3]},
                       .num_judges = ints[4],
                       .reward = {reals[0], reals[1]}};
  for (int i = 0; i < MARL_MAX_JUDGES; ++i) {
    const int32_t *row = ints + 5 + 4 * i;
    round->judge[i] = (MarlJudge){.agent = row[0],
                                  .side = row[1],
                                  .from = row[2],
                                  .decision = row[3],
                                  .reward = reals[2 + i]};
  }
}

void marl_population_copy(const MarlPopulation *from, MarlPopulation *to) {
  const size_t n = (size_t)from->rules.num_agents;
  const size_t scores =
      marl_reputation_size(from->rules.num_agents, from->rules.individual_reputation);
  to->key = from->key;
  to->cycle = from->cycle;
  to->selector = from->selector, to->round = from->round;
  to->phase = from->phase;
  to->now = from->now, to->finished = from->finished;
  memcpy(to->reputation.score, from->reputation.score, scores * sizeof *to->reputation.score);
  memcpy(to->last_action, from->last_action, n);
  memcpy(to->choice, from->choice, n * sizeof *to->choice);
  marl_tally_copy(&from->tally, &to->tally);
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
  MARL_TRY(marl_store_write(to, "round_ints", &int_rows, ints, err));
  MARL_TRY(marl_store_write(to, "round_rewards", &real_rows, reals, err));
  return marl_tally_save(&p->tally, to, err);
}

MarlCode marl_population_load(MarlPopulation *p, MarlStore *from, MarlError *err) {
  const size_t n = (size_t)p->rules.num_agents;
  const size_t scores = marl_reputation_size(p->rules.num_agents, p->rules.individual_reputation);
  int64_t counters[NUM_COUNTERS];
  int32_t ints[2][ROUND_INTS];
  float reals[2][ROUND_REALS];
  MARL_TRY(marl_store_read(from, "counters", MARL_I64, NUM_COUNTERS, counters, err));
  MARL_TRY(marl_store_read(from, "score", MARL_I32, scores, p->reputation.score, err));
  MARL_TRY(marl_store_read(from, "last_action", MARL_U8, n, p->last_action, err));
  MARL_TRY(marl_store_read(from, "choice", MARL_I32, n, p->choice, err));
  MARL_TRY(marl_store_read(from, "round_ints", MARL_I32, 2 * ROUND_INTS, ints, err));
  MARL_TRY(marl_store_read(from, "round_rewards", MARL_F32, 2 * ROUND_REALS, reals, err));
  p->cycle = counters[0];
  p->selector = (int)counters[1], p->round = (int)counters[2];
  p->phase = (MarlDilemmaRole)counters[3];
  p->key = (MarlKey){{(uint32_t)counters[4], (uint32_t)counters[5]}};
  unpack_round(&p->now, ints[0], reals[0]);
  unpack_round(&p->finished, ints[1], reals[1]);
  return marl_tally_load(&p->tally, from, err);
}
