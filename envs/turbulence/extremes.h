/* How rare the largest vorticity is: return periods from series of max |w|
 *
 * A series [length] holds max |w| over the grid at samples; it is cut into stretches of `stretch`
 * samples, B time units long, whose maxima are M_i. If exceedances of a level z come as a Poisson
 * process of rate 1/T(z) on times longer than B, then P(M <= z) = exp(-B / T(z)), so that
 *   T(z) = -B / log(share of M_i <= z)     the return period (Coles 2001, ch. 3; Gumbel 1958)
 *   z(T) = quantile of M at exp(-B / T)    the return level
 * T is infinite where no maximum exceeds z and 0 where all do. Intervals are percentiles of a block
 * bootstrap over groups of consecutive stretches (Kunsch 1989): stretches of one vortex's life are
 * not independent. A maximum over samples misses what happens between them: compare series of the
 * same interval only. */
#ifndef MARL_ENVS_TURBULENCE_EXTREMES_H
#define MARL_ENVS_TURBULENCE_EXTREMES_H

#include <stddef.h>

#include "marl/core/error.h"
#include "marl/core/rng.h"

enum { MARL_EXTREME_LEVELS = 41 };

typedef struct MarlExtremesPlan {
  double interval;      /* T between samples */
  size_t stretch;       /* samples a stretch */
  size_t group;         /* stretches drawn together */
  double first, step;   /* levels first + i step, 1/T */
  double return_period; /* T, of the return level */
  int resamples;
  double confidence; /* of the intervals, 0.95 */
  MarlKey key;
} MarlExtremesPlan;

/* All NaN without a whole stretch; intervals NaN with fewer than two groups. */
typedef struct MarlExtremes {
  size_t stretches;
  double period[MARL_EXTREME_LEVELS]; /* T */
  double period_low[MARL_EXTREME_LEVELS], period_high[MARL_EXTREME_LEVELS];
  double level, level_low, level_high; /* 1/T, of plan->return_period */
} MarlExtremes;

double marl_extreme_level(const MarlExtremesPlan *plan, int i);

/* From series [num_series, length]; a stretch with a sample that is not positive (a flow that had
 * blown up) is left out. */
MarlCode marl_extremes(const double *series, size_t num_series, size_t length,
                       const MarlExtremesPlan *plan, MarlExtremes *out,
                       MarlError *err) MARL_NODISCARD;

#endif
