/* A comparison: mechanisms x visibility x profiles x seeds of learning societies.
 *
 * A cell is one combination; a job is one seed of a cell and depends on nothing else, so that jobs
 * go to ranks in any way. Job j is seed j % num_seeds of cell j / num_seeds. */
#ifndef MARL_ENVS_DILEMMA_COMPARISON_H
#define MARL_ENVS_DILEMMA_COMPARISON_H

#include "envs/dilemma/mechanism.h"
#include "envs/dilemma/society.h"
#include "marl/core/config.h"

/* Of one run: the society's metrics averaged over the last `tail` cycles, then these. */
typedef enum MarlRunMetric {
  MARL_RUN_GREEDY_COOPERATION = MARL_NUM_SOCIETY_METRICS, /* exploration off at the end */
  MARL_RUN_GREEDY_WELFARE,
  MARL_RUN_GREEDY_PUNISHMENT_RATE,
  MARL_RUN_TIME_TO_THRESHOLD, /* cycles until the mean cooperation of `window` cycles reaches
                                 `threshold`; the run's length if it never does */
  MARL_RUN_REACHED,           /* 1 if it does */
  MARL_RUN_INSTABILITY,       /* standard deviation of cooperation over the tail's cycles */
  MARL_NUM_RUN_METRICS,
} MarlRunMetric;

const char *marl_run_metric_name(int metric);

enum { MARL_CELL_NAME = 96, MARL_MAX_CELLS = 512 };

typedef struct MarlComparisonCell {
  char name[MARL_CELL_NAME]; /* "TPP-S/published/paper" */
  const MarlMechanism *mechanism;
  const char *visibility, *profile_name; /* borrowed from the config */
  MarlDilemmaRules rules;
  MarlProfile profile;
} MarlComparisonCell;

typedef struct MarlComparison {
  int num_cells, num_seeds, num_jobs;
  uint64_t seed;
  int cycles, tail, window, greedy_cycles;
  double threshold;
  int curve_every, num_points; /* a curve's point is the mean of curve_every cycles */
  int resamples;
  MarlComparisonCell *cells; /* [num_cells], owned */
} MarlComparison;

/* One run's result. */
typedef struct MarlRunResult {
  double *metrics; /* [MARL_NUM_RUN_METRICS] */
  float *curve;    /* [num_points, MARL_NUM_SOCIETY_METRICS] */
} MarlRunResult;

/* Claims sections run, env, learner and compare. */
MarlCode marl_comparison_claim(MarlConfig *config, MarlError *err) MARL_NODISCARD;
MarlCode marl_comparison_read(MarlConfig *config, MarlComparison *out,
                              MarlError *err) MARL_NODISCARD;
void marl_comparison_clear(MarlComparison *comparison);

/* What a long job asks once a cycle; base-first. */
typedef struct MarlComparisonWatch MarlComparisonWatch;
struct MarlComparisonWatch {
  bool (*stop)(MarlComparisonWatch *watch);
};

/* *stopped when watch->stop said so: the result is then unset. watch may be NULL. */
MarlCode marl_comparison_job(const MarlComparison *comparison, int job, MarlComparisonWatch *watch,
                             const MarlRunResult *result, bool *stopped,
                             MarlError *err) MARL_NODISCARD;

#endif
