#include "physics/forcing.h"

#include <math.h>

static const double two_pi = 6.283185307179586476925286766559;

/* wave index of the forcing along a side of length l, or -1 if no whole wave fits */
static int wave_index(double wavenumber, double l) {
  const double waves = wavenumber * l / two_pi;
  const double nearest = nearbyint(waves);
  return nearest >= 1 && nearest < 1e6 && fabs(waves - nearest) < 1e-9 * nearest ? (int)nearest
                                                                                 : -1;
}

static MarlCode check_kolmogorov(const MarlForcing *f, const MarlGrid *grid, int kept_x, int kept_y,
                                 MarlError *err) {
  const double side[2] = {grid->lx, grid->ly};
  const int kept[2] = {kept_x, kept_y};
  const bool on[2] = {f->in_x, f->in_y};
  for (int d = 0; d < 2; ++d) {
    if (!on[d]) continue;
    const int waves = wave_index(f->wavenumber, side[d]);
    if (waves < 0)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "forcing.wavenumber %g does not fit the box: %g waves in the length %g, "
                       "take a multiple of %g",
                       f->wavenumber, f->wavenumber * side[d] / two_pi, side[d], two_pi / side[d]);
    if (waves >= kept[d])
      return MARL_FAIL(err, MARL_ECONFIG,
                       "forcing.wavenumber %g is cut away: this grid keeps %g at most; use a finer "
                       "grid or flow.dealias: padding",
                       f->wavenumber, two_pi / side[d] * (kept[d] - 1));
  }
  return MARL_OK;
}

bool marl_forcing_in_ring(const MarlForcing *f, double k2) {
  const double k = sqrt(k2), margin = 1e-12 * f->wavenumber;
  return k2 > 0 && fabs(k - f->wavenumber) <= 0.5 * f->width + margin;
}

static MarlCode check_ring(const MarlForcing *f, const MarlGrid *grid, int kept_x, int kept_y,
                           int *ring_modes, MarlError *err) {
  const double ux = two_pi / grid->lx, uy = two_pi / grid->ly;
  const double outer = f->wavenumber + 0.5 * f->width;
  if (outer >= ux * kept_x || outer >= uy * kept_y)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "the forcing ring reaches |k| = %g, but this grid keeps |k| < %g: lower "
                     "forcing.wavenumber or use a finer grid",
                     outer, fmin(ux * kept_x, uy * kept_y));
  int count = 0;
  for (int kx = -kept_x + 1; kx < kept_x; ++kx)
    for (int ky = -kept_y + 1; ky < kept_y; ++ky)
      count += marl_forcing_in_ring(f, ux * kx * ux * kx + uy * ky * uy * ky);
  if (count == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "no mode lies in the forcing ring %g +- %g: raise forcing.width",
                     f->wavenumber, 0.5 * f->width);
  *ring_modes = count;
  return MARL_OK;
}

MarlCode marl_forcing_check(const MarlForcing *f, const MarlGrid *grid, int kept_x, int kept_y,
                            int *ring_modes, MarlError *err) {
  *ring_modes = 0;
  switch (f->kind) {
    case MARL_FORCING_KOLMOGOROV:
      return check_kolmogorov(f, grid, kept_x, kept_y, err);
    case MARL_FORCING_RING:
      return check_ring(f, grid, kept_x, kept_y, ring_modes, err);
    case MARL_FORCING_NONE:
      break;
  }
  return MARL_OK;
}

void marl_forcing_add(const MarlForcing *f, const MarlGrid *grid, int i, MarlComplex *n_hat) {
  if (f->kind != MARL_FORCING_KOLMOGOROV) return;
  const double half = 0.5 * f->amplitude * f->wavenumber;
  const int kx = grid->k0 + i;
  if (f->in_x && kx == wave_index(f->wavenumber, grid->lx)) n_hat[0] += half;
  if (f->in_y && kx == 0) {
    const int ky = wave_index(f->wavenumber, grid->ly);
    n_hat[ky] += half;
    n_hat[grid->ny - ky] += half;
  }
}

static MarlComplex normal_pair(MarlKey key, int kx, int ky) {
  /* a wave index lies within +- 2^20 */
  const uint64_t index = ((uint64_t)kx << 22) + 2 * (uint64_t)(ky + (1 << 20));
  return CMPLX(marl_normal(key, index), marl_normal(key, index + 1));
}

void marl_forcing_kick(const MarlForcing *f, const MarlGrid *grid, int ring_modes, MarlKey key,
                       int64_t step, double dt, int i, MarlComplex *w_hat) {
  const double outer = f->wavenumber + f->width, kx = grid->kx[i];
  if (f->kind != MARL_FORCING_RING || kx > outer) return;
  const MarlKey now = marl_key_fold(key, (uint64_t)step);
  const double energy = f->injection * dt / ring_modes; /* 2 E / sqrt(2)^2 */
  const int column = grid->k0 + i, ny = grid->ny;
  for (int j = 0; j < ny; ++j) {
    const int ky = j < ny / 2 ? j : j - ny;
    const double k2 = kx * kx + grid->ky[j] * grid->ky[j];
    if (!marl_forcing_in_ring(f, k2) || (column == 0 && ky < 0)) continue;
    const MarlComplex kick = sqrt(energy * k2) * normal_pair(now, column, ky);
    w_hat[j] += kick;
    if (column == 0) w_hat[ny - j] += conj(kick);
  }
}
