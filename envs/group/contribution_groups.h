/* Groups that play a public goods experiment, one simultaneous decision at a time.
 *
 * Phase 0: everybody contributes. With learned punishment phases 1 .. n - 1 follow: in phase k the
 * member on seat s judges seat s + k mod n, so that every pair is judged once and nobody sees a
 * verdict before the period is over. A fixed rule judges at once, after the contributions. A reward
 * stage is n - 1 more phases, in which seat s may reward the others in the same order.
 *
 * Rewards are increments of the utility of the period's payoff so far (intrinsic.h), so that each
 * phase's verdicts are paid in it, and go to the decision that earned them: to a verdict (role punish)
 * what its own points changed of the giver's utility, to the contribution (role contribute) the rest,
 * so also the fines that it brought. A reward is a verdict of its own role. The roles of a period add
 * up to the utility of its final payoff. With rules.credit_all every role is paid the whole. */
#ifndef MARL_ENVS_GROUP_CONTRIBUTION_GROUPS_H
#define MARL_ENVS_GROUP_CONTRIBUTION_GROUPS_H

#include "envs/group/contribution_rules.h"
#include "marl/core/rng.h"
#include "marl/core/store.h"

/* Of the periods since the last reset, in this order. */
typedef enum MarlContributionMetric {
  MARL_CONTRIBUTION_COOPERATION,      /* mean contribution, of the endowment */
  MARL_CONTRIBUTION_WELFARE,          /* mean payoff of an agent and period, after punishment */
  MARL_CONTRIBUTION_GROSS_WELFARE,    /* before punishment */
  MARL_CONTRIBUTION_FREE_RIDERS,      /* share of contributions of the lowest level */
  MARL_CONTRIBUTION_FULL,             /* share of contributions of the highest level */
  MARL_CONTRIBUTION_PUNISHMENT_RATE,  /* share of (judge, target, period) with points */
  MARL_CONTRIBUTION_POINTS,           /* mean points of a (judge, target, period) */
  MARL_CONTRIBUTION_JUST_SHARE,       /* of points, to who contributed less than the giver */
  MARL_CONTRIBUTION_GINI,             /* of the agents' payoffs, shifted so that the least is 0 */
  MARL_CONTRIBUTION_LAST_COOPERATION, /* cooperation of the last period */
  MARL_CONTRIBUTION_EFFICIENCY,       /* welfare over that of full contribution without verdicts */
  MARL_CONTRIBUTION_REWARD_RATE,      /* share of (giver, target, period) with reward points */
  MARL_CONTRIBUTION_NUM_METRICS,
} MarlContributionMetric;

extern const char *const marl_contribution_metric_names[MARL_CONTRIBUTION_NUM_METRICS];

/* Of amounts, at least and (with a reward stage and outcomes shown) at most. */
enum {
  MARL_CONTRIBUTE_OBS = 5,
  MARL_PUNISH_OBS = 4,
  MARL_CONTRIBUTE_OBS_MOST = 9,
  MARL_PUNISH_OBS_MOST = 8,
};
/* Components that a contributor and a judge see: amounts, or with rules.observe_states one-hot of the
 * level nearest to what the other members of the last group gave on average (the last one before
 * anything is known), and one-hot of the judge's and of the target's level. */
int marl_contribution_contribute_obs(const MarlContributionRules *rules);
int marl_contribution_judge_obs(const MarlContributionRules *rules); /* who punishes or rewards */

/* Read-only for users. */
typedef struct MarlContributionGroups {
  MarlContributionRules rules; /* N agents, n in a group */
  MarlKey key;
  int32_t period, phase; /* of the decision that is pending; of its game */
  int32_t played;        /* periods since reset, of all games */
  int32_t *member;       /* [N] agent on seat s of group g at g n + s */
  int32_t *seat;         /* [N] where an agent is in member */
  int32_t *level;        /* [N] of this period, then of the last one; index into rules.level */
  int32_t *points;       /* [N giver, n seat of the target] of this period */
  int32_t *last_points;  /* the same of the period before */
  int32_t *gifts, *last_gifts; /* [N giver, n seat of the target] reward points, the same way */
  double *first, *payoff, *utility;     /* [N] so far in this period */
  double *trace;                        /* [N] of payoffs, for inequity */
  double *others;                       /* [N] mean contribution of the other members last period */
  double *last_payoff;                  /* [N] of the period before */
  double *others_payoff;                /* [N] mean payoff of the other members last period */
  double *others_points, *others_gifts; /* [N] mean points that such a member got */
  double *contribute_reward, *punish_reward, *gift_reward; /* [N] of the last apply, by role */
  double *total;                                           /* [N] payoffs since reset */
  double *sorted;                                          /* [N] scratch of the metrics */
  double *sums;                                            /* [MARL_CONTRIBUTION_NUM_METRICS] */
  char *memory;
} MarlContributionGroups;

MarlCode marl_contribution_groups_create(const MarlContributionRules *rules,
                                         MarlContributionGroups *out,
                                         MarlError *err) MARL_NODISCARD;
void marl_contribution_groups_clear(MarlContributionGroups *groups);

void marl_contribution_groups_reset(MarlContributionGroups *groups, MarlKey key);

/* Of a period: decisions are those of phases 0 .. this. */
int marl_contribution_last_phase(const MarlContributionRules *rules);
/* Is the pending decision one of the reward stage? */
bool marl_contribution_rewarding(const MarlContributionGroups *groups);
/* Phase > 0: whom an agent judges now, and whether it may. */
int marl_contribution_target(const MarlContributionGroups *groups, int agent);
bool marl_contribution_may_judge(const MarlContributionGroups *groups, int agent);
/* Points that `agent` got from `other` in the period before; 0 unless groups are partners. */
int marl_contribution_received(const MarlContributionGroups *groups, int agent, int other);
int marl_contribution_gifts(const MarlContributionGroups *groups, int agent, int other);
/* Mean contribution of the agent's group, itself with it. */
double marl_contribution_group_mean(const MarlContributionGroups *groups, int agent);

/* contribution_view.c: obs of the pending decision, as many components as above. */
void marl_contribution_observe(const MarlContributionGroups *groups, int agent, float *obs);

/* Is the episode over: its last game, with enough periods of all? A game ends where period is 0 again. */
bool marl_contribution_over(const MarlContributionGroups *groups);

/* choice [N]: an index into rules.level in phase 0, else into the points of the stage; ignored where an agent
 * may not judge. True when that ended a period. */
bool marl_contribution_apply(MarlContributionGroups *groups, const int *choice);

/* Ratios are apart in metrics and whole, or values if whole is NULL (marl/core/ratio.h). */
void marl_contribution_metrics(const MarlContributionGroups *groups,
                               double metrics[MARL_CONTRIBUTION_NUM_METRICS], double *whole);

MarlCode marl_contribution_groups_save(const MarlContributionGroups *groups, MarlStore *to,
                                       MarlError *err) MARL_NODISCARD;
MarlCode marl_contribution_groups_load(MarlContributionGroups *groups, MarlStore *from,
                                       MarlError *err) MARL_NODISCARD;

#endif
