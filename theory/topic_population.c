#include "theory/topic_population.h"

#include <math.h>
#include <stdio.h>

#include "theory/fixation.h"
#include "theory/population_chain.h"

MarlCode marl_selection_read(const MarlSection *section, MarlSelection *out, MarlError *err) {
  *out = (MarlSelection){.rule = (MarlSelectionRule)marl_section_choice(section, "rule"),
                         .fitness = (MarlFitness)marl_section_choice(section, "fitness"),
                         .intensity = marl_section_real(section, "selection")};
  return marl_selection_check(out, err);
}

enum { FIXATION, LOG_FIXATION, RELATIVE, TIME, TIME_WON, FIXATION_COLUMNS };
static const char *const fixation_columns[] = {"fixation", "log_fixation", "relative_to_neutral",
                                               "time", "time_of_fixation"};
static const char *const fixation_units[] = {"1", "1", "1", "births", "births"};

MarlCode marl_topic_fixation(const MarlPopulationGame *game, const MarlSelection *selection,
                             const char *const *names, MarlTopicTable *out, MarlError *err) {
  *out = (MarlTopicTable){.rows_are = "mutant",
                          .columns = fixation_columns,
                          .units = fixation_units,
                          .num_columns = FIXATION_COLUMNS};
  double *row;
  for (int i = 0; i < game->num_strategies; ++i)
    for (int j = 0; j < game->num_strategies; ++j) {
      MarlFixationTimes times;
      if (i == j) continue;
      MARL_TRY(marl_topic_row(out, &row, err, "%s among %s", names[i], names[j]));
      MARL_TRY(marl_fixation_times(game, selection, i, j, &times, err));
      row[LOG_FIXATION] = marl_log_fixation(game, selection, i, j);
      row[FIXATION] = exp(row[LOG_FIXATION]);
      row[RELATIVE] = row[FIXATION] * game->population_size;
      row[TIME] = times.unconditional;
      row[TIME_WON] = times.conditional;
    }
  snprintf(out->note, sizeof out->note,
           "one mutant among %d; time: births or looks until one kind is left, and of those runs "
           "that the mutant takes over",
           game->population_size - 1);
  return MARL_OK;
}

enum { RARE, EXACT, STATIONARY_COLUMNS };
static const char *const stationary_columns[] = {"share_rare_mutation", "share"};
static const char *const stationary_units[] = {"1", "1"};

MarlCode marl_topic_stationary(const MarlPopulationGame *game, const MarlSelection *selection,
                               double mutation, const char *const *names, MarlTopicTable *out,
                               MarlError *err) {
  double share[MARL_MAX_STRATEGIES];
  MarlPopulationMeans means;
  const bool fits = marl_population_chain_fits(game->num_strategies, game->population_size);
  const bool exact = fits && mutation > 0.0;
  *out = (MarlTopicTable){.rows_are = "strategy",
                          .columns = stationary_columns,
                          .units = stationary_units,
                          .num_columns = STATIONARY_COLUMNS};
  MARL_TRY(marl_rare_mutation_shares(game, selection, share, err));
  if (exact) MARL_TRY(marl_population_chain(game, selection, mutation, &means, err));
  for (int i = 0; i < game->num_strategies; ++i) {
    double *row;
    MARL_TRY(marl_topic_row(out, &row, err, "%s", names[i]));
    row[RARE] = share[i];
    if (exact) row[EXACT] = means.share[i];
  }
  if (!fits && mutation > 0.0)
    snprintf(
        out->note, sizeof out->note,
        "%d strategies in a population of %d have too many states for their shares at mutation "
        "%g: simulate them (compare.population: evolution)",
        game->num_strategies, game->population_size, mutation);
  return MARL_OK;
}
