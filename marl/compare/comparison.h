/* A comparison: cells x seeds of one population.
 *
 * A cell is one combination of the values of all axes: the environment's own lists (mechanisms, ...),
 * learners, labelled overrides (compare.cells), points of many keys (compare.over), swept numbers
 * (compare.sweep). A job is one seed of a cell
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
  MARL_MAX_SWEPT = 2,
  MARL_CELL_SECTIONS = 4,
};

struct MarlPoints; /* parameter_points.h */

typedef struct MarlAxisValue {
  char label[MARL_AXIS_NAME];  /* its part of the cells' names */
  char text[512];              /* "section.key=value section.key=value" */
  char number[MARL_AXIS_NAME]; /* of a swept axis: "3" */
} MarlAxisValue;

typedef struct MarlAxis {
  char name[MARL_AXIS_NAME]; /* column of runs.csv: "mechanism", "cells", "fine" */
  int num_values;
  MarlAxisValue *values; /* [num_values], owned */
} MarlAxis;

/* What the configuration says before cells change it. */
typedef struct MarlComparisonBase {
  const MarlSection *section[MARL_CELL_SECTIONS]; /* env, learner, policy, run; borrowed */
  const MarlEnvOps *const *env_table;
  const MarlEnvOps *env_ops; /* NULL but for the population `trained` */
  const MarlLearnerOps *learner_ops;
} MarlComparisonBase;

typedef struct MarlComparisonCell {
  char name[MARL_CELL_NAME];                /* labels joined by '/': "TPP-S/published/paper" */
  MarlSection *section[MARL_CELL_SECTIONS]; /* env, learner, policy, run; owned, NULL without */
  const MarlEnvOps *env_ops;                /* of `trained` */
  const MarlLearnerOps *learner_ops;
  uint64_t seed; /* the comparison's, and the cell's name if it has one */
  int num_own;   /* metrics of a cycle of this cell's population */
  int *own;      /* [num_own] which of the comparison's they are; owned */
} MarlComparisonCell;

typedef struct MarlComparisonPair {
  int a, b; /* cells; b is the control where there is one */
} MarlComparisonPair;

typedef struct MarlComparison {
  const MarlPopulationOps *population;
  int num_cells, num_seeds, num_jobs;
  uint64_t seed;
  int cycles, tail, window, greedy_cycles;
  double threshold;
  bool vary_seeds;             /* MarlEnvOps.seed_per_run is followed */
  int curve_every, num_points; /* a curve's point pools curve_every cycles */
  /* what is tested against what: a cell that all others are, or the cells with one value of an axis
   * that those of its other values are, all else the same; -1: none */
  int control, control_axis, control_value;
  bool all_pairs; /* without: pairs that differ in one axis, of not too many values */
  int num_pairs;
  MarlComparisonPair *pairs; /* [num_pairs], owned */
  double checkpoint_minutes; /* between checkpoints of runs under way; 0: none by the clock */
  int num_axes, num_swept;   /* the swept ones come last */
  MarlAxis axes[MARL_MAX_AXES];
  struct MarlPoints *points; /* of compare.over, owned; NULL without */
  MarlComparisonCell *cells; /* [num_cells], owned */
  /* Of one run: the metrics of a cycle pooled over the last `tail` cycles [num_measured], the greedy
   * ones at the end [num_greedy], then time_to_threshold (cycles until the followed metric, pooled
   * over `window` cycles, reaches `threshold`; absent if it never does: the run is censored at its
   * end), reached_threshold (1 if it does, else 0), instability (deviation of the followed metric
   * over the tail's cycles). What did not happen is absent: NaN. Cells whose populations measure
   * different things have the metrics of all, by name. */
  int num_metrics;
  char (*metric_name)[MARL_AXIS_NAME]; /* [num_metrics], owned */
  bool *is_share;                      /* [num_metrics] in [0, 1] by definition; owned */
  int num_measured, num_greedy;
  int followed; /* one of the measured */
  int *greedy;  /* [num_greedy] of the measured; owned */
  int num_shares, num_columns;
  int *shares;  /* [num_shares] of the measured, that add up to 1; owned */
  int *columns; /* [num_columns] of the run metrics, those of the printed table; owned */
} MarlComparison;

/* Claims sections run, env, learner and compare (and policy), and checks everything that a cell
 * could refuse. Both tables are NULL-terminated; the first population is the default. */
MarlCode marl_comparison_read(MarlConfig *config, const MarlPopulationOps *const *populations,
                              const MarlEnvOps *const *envs, MarlComparison *out,
                              MarlError *err) MARL_NODISCARD;
void marl_comparison_clear(MarlComparison *comparison);

/* The configuration of run `replica` of a cell. */
MarlPopulationConfig marl_comparison_config(const MarlComparisonCell *cell, int replica);

/* Indices of run metrics: by name, or -1; of the time to the threshold. */
int marl_comparison_metric(const MarlComparison *comparison, const char *name);
int marl_comparison_time(const MarlComparison *comparison);
/* Value number of `axis` that `cell` has. */
int marl_comparison_value(const MarlComparison *comparison, int cell, int axis);
int marl_comparison_unswept(const MarlComparison *comparison); /* cells of one point of the sweep */

#endif
