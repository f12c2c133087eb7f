/* A comparison: cells x seeds of one population.
 *
 * A cell is one combination of the values of all axes: the population's own lists (mechanisms, ...),
 * labelled overrides (compare.cells), swept numbers (compare.sweep). A job is one seed of a cell
 * and depends on nothing else, so that jobs go to ranks in any way. Job j is seed j % num_seeds of
 * cell j / num_seeds; cell c takes value (c / product of the sizes before) % size of each axis. */
#ifndef MARL_COMPARE_COMPARISON_H
#define MARL_COMPARE_COMPARISON_H

#include <stdbool.h>

#include "marl/compare/population.h"
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
  const MarlPopulationOps *population;
  int num_cells, num_seeds, num_jobs;
  uint64_t seed;
  int cycles, tail, window, greedy_cycles;
  double threshold;
  int curve_every, num_points; /* a curve's point pools curve_every cycles */
  int control;                 /* cell that the others are tested against; -1: all pairs */
  double checkpoint_minutes;   /* between checkpoints of runs under way; 0: none by the clock */
  int num_axes, num_swept;     /* the swept ones come last */
  MarlAxis axes[MARL_MAX_AXES];
  MarlComparisonCell *cells; /* [num_cells], owned */
  /* Of one run: the population's metrics pooled over the last `tail` cycles, its greedy metrics at the
   * end, then time_to_threshold (cycles until the followed metric, pooled over `window` cycles,
   * reaches `threshold`; absent if it never does: the run is censored at its end),
   * reached_threshold (1 if it does, else 0), instability (deviation of the followed metric over
   * the tail's cycles). What did not happen is absent: NaN. */
  int num_metrics;
  char (*metric_name)[MARL_AXIS_NAME]; /* [num_metrics], owned */
  bool *is_share;                      /* [num_metrics] in [0, 1] by definition; owned */
} MarlComparison;

/* Claims sections run, env, learner and compare, and checks everything that a cell could refuse.
 * `table`: the populations there are. */
MarlCode marl_comparison_read(MarlConfig *config, const MarlPopulationOps *const *table,
                              MarlComparison *out, MarlError *err) MARL_NODISCARD;
void marl_comparison_clear(MarlComparison *comparison);

/* Indices of run metrics: by name, or -1; of the time to the threshold. */
int marl_comparison_metric(const MarlComparison *comparison, const char *name);
int marl_comparison_time(const MarlComparison *comparison);
/* Value number of `axis` that `cell` has. */
int marl_comparison_value(const MarlComparison *comparison, int cell, int axis);
int marl_comparison_unswept(const MarlComparison *comparison); /* cells of one point of the sweep */

#endif
