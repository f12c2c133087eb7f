#include "envs/turbulence/interpolation.h"

extern const MarlInterpolationOps marl_interpolation_bilinear;
extern const MarlInterpolationOps marl_interpolation_biquadratic;
extern const MarlInterpolationOps marl_interpolation_spectral;

/* one line an interpolation */
/* clang-format off */
static const MarlInterpolationOps *const table[] = {
    &marl_interpolation_bilinear,
    &marl_interpolation_biquadratic,
    &marl_interpolation_spectral,
    NULL,
};
/* clang-format on */

static const MarlPlugin *shipped(size_t i) {
  return table[i] != NULL ? &table[i]->plugin : NULL;
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
