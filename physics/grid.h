/* Doubly periodic grid and its wavenumbers, split in slabs over MPI ranks.
 *
 * Index order is row-major with x fastest. Physical fields are [ny_local, nx]: rows
 * y0 .. y0+ny_local-1 of the global array, x_i = i lx/nx, y_j = j ly/ny. Spectral fields are
 * transposed, [nk_local, ny]: columns k0 .. k0+nk_local-1 of the nx/2+1 retained kx >= 0, ky in
 * FFT order (FFTW, "Transposed distributions": leaving out the last transposition is faster, and
 * a column that truncation empties is one contiguous run). On one rank the slabs are everything.
 *
 * Spectral coefficients are normalised: q(x, y) = sum_k q_hat(k) exp(i k.x). So a coefficient
 * means the same at every resolution, and q_hat(0) is the domain mean.
 * Lengths are in the user's length unit L, wavenumbers in 1/L. */
#ifndef MARL_PHYSICS_GRID_H
#define MARL_PHYSICS_GRID_H

#include <complex.h>
#include <mpi.h>
#include <stddef.h>

#include "marl/core/error.h"

typedef double complex MarlComplex;

#ifndef CMPLX /* C11 has it; glibc's header hides it from clang */
#define CMPLX(re, im) __builtin_complex((double)(re), (double)(im))
#endif

/* Plain data, read-only after creation. */
typedef struct MarlGrid {
  int nx, ny;           /* even, at least 4 */
  double lx, ly;        /* L */
  int y0, ny_local;     /* physical slab */
  int k0, nk_local;     /* spectral slab of nx/2+1 columns */
  const double *kx;     /* [nk_local]      1/L */
  const double *ky;     /* [ny]            1/L, FFT order; ky[ny/2] < 0 */
  const double *k2;     /* [nk_local, ny]  1/L^2 */
  const double *edge_x; /* [nk_local]      (|kx|/kx_cut)^24, kx_cut = pi nx/lx (damping.h) */
  const double *edge_y; /* [ny] */
  size_t num_physical;  /* ny_local nx */
  size_t num_spectral;  /* nk_local ny */
  MPI_Comm comm;        /* borrowed */
} MarlGrid;

/* Collective over comm. MARL_ECONFIG if nx or ny is odd or too small, or if there are more ranks
 * than rows or columns. */
MarlCode marl_grid_create(int nx, int ny, double lx, double ly, MPI_Comm comm, MarlGrid **out,
                          MarlError *err) MARL_NODISCARD;
void marl_grid_destroy(MarlGrid **grid);

/* Block split of 0..n-1: `rank` of `ranks` has first .. first+count-1; the first n % ranks ranks
 * have one more. */
void marl_grid_split(int n, int ranks, int rank, int *first, int *count);

#endif
