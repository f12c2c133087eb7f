/* Online statistics of a flow: spectra, probability density, moments and interscale fluxes, of
 * the full field and of the field cut to LES sizes
 *
 * Per sample: one-sided 1-D spectra of enstrophy and energy (spectrum.h; averaged over x and y,
 * and enstrophy by direction), shell spectra, a histogram of vorticity with fixed bins, the fluxes of energy and
 * enstrophy through wavenumber K (flux.h); and for every LES size N the same spectra and histogram
 * of the field truncated to N x N, and of the field filtered by a Gaussian of width 2 lx / N and
 * truncated, with the fluxes through the cut; and the series of max |w| of each field, for return
 * periods.
 *
 * Means come with the standard deviation over samples and the standard error of the mean from
 * non-overlapping blocks of samples (Flyvbjerg and Petersen, J. Chem. Phys. 91, 1989): samples
 * closer than the correlation time of the flow do not count as independent. */
#ifndef MARL_PHYSICS_STATISTICS_H
#define MARL_PHYSICS_STATISTICS_H

#include "marl/core/store.h"
#include "physics/histogram.h"
#include "physics/solver.h"

enum { MARL_STATISTICS_MAX_SIZES = 8 };

typedef struct MarlStatisticsParams {
  double pdf_range; /* bins of the vorticity histogram cover [-pdf_range, pdf_range), 1/T */
  int pdf_bins;
  int block;                            /* samples a block; choose several correlation times */
  int num_sizes;                        /* may be 0 */
  int sizes[MARL_STATISTICS_MAX_SIZES]; /* N of the cut fields, below the grid's; even */
} MarlStatisticsParams;

typedef struct MarlStatistics MarlStatistics;

/* Collective over grid->comm. Needs nx == ny and lx == ly. The grid is borrowed. */
MarlCode marl_statistics_create(const MarlGrid *grid, const MarlStatisticsParams *params,
                                MarlStatistics **out, MarlError *err) MARL_NODISCARD;
void marl_statistics_destroy(MarlStatistics **statistics);

/* Add the current flow of the solver as one sample. Collective. MARL_ENUMERIC if it is not
 * finite. */
MarlCode marl_statistics_add(MarlStatistics *statistics, MarlSolver *solver,
                             MarlError *err) MARL_NODISCARD;
int64_t marl_statistics_count(const MarlStatistics *statistics);                  /* samples */
const MarlHistogram *marl_statistics_vorticity(const MarlStatistics *statistics); /* full field */

/* Can the bins tell the tails beyond 2, 3 and 4 standard deviations? Those that they cannot are NaN. */
bool marl_statistics_bins_fit(const MarlStatistics *statistics);

/* Exact state, for restart. Save is serial (every rank holds the same sums); load is collective:
 * rank 0 brings the store, the others NULL. */
MarlCode marl_statistics_save(const MarlStatistics *statistics, MarlStore *to,
                              MarlError *err) MARL_NODISCARD;
MarlCode marl_statistics_load(MarlStatistics *statistics, MarlStore *from,
                              MarlError *err) MARL_NODISCARD;

/* Means, deviations and errors in the layout of reference.h. Serial. */
MarlCode marl_statistics_write(const MarlStatistics *statistics, MarlStore *to,
                               MarlError *err) MARL_NODISCARD;
/* Spectra and density of the full field into the root group too, over scales wavenumber_full and
 * shell_full: what a reader of one group sees. */
MarlCode marl_statistics_write_root(const MarlStatistics *statistics, MarlStore *to,
                                    MarlError *err) MARL_NODISCARD;

#endif
