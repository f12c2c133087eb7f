#include "physics/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "physics/filter.h"
#include "physics/flux.h"
#include "physics/spectrum.h"
#include "physics/statistics_internal.h"

static MarlCode field_init(MarlFieldStatistics *field, const MarlGrid *grid,
                           const MarlStatisticsParams *params, MarlError *err) {
  const int n = grid->nx, shells = marl_spectrum_num_shells(grid);
  MARL_TRY(marl_block_mean_init(&field->enstrophy, n / 2, params->block, err));
  MARL_TRY(marl_block_mean_init(&field->energy, n / 2, params->block, err));
  MARL_TRY(marl_block_mean_init(&field->enstrophy_shells, shells, params->block, err));
  MARL_TRY(marl_block_mean_init(&field->energy_shells, shells, params->block, err));
  return marl_histogram_init(&field->vorticity, params->pdf_range, params->pdf_bins, err);
}

static void field_clear(MarlFieldStatistics *field) {
  marl_block_mean_clear(&field->enstrophy);
  marl_block_mean_clear(&field->energy);
  marl_block_mean_clear(&field->enstrophy_shells);
  marl_block_mean_clear(&field->energy_shells);
  marl_histogram_clear(&field->vorticity);
  marl_maxima_clear(&field->maxima);
}

static MarlCode cut_init(MarlCutStatistics *cut, const MarlGrid *grid, int size,
                         const MarlStatisticsParams *params, MarlError *err) {
  if (size >= grid->nx || size < 4 || size % 2 != 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "statistics of the field cut to %d x %d: the size must be even, at least 4 "
                     "and below the %d points of the grid",
                     size, size, grid->nx);
  cut->size = size;
  MARL_TRY(marl_grid_create(size, size, grid->lx, grid->ly, MPI_COMM_SELF, &cut->grid, err));
  MARL_TRY(marl_fft_create(cut->grid, &cut->fft, err));
  cut->w_hat = marl_fft_alloc_spectral(cut->grid);
  cut->w = marl_fft_alloc_physical(cut->grid);
  if (cut->w_hat == NULL || cut->w == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for the field cut to %d x %d", size, size);
  MARL_TRY(field_init(&cut->truncated, cut->grid, params, err));
  MARL_TRY(field_init(&cut->filtered, cut->grid, params, err));
  return marl_block_mean_init(&cut->flux, 2, params->block, err);
}

static void cut_clear(MarlCutStatistics *cut) {
  marl_fft_free(cut->w_hat);
  marl_fft_free(cut->w);
  marl_fft_destroy(&cut->fft);
  marl_grid_destroy(&cut->grid);
  field_clear(&cut->truncated);
  field_clear(&cut->filtered);
  marl_block_mean_clear(&cut->flux);
}

static MarlCode allocate(MarlStatistics *statistics, MarlError *err) {
  const MarlGrid *grid = statistics->grid;
  const MarlStatisticsParams *params = &statistics->params;
  const int n = grid->nx / 2, block = params->block;
  MARL_TRY(field_init(&statistics->full, grid, params, err));
  MARL_TRY(marl_block_mean_init(&statistics->enstrophy_x, n, block, err));
  MARL_TRY(marl_block_mean_init(&statistics->enstrophy_y, n, block, err));
  MARL_TRY(marl_block_mean_init(&statistics->energy_flux, n, block, err));
  MARL_TRY(marl_block_mean_init(&statistics->enstrophy_flux, n, block, err));
  statistics->product = marl_fft_alloc_physical(grid);
  statistics->advection = marl_fft_alloc_spectral(grid);
  statistics->figures =
      calloc(2 * (size_t)marl_spectrum_num_shells(grid), sizeof *statistics->figures);
  if (statistics->product == NULL || statistics->advection == NULL || statistics->figures == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for statistics of a %d x %d flow", grid->nx,
                     grid->ny);
  for (int i = 0; i < params->num_sizes; ++i)
    MARL_TRY(cut_init(&statistics->cuts[i], grid, params->sizes[i], params, err));
  return MARL_OK;
}

static MarlCode check(const MarlGrid *grid, const MarlStatisticsParams *params, MarlError *err) {
  if (grid->nx != grid->ny || grid->lx < grid->ly || grid->lx > grid->ly)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "statistics need a square box and grid, this one is %d x %d points over "
                     "%g x %g",
                     grid->nx, grid->ny, grid->lx, grid->ly);
  if (params->block < 1)
    return MARL_FAIL(err, MARL_ECONFIG, "blocks of %d samples: choose at least 1", params->block);
  if (params->num_sizes > MARL_STATISTICS_MAX_SIZES)
    return MARL_FAIL(err, MARL_ECONFIG, "statistics of %d cut fields: at most %d sizes",
                     params->num_sizes, MARL_STATISTICS_MAX_SIZES);
  return MARL_OK;
}

