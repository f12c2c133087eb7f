/* What happened in a society: counts, rewards and the metrics made of them.
 *
 * Totals run until marl_tally_clear_totals. Counts by agent roll over at the start of every cycle,
 * because a selection is judged by what the chosen agent did in the cycle before. */
#ifndef MARL_ENVS_SOCIETY_TALLY_H
#define MARL_ENVS_SOCIETY_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "envs/society/metric_table.h"
#include "envs/society/round.h"
#include "marl/core/error.h"
#include "marl/core/store.h"

extern const char *const marl_dilemma_metric_names[MARL_NUM_DILEMMA_METRICS];

typedef struct MarlTally {
  int num_agents; /* N */
  /* totals */
  int64_t rounds, plays, cooperations, decisions, punishments, fined, just;
  int64_t selections, cooperators_selected, just_punishers_selected;
  double payoffs, fines, judge_rewards[2]; /* by MARL_DIRECT, MARL_OUTSIDE */
  double *reward;                          /* [2, N] total of each agent; scratch of the metrics */
  /* by agent; row 0 this cycle, row 1 the cycle before; owned, one block with reward */
  int64_t *cooperated, *defected; /* [2, N] plays */
  int64_t *justly, *unjustly;     /* [2, N] punishments */
  int64_t cycles;                 /* begun */
} MarlTally;

MarlCode marl_tally_create(int num_agents, MarlTally *out, MarlError *err) MARL_NODISCARD;
void marl_tally_clear(MarlTally *tally);

void marl_tally_reset(MarlTally *tally);                          /* everything */
void marl_tally_clear_totals(MarlTally *tally);                   /* totals only */
void marl_tally_add_totals(const MarlTally *from, MarlTally *to); /* of the same N */
void marl_tally_begin_cycle(MarlTally *tally);

void marl_tally_play(MarlTally *tally, int agent, int action);
void marl_tally_earn(MarlTally *tally, int agent, float payoff);
void marl_tally_pay(MarlTally *tally, int agent, float due); /* a tax or fine that nobody decides */
void marl_tally_judge(MarlTally *tally, int judge, int from, int decision, int judged, int action,
                      float fine, float reward);
/* The two halves of it, for a pool whose members decide before they know whom they will fine. */
void marl_tally_decide(MarlTally *tally, int judge, int from, int decision, float reward);
void marl_tally_fine(MarlTally *tally, int judge, int judged, int action, float fine);
void marl_tally_partner(MarlTally *tally, int partner);

/* `rounds_a_cycle`: marl_dilemma_rounds_a_cycle; third_party_and_direct chooses the published welfare's omission. */
/* Ratios as marl_ratio: apart in metrics and whole (1 on entry), or as values if whole is NULL. */
void marl_tally_metrics(const MarlTally *tally, int64_t rounds_a_cycle, int both,
                        double metrics[MARL_NUM_DILEMMA_METRICS], double *whole);

MarlCode marl_tally_save(const MarlTally *tally, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_tally_load(MarlTally *tally, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
