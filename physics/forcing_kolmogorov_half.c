#include "physics/forcing.h"

static const double two_pi = 6.283185307179586476925286766559;

/* The window W(x) = sum_m weight(m) exp(2 pi i m x / lx): the half-band polynomial of order 3, which is 1 at x = 0
 * and 0 at lx/2, flat to third order at both, and W(x) + W(x + lx/2) = 1. */
enum { WIDEST = 3 };
static double weight(int m) {
  static const double of[WIDEST + 1] = {0.5, 9.0 / 32, 0, -1.0 / 32};
  return of[m < 0 ? -m : m];
}

/* The window widens the forcing by three waves along x, of which none may reach the mean. */
static MarlCode check(const MarlForcing *f, const MarlGrid *grid, int kept_x, int kept_y,
                      MarlError *err) {
  MARL_TRY(marl_forcing_kolmogorov.check(f, grid, kept_x, kept_y, err));
  const int waves = marl_forcing_wave_index(f->wavenumber, grid->lx);
  if (f->in_x && waves <= WIDEST)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "forcing.wavenumber %g is too small for half of the box: take at least %g, or "
                     "forcing.direction: y",
                     f->wavenumber, two_pi / grid->lx * (WIDEST + 1));
  const int widest = f->in_x ? waves + WIDEST : WIDEST;
  if (widest >= kept_x)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "forcing.name kolmogorov_half reaches the wavenumber %g along x, but this grid "
        "keeps %g at most: use a finer grid",
        two_pi / grid->lx * widest, two_pi / grid->lx * (kept_x - 1));
  return MARL_OK;
}

static void add(const MarlForcing *f, const MarlGrid *grid, int i, MarlComplex *n_hat) {
  const double half = 0.5 * f->amplitude * f->wavenumber;
  const int kx = grid->k0 + i;
  const int off = kx - marl_forcing_wave_index(f->wavenumber, grid->lx);
  if (f->in_x && off >= -WIDEST && off <= WIDEST) n_hat[0] += half * weight(off);
  if (f->in_y && kx <= WIDEST) {
    const int ky = marl_forcing_wave_index(f->wavenumber, grid->ly);
    n_hat[ky] += half * weight(kx);
    n_hat[grid->ny - ky] += half * weight(kx);
  }
}

const MarlForcingOps marl_forcing_kolmogorov_half = {
    .name = "kolmogorov_half",
    .summary = "standing waves in one half of the box",
    .source = "a flow whose regions differ; no paper",
    .formula =
        "f = amplitude kf W(x) [cos(kf x) + cos(kf y)], 1/T^2, on the right-hand side as -f\n"
        "W = 1/2 + 9/16 cos X - 1/16 cos 3 X, X = 2 pi x / lx: 1 at x = 0, 0 at lx/2",
    .options = marl_forcing_kolmogorov_options,
    .num_options = MARL_KOLMOGOROV_NUM_OPTIONS,
    .check = check,
    .add = add,
};
