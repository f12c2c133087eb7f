/* What a round of a society is played with, and what happens in it: moves, payoffs, names, deciders.
 *
 * Mechanisms see the society through this alone. It is a view: all is borrowed from the population
 * for one phase of a round. */
#ifndef MARL_ENVS_SOCIETY_ENCOUNTER_H
#define MARL_ENVS_SOCIETY_ENCOUNTER_H

#include "envs/society/rules.h"
#include "envs/society/tally.h"

/* Streams of draws of a cycle; the cycle's own draws are partners and judges. */
enum { MARL_DRAWS_REMATCH = 1, MARL_DRAWS_ASSESSMENT, MARL_DRAWS_META, MARL_DRAWS_CANDIDATES };

struct MarlEncounter {
  const MarlDilemmaRules *rules;
  const MarlGraph *graph;
  MarlKey key;     /* of the cycle */
  uint64_t number; /* of the round in the cycle */
  MarlRound *now;
  uint8_t *last_action; /* [N] against anybody, MARL_UNKNOWN_ACTION at first */
  MarlReputation *reputation;
  MarlTally *tally;
  double *state;  /* [states of all mechanisms, N] */
  int *bystander; /* [N] scratch */
};

/* The stages of a round, in this order; deciders who were asked decide between them. */
void marl_encounter_begin(MarlEncounter *encounter);
/* Choices of the players, both, or of the one at `mover` of an alternating game (else -1). */
void marl_encounter_move(MarlEncounter *encounter, int mover, const int *choices);
void marl_encounter_settle_moves(MarlEncounter *encounter);
/* Decisions of all deciders asked, before or after the moves. */
void marl_encounter_decide(MarlEncounter *encounter, const int *choices);

/* What the decision `choice` of this judge pays it at once; a fine for it comes on top. */
float marl_encounter_price(const MarlEncounter *encounter, const MarlJudge *judge, int choice);

/* For mechanisms. */

/* State `k` of a mechanism, [N]. */
double *marl_encounter_state(const MarlEncounter *encounter, const MarlMechanism *mechanism, int k);
/* Ask `agent` to decide about player[side], or about judge number `about` who judged that player. */
void marl_encounter_ask(MarlEncounter *encounter, const MarlMechanism *mechanism, int agent,
                        int side, int about, int from);
/* One of the neighbors of `a`, or of `a` or `b` unless b < 0, by draw number `draw` of the key: no
 * player, nor who is in out [num_out]; -1: nobody is left who could see it. */
int marl_encounter_bystander(const MarlEncounter *encounter, int a, int b, const int *out,
                             int num_out, MarlKey key, uint64_t draw);
/* Ask a bystander, as above, about player[side]: drawn with replacement, but where judges may be
 * fined for their verdicts nobody is asked twice, since who is could still be fined for the first. */
void marl_encounter_ask_bystander(MarlEncounter *encounter, const MarlMechanism *mechanism, int a,
                                  int b, int side);
/* Has this judge forgiven a defector? */
bool marl_encounter_is_accused(const MarlRound *round, const MarlJudge *judge);
/* Draws of this round that no other mechanism takes: marl_uniform(key, 0), (key, 1), ... */
MarlKey marl_encounter_key(const MarlEncounter *encounter, const MarlMechanism *mechanism);

/* The `price` and `decide` of a judge who forgives or fines: the price list's, and the fine from the
 * judged, who is a player, or a judge who forgave a defector. */
float marl_verdict_price(const MarlMechanism *own, const MarlEncounter *encounter,
                         const MarlJudge *judge, int choice);
void marl_verdict_decide(const MarlMechanism *own, MarlEncounter *encounter, MarlJudge *judge);

#endif
