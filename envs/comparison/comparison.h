/* A comparison: cells x seeds of one population engine.
 *
 * A cell is one combination of the values of all axes: the engine's own lists (mechanisms, ...),
 * labelled overrides (compare.cells), swept numbers (compare.sweep). A job is one seed of a cell
 * and depends on nothing else, so that jobs go to ranks in any way. Job j is seed j % num_seeds of
 * cell j / num_seeds; cell c takes value (c / product of the sizes before) % size of each axis. */
#ifndef MARL_ENVS_COMPARISON_COMPARISON_H
#define MARL_ENVS_COMPARISON_COMPARISON_H

#include <stdbool.h>

#include "envs/comparison/engine.h"
#include "marl/core/config.h"

enum {
  MARL_CELL_NAME = 160,
  MARL_AXIS_NAME = 64,
  MARL_MAX_CELLS = 512,
  MARL_MAX_AXES = 8,
  MARL_MAX_SWEPT = 2
};

typedef struct MarlAxisValue {
  char label[MARL_AXIS_NAME]; /* its part of the cells' names */
  char text[512];             /* the key's value, or "section.key=value ..." without a key */
} MarlAxisValue;

typedef struct MarlAxis {
  char name[MARL_AXIS_NAME]; /* column of runs.csv: "mechanism", "cells", "fine" */
  char key[MARL_AXIS_NAME];  /* "env.fine", or "" for labelled overrides */
  int num_values;
  MarlAxisValue *values; /* [num_values], owned */
} MarlAxis;

typedef struct MarlComparisonCell {
  char name[MARL_CELL_NAME];  /* labels joined by '/': "TPP-S/published/paper" */
  MarlSection *env, *learner; /* owned */
} MarlComparisonCell;

typedef struct MarlComparison {
  const MarlEngineOps *engine;
  int num_cells, num_seeds, num_jobs;
  uint64_t seed;
  int cycles, tail, window, greedy_cycles;
  double threshold;
  int curve_every, num_points; /* a curve's point is the mean of curve_every cycles */
  int resamples;
  int num_axes, num_swept; /* the swept ones come last */
  MarlAxis axes[MARL_MAX_AXES];
  MarlComparisonCell *cells; /* [num_cells], owned */
  /* Of one run: the engine's metrics averaged over the last `tail` cycles, its greedy metrics at
   * the end, then time_to_threshold (cycles until the mean of `window` cycles of the followed
   * metric reaches `threshold`; the run's length if it never does), reached_threshold (1 if it
   * does), instability (deviation of the followed metric over the tail's cycles). */
  int num_metrics;
  char (*metric_name)[MARL_AXIS_NAME]; /* [num_metrics], owned */
} MarlComparison;

/* One run's result. */
typedef struct MarlRunResult {
  double *metrics; /* [num_metrics] */
  float *curve;    /* [num_points, engine->num_metrics] */
} MarlRunResult;

/* Claims sections run, env, learner and compare. `table`: the engines there are. */
MarlCode marl_comparison_claim(MarlConfig *config, const MarlEngineOps *const *table,
                               MarlError *err) MARL_NODISCARD;
MarlCode marl_comparison_read(MarlConfig *config, const MarlEngineOps *const *table,
                              MarlComparison *out, MarlError *err) MARL_NODISCARD;
void marl_comparison_clear(MarlComparison *comparison);

/* Index of the run metric, or -1. */
int marl_comparison_metric(const MarlComparison *comparison, const char *name);
/* Value number of `axis` that `cell` has. */
int marl_comparison_value(const MarlComparison *comparison, int cell, int axis);
int marl_comparison_unswept(const MarlComparison *comparison); /* cells of one point of the sweep */

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
