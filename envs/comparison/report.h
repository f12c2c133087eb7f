/* What a comparison says: tables with confidence intervals, tests between cells, curves, plots. */
#ifndef MARL_ENVS_COMPARISON_REPORT_H
#define MARL_ENVS_COMPARISON_REPORT_H

#include "envs/comparison/comparison.h"
#include "marl/core/store.h"
#include "marl/learn/inference.h"

/* Results of all jobs. */
typedef struct MarlComparisonResults {
  double *metrics; /* [num_cells, num_seeds, num_metrics], owned */
  float *curves;   /* [num_cells, num_seeds, num_points, engine->num_metrics], owned */
} MarlComparisonResults;

MarlCode marl_comparison_results_create(const MarlComparison *comparison,
                                        MarlComparisonResults *out, MarlError *err) MARL_NODISCARD;
void marl_comparison_results_clear(MarlComparisonResults *results);
/* The part of one job, to be filled by marl_comparison_job. */
MarlRunResult marl_comparison_result(const MarlComparison *comparison,
                                     const MarlComparisonResults *results, int job);

/* One job's result in a store of its own, so that a comparison can be stopped and resumed. load is
 * MARL_EIO when the store holds another cell, seed or size. */
MarlCode marl_comparison_save_job(const MarlComparison *comparison, int job,
                                  const MarlRunResult *result, MarlStore *to,
                                  MarlError *err) MARL_NODISCARD;
MarlCode marl_comparison_load_job(const MarlComparison *comparison, int job,
                                  const MarlRunResult *result, MarlStore *from,
                                  MarlError *err) MARL_NODISCARD;

/* One metric of one cell over its seeds. */
typedef struct MarlCellSummary {
  double mean, deviation, median, interquartile_mean;
  MarlInterval mean_interval, interquartile_interval; /* 95 % bootstrap over seeds */
} MarlCellSummary;

MarlCode marl_comparison_summarize(const MarlComparison *comparison,
                                   const MarlComparisonResults *results, int cell, int metric,
                                   MarlCellSummary *out, MarlError *err) MARL_NODISCARD;

/* Is the followed metric in [0, 1] everywhere? Then plots have the axis of shares. */
bool marl_comparison_follows_share(const MarlComparison *comparison,
                                   const MarlComparisonResults *results);

/* Files in `folder`: runs.csv (a row a run), summary.csv (a row a cell and metric), pairs.csv (a
 * row a pair of cells and metric: difference of means, probability of improvement of a over b,
 * Hedges' g, Mann-Whitney p, and p after Holm's correction over the pairs of that metric). */
MarlCode marl_comparison_write_tables(const MarlComparison *comparison,
                                      const MarlComparisonResults *results, const char *folder,
                                      MarlError *err) MARL_NODISCARD;
/* Curves of every run: one variable a metric over (cell, seed, cycle). */
MarlCode marl_comparison_write_curves(const MarlComparison *comparison,
                                      const MarlComparisonResults *results, MarlStore *to,
                                      MarlError *err) MARL_NODISCARD;
/* sweep.csv in `folder`: a row a point of the sweep, with the mean of every metric and the followed
 * one's interval; sweep.dat and sweep.gp: gnuplot draws sweep.svg and sweep.png from them, the
 * followed metric as a heat map (two swept keys) or with its interval (one), a panel a cell.
 * Nothing when nothing is swept. */
MarlCode marl_comparison_write_sweep(const MarlComparison *comparison,
                                     const MarlComparisonResults *results, const char *folder,
                                     MarlError *err) MARL_NODISCARD;
/* shares.dat and shares.gp in `folder`: gnuplot draws shares.svg and shares.png, the engine's shares
 * over time stacked, means over seeds, a panel a cell. Nothing for an engine without. */
MarlCode marl_comparison_write_shares(const MarlComparison *comparison,
                                      const MarlComparisonResults *results, const char *folder,
                                      MarlError *err) MARL_NODISCARD;
/* curves.dat and curves.gp in `folder`: gnuplot draws curves.svg and curves.png from them, a panel
 * a cell: median of the followed metric over seeds, bands from quarter to three quarters and from least to
 * most. */
MarlCode marl_comparison_write_plot(const MarlComparison *comparison,
                                    const MarlComparisonResults *results, const char *folder,
                                    MarlError *err) MARL_NODISCARD;

#endif
