#include "physics/spectrum.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "physics/in_turn.h"

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

void marl_spectrum_xy(const MarlGrid *grid, const MarlComplex *q_hat, double *s_x, double *s_y) {
  double *each[2] = {s_x, s_y};
  const int n[2] = {grid->nx / 2, grid->ny / 2};
  for (int d = 0; d < 2; ++d) {
    if (each[d] == NULL) continue;
    clear(each[d], n[d]);
    marl_in_turn_begin(grid->comm, n[d], each[d]);
    for (int i = 0; i < grid->nk_local; ++i)
      add_column(grid, i, q_hat, false, 1, d == 0 ? s_x : NULL, d == 1 ? s_y : NULL);
    marl_in_turn_end(grid->comm, n[d], each[d]);
  }
}

static void add_both(const MarlGrid *grid, const MarlComplex *q_hat, bool per_k2, double *s) {
  assert(grid->nx == grid->ny);
  clear(s, grid->nx / 2);
  marl_in_turn_begin(grid->comm, grid->nx / 2, s);
  for (int i = 0; i < grid->nk_local; ++i) add_column(grid, i, q_hat, per_k2, 0.5, s, s);
  marl_in_turn_end(grid->comm, grid->nx / 2, s);
}

void marl_spectrum(const MarlGrid *grid, const MarlComplex *q_hat, double *s) {
  add_both(grid, q_hat, false, s);
}

void marl_spectrum_enstrophy_energy(const MarlGrid *grid, const MarlComplex *w_hat,
                                    double *enstrophy, double *energy) {
  add_both(grid, w_hat, true, energy);
  add_both(grid, w_hat, false, enstrophy);
}

int marl_spectrum_num_shells(const MarlGrid *grid) {
  return (int)ceil(hypot(0.5 * grid->nx, 0.5 * grid->ny) - 0.5) + 1;
}

void marl_spectrum_shells(const MarlGrid *grid, const MarlComplex *w_hat, double *enstrophy,
                          double *energy) {
  assert(grid->nx == grid->ny);
  const int n = marl_spectrum_num_shells(grid);
  const double unit = 2 * 3.14159265358979323846 / grid->lx;
  clear(enstrophy, n);
  clear(energy, n);
  marl_in_turn_begin(grid->comm, n, enstrophy);
  marl_in_turn_begin(grid->comm, n, energy);
  for (int i = 0; i < grid->nk_local; ++i) {
    const bool alone = grid->k0 + i == 0 || grid->k0 + i == grid->nx / 2;
    for (int j = 0; j < grid->ny; ++j) {
      const ptrdiff_t at = (ptrdiff_t)i * grid->ny + j;
      const double k2 = grid->k2[at], part = (alone ? 0.5 : 1) * squared(w_hat[at]);
      const int shell = (int)ceil(sqrt(k2) / unit - 0.5 - 1e-9);
      enstrophy[shell] += part;
      if (k2 > 0) energy[shell] += part / k2;
    }
  }
  marl_in_turn_pass_on(grid->comm, n, enstrophy);
  marl_in_turn_pass_on(grid->comm, n, energy);
  marl_in_turn_share(grid->comm, n, enstrophy);
  marl_in_turn_share(grid->comm, n, energy);
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
