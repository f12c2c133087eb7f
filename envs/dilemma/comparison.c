#include "envs/dilemma/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/inference.h"

static const char *const run_metric_names[] = {"greedy_cooperation",     "greedy_welfare",
                                               "greedy_punishment_rate", "time_to_threshold",
                                               "reached_threshold",      "instability"};

const char *marl_run_metric_name(int metric) {
  return metric < MARL_NUM_SOCIETY_METRICS ? marl_society_metric_name(metric)
                                           : run_metric_names[metric - MARL_NUM_SOCIETY_METRICS];
}

/* Cell names, not numbers, enter the key: a run is the same in any comparison that holds it. */
static MarlKey job_key(const MarlComparison *comparison, int job) {
  const MarlComparisonCell *cell = &comparison->cells[job / comparison->num_seeds];
  MarlKey key = marl_key(comparison->seed, MARL_STREAM_ENV);
  for (const char *c = cell->name; *c != '\0'; ++c) key = marl_key_fold(key, (uint64_t)*c);
  return marl_key_fold(key, (uint64_t)(job % comparison->num_seeds));
}

typedef struct Progress {
  double *cooperation; /* [cycles] */
  double window_sum;
  int reached; /* cycles played when the threshold was met, 0 before */
} Progress;

static void follow_threshold(const MarlComparison *c, Progress *p, int cycle) {
  p->window_sum += p->cooperation[cycle];
  if (cycle >= c->window) p->window_sum -= p->cooperation[cycle - c->window];
  if (p->reached == 0 && cycle + 1 >= c->window && p->window_sum >= c->threshold * c->window)
    p->reached = cycle + 1;
}

/* Play and learn for all cycles; false when the watch stopped it. */
static bool live(const MarlComparison *c, MarlSociety *society, MarlComparisonWatch *watch,
                 Progress *progress, const MarlRunResult *result) {
  double metrics[MARL_NUM_SOCIETY_METRICS], point[MARL_NUM_SOCIETY_METRICS] = {0};
  const int tail_start = c->cycles - c->tail;
  for (int m = 0; m < MARL_NUM_RUN_METRICS; ++m) result->metrics[m] = 0.0;
  for (int cycle = 0; cycle < c->cycles; ++cycle) {
    if (watch != NULL && watch->stop(watch)) return false;
    marl_society_cycle(society, metrics);
    progress->cooperation[cycle] = metrics[MARL_METRIC_COOPERATION];
    follow_threshold(c, progress, cycle);
    const bool ends_point = (cycle + 1) % c->curve_every == 0;
    float *row = result->curve + (size_t)(cycle / c->curve_every) * MARL_NUM_SOCIETY_METRICS;
    for (int m = 0; m < MARL_NUM_SOCIETY_METRICS; ++m) {
      if (cycle >= tail_start) result->metrics[m] += metrics[m] / c->tail;
      point[m] += metrics[m] / c->curve_every;
      if (!ends_point) continue;
      row[m] = (float)point[m];
      point[m] = 0.0;
    }
  }
  return true;
}

static MarlCode finish(const MarlComparison *c, const MarlSociety *society,
                       const Progress *progress, double *metrics, MarlError *err) {
  double greedy[MARL_NUM_DILEMMA_METRICS];
  MARL_TRY(marl_society_greedy(society, c->greedy_cycles, greedy, err));
  metrics[MARL_RUN_GREEDY_COOPERATION] = greedy[MARL_METRIC_COOPERATION];
  metrics[MARL_RUN_GREEDY_WELFARE] = greedy[MARL_METRIC_WELFARE];
  metrics[MARL_RUN_GREEDY_PUNISHMENT_RATE] = greedy[MARL_METRIC_PUNISHMENT_RATE];
  metrics[MARL_RUN_TIME_TO_THRESHOLD] = progress->reached > 0 ? progress->reached : c->cycles;
  metrics[MARL_RUN_REACHED] = progress->reached > 0;
  metrics[MARL_RUN_INSTABILITY] =
      marl_standard_deviation(progress->cooperation + (c->cycles - c->tail), (size_t)c->tail);
  return MARL_OK;
}

MarlCode marl_comparison_job(const MarlComparison *comparison, int job, MarlComparisonWatch *watch,
                             const MarlRunResult *result, bool *stopped, MarlError *err) {
  const MarlComparisonCell *cell = &comparison->cells[job / comparison->num_seeds];
  Progress progress = {.cooperation =
                           calloc((size_t)comparison->cycles, sizeof *progress.cooperation)};
  if (progress.cooperation == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "comparison: no memory for %d cycles", comparison->cycles);
  MarlSociety *society = NULL;
  MarlCode code =
      marl_society_create(&cell->rules, &cell->profile, job_key(comparison, job), &society, err);
  *stopped = code == MARL_OK && !live(comparison, society, watch, &progress, result);
  if (code == MARL_OK && !*stopped)
    code = finish(comparison, society, &progress, result->metrics, err);
  marl_society_destroy(&society);
  free(progress.cooperation);
  return code;
}
