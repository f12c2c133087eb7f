/* recipe: physics/initial_shielded_vortex.c, ENTRY(shielded_vortex) in physics/initial_table.c */
/* Initial field `shielded_vortex`: a vortex in the middle of the box whose ring of opposite sign leaves it
 * without circulation. */
#include <math.h>

#include "physics/initial.h"

static const MarlOption options[] = {
    {"core", MARL_OPTION_REAL, "0.3", 1e-9, 1e9, NULL, "L", "radius a of the core"},
    {"strength", MARL_OPTION_REAL, "1", -1e9, 1e9, NULL, "1/T", "vorticity W at its center"},
};

static double vorticity(const MarlInitial *in, const MarlGrid *grid, double x, double y) {
  const double a = marl_section_real(in->options, "core");
  const double dx = (x - 0.5 * grid->lx) / a, dy = (y - 0.5 * grid->ly) / a;
  const double r2 = dx * dx + dy * dy;
  return marl_section_real(in->options, "strength") * (1 - r2) * exp(-r2);
}

const MarlInitialOps marl_initial_shielded_vortex = {
    .name = "shielded_vortex",
    .summary = "a vortex without circulation",
    .source = "the recipe of docs/plugins.md",
    .formula = "w = W (1 - (r/a)^2) exp(-(r/a)^2), 1/T",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .vorticity = vorticity,
};
