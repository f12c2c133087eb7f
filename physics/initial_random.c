#include <math.h>

#include "physics/initial.h"

static const MarlOption options[] = {
    {"peak", MARL_OPTION_REAL, "10", 1e-6, 1e6, NULL, "1/L", "k_p of E(k) ~ k^4 exp(-(k/k_p)^2)"},
};

static const double pi = 3.1415926535897932384626433832795;

static void fill(const MarlInitial *in, const MarlGrid *g, MarlComplex *w_hat) {
  const double a = 4 * pow(in->peak, -5) / (3 * pi);
  const double cell = 4 * pi * pi / (g->lx * g->ly); /* of wavenumber space a mode stands for */
  for (int i = 0; i < g->nk_local; ++i)
    for (int j = 0; j < g->ny; ++j) {
      const int kx = g->k0 + i, ky = j < g->ny / 2 ? j : j - g->ny;
      MarlComplex *column = w_hat + (ptrdiff_t)i * g->ny;
      const double k = sqrt(g->k2[(ptrdiff_t)i * g->ny + j]);
      if (kx == g->nx / 2 || ky == -g->ny / 2 || (kx == 0 && ky <= 0)) continue;
      const double energy = a * pow(k, 4) * exp(-(k / in->peak) * (k / in->peak));
      const double size = sqrt(cell * k * energy / pi);
      const uint64_t index = ((uint64_t)kx << 21) + (uint64_t)(ky + (1 << 20));
      const double phase = 2 * pi * marl_uniform(in->key, index);
      column[j] = CMPLX(size * cos(phase), size * sin(phase));
      if (kx == 0) column[g->ny - j] = conj(column[j]);
    }
}

const MarlInitialOps marl_initial_random = {
    .name = "random",
    .summary = "random phases",
    .source = "Guan et al., J. Comput. Phys. 458, 2022",
    .formula =
        "E(k) = A k^4 exp(-(k/peak)^2), A = 4 peak^-5 / (3 pi), L^3/T^2\n"
        "|w_hat|^2 = k E(k) / pi in a box of 2 pi; phases are those of (kx, ky) at every "
        "resolution",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .fill = fill,
};
