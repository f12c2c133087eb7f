#include "envs/society/tally.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "envs/game/game.h"
#include "envs/game/gini.h"
#include "envs/game/price.h"
#include "marl/core/ratio.h"

#define NAME(symbol, name, is, part, whole) #name,
const char *const marl_dilemma_metric_names[] = {MARL_DILEMMA_METRICS(NAME)};

enum { NUM_COUNTS = 11, NUM_SUMS = 4 };

MarlCode marl_tally_create(int num_agents, MarlTally *out, MarlError *err) {
  const size_t n = (size_t)num_agents;
  *out = (MarlTally){.num_agents = num_agents};
  out->reward = calloc(2 * n, sizeof *out->reward);
  out->cooperated = calloc(8 * n, sizeof *out->cooperated);
  if (out->reward == NULL || out->cooperated == NULL) {
    marl_tally_clear(out);
    return MARL_FAIL(err, MARL_EMEMORY, "tally: no memory for %d agents", num_agents);
  }
  out->defected = out->cooperated + 2 * n;
  out->justly = out->defected + 2 * n;
  out->unjustly = out->justly + 2 * n;
  return MARL_OK;
}

void marl_tally_clear(MarlTally *tally) {
  free(tally->reward);
  free(tally->cooperated);
  *tally = (MarlTally){0};
}

void marl_tally_clear_totals(MarlTally *tally) {
  tally->rounds = tally->plays = tally->cooperations = 0;
  tally->decisions = tally->punishments = tally->fined = tally->just = 0;
  tally->selections = tally->cooperators_selected = tally->just_punishers_selected = 0;
  tally->payoffs = tally->fines = tally->judge_rewards[0] = tally->judge_rewards[1] = 0.0;
  memset(tally->reward, 0, (size_t)tally->num_agents * sizeof *tally->reward);
}

void marl_tally_reset(MarlTally *tally) {
  marl_tally_clear_totals(tally);
  memset(tally->cooperated, 0, 8 * (size_t)tally->num_agents * sizeof *tally->cooperated);
  tally->cycles = 0;
}

void marl_tally_add_totals(const MarlTally *from, MarlTally *to) {
  to->rounds += from->rounds, to->plays += from->plays, to->cooperations += from->cooperations;
  to->decisions += from->decisions, to->punishments += from->punishments;
  to->fined += from->fined, to->just += from->just, to->selections += from->selections;
  to->cooperators_selected += from->cooperators_selected;
  to->just_punishers_selected += from->just_punishers_selected;
  to->payoffs += from->payoffs, to->fines += from->fines;
  for (int i = 0; i < 2; ++i) to->judge_rewards[i] += from->judge_rewards[i];
  for (int i = 0; i < from->num_agents; ++i) to->reward[i] += from->reward[i];
}

void marl_tally_begin_cycle(MarlTally *tally) {
  int64_t *const counts[] = {tally->cooperated, tally->defected, tally->justly, tally->unjustly};
  const size_t n = (size_t)tally->num_agents;
  for (int i = 0; i < 4; ++i) {
    memcpy(counts[i] + n, counts[i], n * sizeof *counts[i]);
    memset(counts[i], 0, n * sizeof *counts[i]);
  }
  ++tally->cycles;
}

void marl_tally_earn(MarlTally *tally, int agent, float payoff) {
  tally->payoffs += payoff;
  tally->reward[agent] += payoff;
}

void marl_tally_pay(MarlTally *tally, int agent, float due) {
  tally->fines += due;
  tally->reward[agent] -= due;
}

void marl_tally_play(MarlTally *tally, int agent, int action) {
  ++tally->plays;
  if (action == MARL_COOPERATE) {
    ++tally->cooperations;
    ++tally->cooperated[agent];
  } else {
    ++tally->defected[agent];
  }
}

void marl_tally_judge(MarlTally *tally, int judge, int from, int decision, int judged, int action,
                      float fine, float reward) {
  marl_tally_decide(tally, judge, from, decision, reward);
  if (decision == MARL_PUNISH) marl_tally_fine(tally, judge, judged, action, fine);
}

void marl_tally_decide(MarlTally *tally, int judge, int from, int decision, float reward) {
  ++tally->decisions;
  tally->punishments += decision == MARL_PUNISH;
  tally->judge_rewards[from] += reward;
  tally->reward[judge] += reward;
}

void marl_tally_fine(MarlTally *tally, int judge, int judged, int action, float fine) {
  ++tally->fined;
  if (action == MARL_DEFECT) {
    ++tally->just;
    ++tally->justly[judge];
  } else {
    ++tally->unjustly[judge];
  }
  tally->fines += fine;
  tally->reward[judged] -= fine;
}