MarlCode marl_statistics_create(const MarlGrid *grid, const MarlStatisticsParams *params,
                                MarlStatistics **out, MarlError *err) {
  *out = NULL;
  MARL_TRY(check(grid, params, err));
  MarlStatistics *statistics = calloc(1, sizeof *statistics);
  if (statistics == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for statistics");
  statistics->params = *params;
  statistics->grid = grid;
  const MarlCode code = allocate(statistics, err);
  if (code != MARL_OK) {
    marl_statistics_destroy(&statistics);
    return code;
  }
  *out = statistics;
  return MARL_OK;
}

void marl_statistics_destroy(MarlStatistics **statistics) {
  if (*statistics == NULL) return;
  field_clear(&(*statistics)->full);
  marl_block_mean_clear(&(*statistics)->enstrophy_x);
  marl_block_mean_clear(&(*statistics)->enstrophy_y);
  marl_block_mean_clear(&(*statistics)->energy_flux);
  marl_block_mean_clear(&(*statistics)->enstrophy_flux);
  for (int i = 0; i < (*statistics)->params.num_sizes; ++i) cut_clear(&(*statistics)->cuts[i]);
  marl_fft_free((*statistics)->product);
  marl_fft_free((*statistics)->advection);
  free((*statistics)->figures);
  free(*statistics);
  *statistics = NULL;
}

/* Spectra of w_hat into a field's means; figures is scratch [2, num_shells]. */
static void add_spectra(MarlFieldStatistics *field, const MarlGrid *grid, const MarlComplex *w_hat,
                        double *figures) {
  double *enstrophy = figures, *energy = figures + field->enstrophy.n;
  marl_spectrum_enstrophy_energy(grid, w_hat, enstrophy, energy);
  marl_block_mean_add(&field->enstrophy, enstrophy);
  marl_block_mean_add(&field->energy, energy);
  energy = figures + field->enstrophy_shells.n;
  marl_spectrum_shells(grid, w_hat, enstrophy, energy);
  marl_block_mean_add(&field->enstrophy_shells, enstrophy);
  marl_block_mean_add(&field->energy_shells, energy);
}

static MarlCode add_cut_field(MarlCutStatistics *cut, MarlFieldStatistics *field, double *figures,
                              MarlError *err) {
  add_spectra(field, cut->grid, cut->w_hat, figures);
  marl_fft_inverse(cut->fft, cut->w_hat, cut->w);
  marl_histogram_add(&field->vorticity, MPI_COMM_SELF, cut->grid->num_physical, cut->w);
  return marl_maxima_add(&field->maxima, MPI_COMM_SELF, cut->grid->num_physical, cut->w, err);
}

static MarlCode add_cut(MarlCutStatistics *cut, const MarlFlow *flow, const MarlComplex *advection,
                        double *figures, MarlError *err) {
  const double width = 2.0 * cut->grid->lx / cut->size;
  double flux[2];
  marl_filter_truncate(flow->grid, flow->w_hat, cut->grid, cut->w_hat);
  MARL_TRY(add_cut_field(cut, &cut->truncated, figures, err));
  marl_filter_apply(cut->grid, MARL_FILTER_GAUSSIAN, width, cut->w_hat, cut->w_hat);
  MARL_TRY(add_cut_field(cut, &cut->filtered, figures, err));
  marl_flux_cut(flow, advection, cut->size / 2, &flux[0], &flux[1]);
  marl_block_mean_add(&cut->flux, flux);
  return MARL_OK;
}

MarlCode marl_statistics_add(MarlStatistics *statistics, MarlSolver *solver, MarlError *err) {
  const MarlFlow *flow = marl_solver_flow(solver, MARL_FLUX_NEEDS | MARL_NEED_VORTICITY);
  const MarlGrid *grid = statistics->grid;
  const int n = grid->nx / 2;
  double *x = statistics->figures, *y = x + n;

  marl_spectrum_xy(grid, flow->w_hat, x, y);
  double total = 0.0;
  for (int k = 0; k < n; ++k) total += x[k];
  if (!isfinite(total))
    return MARL_FAIL(err, MARL_ENUMERIC, "the flow is not finite at step %lld, time %g",
                     (long long)flow->step, flow->time);
  marl_block_mean_add(&statistics->enstrophy_x, x);
  marl_block_mean_add(&statistics->enstrophy_y, y);
  add_spectra(&statistics->full, grid, flow->w_hat, statistics->figures);
  marl_histogram_add(&statistics->full.vorticity, grid->comm, grid->num_physical, flow->w);
  MARL_TRY(marl_maxima_add(&statistics->full.maxima, grid->comm, grid->num_physical, flow->w, err));

  marl_flux_advection(flow, statistics->product, statistics->advection);
  marl_flux_shells(flow, statistics->advection, n, x, y);
  marl_block_mean_add(&statistics->energy_flux, x);
  marl_block_mean_add(&statistics->enstrophy_flux, y);
  for (int i = 0; i < statistics->params.num_sizes; ++i)
    MARL_TRY(add_cut(&statistics->cuts[i], flow, statistics->advection, statistics->figures, err));
  return MARL_OK;
}

int64_t marl_statistics_count(const MarlStatistics *statistics) {
  return statistics->full.enstrophy.count;
}

bool marl_statistics_bins_fit(const MarlStatistics *statistics) {
  const MarlHistogram *vorticity = &statistics->full.vorticity;
  return marl_histogram_fits(vorticity, 4 * marl_histogram_deviation(vorticity));
}

const MarlHistogram *marl_statistics_vorticity(const MarlStatistics *statistics) {
  return &statistics->full.vorticity;
}
