#include <math.h>

#include "physics/initial.h"

static const MarlOption options[] = {
    {"thickness", MARL_OPTION_REAL, "0.2", 1e-9, 1e9, NULL, "L", "thickness of the two layers"},
};

static const double pi = 3.1415926535897932384626433832795;

/* w = v_x - u_y; each layer is summed over the images that are not round-off */
static double shear_layer(const MarlInitial *in, const MarlGrid *g, double x, double y) {
  const double kx = 2 * pi / g->lx;
  double w = 0.05 * kx * cos(kx * x);
  for (int image = -1; image <= 1; ++image)
    for (int side = 0; side < 2; ++side) {
      const double s = 1 / cosh((y - g->ly * (0.25 + 0.5 * side + image)) / in->thickness);
      w += (side == 0 ? -1 : 1) * s * s / in->thickness;
    }
  return w;
}

const MarlInitialOps marl_initial_shear_layer = {
    .name = "shear_layer",
    .summary = "two shear layers and a wave across them",
    .source = "Bell, Colella and Glaz, J. Comput. Phys. 85, 1989",
    .formula =
        "u = +-tanh((y - y_i) / thickness) at y_i = ly/4, 3 ly/4, v = 0.05 sin(2 pi x / lx), L/T",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .vorticity = shear_layer,
};
