#include <math.h>

#include "physics/forcing.h"

static const double two_pi = 6.283185307179586476925286766559;

static const MarlOption options[] = {
    {.key = "width",
     .kind = MARL_OPTION_REAL,
     .fallback = "2",
     .min = 0,
     .max = 1e6,
     .unit = "1/L",
     .help = "full width in |k|"},
    {.key = "injection",
     .kind = MARL_OPTION_REAL,
     .fallback = "1",
     .min = 0,
     .max = 1e9,
     .unit = "L^2/T^3",
     .help = "mean rate of energy injection"},
};

static MarlCode check(const MarlForcing *f, const MarlGrid *grid, int kept_x, int kept_y,
                      MarlError *err) {
  const double ux = two_pi / grid->lx, uy = two_pi / grid->ly;
  const double outer = f->wavenumber + 0.5 * f->width;
  if (outer >= ux * kept_x || outer >= uy * kept_y)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "the forcing ring reaches |k| = %g, but this grid keeps |k| < %g: lower "
                     "forcing.wavenumber or use a finer grid",
                     outer, fmin(ux * kept_x, uy * kept_y));
  return MARL_OK;
}

/* The ring [kf - width/2, kf + width/2], up to the round-off of the wavenumbers. */
static bool in_noise(const MarlForcing *f, double k2) {
  const double k = sqrt(k2), margin = 1e-12 * f->wavenumber;
  return fabs(k - f->wavenumber) <= 0.5 * f->width + margin;
}

const MarlForcingOps marl_forcing_ring = {
    .name = "ring",
    .summary = "white noise in time around |k| = kf, every mode with the same mean energy",
    .source = "Lilly, Phys. Fluids Suppl. II 12, 1969 (noise in a band of wavenumbers)",
    .formula =
        "dw_hat = (injection k^2 dt / M)^(1/2) (g1 + i g2), M modes with\n"
        "kf - width/2 <= |k| <= kf + width/2, g1 and g2 normal; it injects `injection`, L^2/T^3",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .check = check,
    .in_noise = in_noise,
};
