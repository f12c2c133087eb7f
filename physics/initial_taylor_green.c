#include <math.h>

#include "physics/initial.h"

static const MarlOption options[] = {
    {"waves", MARL_OPTION_INT, "1", 1, 65536, NULL, "1", "waves along each side"},
};

static const double pi = 3.1415926535897932384626433832795;

static double taylor_green(const MarlInitial *in, const MarlGrid *g, double x, double y) {
  const double kx = 2 * pi * in->waves / g->lx, ky = 2 * pi * in->waves / g->ly;
  return (kx + ky) * cos(kx * x) * cos(ky * y);
}

const MarlInitialOps marl_initial_taylor_green = {
    .name = "taylor_green",
    .summary = "standing vortices",
    .formula = "w = (kx + ky) cos(kx x) cos(ky y), 1/T, kx = 2 pi waves / lx, ky = 2 pi waves / ly",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .vorticity = taylor_green,
};
