/* How rare the largest vorticity is: return periods from series of max |w|
 *
 * A vortex that exceeds a level z does so at many samples, with gaps while it is bent: these are one
 * event. An event is an exceedance after at least q samples without one, q = 3 times the integrated
 * correlation time of log max |w| (score_error.c), which is measured on the series. If events come as
 * a Poisson process of rate 1/T(z), the time until the next one is exponential at every moment at
 * which q samples have been quiet, so with K events in a time E of such moments
 *   T(z) = E / K           the return period, infinite without an event (Coles 2001, ch. 5)
 *   2 E / T ~ chi^2        its interval is the exact one of a Poisson count (Garwood 1936):
 *                          [E / high(K), E / low(K)], [E / 3.69, infinity) without an event at 95 %
 * the bound that the data allow. E makes good for events that merge at lower levels; it is 0, and T
 * NaN, where the flow is never quiet. The level of a given return period is where T(z) reaches it;
 * its interval are the levels whose own interval holds it, infinite above if the data are too short.
 * tests/envs/test_extremes.c shows what these intervals cover. A maximum over samples misses what
 * happens between them: compare series of the same interval only. */
#ifndef MARL_ENVS_TURBULENCE_EXTREMES_H
#define MARL_ENVS_TURBULENCE_EXTREMES_H

#include <stddef.h>

#include "marl/core/error.h"

enum { MARL_EXTREME_LEVELS = 41 };

typedef struct MarlExtremesPlan {
  double interval;      /* T between samples */
  double first, step;   /* levels first + i step, 1/T */
  double return_period; /* T, of the return level */
  double confidence;    /* of the intervals, 0.95 */
} MarlExtremesPlan;

/* All NaN for fewer than two samples. */
typedef struct MarlExtremes {
  double quiet;                       /* T without an exceedance between two events */
  double period[MARL_EXTREME_LEVELS]; /* T */
  double period_low[MARL_EXTREME_LEVELS], period_high[MARL_EXTREME_LEVELS];
  double events[MARL_EXTREME_LEVELS];  /* K */
  double level, level_low, level_high; /* 1/T, of plan->return_period */
} MarlExtremes;

/* From the values of series [num_series, length]; a series ends before the first sample that is not positive (a
 * flow that had blown up). */
MarlCode marl_extremes(const double *values, size_t num_series, size_t length,
                       const MarlExtremesPlan *plan, MarlExtremes *out,
                       MarlError *err) MARL_NODISCARD;

/* The exact interval of the mean of a Poisson variable that was seen as `count`. */
void marl_poisson_interval(size_t count, double confidence, double *low, double *high);

#endif
