#include "envs/turbulence/interpolation.h"

/* one line an interpolation: envs/turbulence/interpolation_<name>.c */
#define TABLE(ENTRY) \
  ENTRY(bilinear)    \
  ENTRY(biquadratic) \
  ENTRY(spectral)

#define DECLARE(name) extern const MarlInterpolationOps marl_interpolation_##name;
#define POINTER(name) &marl_interpolation_##name.plugin,
TABLE(DECLARE)
static const MarlPlugin *const table[] = {TABLE(POINTER) NULL};

static const MarlPlugin *shipped(size_t i) {
  return table[i];
}

MarlKind marl_kind_interpolations = {.name = "interpolations",
                                     .title = "Interpolations",
                                     .noun = "interpolation",
                                     .section = "env",
                                     .key = "env.interpolation",
                                     .fallback = "bilinear",
                                     .no_options = true,
                                     .shipped = shipped};

MarlCode marl_register_interpolation(const MarlInterpolationOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_interpolations, &ops->plugin, err);
}
