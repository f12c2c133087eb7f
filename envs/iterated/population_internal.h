/* What the populations of iterated games share: the options that say who plays what. */
#ifndef MARL_ENVS_ITERATED_ENGINE_INTERNAL_H
#define MARL_ENVS_ITERATED_ENGINE_INTERNAL_H

#include "envs/iterated/match.h"
#include "envs/iterated/tournament.h"
#include "marl/compare/population.h"

/* Metrics of every population, then one a strategy name. */
enum { MARL_ITERATED_COOPERATION, MARL_ITERATED_WELFARE, MARL_ITERATED_COMMON };
enum { MARL_NUM_STRATEGY_NAMES = 12, MARL_ITERATED_MAX = 16 };

/* "share_allc", "share_alld", ...: PREFIX with every name, in the order of marl_strategy_names */
#define MARL_STRATEGY_METRICS(prefix)                                                      \
  prefix "allc", prefix "alld", prefix "tft", prefix "gtft", prefix "wsls", prefix "grim", \
      prefix "random", prefix "memory_one", prefix "conditional", prefix "threshold",      \
      prefix "greedy", prefix "q_learner"

#define MARL_ITERATED_OPTIONS                                                                 \
  {"cycles", MARL_OPTION_INT, "100", 1, 1e9, NULL, "cycles", "length of a run"},              \
      {"strategies",                                                                          \
       MARL_OPTION_TEXTS,                                                                     \
       "AllC, AllD, TFT, GTFT, WSLS, grim, random",                                           \
       0,                                                                                     \
       0,                                                                                     \
       NULL,                                                                                  \
       "1",                                                                                   \
       "who plays: AllC, AllD, TFT, GTFT, WSLS, grim, random, memory_one, conditional, "      \
       "threshold, "                                                                          \
       "greedy, q_learner"},                                                                  \
      {"game", MARL_OPTION_CHOICE,   "prisoners_dilemma", 0, 0, marl_game_names,              \
       "1",    "the game of a round"},                                                        \
      {"payoff", MARL_OPTION_REALS,                                                           \
       "",       -1e6,                                                                        \
       1e6,      NULL,                                                                        \
       "reward", "R, S, T, P in place of the named game's own; empty keeps them"},            \
      {"rounds", MARL_OPTION_INT, "200", 1, 1 << 24, NULL, "rounds", "rounds of a match"},    \
      {"noise", MARL_OPTION_REAL, "0", 0, 0.5, NULL, "1", "share of moves that are flipped"}, \
      {"generosity",                                                                          \
       MARL_OPTION_REAL,                                                                      \
       "-1",                                                                                  \
       -1,                                                                                    \
       1,                                                                                     \
       NULL,                                                                                  \
       "1",                                                                                   \
       "forgiveness of GTFT; -1: min(1 - (T-R)/(R-S), (R-P)/(T-P))"},                         \
      {"threshold", MARL_OPTION_REAL,                                                         \
       "0.5",       0,                                                                        \
       1,           NULL,                                                                     \
       "1",         "threshold: least share of the other's cooperation"},                     \
      {"random", MARL_OPTION_REAL, "0.5", 0, 1, NULL, "1", "cooperation of random"},          \
      {"memory_one",                                                                          \
       MARL_OPTION_REALS,                                                                     \
       "1, 0, 0, 1",                                                                          \
       0,                                                                                     \
       1,                                                                                     \
       NULL,                                                                                  \
       "1",                                                                                   \
       "memory_one: cooperation after CC, CD, DC, DD, own action first"},                     \
  {                                                                                           \
    "memory_one_first", MARL_OPTION_REAL, "1", 0, 1, NULL, "1",                               \
        "memory_one: cooperation in the first round"                                          \
  }

enum { MARL_ITERATED_NUM_LEARNER_OPTIONS = 3 };
extern const MarlOption marl_iterated_learner_options[MARL_ITERATED_NUM_LEARNER_OPTIONS];

typedef struct MarlIteratedSetup {
  MarlMatchRules rules;
  int num_strategies;
  MarlStrategy strategy[MARL_ITERATED_MAX];
  int name[MARL_ITERATED_MAX]; /* of each, into marl_strategy_names */
} MarlIteratedSetup;

MarlCode marl_iterated_read(const MarlPopulationConfig *config, MarlIteratedSetup *out,
                            MarlError *err) MARL_NODISCARD;

/* A round robin of the setup's strategies with option "repetitions". */
MarlCode marl_iterated_read_tournament(const MarlPopulationConfig *config,
                                       const MarlIteratedSetup *setup, bool self_play,
                                       MarlTournament *out, MarlError *err) MARL_NODISCARD;

#endif
