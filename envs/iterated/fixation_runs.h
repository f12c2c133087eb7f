/* Many runs of one mutant among residents, to the end of one kind: the process of
 * envs/iterated/evolution.h without mutation, of which only the births and looks that change
 * something are drawn. The time between two changes is its mean, 1 / (T+ + T-), which has the same
 * mean and less scatter than what is drawn. */
#ifndef MARL_ENVS_ITERATED_FIXATION_RUNS_H
#define MARL_ENVS_ITERATED_FIXATION_RUNS_H

#include "marl/core/error.h"
#include "marl/core/rng.h"
#include "theory/selection.h"

typedef struct MarlFixationRuns MarlFixationRuns;

/* Sums over runs. */
typedef struct MarlFixationCount {
  int64_t runs, fixed;        /* fixed: the mutant took over */
  double time, time_of_fixed; /* births or looks, over all runs and over those */
} MarlFixationCount;

/* MARL_ENUMERIC if a fitness is negative, payoffs are no numbers, or the two kinds would never stop. */
MarlCode marl_fixation_runs_create(const MarlPopulationGame *game, const MarlSelection *selection,
                                   int mutant, int resident, MarlFixationRuns **out,
                                   MarlError *err) MARL_NODISCARD;
void marl_fixation_runs_destroy(MarlFixationRuns **runs);

/* Runs first .. first + count - 1, added to *sum; what happens in run i is a function of (key, i). */
void marl_fixation_runs_add(const MarlFixationRuns *runs, MarlKey key, int64_t first, int64_t count,
                            MarlFixationCount *sum);

#endif
