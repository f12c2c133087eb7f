#include "physics/grid.h"

#include <math.h>
#include <stdlib.h>

static const double two_pi = 6.283185307179586476925286766559;

void marl_grid_split(int n, int ranks, int rank, int *first, int *count) {
  const int share = n / ranks, extra = n % ranks;
  *first = rank * share + (rank < extra ? rank : extra);
  *count = share + (rank < extra ? 1 : 0);
}

void marl_grid_split_rows(int n, int ranks, int rank, int *first, int *count) {
  marl_grid_split((n + 1) / 2, ranks, rank, first, count);
  *first *= 2;
  *count = *first + 2 * *count <= n ? 2 * *count : n - *first;
}

/* signed wave index of position j of an FFT of length n */
static int wave_index(int j, int n) {
  return j < n / 2 ? j : j - n;
}

int marl_grid_kept(int n, MarlDealias dealias) {
  return dealias == MARL_DEALIAS_TWO_THIRDS ? (n + 2) / 3 : n / 2;
}

double marl_grid_delta(const MarlGrid *grid) {
  return sqrt((0.5 * grid->lx / grid->kept_x) * (0.5 * grid->ly / grid->kept_y));
}

double marl_grid_cut(const MarlGrid *grid) {
  return sqrt((double)grid->kept_x * grid->kept_y);
}

static double edge_of(int index, int kept) {
  return pow(abs(index) / (double)kept, 24);
}

static double rim_of(int index, int kept) {
  return exp((abs(index) - kept) / MARL_RIM_WIDTH);
}

static void fill_edges(const MarlGrid *grid, double *edge_x, double *edge_y) {
  for (int i = 0; i < grid->nk_local; ++i) edge_x[i] = edge_of(grid->k0 + i, grid->kept_x);
  for (int j = 0; j < grid->ny; ++j) edge_y[j] = edge_of(wave_index(j, grid->ny), grid->kept_y);
}

static void fill_rims(const MarlGrid *grid, double *rim_x, double *rim_y) {
  for (int i = 0; i < grid->nk_local; ++i) rim_x[i] = rim_of(grid->k0 + i, grid->kept_x);
  for (int j = 0; j < grid->ny; ++j) rim_y[j] = rim_of(wave_index(j, grid->ny), grid->kept_y);
}

static void fill_wavenumbers(const MarlGrid *grid, double *kx, double *ky, double *k2) {
  for (int i = 0; i < grid->nk_local; ++i) kx[i] = two_pi / grid->lx * (grid->k0 + i);
  for (int j = 0; j < grid->ny; ++j) ky[j] = two_pi / grid->ly * wave_index(j, grid->ny);
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) *k2++ = kx[i] * kx[i] + ky[j] * ky[j];
}

MarlCode marl_grid_create(int nx, int ny, double lx, double ly, MPI_Comm comm, MarlGrid **out,
                          MarlError *err) {
  return marl_grid_create_dealiased(nx, ny, lx, ly, MARL_DEALIAS_PADDING, comm, out, err);
}

MarlCode marl_grid_create_dealiased(int nx, int ny, double lx, double ly, MarlDealias dealias,
                                    MPI_Comm comm, MarlGrid **out, MarlError *err) {
  *out = NULL;
  if (nx < 4 || ny < 4 || nx % 2 != 0 || ny % 2 != 0)
    return MARL_FAIL(err, MARL_ECONFIG, "a grid of %d x %d points: both must be even and >= 4", nx,
                     ny);
  if (!(lx > 0 && ly > 0))
    return MARL_FAIL(err, MARL_ECONFIG, "a box of %g x %g: both lengths must be positive", lx, ly);
  int rank, ranks;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  if (ranks > nx / 2 + 1 || ranks > ny / 2)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%d ranks share a grid of %d x %d points: use at most %d ranks", ranks, nx, ny,
                     nx / 2 + 1 < ny / 2 ? nx / 2 + 1 : ny / 2);

  MarlGrid plain = {.nx = nx, .ny = ny, .lx = lx, .ly = ly, .dealias = dealias, .comm = comm};
  plain.kept_x = marl_grid_kept(nx, dealias);
  plain.kept_y = marl_grid_kept(ny, dealias);
  marl_grid_split_rows(ny, ranks, rank, &plain.y0, &plain.ny_local);
  marl_grid_split(nx / 2 + 1, ranks, rank, &plain.k0, &plain.nk_local);
  plain.num_physical = (size_t)plain.ny_local * (size_t)nx;
  plain.num_spectral = (size_t)plain.nk_local * (size_t)ny;

  /* one block: the struct, then kx, ky, edge_x, edge_y, rim_x, rim_y, k2 */
  const size_t doubles = 3 * ((size_t)plain.nk_local + (size_t)ny) + plain.num_spectral;
  MarlGrid *grid = malloc(sizeof *grid + doubles * sizeof(double));
  if (grid == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for the wavenumbers of %d x %d points", nx, ny);
  double *kx = (double *)(grid + 1), *ky = kx + plain.nk_local;
  double *edge_x = ky + ny, *edge_y = edge_x + plain.nk_local, *rim_x = edge_y + ny;
  double *rim_y = rim_x + plain.nk_local, *k2 = rim_y + ny;
  plain.kx = kx;
  plain.ky = ky;
  plain.edge_x = edge_x;
  plain.edge_y = edge_y;
  plain.rim_x = rim_x;
  plain.rim_y = rim_y;
  plain.k2 = k2;
  *grid = plain;
  fill_edges(grid, edge_x, edge_y);
  fill_rims(grid, rim_x, rim_y);
  fill_wavenumbers(grid, kx, ky, k2);
  *out = grid;
  return MARL_OK;
}

void marl_grid_destroy(MarlGrid **grid) {
  free(*grid);
  *grid = NULL;
}
