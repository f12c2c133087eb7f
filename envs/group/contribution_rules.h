/* The rules of a public goods experiment, read from the options of the environment `public_goods`.
 *
 * N agents in groups of n play `periods` periods. Partners stay together, strangers are drawn
 * anew every period, perfect strangers never meet twice: agent (c, j) of n classes of G joins group
 * j + c t mod G in period t, which needs c t mod G != 0 for 0 < c < n, 0 < t < periods.
 *
 * Punishment is learned (each agent judges each other member of its group in turn, all at once), or
 * fixed by a rule of three motives: points per unit that the target stayed below the group's mean
 * and below the punisher (prosocial, a conditional cooperator's), per unit that it contributed more
 * than the punisher (antisocial, Herrmann et al. 2008), and per point received from it in the period
 * before (retaliation; partners only). The sum is rounded and at most max_points.
 *
 * A reward stage is learned as well: after the verdicts each agent may reward each other member.
 * What is seen of it all can be narrowed and widened as in Alsobay et al. 2025 (arXiv:2508.17151):
 * who punished or rewarded oneself (show_actors), what the others earned and were given
 * (show_outcomes), how much of the game is over (show_horizon). */
#ifndef MARL_ENVS_GROUP_CONTRIBUTION_RULES_H
#define MARL_ENVS_GROUP_CONTRIBUTION_RULES_H

#include "envs/game/intrinsic.h"
#include "envs/group/contribution_game.h"

typedef enum MarlGroupMatching {
  MARL_GROUPS_PARTNERS,
  MARL_GROUPS_STRANGERS,
  MARL_GROUPS_PERFECT_STRANGERS,
} MarlGroupMatching;

enum { MARL_MAX_LEVELS = 32 };

typedef struct MarlContributionRules {
  MarlContributionGame game;
  int num_agents, periods; /* of a game */
  int episode_periods;     /* games follow each other until so many are over; 0: one game */
  MarlGroupMatching matching;
  int num_levels;
  double level[MARL_MAX_LEVELS]; /* contributions to choose from */
  MarlPoints points;
  bool prosocial_only; /* learned punishers may judge only who contributed less than they did */
  double prosocial, antisocial, retaliation;               /* points per unit, unit, point */
  bool observe_states;                                     /* one-hot levels in place of amounts */
  bool rewards;                                            /* there is a reward stage */
  int num_reward_choices, reward_choice[MARL_MAX_CHOICES]; /* points to choose from in it */
  bool credit_all; /* each role is paid everything, not only what its own decisions changed */
  bool show_actors, show_outcomes, show_horizon;
  int num_fixed; /* agents 0 .. num_fixed - 1 follow the rule */
  MarlIntrinsic intrinsic;
} MarlContributionRules;

enum { MARL_CONTRIBUTION_NUM_OPTIONS = 36 };
extern const MarlOption marl_contribution_options[MARL_CONTRIBUTION_NUM_OPTIONS];

/* MARL_ECONFIG when values contradict each other. */
MarlCode marl_contribution_rules_read(const MarlSection *config, MarlContributionRules *rules,
                                      MarlError *err) MARL_NODISCARD;

/* The rule's points of a punisher that contributed `own` for a target that contributed `other`,
 * whose group contributed `mean` on average, and from which it had `received` points. */
int marl_contribution_fixed_points(const MarlContributionRules *rules, double own, double other,
                                   double mean, int received);

#endif
