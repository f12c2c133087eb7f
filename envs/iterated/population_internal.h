/* What the populations of iterated games share: the options that say who plays what. */
#ifndef MARL_ENVS_ITERATED_POPULATION_INTERNAL_H
#define MARL_ENVS_ITERATED_POPULATION_INTERNAL_H

#include "envs/iterated/tournament.h"
#include "marl/compare/population.h"

/* Metrics of every population, then some for each strategy, by its name in lower case. */
enum { MARL_ITERATED_COOPERATION, MARL_ITERATED_WELFARE, MARL_ITERATED_COMMON };
enum { MARL_ITERATED_MAX = 16 };

#define MARL_ITERATED_OPTIONS(strategies)                                                     \
  {"cycles", MARL_OPTION_INT, "100", 1, 1e9, NULL, "cycles", "length of a run"},              \
      {"strategies",                                                                          \
       MARL_OPTION_TEXTS,                                                                     \
       strategies,                                                                            \
       0,                                                                                     \
       0,                                                                                     \
       NULL,                                                                                  \
       "1",                                                                                   \
       "who plays: AllC, AllD, TFT, GTFT, WSLS, grim, random, memory_one, conditional, "      \
       "threshold, greedy, q_learner, or vectors of one's own: 'name: p_CC p_CD p_DC p_DD "   \
       "p_first'"},                                                                           \
      MARL_GAME_OPTIONS("prisoners_dilemma"),                                                 \
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

#define MARL_ITERATED_ALL "AllC, AllD, TFT, GTFT, WSLS, grim, random"

typedef struct MarlIteratedSetup {
  MarlMatchRules rules;
  int num_strategies;
  MarlStrategy strategy[MARL_ITERATED_MAX]; /* no two of one name */
} MarlIteratedSetup;

/* A metric that every strategy has. */
typedef struct MarlIteratedMetric {
  const char *prefix; /* "share_" */
  unsigned is;        /* bits of MarlMeasure.is */
} MarlIteratedMetric;

/* cooperation, welfare, then prefix_a of all strategies, prefix_b of all ...; [count] prefixes. */
void marl_iterated_describe(const MarlIteratedSetup *setup, unsigned cooperation_is,
                            unsigned welfare_is, const MarlIteratedMetric *each, int count,
                            MarlPopulationMetrics *out);

/* share [num_strategies] of the individuals by option "shares"; equal, and not given, where it is
 * empty. */
MarlCode marl_iterated_read_shares(const MarlSection *env, const MarlIteratedSetup *setup,
                                   double *share, bool *given, MarlError *err) MARL_NODISCARD;

/* Payoffs and cooperation of all pairs in option "repetitions" matches each, or their exact values
 * where that is 0: MARL_ECONFIG then unless all strategies are memory-one. */
MarlCode marl_iterated_payoffs(const MarlPopulationConfig *config, const MarlIteratedSetup *setup,
                               MarlKey key, MarlTournamentResult *out,
                               MarlError *err) MARL_NODISCARD;
MarlCode marl_iterated_exact_payoffs(const MarlPopulationConfig *config,
                                     const MarlIteratedSetup *setup, MarlTournamentResult *out,
                                     MarlError *err) MARL_NODISCARD;
/* Are all strategies memory-one? */
bool marl_iterated_is_exact(const MarlIteratedSetup *setup);

MarlCode marl_iterated_read(const MarlPopulationConfig *config, MarlIteratedSetup *out,
                            MarlError *err) MARL_NODISCARD;

/* A round robin of the setup's strategies with option "repetitions". */
MarlCode marl_iterated_read_tournament(const MarlPopulationConfig *config,
                                       const MarlIteratedSetup *setup, bool self_play,
                                       MarlTournament *out, MarlError *err) MARL_NODISCARD;

#endif
