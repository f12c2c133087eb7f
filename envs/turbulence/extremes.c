#include "envs/turbulence/extremes.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "envs/turbulence/score.h"

enum { LEVELS = MARL_EXTREME_LEVELS };

/* Correlation times without an exceedance until the next one is another event: at three, what was
 * has a twentieth of its weight. */
static const double QUIET_TIMES = 3;

/* Series, each as long as it lives. */
typedef struct Series {
  const double *values; /* [num_series, length] */
  size_t num_series, length;
  size_t *lengths; /* [num_series] */
  double *scratch; /* [num_series length] */
  size_t count;    /* sum of lengths */
  size_t quiet;    /* samples */
} Series;

static double level_at(const MarlExtremesPlan *plan, int i) {
  return plan->first + i * plan->step;
}

/* P(X <= count) of a Poisson variable: P(X = i - 1) = P(X = i) i / mean. */
static double poisson_below(double count, double mean) {
  if (count > mean + 10 * sqrt(mean) + 20) return 1; /* to more digits than are asked for */
  double part = exp(count * log(mean) - mean - lgamma(count + 1)), sum = 0;
  for (int64_t i = (int64_t)count; i >= 0; --i) {
    sum += part;
    part *= (double)i / mean;
  }
  return sum;
}

/* The mean for which P(X <= count) is `share`; it falls with the mean. */
static double poisson_mean(double count, double share) {
  double low = 0, high = 2 * count + 10 * sqrt(count) + 20;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    *(poisson_below(count, middle) > share ? &low : &high) = middle;
  }
  return low;
}

void marl_poisson_interval(size_t count, double confidence, double *low, double *high) {
  const double tail = 0.5 * (1 - confidence);
  *low = count == 0 ? 0 : poisson_mean((double)count - 1, 1 - tail);
  *high = poisson_mean((double)count, tail);
}

/* Events above z, and the samples at which the next one could have begun. */
static void count_events(const Series *series, double z, size_t *events, double *exposure) {
  *events = 0;
  *exposure = 0;
  for (size_t s = 0; s < series->num_series; ++s) {
    const double *values = series->values + s * series->length;
    size_t quiet = 0;
    for (size_t i = 0; i < series->lengths[s]; ++i) {
      const bool at_risk = quiet >= series->quiet, exceeds = values[i] > z;
      *exposure += at_risk;
      *events += at_risk && exceeds;
      quiet = exceeds ? 0 : quiet + 1;
    }
  }
}

typedef struct Period {
  double value, low, high, events;
} Period;

static Period period_of(const Series *series, const MarlExtremesPlan *plan, double z) {
  size_t events;
  double exposure, least, most;
  count_events(series, z, &events, &exposure);
  exposure *= plan->interval;
  if (!(exposure > 0)) return (Period){(double)NAN, (double)NAN, (double)NAN, 0};
  marl_poisson_interval(events, plan->confidence, &least, &most);
  return (Period){.value = events > 0 ? exposure / (double)events : (double)INFINITY,
                  .low = exposure / most,
                  .high = events > 0 ? exposure / least : (double)INFINITY,
                  .events = (double)events};
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The lowest sampled level at which a figure of its period (0: value, 1: low, 2: high) reaches
 * `wanted`, by bisection over the sorted samples; infinite if none does. A level at which the flow is
 * never quiet is below. */
static double level_of(const Series *series, const MarlExtremesPlan *plan, int figure) {
  size_t below = 0, above = series->count;
  while (below < above) {
    const size_t middle = below + (above - below) / 2;
    const Period period = period_of(series, plan, series->scratch[middle]);
    const double value = figure == 0 ? period.value : figure == 1 ? period.low : period.high;
    if (value >= plan->return_period)
      above = middle;
    else
      below = middle + 1;
  }
  return below < series->count ? series->scratch[below] : (double)INFINITY;
}

static void measure_quiet(Series *series) {
  double *u = series->scratch, mean = 0, correlation;
  size_t at = 0;
  for (size_t s = 0; s < series->num_series; ++s)
    for (size_t i = 0; i < series->lengths[s]; ++i)
      u[at++] = log(series->values[s * series->length + i]);
  for (size_t i = 0; i < at; ++i) mean += u[i] / (double)at;
  for (size_t i = 0; i < at; ++i) u[i] -= mean;
  (void)marl_score_mean_error(u, series->lengths, series->num_series, &correlation);
  series->quiet = (size_t)ceil(QUIET_TIMES * fmax(correlation, 0.5));
}

static void clear(MarlExtremes *out) {
  for (int i = 0; i < LEVELS; ++i)
    out->period[i] = out->period_low[i] = out->period_high[i] = out->events[i] = (double)NAN;
  out->level = out->level_low = out->level_high = out->quiet = (double)NAN;
}

static void fill(Series *series, const MarlExtremesPlan *plan, MarlExtremes *out) {
  measure_quiet(series);
  out->quiet = plan->interval * (double)series->quiet;
  for (int i = 0; i < LEVELS; ++i) {
    const Period period = period_of(series, plan, level_at(plan, i));
    out->period[i] = period.value, out->events[i] = period.events;
    out->period_low[i] = period.low, out->period_high[i] = period.high;
  }
  size_t at = 0;
  for (size_t s = 0; s < series->num_series; ++s)
    for (size_t i = 0; i < series->lengths[s]; ++i)
      series->scratch[at++] = series->values[s * series->length + i];
  qsort(series->scratch, at, sizeof *series->scratch, compare);
  out->level = level_of(series, plan, 0);
  out->level_low = level_of(series, plan, 2); /* its period may be as long */
  out->level_high = level_of(series, plan, 1);
}

MarlCode marl_extremes(const double *values, size_t num_series, size_t length,
                       const MarlExtremesPlan *plan, MarlExtremes *out, MarlError *err) {
  Series series = {.values = values, .num_series = num_series, .length = length};
  clear(out);
  series.lengths = calloc(num_series + 1, sizeof *series.lengths);
  series.scratch = malloc((num_series * length + 1) * sizeof *series.scratch);
  MarlCode code = MARL_OK;
  if (series.lengths == NULL || series.scratch == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu maxima", num_series * length);
  for (size_t s = 0; s < num_series && code == MARL_OK; ++s) {
    const double *own = values + s * length;
    while (series.lengths[s] < length && own[series.lengths[s]] > 0) ++series.lengths[s];
    series.count += series.lengths[s];
  }
  if (code == MARL_OK && series.count > 1) fill(&series, plan, out);
  free(series.lengths);
  free(series.scratch);
  return code;
}
