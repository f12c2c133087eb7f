#include <math.h>

#include "physics/flow_config.h"
#include "physics/forcing.h"

static const double two_pi = 6.283185307179586476925286766559;

const MarlOption marl_forcing_kolmogorov_options[MARL_KOLMOGOROV_NUM_OPTIONS] = {
    {.key = "amplitude",
     .kind = MARL_OPTION_REAL,
     .fallback = "1",
     .min = 0,
     .max = 1e9,
     .unit = "L/T^2",
     .help = "factor of kf"},
    {.key = "direction",
     .kind = MARL_OPTION_CHOICE,
     .fallback = "xy",
     .choices = marl_forcing_directions,
     .help = "waves along x, y or both"},
};

static MarlCode check(const MarlForcing *f, const MarlGrid *grid, int kept_x, int kept_y,
                      MarlError *err) {
  const double side[2] = {grid->lx, grid->ly};
  const int kept[2] = {kept_x, kept_y};
  const bool on[2] = {f->in_x, f->in_y};
  for (int d = 0; d < 2; ++d) {
    if (!on[d]) continue;
    const int waves = marl_forcing_wave_index(f->wavenumber, side[d]);
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

static void add(const MarlForcing *f, const MarlGrid *grid, int i, MarlComplex *n_hat) {
  const double half = 0.5 * f->amplitude * f->wavenumber;
  const int kx = grid->k0 + i;
  if (f->in_x && kx == marl_forcing_wave_index(f->wavenumber, grid->lx)) n_hat[0] += half;
  if (f->in_y && kx == 0) {
    const int ky = marl_forcing_wave_index(f->wavenumber, grid->ly);
    n_hat[ky] += half;
    n_hat[grid->ny - ky] += half;
  }
}

const MarlForcingOps marl_forcing_kolmogorov = {
    .name = "kolmogorov",
    .summary = "standing waves that do not change",
    .source = "Guan et al., J. Comput. Phys. 458, 2022",
    .formula = "f = amplitude kf [cos(kf x) + cos(kf y)], 1/T^2, on the right-hand side as -f",
    .options = marl_forcing_kolmogorov_options,
    .num_options = MARL_KOLMOGOROV_NUM_OPTIONS,
    .check = check,
    .add = add,
};
