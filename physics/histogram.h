/* Histogram of a field over fixed bins of equal width on [-range, range), with exact moments
 *
 * Values outside are counted in two more bins, never dropped. The bins are fixed before the run,
 * so that histograms of different runs compare bin by bin and accumulate online. Moments are
 * sums over the values themselves, not over the bins. */
#ifndef MARL_PHYSICS_HISTOGRAM_H
#define MARL_PHYSICS_HISTOGRAM_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "marl/core/error.h"
#include "marl/core/store.h"

enum { MARL_HISTOGRAM_MOMENTS = 4 };

typedef struct MarlHistogram {
  double range; /* unit of the values */
  int bins;
  int64_t *counts;                     /* [bins + 2]: below, the bins, above; owned */
  int64_t *fresh;                      /* [bins + 2]: counts of the sample being added; owned */
  int64_t total;                       /* number of values */
  double sums[MARL_HISTOGRAM_MOMENTS]; /* of q, q^2, q^3, q^4 */
} MarlHistogram;

/* Zeroed. MARL_ECONFIG if range <= 0 or bins < 2. */
MarlCode marl_histogram_init(MarlHistogram *histogram, double range, int bins,
                             MarlError *err) MARL_NODISCARD;
void marl_histogram_clear(MarlHistogram *histogram);

/* Collective over comm: every rank brings its own n values; all ranks hold the totals, so a
 * resumed run adds up in the same order as an uninterrupted one. */
void marl_histogram_add(MarlHistogram *histogram, MPI_Comm comm, size_t n, const double *values);

double marl_histogram_center(const MarlHistogram *histogram, int bin);
double marl_histogram_density(const MarlHistogram *histogram, int bin); /* 1/unit; 0 when empty */
/* Moments of all values so far; 0 when there are none. */
double marl_histogram_deviation(const MarlHistogram *histogram);
double marl_histogram_skewness(const MarlHistogram *histogram);
double marl_histogram_kurtosis(const MarlHistogram *histogram); /* 3 for a Gaussian */
/* Can the bins tell P(|q| > threshold)? They must be a quarter of the standard deviation wide or
 * less, and no value beyond the range may be on either side of the threshold. */
bool marl_histogram_fits(const MarlHistogram *histogram, double threshold);
/* P(|q| > threshold), counts shared linearly within the bins that hold +-threshold; NaN if the bins
 * do not fit. */
double marl_histogram_tail(const MarlHistogram *histogram, double threshold);

/* Exact state. `to` and `from` are groups of their own. Serial. */
MarlCode marl_histogram_save(const MarlHistogram *histogram, MarlStore *to,
                             MarlError *err) MARL_NODISCARD;
/* MARL_EIO if the stored bins are not those of `histogram`. */
MarlCode marl_histogram_load(MarlHistogram *histogram, MarlStore *from,
                             MarlError *err) MARL_NODISCARD;

#endif
