#include "physics/spectrum.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static double squared(MarlComplex q) {
  return creal(q) * creal(q) + cimag(q) * cimag(q);
}

/* Adds scale |q|^2 / 2 (divided by k^2 if per_k2) of own column i to s_x[kx] and s_y[|ky|], which
 * may be the same array. A column kx > 0 stands for its mirror image -kx too: q(-kx, ky) is
 * conj(q(kx, -ky)), so both signs of ky add to s_y there. The Nyquist modes are left out. */
static void add_column(const MarlGrid *grid, int i, const MarlComplex *q_hat, bool per_k2,
                       double scale, double *s_x, double *s_y) {
  const int kx = grid->k0 + i, ny = grid->ny;
  if (kx >= grid->nx / 2) return;
  const MarlComplex *q = q_hat + (ptrdiff_t)i * ny;
  const double *k2 = grid->k2 + (ptrdiff_t)i * ny;
  double sum = 0;
  for (int j = 0; j < ny; ++j) {
    if (j == ny / 2) continue;
    const double half = 0.5 * scale * squared(q[j]) / (per_k2 && k2[j] > 0 ? k2[j] : 1);
    sum += half;
    if (s_y != NULL && j < ny / 2) s_y[j] += half;
    if (s_y != NULL && j > ny / 2 && kx > 0) s_y[ny - j] += half;
    if (s_y != NULL && j == 0 && kx > 0) s_y[0] += half;
  }
  if (s_x != NULL) s_x[kx] += sum;
}

static void clear(double *s, int n) {
  if (s != NULL) memset(s, 0, (size_t)n * sizeof *s);
}

static void sum_over_ranks(const MarlGrid *grid, double *s, int n) {
  if (s != NULL) MPI_Allreduce(MPI_IN_PLACE, s, n, MPI_DOUBLE, MPI_SUM, grid->comm);
}

void marl_spectrum_xy(const MarlGrid *grid, const MarlComplex *q_hat, double *s_x, double *s_y) {
  clear(s_x, grid->nx / 2);
  clear(s_y, grid->ny / 2);
  for (int i = 0; i < grid->nk_local; ++i) add_column(grid, i, q_hat, false, 1, s_x, s_y);
  sum_over_ranks(grid, s_x, grid->nx / 2);
  sum_over_ranks(grid, s_y, grid->ny / 2);
}

void marl_spectrum(const MarlGrid *grid, const MarlComplex *q_hat, double *s) {
  assert(grid->nx == grid->ny);
  clear(s, grid->nx / 2);
  for (int i = 0; i < grid->nk_local; ++i) add_column(grid, i, q_hat, false, 0.5, s, s);
  sum_over_ranks(grid, s, grid->nx / 2);
}

void marl_spectrum_enstrophy_energy(const MarlGrid *grid, const MarlComplex *w_hat,
                                    double *enstrophy, double *energy) {
  assert(grid->nx == grid->ny);
  clear(energy, grid->nx / 2);
  for (int i = 0; i < grid->nk_local; ++i) add_column(grid, i, w_hat, true, 0.5, energy, energy);
  sum_over_ranks(grid, energy, grid->nx / 2);
  marl_spectrum(grid, w_hat, enstrophy);
}

void marl_spectral_resize(const MarlGrid *from, const MarlComplex *q_hat, const MarlGrid *to,
                          MarlComplex *out) {
  assert(from->nk_local == from->nx / 2 + 1);
  memset(out, 0, to->num_spectral * sizeof *out);
  const int end_x = (from->nx < to->nx ? from->nx : to->nx) / 2;
  const int end_y = (from->ny < to->ny ? from->ny : to->ny) / 2;
  for (int i = 0; i < to->nk_local && to->k0 + i < end_x; ++i) {
    const MarlComplex *source = q_hat + (ptrdiff_t)(to->k0 + i) * from->ny;
    MarlComplex *target = out + (ptrdiff_t)i * to->ny;
    for (int j = 0; j < end_y; ++j) target[j] = source[j];
    for (int j = 1; j < end_y; ++j) target[to->ny - j] = source[from->ny - j];
  }
}
