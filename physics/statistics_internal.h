/* What statistics.c fills and statistics_store.c writes; private to them. */
#ifndef MARL_PHYSICS_STATISTICS_INTERNAL_H
#define MARL_PHYSICS_STATISTICS_INTERNAL_H

#include "physics/block_mean.h"
#include "physics/maxima.h"
#include "physics/statistics.h"

/* Statistics of one field. */
typedef struct MarlFieldStatistics {
  MarlBlockMean enstrophy, energy;               /* spectra, [nx/2] of its grid */
  MarlBlockMean enstrophy_shells, energy_shells; /* [num_shells] of its grid */
  MarlHistogram vorticity;
  MarlMaxima maxima; /* of |w| */
} MarlFieldStatistics;

/* Statistics of the field cut to size x size. */
typedef struct MarlCutStatistics {
  int size;
  MarlGrid *grid; /* of one rank, owned */
  MarlFft *fft;   /* owned */
  MarlComplex *w_hat;
  double *w;
  MarlFieldStatistics truncated, filtered;
  MarlBlockMean flux; /* [2]: energy, enstrophy, out of the cut */
} MarlCutStatistics;

struct MarlStatistics {
  MarlStatisticsParams params;
  const MarlGrid *grid; /* borrowed */
  MarlFieldStatistics full;
  MarlBlockMean enstrophy_x, enstrophy_y;    /* [nx/2] */
  MarlBlockMean energy_flux, enstrophy_flux; /* [nx/2] through K */
  MarlCutStatistics cuts[MARL_STATISTICS_MAX_SIZES];
  double *product;        /* [ny_local, nx] scratch */
  MarlComplex *advection; /* [nk_local, ny] J_hat */
  double *figures;        /* [2, num_shells of the grid] scratch */
};

#endif
