/* Mechanisms: who may punish whom, when, what they see and what it pays.
 *
 * A society has a list of mechanisms, env.mechanism, by name: `DP`, `TPP-S+metanorm`,
 * `direct+graduated(fines=1;2;4)`. A name is a mechanism of its own, one file mechanism_<name>.c, or a
 * combination of such with who meets whom and who sees reputations: those of Dasgupta and Musolesi
 * 2025, where DP is direct punishment, TPP third-party punishment, TPPDP both, S partner selection,
 * and "costly" pays the punisher of a defector env.costly_just_reward in place of env.just_reward.
 * Mechanisms act in the order of mechanism_table.c, in whatever order they are named.
 *
 * To add one: a file with `const MarlMechanismOps marl_mechanism_<name>`, and a line in the table; a
 * program of its own registers it (marl_register_mechanism). All operations may be NULL. In a round
 *
 *   before_moves    may ask deciders (marl_encounter_ask); they decide before the players move
 *   after_moves     moves are made and payoffs given; it may pay, note, and ask deciders
 *   decide          a decision of one whom this mechanism asked is made; it may pay and fine
 *   after_verdicts  the decisions of all who had been asked are made; it may ask further ones
 *
 * and the prices and fines of every verdict pass through weigh_price and weigh_fine of all mechanisms
 * of the society. Rewards go into MarlJudge.reward and MarlRound.reward, and into the tally. */
#ifndef MARL_ENVS_SOCIETY_MECHANISM_H
#define MARL_ENVS_SOCIETY_MECHANISM_H

#include "envs/society/round.h"
#include "marl/core/plugin.h"

struct MarlDilemmaRules;
typedef struct MarlEncounter MarlEncounter; /* encounter.h */
typedef struct MarlMechanism MarlMechanism;
typedef struct MarlMechanismOps MarlMechanismOps;

typedef enum MarlMatching { MARL_MATCHING_RANDOM, MARL_MATCHING_SELECT } MarlMatching;

/* What a name stands for beside mechanisms. */
typedef struct MarlCombination {
  const char *mechanisms; /* names of mechanisms, "direct+third_party" */
  MarlMatching matching;
  bool costly;
  bool reputations;       /* scores are kept; else nothing changes them */
  bool published_visible; /* to players, in the published comparison */
} MarlCombination;

/* A number that a mechanism keeps of each agent; saved, restored and copied with the society. */
typedef struct MarlMechanismState {
  const char *name;
  double initial;
  double low, high; /* of any time; a file with others is refused */
  bool is_agent;    /* the number of an agent, or -1: initial, low and high do not count */
} MarlMechanismState;

struct MarlMechanismOps {
  MARL_PLUGIN; /* options: numbers, yes or no, one list of numbers at the end; given in brackets */

  const MarlCombination *combination; /* a name for this and nothing below; else NULL */

  int most_asked; /* deciders that it asks in a round; 0: nobody decides */
  bool judges;    /* they decide whether to punish somebody for an act; else about something else */
  bool may_fine_judges; /* for their verdicts: then no bystander judges twice in a round */
  int num_choices;      /* of its deciders; 0: two, to forgive or to punish */
  size_t num_states;
  const MarlMechanismState *states; /* [num_states] of each agent */

  /* MARL_ECONFIG if the rules do not go with it. */
  MarlCode (*check)(const MarlMechanism *own, const struct MarlDilemmaRules *rules, MarlError *err);

  /* Columns that every decider of the society sees because of it, behind the acts and reputations
   * that it sees anyway; `out` [num_columns], about what `judge` judges in `round`. */
  int (*num_columns)(const MarlMechanism *own);
  void (*observe)(const MarlMechanism *own, const MarlEncounter *encounter, const MarlRound *round,
                  const MarlJudge *judge, float *out);

  void (*before_moves)(const MarlMechanism *own, MarlEncounter *encounter);
  void (*after_moves)(const MarlMechanism *own, MarlEncounter *encounter);
  void (*decide)(const MarlMechanism *own, MarlEncounter *encounter, MarlJudge *judge);
  /* deciders first .. now->num_decided - 1 have just decided, after the moves */
  void (*after_verdicts)(const MarlMechanism *own, MarlEncounter *encounter, int first);

  /* What the decision `choice` of one whom it asks pays it at once, whatever else is decided. */
  float (*price)(const MarlMechanism *own, const MarlEncounter *encounter, const MarlJudge *judge,
                 int choice);

  /* Of any verdict: its price to the judge; its fine, which is about to be taken from agent `judged`. */
  float (*weigh_price)(const MarlMechanism *own, const MarlEncounter *encounter, int judge,
                       float price);
  float (*weigh_fine)(const MarlMechanism *own, MarlEncounter *encounter, int judge, int judged,
                      float fine);
};

enum { MARL_MAX_MECHANISMS = 8, MARL_MECHANISM_VALUES = 16, MARL_MAX_COLUMNS = 4 };

/* One mechanism of a society. */
struct MarlMechanism {
  const MarlMechanismOps *ops;
  int number;      /* in the list */
  int first_state; /* of its states among those of all mechanisms */
  int num_values;
  double
      value[MARL_MECHANISM_VALUES]; /* of its options in their order, the list behind the others */
};

typedef struct MarlMechanismList {
  int count;
  int num_states, num_columns; /* of all */
  MarlMechanism of[MARL_MAX_MECHANISMS];
} MarlMechanismList;

extern MarlKind marl_kind_mechanisms;
MarlCode marl_register_mechanism(const MarlMechanismOps *ops, MarlError *err) MARL_NODISCARD;

/* The list that `text` names, without what combinations say beside it, which is in *combination, NULL
 * where none is named. Nothing and "custom" name no mechanism. MARL_ECONFIG. */
MarlCode marl_mechanisms_parse(const char *text, MarlMechanismList *out,
                               const MarlCombination **combination, MarlError *err) MARL_NODISCARD;

/* What the mechanisms of the list and the rules that they are of say of each other. */
MarlCode marl_mechanisms_check(const MarlMechanismList *list, const struct MarlDilemmaRules *rules,
                               MarlError *err) MARL_NODISCARD;

bool marl_mechanisms_have(const MarlMechanismList *list, const char *name);
bool marl_mechanisms_decide(const MarlMechanismList *list);      /* does anybody? */
bool marl_mechanisms_judge(const MarlMechanismList *list);       /* about an act? */
bool marl_mechanisms_fine_judges(const MarlMechanismList *list); /* does any of them? */
int marl_mechanisms_choices(const MarlMechanismList *list);      /* the most of any decider */

#endif
