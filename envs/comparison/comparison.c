#include "envs/comparison/comparison.h"

#include <stdlib.h>
#include <string.h>

#include "marl/learn/inference.h"

int marl_comparison_metric(const MarlComparison *comparison, const char *name) {
  for (int m = 0; m < comparison->num_metrics; ++m)
    if (strcmp(comparison->metric_name[m], name) == 0) return m;
  return -1;
}

/* Cell names, not numbers, enter the key: a run is the same in any comparison that holds it. */
static MarlKey job_key(const MarlComparison *comparison, int job) {
  const MarlComparisonCell *cell = &comparison->cells[job / comparison->num_seeds];
  MarlKey key = marl_key(comparison->seed, MARL_STREAM_ENV);
  for (const char *c = cell->name; *c != '\0'; ++c) key = marl_key_fold(key, (uint64_t)*c);
  return marl_key_fold(key, (uint64_t)(job % comparison->num_seeds));
}

typedef struct Progress {
  double *followed; /* [cycles] of the followed metric */
  double *metrics;  /* [num_metrics of the engine] of a cycle */
  double *point;    /* [num_metrics of the engine] mean over a curve's point so far */
  double window_sum;
  int reached; /* cycles played when the threshold was met, 0 before */
} Progress;

static void follow_threshold(const MarlComparison *c, Progress *p, int cycle) {
  p->window_sum += p->followed[cycle];
  if (cycle >= c->window) p->window_sum -= p->followed[cycle - c->window];
  if (p->reached == 0 && cycle + 1 >= c->window && p->window_sum >= c->threshold * c->window)
    p->reached = cycle + 1;
}

/* Play and learn for all cycles; false when the watch stopped it. */
static bool live(const MarlComparison *c, MarlEngine *engine, MarlComparisonWatch *watch,
                 Progress *progress, const MarlRunResult *result) {
  const int count = c->engine->num_metrics, tail_start = c->cycles - c->tail;
  for (int m = 0; m < c->num_metrics; ++m) result->metrics[m] = 0.0;
  for (int cycle = 0; cycle < c->cycles; ++cycle) {
    if (watch != NULL && watch->stop(watch)) return false;
    c->engine->cycle(engine, progress->metrics);
    progress->followed[cycle] = progress->metrics[c->engine->followed];
    follow_threshold(c, progress, cycle);
    const bool ends_point = (cycle + 1) % c->curve_every == 0;
    float *row = result->curve + (size_t)(cycle / c->curve_every) * (size_t)count;
    for (int m = 0; m < count; ++m) {
      if (cycle >= tail_start) result->metrics[m] += progress->metrics[m] / c->tail;
      progress->point[m] += progress->metrics[m] / c->curve_every;
      if (!ends_point) continue;
      row[m] = (float)progress->point[m];
      progress->point[m] = 0.0;
    }
  }
  return true;
}

static MarlCode finish(const MarlComparison *c, const MarlEngine *engine, const Progress *progress,
                       double *metrics, MarlError *err) {
  const MarlEngineOps *ops = c->engine;
  if (ops->greedy != NULL) {
    MARL_TRY(ops->greedy(engine, c->greedy_cycles, progress->metrics, err));
    for (int g = 0; g < ops->num_greedy_metrics; ++g)
      metrics[ops->num_metrics + g] = progress->metrics[ops->greedy_metrics[g]];
  }
  double *last = metrics + ops->num_metrics + ops->num_greedy_metrics;
  last[0] = progress->reached > 0 ? progress->reached : c->cycles;
  last[1] = progress->reached > 0;
  last[2] = marl_standard_deviation(progress->followed + (c->cycles - c->tail), (size_t)c->tail);
  return MARL_OK;
}

MarlCode marl_comparison_job(const MarlComparison *comparison, int job, MarlComparisonWatch *watch,
                             const MarlRunResult *result, bool *stopped, MarlError *err) {
  const MarlEngineOps *ops = comparison->engine;
  const MarlComparisonCell *cell = &comparison->cells[job / comparison->num_seeds];
  const MarlEngineConfig config = {cell->env, cell->learner};
  const size_t cycles = (size_t)comparison->cycles, count = (size_t)ops->num_metrics;
  double *memory = calloc(cycles + 2 * count, sizeof *memory);
  if (memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "comparison: no memory for %zu cycles", cycles);
  Progress progress = {memory, memory + cycles, memory + cycles + count, 0.0, 0};
  MarlEngine *engine = NULL;
  MarlCode code = ops->create(&config, job_key(comparison, job), &engine, err);
  *stopped = code == MARL_OK && !live(comparison, engine, watch, &progress, result);
  if (code == MARL_OK && !*stopped)
    code = finish(comparison, engine, &progress, result->metrics, err);
  ops->destroy(engine);
  free(memory);
  return code;
}
