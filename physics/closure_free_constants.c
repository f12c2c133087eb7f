/* Free constants: Laplacian of either sign, biharmonic and triharmonic viscosity, and two
 * dampings of the last wavenumbers (damping.h)
 *
 *   nu_e = c_2 Delta^3 G,  nu_4 = c_4 Delta^5 G,  nu_6 = c_6 Delta^7 G,  nu_c = c_c Delta G,  nu_r = c_r K <w^2>^{1/2},
 *   G = <|grad w|^2>^{1/2}
 *
 * (scaling of Leith, Physica D 98, 1996; Delta of marl_grid_delta, K of marl_grid_cut), or, with `dimensional`, the constants
 * themselves in L^2/T, L^4/T, L^6/T, 1/T. A negative c_2 with positive c_4 is backscatter: two tuned
 * constants are the control that a learned closure has to beat. */
#include <math.h>
#include <stdlib.h>

#include "physics/closure_field.h"
#include "physics/closure_table.h"

typedef struct FreeConstants {
  MarlClosure base;
  bool dimensional;
  MarlDamping damping; /* times G, rim times <w^2>^{1/2}, unless dimensional */
} FreeConstants;

static const MarlOption options[] = {
    {.key = "laplacian",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = -10.0,
     .max = 10.0,
     .unit = "1 or L^2/T",
     .help = "c_2, negative for backscatter"},
    {.key = "biharmonic",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = -10.0,
     .max = 10.0,
     .unit = "1 or L^4/T",
     .help = "c_4"},
    {.key = "triharmonic",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = -10.0,
     .max = 10.0,
     .unit = "1 or L^6/T",
     .help = "c_6"},
    {.key = "cutoff",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = -1000.0,
     .max = 1000.0,
     .unit = "1 or 1/T",
     .help = "c_c, on the last wavenumbers that the flow keeps, a part of them"},
    {.key = "rim",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = -1000.0,
     .max = 1000.0,
     .unit = "1 or 1/T",
     .help = "c_r, on the last wavenumbers, as many on every grid"},
    {.key = "dimensional",
     .kind = MARL_OPTION_BOOL,
     .fallback = "false",
     .unit = "",
     .help =
         "take the constants as viscosities instead of multiples of Delta^n <|grad w|^2>^{1/2}"},
};

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  FreeConstants *closure = calloc(1, sizeof *closure);
  *out = NULL;
  if (closure == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  closure->base.ops = &marl_closure_free_constants;
  closure->dimensional = marl_section_bool(config, "dimensional");
  const double d = closure->dimensional ? 1.0 : marl_grid_delta(grid);
  closure->damping = (MarlDamping){
      .viscosity = marl_section_real(config, "laplacian") * pow(d, 3.0),
      .biharmonic = marl_section_real(config, "biharmonic") * pow(d, 5.0),
      .triharmonic = marl_section_real(config, "triharmonic") * pow(d, 7.0),
      .cutoff = marl_section_real(config, "cutoff") * d,
      .rim = marl_section_real(config, "rim") * (closure->dimensional ? 1.0 : marl_grid_cut(grid))};
  *out = &closure->base;
  return MARL_OK;
}

static void destroy(MarlClosure *closure) {
  free(closure);
}

static MarlDamping damping(const MarlClosure *closure, const MarlFlowScales *scales) {
  const FreeConstants *constants = (const FreeConstants *)closure;
  if (constants->dimensional) return constants->damping;
  MarlDamping out = marl_damping_times(constants->damping, sqrt(scales->gradient));
  out.rim = constants->damping.rim * sqrt(scales->vorticity);
  return out;
}

const MarlClosureOps marl_closure_free_constants = {
    .name = "free_constants",
    .summary =
        "Laplacian of either sign, biharmonic, k^6, cutoff and rim damping with free constants",
    .source = "Leith, Physica D 98, 1996 (scaling)",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .scales = MARL_SCALE_VORTICITY | MARL_SCALE_GRADIENT,
    .damping = damping,
    .evaluate = marl_closure_evaluate_scales,
};
