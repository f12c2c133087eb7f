/* One population under the rules of a society: the protocol of Dasgupta and Musolesi 2025.
 *
 *   a cycle:   every agent chooses a partner (matching: select), all before any play; then each
 *              agent in index order is the selector of one pairing of K rounds
 *   a round:   both play at once; then those whom the mechanisms ask decide at once (in a voluntary
 *              pool the players, whether to pay, before they play)
 *
 * Scores and last actions live on from cycle to cycle. The population waits for the decisions of
 * one phase; marl_population_apply takes them all and moves on to the next phase. It knows nothing
 * of learning: the environment `dilemma` drives it. */
#ifndef MARL_ENVS_SOCIETY_POPULATION_H
#define MARL_ENVS_SOCIETY_POPULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "envs/society/candidates.h"
#include "envs/society/encounter.h"
#include "marl/core/rng.h"
#include "marl/core/store.h"

typedef enum MarlDilemmaRole {
  MARL_ROLE_SELECT,
  MARL_ROLE_PLAY,
  MARL_ROLE_PUNISH,
  MARL_NUM_DILEMMA_ROLES,
} MarlDilemmaRole;

extern const char *const marl_dilemma_role_names[MARL_NUM_DILEMMA_ROLES];

typedef struct MarlPopulation {
  MarlDilemmaRules rules;
  MarlGraph graph;
  MarlKey key; /* of everything random in the protocol */
  int64_t cycle;
  int selector, round; /* rounds of the pairing so far; moves of an alternating game */
  MarlDilemmaRole phase;
  MarlReputation reputation; /* score owned */
  uint8_t *last_action;      /* [N] against anybody, MARL_UNKNOWN_ACTION at first; owned */
  int32_t *choice;           /* [N] index into the neighbor list; owned */
  double *state;             /* [states of the mechanisms, N], owned */
  double *trace;             /* [N] of the payoffs of rounds played, 0 at first; owned */
  int *bystander;            /* [N] scratch; owned */
  MarlRound now;             /* being played */
  MarlRound finished;        /* the one before */
  MarlTally tally;
} MarlPopulation;

MarlCode marl_population_create(const MarlDilemmaRules *rules, MarlPopulation **out,
                                MarlError *err) MARL_NODISCARD;
void marl_population_destroy(MarlPopulation **population);

/* Scores 0, last actions unknown, cycle 0. */
void marl_population_reset(MarlPopulation *population, MarlKey key);

/* Pending decisions of this phase, 1 .. max(N, MARL_MAX_JUDGES). The same agent may have two. */
int marl_population_pending(const MarlPopulation *population);
int marl_population_decider(const MarlPopulation *population, int decision);

/* The side that decision number `decision` of a play phase belongs to. */
int marl_population_mover(const MarlPopulation *population, int decision);

/* Number of actions of the role for this agent; its observation's length. */
int marl_population_num_choices(const MarlPopulation *population, MarlDilemmaRole role, int agent);
extern const char marl_population_view[]; /* the observations, for people */
int marl_population_obs_dim(const MarlPopulation *population, MarlDilemmaRole role, int agent);

/* What the decider of a pending decision sees. */
void marl_population_observe(const MarlPopulation *population, int decision, float *obs);

/* Floats of the widest observation of players and deciders. */
enum { MARL_MAX_PAIR_VIEW = 4 + MARL_MAX_COLUMNS };

float marl_action_view(const MarlDilemmaRules *rules, int action); /* a code as agents see it */

/* The same views at any time, for a learner's next state: judge number `judge` of `round` sees the
 * actions of that round and today's scores. */
void marl_population_observe_select(const MarlPopulation *population, int agent, float *obs);
void marl_population_observe_play(const MarlPopulation *population, int agent, int partner,
                                  float *obs);
void marl_population_observe_punish(const MarlPopulation *population, const MarlRound *round,
                                    int judge, float *obs);

MarlCandidates marl_population_candidates(const MarlPopulation *population); /* of this cycle */

/* The society as mechanisms see it; borrowed, for as long as nothing is applied. */
MarlEncounter marl_population_encounter(const MarlPopulation *population);

/* choices[i] decides pending decision i (select: taken modulo the number of candidates, since
 * degrees differ on a graph; env_dilemma masks what is beyond it). True when that ended a round, which is then in `finished`. */
bool marl_population_apply(MarlPopulation *population, const int *choices);

MarlCode marl_population_save(const MarlPopulation *population, MarlStore *to,
                              MarlError *err) MARL_NODISCARD;
MarlCode marl_population_load(MarlPopulation *population, MarlStore *from,
                              MarlError *err) MARL_NODISCARD;

#endif
