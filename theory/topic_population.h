/* What the topics of evolving populations share: the options of the process, and the tables of
 * fixation and of stationary shares of any population game. */
#ifndef MARL_THEORY_TOPIC_POPULATION_H
#define MARL_THEORY_TOPIC_POPULATION_H

#include "theory/selection.h"
#include "theory/topic.h"

#define MARL_SELECTION_OPTIONS                                                             \
  {"population", MARL_OPTION_INT, "100", 2, 1e6, NULL, "agents", "agents"},                \
      {"rule",  MARL_OPTION_CHOICE,                                                        \
       "moran", 0,                                                                         \
       0,       marl_selection_rule_names,                                                 \
       "1",     "birth in proportion to fitness and random death, or Fermi's imitation"},  \
      {"fitness",                                                                          \
       MARL_OPTION_CHOICE,                                                                 \
       "exponential",                                                                      \
       0,                                                                                  \
       0,                                                                                  \
       marl_fitness_names,                                                                 \
       "1",                                                                                \
       "of moran, by payoff p and selection s: exp(s p), 1 - s + s p, or p itself"},       \
  {                                                                                        \
    "selection", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "1/reward", "intensity of selection" \
  }

#define MARL_MUTATION_OPTION(fallback) \
  { "mutation", MARL_OPTION_REAL, fallback, 0, 1, NULL, "1", "share of births at random" }

/* Of a section with rule, fitness and selection. */
MarlCode marl_selection_read(const MarlSection *section, MarlSelection *out,
                             MarlError *err) MARL_NODISCARD;

/* A row for each mutant among each resident. names [num_strategies]. */
MarlCode marl_topic_fixation(const MarlPopulationGame *game, const MarlSelection *selection,
                             const char *const *names, MarlTopicTable *out,
                             MarlError *err) MARL_NODISCARD;

/* A row a strategy: shares with rare mutation, and with `mutation` where the chain of the whole
 * population fits (0: rare only). */
MarlCode marl_topic_stationary(const MarlPopulationGame *game, const MarlSelection *selection,
                               double mutation, const char *const *names, MarlTopicTable *out,
                               MarlError *err) MARL_NODISCARD;

#endif
