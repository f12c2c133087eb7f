/* The rules of a commons, after GovSim (Piatti et al. 2024, "Cooperate or Collapse",
 * arXiv:2404.16698): n agents take from one pool for a number of months.
 *
 * fishery, pasture, pollution (the same numbers in other words): everybody wishes for whole units;
 * units go one by one to a random agent with a wish left, or in proportion. The pool collapses when
 * less than `collapse` is left; else it becomes min(capacity, growth * left).
 * trash, the inverse: agents remove units at a cost of one each; the house collapses when more than
 * capacity - collapse is left; else the pool becomes min(capacity, left + inflow).
 *
 * threshold: what everybody may take so that the pool does not shrink,
 * floor(floor(pool (1 - 1 / growth)) / n); of trash, what everybody must remove, floor(inflow / n).
 * Punishment moves payoffs, not the pool: an offender is who took beyond the
 * threshold. */
#ifndef MARL_ENVS_GROUP_COMMONS_RULES_H
#define MARL_ENVS_GROUP_COMMONS_RULES_H

#include "envs/game/intrinsic.h"
#include "envs/group/punishment_points.h"
#include "marl/learn/scripted.h"

enum { MARL_COMMONS_MAX_AGENTS = 32 };

typedef enum MarlCommonsScenario {
  MARL_COMMONS_FISHERY,
  MARL_COMMONS_PASTURE,
  MARL_COMMONS_POLLUTION,
  MARL_COMMONS_TRASH,
} MarlCommonsScenario;

/* What an agent wishes. Of trash, greedy removes nothing. */
typedef enum MarlCommonsPolicy {
  MARL_COMMONS_LEARNER,
  MARL_COMMONS_GREEDY,      /* the whole pool */
  MARL_COMMONS_SHARE,       /* an equal share of the whole pool */
  MARL_COMMONS_THRESHOLD,   /* the threshold */
  MARL_COMMONS_CONDITIONAL, /* the threshold, but a share after a month in which someone took more */
} MarlCommonsPolicy;

typedef struct MarlCommonsRules {
  MarlCommonsScenario scenario;
  int num_agents, months, newcomer; /* newcomer: month before which the last agent is away */
  int capacity, collapse, inflow;
  double growth;
  bool proportional;    /* units in proportion to wishes instead of one by one */
  bool observe_catches; /* agents see what others took */
  bool observe_states;  /* one-hot states in place of units */
  double month_value;   /* to everybody for a month without collapse */
  double universalization;
  MarlCommonsPolicy policy[MARL_COMMONS_MAX_AGENTS];
  int num_wishes, wish[MARL_MAX_CHOICES]; /* that a learner chooses from */
  MarlPoints points;
  double prosocial;       /* points per unit beyond the threshold */
  bool over_users_punish; /* fixed: not only who kept to the threshold punishes */
  MarlIntrinsic intrinsic;
} MarlCommonsRules;

enum { MARL_COMMONS_NUM_OPTIONS = 28, MARL_COMMONS_NUM_SCRIPTED = 4 };
extern const MarlOption marl_commons_options[MARL_COMMONS_NUM_OPTIONS];
extern const MarlScripted
    marl_commons_scripted[MARL_COMMONS_NUM_SCRIPTED]; /* their wishes: commons.c */

MarlCode marl_commons_rules_read(const MarlSection *config, MarlCommonsRules *rules,
                                 MarlError *err) MARL_NODISCARD;

int marl_commons_threshold(const MarlCommonsRules *rules, int pool, int num_present);
/* Units beyond the threshold; of trash, units short of it. Negative: within it. */
int marl_commons_excess(const MarlCommonsRules *rules, int taken, int threshold);
/* The pool of the next month. */
int marl_commons_regrow(const MarlCommonsRules *rules, int left);
bool marl_commons_collapses(const MarlCommonsRules *rules, int left);

/* Universalization (Levine et al. 2020): an agent's share of what the pool would lose if all
 * present wished as it does; weighted by rules->universalization it is taken from its reward. */
double marl_commons_universal_loss(const MarlCommonsRules *rules, int pool, int num_present,
                                   int wish);

#endif
