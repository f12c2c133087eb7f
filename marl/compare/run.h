/* One run of a comparison: one seed of a cell, cycle by cycle, with exact restart. */
#ifndef MARL_COMPARE_RUN_H
#define MARL_COMPARE_RUN_H

#include "marl/compare/comparison.h"

/* One run's result. */
typedef struct MarlRunResult {
  double *metrics; /* [num_metrics] */
  float *curve;    /* [num_points, num_measured] */
} MarlRunResult;

typedef struct MarlComparisonRun MarlComparisonRun;

/* `comparison` is borrowed until destroy. */
MarlCode marl_comparison_run_create(const MarlComparison *comparison, int job,
                                    MarlComparisonRun **out, MarlError *err) MARL_NODISCARD;
void marl_comparison_run_destroy(MarlComparisonRun **run); /* NULL inside is accepted */

/* The section env that the run has: its cell's, or its own where a seed in it varies. */
const MarlSection *marl_comparison_run_env(const MarlComparisonRun *run);

int64_t marl_comparison_run_cycles(const MarlComparisonRun *run); /* played */
bool marl_comparison_run_over(const MarlComparisonRun *run);      /* all cycles are played */
MarlCode marl_comparison_run_cycle(MarlComparisonRun *run, MarlError *err) MARL_NODISCARD;
/* Once it is over; plays the greedy cycles. */
MarlCode marl_comparison_run_finish(MarlComparisonRun *run, const MarlRunResult *result,
                                    MarlError *err) MARL_NODISCARD;

/* Between two cycles, bit for bit. load is MARL_EIO when the store holds another run. */
MarlCode marl_comparison_run_save(const MarlComparisonRun *run, MarlStore *to,
                                  MarlError *err) MARL_NODISCARD;
MarlCode marl_comparison_run_load(MarlComparisonRun *run, MarlStore *from,
                                  MarlError *err) MARL_NODISCARD;

/* Which run a store belongs to: cell, replica and seed as attributes; check is MARL_EIO. */
MarlCode marl_comparison_sign(const MarlComparison *comparison, int cell, MarlStore *to,
                              MarlError *err) MARL_NODISCARD;
MarlCode marl_comparison_check(const MarlComparison *comparison, int cell, MarlStore *from,
                               MarlError *err) MARL_NODISCARD;

#endif
