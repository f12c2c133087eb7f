/* Scripted members of a society (marl/learn/scripted.h): strategies of the game, and a punisher.
 *
 * A strategy plays by the two last actions that players see, the partner's and its own, each against
 * anybody; a partner that has not played yet is met as in a first round, and who has not played yet
 * is taken to have cooperated. It never punishes, joins no pool, and chooses partners at random. The
 * punisher cooperates, joins, and punishes who defected with probability p. */
#ifndef MARL_ENVS_SOCIETY_POPULATION_SCRIPTED_H
#define MARL_ENVS_SOCIETY_POPULATION_SCRIPTED_H

#include "envs/game/scripted_strategies.h"
#include "envs/society/population.h"

/* Lines of a table of MarlScripted; `does` is the environment's act. */
#define MARL_POPULATION_SCRIPTED(does)                                                         \
  MARL_MEMORY_ONE_STRATEGIES(does), {                                                          \
    .name = "punisher", .summary = "cooperates, and punishes who defected with probability p", \
    .number = 1, .high = 1, .act = (does)                                                      \
  }

/* What the agent of the turn decides in `role`. */
int marl_population_script(const MarlPopulation *population, MarlDilemmaRole role,
                           const MarlScriptedTurn *turn);

#endif
