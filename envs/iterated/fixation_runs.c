#include "envs/iterated/fixation_runs.h"

#include <math.h>
#include <stdlib.h>

#include "theory/fixation.h"

struct MarlFixationRuns {
  int size;     /* N */
  double *gain; /* [N] with m mutants: probability that a change adds one */
  double *wait; /* [N] mean births or looks until a change */
};

/* 1 / (T+ + T-). With q = T-/T+ it is m (N - m) / (N (N - 1)) of looks, and of births
 * m (N - m) / N (1 + q) / (m + (N - m) q), both sides of which are divided by the larger of 1, q. */
static double wait(const MarlSelection *selection, double n, double m, double loss) {
  if (selection->rule == MARL_SELECTION_FERMI) return n * (n - 1.0) / (m * (n - m));
  const double own = exp(-fmax(loss, 0.0)), other = exp(fmin(loss, 0.0));
  return n * (m * own + (n - m) * other) / (m * (n - m) * (own + other));
}

MarlCode marl_fixation_runs_create(const MarlPopulationGame *game, const MarlSelection *selection,
                                   int mutant, int resident, MarlFixationRuns **out,
                                   MarlError *err) {
  const size_t size = (size_t)game->population_size;
  if (isnan(marl_log_fixation(game, selection, mutant, resident)))
    return MARL_FAIL(err, MARL_ENUMERIC,
                     "payoffs are not finite numbers, a fitness is negative, or neither kind ever "
                     "wins");
  MarlFixationRuns *runs = calloc(1, sizeof *runs);
  if (runs != NULL) {
    runs->size = game->population_size;
    runs->gain = calloc(size, sizeof *runs->gain);
    runs->wait = calloc(size, sizeof *runs->wait);
  }
  if (runs == NULL || runs->gain == NULL || runs->wait == NULL) {
    marl_fixation_runs_destroy(&runs);
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for a population of %zu", size);
  }
  for (int m = 1; m < runs->size; ++m) {
    const double loss = marl_log_loss(game, selection, mutant, resident, m);
    runs->gain[m] = 1.0 / (1.0 + exp(loss));
    runs->wait[m] = wait(selection, runs->size, m, loss);
  }
  *out = runs;
  return MARL_OK;
}

void marl_fixation_runs_destroy(MarlFixationRuns **runs) {
  if (*runs == NULL) return;
  free((*runs)->gain);
  free((*runs)->wait);
  free(*runs);
  *runs = NULL;
}

void marl_fixation_runs_add(const MarlFixationRuns *runs, MarlKey key, int64_t first, int64_t count,
                            MarlFixationCount *sum) {
  for (int64_t run = first; run < first + count; ++run) {
    const MarlKey own = marl_key_fold(key, (uint64_t)run);
    uint64_t draw = 0;
    double time = 0.0;
    int m = 1;
    while (m > 0 && m < runs->size) {
      time += runs->wait[m];
      m += marl_uniform(own, draw++) < runs->gain[m] ? 1 : -1;
    }
    ++sum->runs;
    sum->time += time;
    if (m == 0) continue;
    ++sum->fixed;
    sum->time_of_fixed += time;
  }
}
