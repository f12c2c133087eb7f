/* What a comparison says: tables with confidence intervals, tests between cells, curves. */
#ifndef MARL_COMPARE_REPORT_H
#define MARL_COMPARE_REPORT_H

#include "marl/compare/run.h"
#include "marl/core/store.h"
#include "marl/learn/interval.h"

/* Results of all jobs. */
typedef struct MarlComparisonResults {
  double *metrics; /* [num_cells, num_seeds, num_metrics], owned */
  float *curves;   /* [num_cells, num_seeds, num_points, num_measured], owned */
} MarlComparisonResults;

MarlCode marl_comparison_results_create(const MarlComparison *comparison,
                                        MarlComparisonResults *out, MarlError *err) MARL_NODISCARD;
void marl_comparison_results_clear(MarlComparisonResults *results);
/* The part of one job, to be filled by marl_comparison_run_finish. */
MarlRunResult marl_comparison_result(const MarlComparison *comparison,
                                     const MarlComparisonResults *results, int job);

/* The finished runs of one cell in one store, so that a comparison can be stopped and resumed:
 * those whose done[replica] [num_seeds] is set. load sets it for the replicas that the store holds
 * and the comparison asks for; MARL_EIO when it is of another cell, seed or size. */
MarlCode marl_comparison_save_cell(const MarlComparison *comparison,
                                   const MarlComparisonResults *results, int cell,
                                   const uint8_t *done, MarlStore *to,
                                   MarlError *err) MARL_NODISCARD;
MarlCode marl_comparison_load_cell(const MarlComparison *comparison,
                                   const MarlComparisonResults *results, int cell, uint8_t *done,
                                   MarlStore *from, MarlError *err) MARL_NODISCARD;

/* One metric of one cell over its runs. */
typedef struct MarlCellSummary {
  int runs; /* in which the metric is there; everything else is NaN if there are none */
  double mean, deviation, median, interquartile_mean;
  MarlInterval mean_interval; /* 95 %, Student's */
  /* 95 %, of any distribution on [0, 1]; NaN unless comparison->is_share */
  MarlInterval share_interval;
  MarlInterval interquartile_interval; /* 95 % */
} MarlCellSummary;

/* Of time_to_threshold, runs that never reach it are censored at their end: once there is one, the
 * median is that of all runs (infinite when half of them never reach it), the rest NaN. */
MarlCode marl_comparison_summarize(const MarlComparison *comparison,
                                   const MarlComparisonResults *results, int cell, int metric,
                                   MarlCellSummary *out, MarlError *err) MARL_NODISCARD;
/* values [num_metrics]: what theory says of a cell (MarlPopulationOps.exact), NaN where it does not. */
MarlCode marl_comparison_exact(const MarlComparison *comparison, int cell, double *values,
                               MarlError *err) MARL_NODISCARD;
/* The interval that covers the mean: the share's where there is one. */
MarlInterval marl_cell_interval(const MarlCellSummary *summary);

/* A metric of a cell into values [num_seeds], without the runs that lack it; returns how many. A
 * censored time_to_threshold counts as one cycle more than the run has. */
size_t marl_comparison_collect(const MarlComparison *comparison,
                               const MarlComparisonResults *results, int cell, int metric,
                               double *values);

/* Is the followed metric in [0, 1] by definition? Then plots have the axis of shares. */
bool marl_comparison_follows_share(const MarlComparison *comparison);
/* Does any run have the metric of the population? */
bool marl_comparison_has(const MarlComparison *comparison, const MarlComparisonResults *results,
                         int metric);

/* The least p that a test of a pair can have after Holm's correction: above .05 there are too few
 * runs for any difference. */
double marl_comparison_least_p(const MarlComparison *comparison);

/* a against b of a pair, in one metric. NaN where there is nothing to tell. */
typedef struct MarlPairTest {
  double difference;     /* of means */
  MarlInterval interval; /* of it, 95 %, Welch's */
  double improvement;    /* probability that a run of a is above one of b */
  double hedges_g;
  double p, p_holm; /* Mann-Whitney; after Holm's correction over the pairs */
} MarlPairTest;

/* out [num_pairs] */
MarlCode marl_comparison_test(const MarlComparison *comparison,
                              const MarlComparisonResults *results, int metric, MarlPairTest *out,
                              MarlError *err) MARL_NODISCARD;

/* Files in `folder`. What is absent is `nan`; metrics that no run has are left out.
 * runs.csv: a row a run. summary.csv: a row a cell and metric. survival.csv: a row a cell and time
 * at which runs reach the threshold, with the share that has not by then (no run is censored before
 * the others, so that the product-limit estimate is a share of runs) and its exact interval. */
MarlCode marl_comparison_write_tables(const MarlComparison *comparison,
                                      const MarlComparisonResults *results, const char *folder,
                                      MarlError *err) MARL_NODISCARD;
/* pairs.csv: a row a pair of cells and metric (MarlPairTest). MARL_ESTOPPED when a signal comes. */
MarlCode marl_comparison_write_pairs(const MarlComparison *comparison,
                                     const MarlComparisonResults *results, const char *folder,
                                     MarlError *err) MARL_NODISCARD;
/* forest.csv: the tests [num_pairs] of the followed metric, for a forest plot. */
MarlCode marl_comparison_write_forest(const MarlComparison *comparison, const MarlPairTest *tests,
                                      const char *folder, MarlError *err) MARL_NODISCARD;
/* Every run for xarray: `runs` over (cell, seed, metric) and one variable a metric of the population
 * over (cell, seed, cycle); cells and metrics are labels. */
MarlCode marl_comparison_write_curves(const MarlComparison *comparison,
                                      const MarlComparisonResults *results, MarlStore *to,
                                      MarlError *err) MARL_NODISCARD;
/* points.csv in `folder`: a row a point of compare.over, with the value of every key. Nothing without. */
MarlCode marl_comparison_write_points(const MarlComparison *comparison, const char *folder,
                                      MarlError *err) MARL_NODISCARD;
/* sweep.csv in `folder`: a row a point of the sweep, with the mean of every metric and the followed
 * one's interval. Nothing when nothing is swept. */
MarlCode marl_comparison_write_sweep(const MarlComparison *comparison,
                                     const MarlComparisonResults *results, const char *folder,
                                     MarlError *err) MARL_NODISCARD;

#endif
