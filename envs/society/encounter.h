/* What happens in one round of a population: payoffs, names, judges, fines. */
#ifndef MARL_ENVS_SOCIETY_ENCOUNTER_H
#define MARL_ENVS_SOCIETY_ENCOUNTER_H

#include "envs/society/population.h"

/* Streams of draws of a cycle; the cycle's own draws are partners and judges. */
enum { MARL_DRAWS_REMATCH = 1, MARL_DRAWS_ASSESSMENT, MARL_DRAWS_META };

/* Where the round's draws come from. */
typedef struct MarlEncounter {
  MarlKey key;     /* of the cycle */
  uint64_t number; /* of the round in the cycle */
} MarlEncounter;

/* A voluntary pool asks both players, before they move, whether to pay: each is the judge of its
 * partner and sees both last actions. */
void marl_encounter_call_payers(MarlPopulation *population);
/* Their answers; they are settled when the moves are made. */
void marl_encounter_join(MarlPopulation *population, const int *choices);
/* Moves of the play phase: payoffs, the pool's tax and fines, reputations. */
void marl_encounter_play(MarlPopulation *population, const MarlEncounter *encounter,
                         const int *choices);
/* The judges of the players, after their moves. Bystanders are drawn with replacement; with a metanorm
 * nobody judges twice, since who is asked again could still be fined for the first verdict. */
void marl_encounter_call_judges(MarlPopulation *population, const MarlEncounter *encounter);
/* Verdicts of all judges asked; with a metanorm this calls the judges of those who forgave a
 * defector. None of them is such a judge: they are accused, and an accused judges nobody. */
void marl_encounter_judge(MarlPopulation *population, const MarlEncounter *encounter,
                          const int *choices);
/* What the verdict `choice` of this judge pays it, negative: costs. A fine for it comes on top. */
float marl_encounter_price(const MarlPopulation *population, const MarlJudge *judge, int choice);

#endif