void marl_tally_partner(MarlTally *tally, int partner) {
  if (tally->cycles < 2) return; /* no cycle before to judge the choice by */
  const int before = tally->num_agents + partner;
  const int64_t punished = tally->justly[before] + tally->unjustly[before];
  ++tally->selections;
  tally->cooperators_selected += tally->cooperated[before] >= tally->defected[before];
  tally->just_punishers_selected +=
      punished > 0 && tally->justly[before] >= tally->unjustly[before];
}

/* Sums that the table of metrics is written in. */
typedef struct Sums {
  double scale; /* 1 / cycles */
  double outside, direct, published_direct;
  double gini, has_gini;
} Sums;

static Sums sums_of(const MarlTally *t, int64_t rounds_a_cycle, int both) {
  const double cycles = (double)t->rounds / (double)rounds_a_cycle;
  const double direct = t->judge_rewards[MARL_DIRECT];
  const double gini = marl_gini(t->reward, t->num_agents, t->reward + t->num_agents);
  return (Sums){.scale = cycles > 0.0 ? 1.0 / cycles : 0.0,
                .outside = t->payoffs - t->fines + t->judge_rewards[MARL_OUTSIDE],
                .direct = direct,
                .published_direct = both ? 0.0 : direct,
                .gini = isnan(gini) ? 0.0 : gini,
                .has_gini = !isnan(gini)};
}

void marl_tally_metrics(const MarlTally *tally, int64_t rounds_a_cycle, int both,
                        double metrics[MARL_NUM_DILEMMA_METRICS], double *whole) {
  const MarlTally *t = tally;
  const Sums s = sums_of(t, rounds_a_cycle, both);
#define MEASURE(symbol, name, is, part, all) \
  marl_ratio((double)(part), (double)(all), MARL_METRIC_##symbol, metrics, whole);
  MARL_DILEMMA_METRICS(MEASURE)
}

static void pack(const MarlTally *t, int64_t counts[NUM_COUNTS], double sums[NUM_SUMS]) {
  const int64_t c[NUM_COUNTS] = {t->rounds,
                                 t->plays,
                                 t->cooperations,
                                 t->decisions,
                                 t->punishments,
                                 t->fined,
                                 t->just,
                                 t->selections,
                                 t->cooperators_selected,
                                 t->just_punishers_selected,
                                 t->cycles};
  const double s[NUM_SUMS] = {t->payoffs, t->fines, t->judge_rewards[0], t->judge_rewards[1]};
  memcpy(counts, c, sizeof c);
  memcpy(sums, s, sizeof s);
}

MarlCode marl_tally_save(const MarlTally *tally, MarlStore *to, MarlError *err) {
  const size_t n = (size_t)tally->num_agents;
  int64_t counts[NUM_COUNTS];
  double sums[NUM_SUMS];
  pack(tally, counts, sums);
  const MarlArray total = {.type = MARL_I64, .rank = 1, .shape = {NUM_COUNTS}};
  const MarlArray sum = {.type = MARL_F64, .rank = 1, .shape = {NUM_SUMS}};
  const MarlArray reward = {.type = MARL_F64, .rank = 1, .shape = {n}};
  const MarlArray by_agent = {.type = MARL_I64, .rank = 3, .shape = {4, 2, n}};
  MARL_TRY(marl_store_write(to, "tally_counts", &total, counts, err));
  MARL_TRY(marl_store_write(to, "tally_sums", &sum, sums, err));
  MARL_TRY(marl_store_write(to, "tally_reward", &reward, tally->reward, err));
  return marl_store_write(to, "tally_by_agent", &by_agent, tally->cooperated, err);
}

MarlCode marl_tally_load(MarlTally *tally, MarlStore *from, MarlError *err) {
  const size_t n = (size_t)tally->num_agents;
  int64_t c[NUM_COUNTS];
  double s[NUM_SUMS];
  MARL_TRY(marl_store_read(from, "tally_counts", MARL_I64, NUM_COUNTS, c, err));
  MARL_TRY(marl_store_read(from, "tally_sums", MARL_F64, NUM_SUMS, s, err));
  MARL_TRY(marl_store_read(from, "tally_reward", MARL_F64, n, tally->reward, err));
  MARL_TRY(marl_store_read(from, "tally_by_agent", MARL_I64, 8 * n, tally->cooperated, err));
  tally->rounds = c[0], tally->plays = c[1], tally->cooperations = c[2], tally->decisions = c[3];
  tally->punishments = c[4], tally->fined = c[5], tally->just = c[6], tally->selections = c[7];
  tally->cooperators_selected = c[8], tally->just_punishers_selected = c[9];
  tally->cycles = c[10];
  tally->payoffs = s[0], tally->fines = s[1];
  tally->judge_rewards[0] = s[2], tally->judge_rewards[1] = s[3];
  return MARL_OK;
}
