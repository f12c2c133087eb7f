#include "physics/forcing.h"

#include <math.h>

static const double two_pi = 6.283185307179586476925286766559;

int marl_forcing_wave_index(double wavenumber, double l) {
  const double waves = wavenumber * l / two_pi;
  const double nearest = nearbyint(waves);
  return nearest >= 1 && nearest < 1e6 && fabs(waves - nearest) < 1e-9 * nearest ? (int)nearest
                                                                                 : -1;
}

bool marl_forcing_has_noise(const MarlForcing *f) {
  return f->ops != NULL && f->ops->in_noise != NULL;
}

bool marl_forcing_in_noise(const MarlForcing *f, double k2) {
  return marl_forcing_has_noise(f) && k2 > 0 && f->ops->in_noise(f, k2);
}

MarlCode marl_forcing_check(const MarlForcing *f, const MarlGrid *grid, int kept_x, int kept_y,
                            int *noise_modes, MarlError *err) {
  *noise_modes = 0;
  if (f->ops == NULL) return MARL_OK;
  if (f->ops->check != NULL) MARL_TRY(f->ops->check(f, grid, kept_x, kept_y, err));
  if (!marl_forcing_has_noise(f)) return MARL_OK;
  const double ux = two_pi / grid->lx, uy = two_pi / grid->ly;
  for (int kx = -kept_x + 1; kx < kept_x; ++kx)
    for (int ky = -kept_y + 1; ky < kept_y; ++ky)
      *noise_modes += marl_forcing_in_noise(f, ux * kx * ux * kx + uy * ky * uy * ky);
  if (*noise_modes == 0)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "no mode of this grid lies in the noise of forcing.name %s at forcing.wavenumber "
        "%g: raise forcing.width",
        f->ops->name, f->wavenumber);
  return MARL_OK;
}

void marl_forcing_add(const MarlForcing *f, const MarlGrid *grid, int i, MarlComplex *n_hat) {
  if (f->ops != NULL && f->ops->add != NULL) f->ops->add(f, grid, i, n_hat);
}

static MarlComplex normal_pair(MarlKey key, int kx, int ky) {
  /* a wave index lies within +- 2^20 */
  const uint64_t index = ((uint64_t)kx << 22) + 2 * (uint64_t)(ky + (1 << 20));
  return CMPLX(marl_normal(key, index), marl_normal(key, index + 1));
}

void marl_forcing_kick(const MarlForcing *f, const MarlGrid *grid, int noise_modes, MarlKey key,
                       int64_t step, double dt, int i, MarlComplex *w_hat) {
  const double kx = grid->kx[i];
  if (!marl_forcing_has_noise(f)) return;
  const MarlKey now = marl_key_fold(key, (uint64_t)step);
  const double energy = f->injection * dt / noise_modes; /* 2 E / sqrt(2)^2 */
  const int column = grid->k0 + i, ny = grid->ny;
  for (int j = 0; j < ny; ++j) {
    const int ky = j < ny / 2 ? j : j - ny;
    const double k2 = kx * kx + grid->ky[j] * grid->ky[j];
    if ((column == 0 && ky < 0) || !marl_forcing_in_noise(f, k2)) continue;
    const MarlComplex kick = sqrt(energy * k2) * normal_pair(now, column, ky);
    w_hat[j] += kick;
    if (column == 0) w_hat[ny - j] += conj(kick);
  }
}
