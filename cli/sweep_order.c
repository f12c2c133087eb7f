#include "cli/sweep_order.h"

#include <math.h>
#include <stdlib.h>

double marl_sweep_mean(const MarlSweepWork *work, int point) {
  const int seeds = work->plan->num_seeds;
  double sum = 0;
  for (int s = 0; s < seeds; ++s) sum += work->results[point * seeds + s].score;
  return sum / seeds;
}

bool marl_sweep_is_known(const MarlSweepWork *work, int point) {
  const int seeds = work->plan->num_seeds;
  bool known = true;
  for (int s = 0; s < seeds; ++s) known = known && work->results[point * seeds + s].updates > 0;
  return known && !isnan(marl_sweep_mean(work, point));
}

bool marl_sweep_is_better(const MarlSweepWork *work, int a, int b) {
  if (!marl_sweep_is_known(work, a) || !marl_sweep_is_known(work, b))
    return marl_sweep_is_known(work, a) && !marl_sweep_is_known(work, b);
  const int seeds = work->plan->num_seeds;
  const int64_t ua = work->results[a * seeds].updates, ub = work->results[b * seeds].updates;
  if (work->plan->num_rungs > 1 && ua != ub) return ua > ub;
  const double x = marl_sweep_mean(work, a), y = marl_sweep_mean(work, b);
  return work->plan->smallest ? x < y : x > y;
}

MarlSweepWork marl_sweep_at(const MarlSweepWork *work, int rung) {
  MarlSweepWork at = *work;
  if (work->plan->population != NULL) at.results += (ptrdiff_t)rung * work->plan->num_runs;
  return at;
}

int marl_sweep_best(const MarlSweepWork *work, double *mean) {
  const int points = work->plan->num_runs / work->plan->num_seeds;
  const MarlSweepWork last = marl_sweep_at(work, work->plan->num_rungs - 1);
  int best = 0;
  for (int p = 1; p < points; ++p)
    if (marl_sweep_is_better(&last, p, best)) best = p;
  *mean = marl_sweep_mean(&last, best);
  return marl_sweep_is_known(&last, best) ? best : -1;
}

MarlCode marl_sweep_exploit(const MarlSweepWork *work, int round, MarlError *err) {
  const MarlSweepPlan *plan = work->plan;
  double *scores = calloc((size_t)plan->num_runs, sizeof *scores);
  if (scores == NULL) return MARL_FAIL(err, MARL_EMEMORY, "sweep: no memory for scores");
  for (int m = 0; m < plan->num_runs; ++m) {
    const MarlSweepResult *result = &work->results[m];
    scores[m] = plan->smallest ? -result->score : result->score;
    if (result->failed != 0) scores[m] = -(double)INFINITY;
  }
  const bool goes_on = marl_hyper_population_step(plan->population, round, scores);
  free(scores);
  if (goes_on) return MARL_OK;
  return MARL_FAIL(err, MARL_ENUMERIC,
                   "sweep: all trainings have failed in round %d: %s/runs/*/failed.txt says why",
                   round, work->folder);
}

typedef struct Scored {
  double score; /* the less the better; infinite without one */
  int point;
} Scored;

static int better_first(const void *a, const void *b) {
  const Scored *x = a, *y = b;
  if (x->score != y->score) return x->score < y->score ? -1 : 1;
  return x->point < y->point ? -1 : x->point > y->point;
}

MarlCode marl_sweep_sort(const MarlSweepWork *work, int *points, int count, MarlError *err) {
  Scored *scored = calloc((size_t)count, sizeof *scored);
  if (scored == NULL) return MARL_FAIL(err, MARL_EMEMORY, "sweep: no memory for its points");
  for (int i = 0; i < count; ++i) {
    const double mean = marl_sweep_mean(work, points[i]);
    scored[i].point = points[i];
    scored[i].score = isnan(mean) ? (double)INFINITY : (work->plan->smallest ? mean : -mean);
  }
  qsort(scored, (size_t)count, sizeof *scored, better_first);
  for (int i = 0; i < count; ++i) points[i] = scored[i].point;
  free(scored);
  return MARL_OK;
}
