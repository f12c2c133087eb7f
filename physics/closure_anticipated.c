/* Anticipated vorticity with the velocity of the small scales (anticipated_flux.h), and uniform damping
 *
 *   PI = -F div[theta u' (u'.grad F w)] - nu_e lap w + nu_4 lap^2 w - nu_6 lap^3 w
 *   nu_e = c_2 Delta^3 G, nu_4 = c_4 Delta^5 G, nu_6 = c_6 Delta^7 G,  G = <|grad w|^2>^{1/2}
 *
 * A drain that spares the cores of vortices; a negative c_2 gives energy back, as with free_constants. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "physics/anticipated_flux.h"
#include "physics/closure_field.h"
#include "physics/closure_table.h"

typedef struct Anticipated {
  MarlClosure base;
  MarlAnticipatedFlux flux; /* owned, as are the products */
  MarlDamping damping;      /* times G */
  MarlProducts *products;
} Anticipated;

#define CONSTANT(name, value, what)                                                      \
  {                                                                                      \
    .key = name, .kind = MARL_OPTION_REAL, .fallback = value, .min = -10.0, .max = 10.0, \
    .unit = "1", .help = what                                                            \
  }

static const MarlOption options[] = {
    MARL_ANTICIPATED_OPTIONS("0.3", "C, the time of anticipation times <w^2>^{1/2}"),
    CONSTANT("laplacian", "-0.002", "c_2, negative for backscatter"),
    CONSTANT("biharmonic", "0", "c_4"),
    CONSTANT("triharmonic", "0", "c_6"),
};

static Anticipated *self(MarlClosure *closure) {
  return (Anticipated *)closure;
}

static void destroy(MarlClosure *closure) {
  marl_products_destroy(&self(closure)->products);
  marl_anticipated_flux_clear(&self(closure)->flux);
  free(closure);
}

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  Anticipated *a = calloc(1, sizeof *a);
  const double d = marl_grid_delta(grid);
  *out = NULL;
  if (a == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  a->base.ops = &marl_closure_anticipated;
  a->damping = (MarlDamping){.viscosity = marl_section_real(config, "laplacian") * pow(d, 3),
                             .biharmonic = marl_section_real(config, "biharmonic") * pow(d, 5),
                             .triharmonic = marl_section_real(config, "triharmonic") * pow(d, 7)};
  MarlCode code = marl_products_create(grid, &a->products, err);
  if (code == MARL_OK) code = marl_anticipated_flux_init(&a->flux, grid, config, err);
  if (code != MARL_OK) {
    destroy(&a->base);
    return code;
  }
  *out = &a->base;
  return MARL_OK;
}

static MarlCode evaluate(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                         MarlError *err) {
  (void)err;
  Anticipated *a = self(closure);
  out->uniform = marl_damping_times(a->damping, sqrt(marl_closure_moment(flow, 1)));
  memset(out->tendency, 0, flow->grid->num_spectral * sizeof *out->tendency);
  marl_anticipated_flux_add(&a->flux, a->products, flow, out->tendency, NULL);
  out->has_tendency = true;
  return MARL_OK;
}

const MarlClosureOps marl_closure_anticipated = {
    .name = "anticipated",
    .summary = "anticipated vorticity of the small scales, which spares the cores of vortices",
    .source = "Sadourny and Basdevant, J. Atmos. Sci. 42, 1985; the filter is ours",
    .formula =
        "PI = -F div[theta u' (u'.grad F w)], theta = C / <w^2>^{1/2}, u' = u - G u,\n"
        "G_hat = exp(-k^2 W^2 / 24), W = width Delta, F_hat = (|k| Delta / pi)^power;\n"
        "and c_2, c_4, c_6 as those of free_constants",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .tendency = true,
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate,
};
