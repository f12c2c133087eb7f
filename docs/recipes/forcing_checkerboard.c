/* recipe: physics/forcing_checkerboard.c, ENTRY(checkerboard) in physics/forcing_table.c */
/* Forcing `checkerboard`: steady vortices of alternating sign. The product of cosines has the four
 * coefficients 1/4 amplitude kf at (+-kf, +-kf). */
#include "physics/forcing.h"

static const MarlOption options[] = {
    {"amplitude", MARL_OPTION_REAL, "1", 0, 1e9, NULL, "L/T^2", "factor of kf"},
};

static MarlCode check(const MarlForcing *f, const MarlGrid *grid, int kept_x, int kept_y,
                      MarlError *err) {
  const int x = marl_forcing_wave_index(f->wavenumber, grid->lx);
  const int y = marl_forcing_wave_index(f->wavenumber, grid->ly);
  if (x < 0 || y < 0 || x >= kept_x || y >= kept_y)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "forcing.wavenumber %g does not fit the box, or this grid cuts it away",
                     f->wavenumber);
  return MARL_OK;
}

static void add(const MarlForcing *f, const MarlGrid *grid, int i, MarlComplex *n_hat) {
  if (grid->k0 + i != marl_forcing_wave_index(f->wavenumber, grid->lx)) return;
  const double quarter = 0.25 * f->amplitude * f->wavenumber;
  const int ky = marl_forcing_wave_index(f->wavenumber, grid->ly);
  n_hat[ky] += quarter;
  n_hat[grid->ny - ky] += quarter;
}

const MarlForcingOps marl_forcing_checkerboard = {
    .name = "checkerboard",
    .summary = "steady vortices of alternating sign",
    .source = "the recipe of docs/plugins.md",
    .formula = "f = amplitude kf cos(kf x) cos(kf y), 1/T^2, on the right-hand side as -f",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .check = check,
    .add = add,
};
