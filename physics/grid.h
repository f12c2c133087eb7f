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
 * Lengths are in the user's length unit L, wavenumbers in 1/L.
 *
 * What a flow on the grid resolves are the wavenumbers that its dealiasing keeps, not the points:
 * 96 points under the 2/3 rule are the same large-eddy simulation as 64 padded ones. The grid says
 * which they are, and the widths of closures follow (marl_grid_delta). */
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

/* How the aliasing of products is kept away. */
typedef enum MarlDealias {
  MARL_DEALIAS_TWO_THIRDS, /* |kx| < nx/3 and |ky| < ny/3 kept, Orszag 1971 */
  MARL_DEALIAS_PADDING,    /* products on a grid 3/2 finer */
  MARL_DEALIAS_NONE,       /* the aliasing of the group's codes */
} MarlDealias;

/* Wavenumbers over which the damping of the rim falls by e (damping.h); docs/closures_suite.md has how it was
 * chosen. The power 24 of the cutoff has 1/(24 log(16/15)) = 0.65 at 32 points, 1.3 at 64. */
#define MARL_RIM_WIDTH 1.0

/* What transforms the fields of a grid: our own codelets (fft_lines.h), or FFTW, which also does lengths that
 * have no codelets. They round differently. */
typedef enum MarlTransform { MARL_TRANSFORM_CODELETS, MARL_TRANSFORM_FFTW } MarlTransform;

/* Plain data, read-only after creation. */
typedef struct MarlGrid {
  int nx, ny;              /* even, at least 4 */
  double lx, ly;           /* L */
  MarlDealias dealias;     /* of the flow on it; padding for a grid of marl_grid_create */
  MarlTransform transform; /* may be set before anything is made on the grid */
  int kept_x, kept_y;      /* wave indices |kx| < kept_x, |ky| < kept_y exist in the flow */
  int y0, ny_local;        /* physical slab */
  int k0, nk_local;        /* spectral slab of nx/2+1 columns */
  const double *kx;        /* [nk_local]      1/L */
  const double *ky;        /* [ny]            1/L, FFT order; ky[ny/2] < 0 */
  const double *k2;        /* [nk_local, ny]  1/L^2 */
  const double *edge_x; /* [nk_local]      (|kx|/kx_cut)^24, kx_cut = 2 pi kept_x/lx (damping.h) */
  const double *edge_y; /* [ny] */
  const double *rim_x;  /* [nk_local]      exp(-(kept_x - index)/MARL_RIM_WIDTH) (damping.h) */
  const double *rim_y;  /* [ny] */
  size_t num_physical;  /* ny_local nx */
  size_t num_spectral;  /* nk_local ny */
  MPI_Comm comm;        /* borrowed */
} MarlGrid;

/* Collective over comm. MARL_ECONFIG if nx or ny is odd or too small, or if there are more ranks
 * than pairs of rows or than columns. Keeps all wavenumbers below n/2. */
MarlCode marl_grid_create(int nx, int ny, double lx, double ly, MPI_Comm comm, MarlGrid **out,
                          MarlError *err) MARL_NODISCARD;
/* The same for a flow with this dealiasing. */
MarlCode marl_grid_create_dealiased(int nx, int ny, double lx, double ly, MarlDealias dealias,
                                    MPI_Comm comm, MarlGrid **out, MarlError *err) MARL_NODISCARD;
void marl_grid_destroy(MarlGrid **grid);

/* How many wave indices 0 .. kept-1 a side of n points keeps: n/2, or n/3 rounded up. */
int marl_grid_kept(int n, MarlDealias dealias);

/* Resolved scale Delta = pi/k_cut [L], k_cut the first wavenumber that is not kept; the geometric
 * mean of x and y. It is lx/n where all wavenumbers below n/2 are kept, and about 3/2 lx/n under
 * the 2/3 rule: the same for the same resolved field, whatever the points. */
double marl_grid_delta(const MarlGrid *grid);
/* The cut as a wave index K, k_cut = 2 pi K/L: how many wavenumbers there are; the geometric mean likewise. */
double marl_grid_cut(const MarlGrid *grid);

/* Block split of 0..n-1: `rank` of `ranks` has first .. first+count-1; the first n % ranks ranks
 * have one more. */
void marl_grid_split(int n, int ranks, int rank, int *first, int *count);
/* The same of rows, in pairs: two rows of one field travel as one complex row, and always the same
 * two. Only the last rank may have an odd number. */
void marl_grid_split_rows(int n, int ranks, int rank, int *first, int *count);

#endif
