#include "physics/filter.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

static double sinc(double x) {
  return fabs(x) < 1e-8 ? 1.0 : sin(x) / x;
}

double marl_filter_transfer(MarlFilter filter, double width, double kx, double ky) {
  const double cut = 2.0 * pi / width;
  switch (filter) {
    case MARL_FILTER_GAUSSIAN:
      return exp(-(kx * kx + ky * ky) * width * width / 24.0);
    case MARL_FILTER_BOX:
      return sinc(kx * width / 2.0) * sinc(ky * width / 2.0);
    case MARL_FILTER_SHARP_CIRCLE:
      return kx * kx + ky * ky < cut * cut ? 1.0 : 0.0;
    case MARL_FILTER_SHARP_SQUARE:
      return fabs(kx) < cut && fabs(ky) < cut ? 1.0 : 0.0;
  }
  return 1.0;
}

void marl_filter_apply(const MarlGrid *grid, MarlFilter filter, double width, const MarlComplex *in,
                       MarlComplex *out) {
  for (int i = 0; i < grid->nk_local; ++i) {
    const size_t column = (size_t)i * (size_t)grid->ny;
    for (int j = 0; j < grid->ny; ++j)
      out[column + (size_t)j] =
          marl_filter_transfer(filter, width, grid->kx[i], grid->ky[j]) * in[column + (size_t)j];
  }
}

void marl_filter_truncate(const MarlGrid *grid, const MarlComplex *q_hat, const MarlGrid *cut,
                          MarlComplex *out) {
  const int half = cut->ny / 2;
  memset(out, 0, cut->num_spectral * sizeof *out);
  for (int i = 0; i < grid->nk_local; ++i) {
    const int k = grid->k0 + i;
    if (k >= cut->nx / 2) break;
    const MarlComplex *from = q_hat + (size_t)i * (size_t)grid->ny;
    MarlComplex *to = out + (size_t)k * (size_t)cut->ny;
    for (int j = 0; j < half; ++j) to[j] = from[j];
    for (int j = 1; j < half; ++j) to[cut->ny - j] = from[grid->ny - j];
  }
  // every column has one owner, the others add zeros: the sum is exact
  MPI_Allreduce(MPI_IN_PLACE, out, (int)(2 * cut->num_spectral), MPI_DOUBLE, MPI_SUM, grid->comm);
}
