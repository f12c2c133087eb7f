/* A commons in play (commons_rules.h), one simultaneous decision at a time.
 *
 * Phase 0: everybody wishes; fixed policies (and a fixed rule of punishment) act by themselves.
 * With learned punishment phases 1 .. n - 1 follow: agent i judges agent i + phase mod n, so that
 * every pair is judged once and nobody sees a verdict before the month is over. Rewards are
 * increments of the utility of the month's payoff so far, as in contribution_groups.h: to a verdict
 * what its own points changed, to the harvest the rest, so also the fines that it brought. */
#ifndef MARL_ENVS_GROUP_COMMONS_H
#define MARL_ENVS_GROUP_COMMONS_H

#include "envs/group/commons_rules.h"
#include "marl/core/rng.h"
#include "marl/core/store.h"

/* Of the episode so far. Of trash: gain is work, efficiency work over months * inflow, over-use
 * is removing less than the threshold. */
typedef enum MarlCommonsMetric {
  MARL_COMMONS_SURVIVAL,        /* months reached, of all months */
  MARL_COMMONS_SURVIVED,        /* 1: the last month was reached */
  MARL_COMMONS_GAIN,            /* units an agent took, mean */
  MARL_COMMONS_EFFICIENCY,      /* units taken of what can be taken for ever, at most 1 */
  MARL_COMMONS_OVER_USE,        /* share of (agent, month) beyond the threshold */
  MARL_COMMONS_EQUALITY,        /* 1 - sum_ij |R_i - R_j| / (2 n sum R) of units taken */
  MARL_COMMONS_GINI,            /* of payoffs (gini.h) */
  MARL_COMMONS_WELFARE,         /* mean payoff of an agent, after punishment */
  MARL_COMMONS_GROSS_WELFARE,   /* before punishment */
  MARL_COMMONS_PUNISHMENT_RATE, /* share of (judge, target, month) with points */
  MARL_COMMONS_JUST_SHARE,      /* of points, to who took beyond the threshold */
  MARL_COMMONS_NUM_METRICS,
} MarlCommonsMetric;

extern const char *const marl_commons_metric_names[MARL_COMMONS_NUM_METRICS];

/* Components that a harvester and a judge see: units, or with rules.observe_states the tenth of the
 * capacity that the pool is in (one-hot) and whether somebody was beyond the threshold in the month
 * before; whether the judge was beyond it, and how far the target was: within, up to 3, up to 10, or
 * more units beyond it (one-hot). */
enum { MARL_COMMONS_HARVEST_OBS = 7, MARL_COMMONS_PUNISH_OBS = 4 };
enum { MARL_COMMONS_HARVEST_STATE = 12, MARL_COMMONS_PUNISH_STATE = 5 };

/* A value: plain, of fixed size, copied by assignment. Read-only for users. */
typedef struct MarlCommons {
  MarlCommonsRules rules;
  MarlKey key;
  int32_t month, phase; /* of the decision that is pending */
  int32_t pool;         /* before harvest in phase 0, what is left of it in the others */
  int32_t threshold;    /* of this month */
  int32_t over;         /* 1: the episode has ended */
  int32_t exceeded;     /* 1: someone was beyond the threshold in the month before */
  int32_t taken[MARL_COMMONS_MAX_AGENTS]; /* this month, in phase 0 the month before */
  int32_t points[MARL_COMMONS_MAX_AGENTS * MARL_COMMONS_MAX_AGENTS];        /* [giver, target] */
  double payoff[MARL_COMMONS_MAX_AGENTS], utility[MARL_COMMONS_MAX_AGENTS]; /* this month, so far */
  double loss[MARL_COMMONS_MAX_AGENTS];  /* what universalization takes this month */
  double trace[MARL_COMMONS_MAX_AGENTS]; /* of payoffs, for inequity */
  double harvest_reward[MARL_COMMONS_MAX_AGENTS], punish_reward[MARL_COMMONS_MAX_AGENTS];
  double total_taken[MARL_COMMONS_MAX_AGENTS], total_payoff[MARL_COMMONS_MAX_AGENTS];
  double gross, beyond, decisions, verdicts, punished, given, just; /* counts */
} MarlCommons;

void marl_commons_begin(const MarlCommonsRules *rules, MarlKey key, MarlCommons *out);

bool marl_commons_present(const MarlCommons *commons, int agent);
/* Does the agent decide now? Absent agents and fixed policies do not. */
bool marl_commons_decides(const MarlCommons *commons, int agent);
int marl_commons_target(const MarlCommons *commons, int agent); /* phase > 0 */
void marl_commons_observe(const MarlCommons *commons, int agent, float *obs);

/* choice [n]: index into rules.wish in phase 0, else into rules.points; ignored where an agent does
 * not decide. True when that ended a month. */
bool marl_commons_apply(MarlCommons *commons, const int *choice);

/* Who gets what of the pool; wishes and taken [n]. */
void marl_commons_harvest(const MarlCommonsRules *rules, int pool, const int *wishes, MarlKey key,
                          int32_t *taken);

/* Ratios are apart in metrics and whole, or values if whole is NULL (marl/core/ratio.h). */
void marl_commons_metrics(const MarlCommons *commons, double metrics[MARL_COMMONS_NUM_METRICS],
                          double *whole);

MarlCode marl_commons_save(const MarlCommons *commons, MarlStore *to,
                           MarlError *err) MARL_NODISCARD;
MarlCode marl_commons_load(MarlCommons *commons, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
