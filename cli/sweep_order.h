/* Which points of a sweep are the best, and what follows: who goes on in a halving, who follows whom in a
 * population. Serial, the same on every rank. */
#ifndef MARL_CLI_SWEEP_ORDER_H
#define MARL_CLI_SWEEP_ORDER_H

#include "cli/sweep_work.h"

/* Mean over the seeds; NaN if one has none. */
double marl_sweep_mean(const MarlSweepWork *work, int point);
bool marl_sweep_is_known(const MarlSweepWork *work, int point); /* it is trained, and has a mean */
/* Trained for longer, or as long and with a better mean; a point without a score is the last. */
bool marl_sweep_is_better(const MarlSweepWork *work, int a, int b);
/* points [count] of a rung, the best first; of equal ones the one of the lower number. */
MarlCode marl_sweep_sort(const MarlSweepWork *work, int *points, int count,
                         MarlError *err) MARL_NODISCARD;

/* The same work with the results of this rung: a population's are kept for each. */
MarlSweepWork marl_sweep_at(const MarlSweepWork *work, int rung);
/* Settles the round of a population after this one, whose results `work` has. */
MarlCode marl_sweep_exploit(const MarlSweepWork *work, int round, MarlError *err) MARL_NODISCARD;

/* The point with the best mean score over its seeds, of a population at the end of its last round, and that
 * mean; -1 where none has a score. */
int marl_sweep_best(const MarlSweepWork *work, double *mean);

#endif
