/* A population whose decisions are made by learners, and the transitions that they learn from.
 *
 * next_decision: one transition a decision, as the environment `dilemma` gives them to any learner:
 *   (what the agent saw, its choice, all rewards of the role until the agent next decides in that
 *   role (credit.h), what it sees then). With terminal_pairings what is decided in the last round
 *   of a pairing has no future: its transition ends with the round, as do the selector's and, in an
 *   alternating game, both players' last moves. With env.rematch no partner stays, and nothing ends.
 * published: the public code of Dasgupta and Musolesi 2025. After every round the selector stores its
 *   choice with this round's reward and leads to the scores of now; a player leads to the view of
 *   the same partner, also after their last round; a verdict leads to itself with the scores of now.
 *   Nothing ends but an alternating game, whose moves store the running reward. A new partner every
 *   round has no published meaning (marl_profile_check).
 *
 * A transition is learned from as soon as it is complete, before the agent decides again. */
#ifndef MARL_ENVS_SOCIETY_PROTOCOL_H
#define MARL_ENVS_SOCIETY_PROTOCOL_H

#include "envs/society/credit.h"

typedef enum MarlTransitionRule {
  MARL_TRANSITIONS_PUBLISHED,
  MARL_TRANSITIONS_NEXT_DECISION
} MarlTransitionRule;

typedef struct MarlDilemmaTransition {
  const float *obs; /* [marl_population_obs_dim] */
  int choice;
  float reward;
  const float *next_obs; /* like obs; means nothing if it ends */
  bool end;
} MarlDilemmaTransition;

/* The learners of all agents and roles; base-first. */
typedef struct MarlDilemmaLearners MarlDilemmaLearners;
struct MarlDilemmaLearners {
  int (*choose)(MarlDilemmaLearners *learners, int agent, MarlDilemmaRole role, const float *obs);
  void (*learn)(MarlDilemmaLearners *learners, int agent, MarlDilemmaRole role,
                const MarlDilemmaTransition *transition);
};

/* A decision whose transition is not complete. */
typedef struct MarlOpenDecision {
  bool open;
  int choice;
  float reward; /* so far */
  float *obs;
} MarlOpenDecision;

/* Read-only for users. */
typedef struct MarlProtocol {
  MarlTransitionRule rule;
  bool terminal_pairings;
  MarlPopulation *population; /* borrowed until destroy */
  MarlCredit credit;
  MarlOpenDecision *decision; /* [N, MARL_NUM_DILEMMA_ROLES] */
  int *choice;                /* [most decisions of a phase] */
  float *judge_obs;           /* [MARL_MAX_JUDGES, 4] of this round, if published */
  float *obs;                 /* [widest observation] scratch */
  char *memory;
} MarlProtocol;

MarlCode marl_protocol_create(MarlPopulation *population, MarlTransitionRule rule,
                              bool terminal_pairings, MarlProtocol *out,
                              MarlError *err) MARL_NODISCARD;
void marl_protocol_clear(MarlProtocol *protocol);

/* What is open between two cycles, bit for bit; loaded into one of the same population and rule. */
MarlCode marl_protocol_save(const MarlProtocol *protocol, MarlStore *to,
                            MarlError *err) MARL_NODISCARD;
MarlCode marl_protocol_load(MarlProtocol *protocol, MarlStore *from, MarlError *err) MARL_NODISCARD;

/* All decisions of the population's phase, and what is learned from. */
void marl_protocol_phase(MarlProtocol *protocol, MarlDilemmaLearners *learners);

#endif
