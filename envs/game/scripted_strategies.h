/* Strategies of two-person games (strategy.h) as scripted policies of environments. */
#ifndef MARL_ENVS_GAME_SCRIPTED_STRATEGIES_H
#define MARL_ENVS_GAME_SCRIPTED_STRATEGIES_H

#include "envs/game/strategy.h"
#include "marl/learn/scripted.h"

#define MARL_MEMORY_ONE_NAMES "AllC, AllD, TFT, GTFT:g, WSLS, random:p"

/* Lines of a table of MarlScripted; `does` is the environment's act. */
#define MARL_MEMORY_ONE_STRATEGIES(does)                                                        \
  {.name = "AllC", .summary = "cooperates", .act = (does)},                                     \
      {.name = "AllD", .summary = "defects", .act = (does)},                                    \
      {.name = "TFT", .summary = "does what the other did last (Axelrod 1984)", .act = (does)}, \
      {.name = "GTFT",                                                                          \
       .summary = "TFT that forgives with probability g; -1: as much as cannot be exploited",   \
       .number = -1,                                                                            \
       .low = 0,                                                                                \
       .high = 1,                                                                               \
       .act = (does)},                                                                          \
      {.name = "WSLS",                                                                          \
       .summary = "repeats what earned R or T (Nowak and Sigmund 1993)",                        \
       .act = (does)},                                                                          \
  {                                                                                             \
    .name = "random", .summary = "cooperates with probability p", .number = 0.5, .low = 0,      \
    .high = 1, .act = (does)                                                                    \
  }

/* The strategy of a scripted policy with its number. */
MarlStrategy marl_scripted_strategy(const MarlScriptedTurn *turn, const MarlGame *game);

#endif
