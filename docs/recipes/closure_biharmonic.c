/* recipe: physics/closure_biharmonic.c, ENTRY(biharmonic) in physics/closure_table.c */
/* Closure `biharmonic`: a biharmonic viscosity in Smagorinsky's scaling,
 *   PI_hat = nu_4 k^4 w_hat,  nu_4 = C Delta^4 <w^2>^(1/2)
 * (Griffies and Hallberg, Mon. Weather Rev. 128, 2000, with the mean strain rate of the domain). It is
 * uniform, so that the solver treats it exactly as it treats the viscosity. */
#include <math.h>
#include <stdlib.h>

#include "physics/closure.h"

typedef struct Biharmonic {
  MarlClosure base; /* first */
  double factor;    /* C Delta^4, L^4 */
} Biharmonic;

static const MarlOption options[] = {
    {"coefficient", MARL_OPTION_REAL, "0.01", 0, 10, NULL, "1", "C"},
};

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err);

static void destroy(MarlClosure *closure) {
  free(closure);
}

/* <w^2> over the domain: a sum over modes, twice those that stand for their mirror images, too. */
static double mean_square(const MarlFlow *flow) {
  const MarlGrid *grid = flow->grid;
  double sum = 0, all;
  for (int i = 0; i < grid->nk_local; ++i) {
    const double weight = grid->k0 + i == 0 || grid->k0 + i == grid->nx / 2 ? 1 : 2;
    for (int j = 0; j < grid->ny; ++j) {
      const MarlComplex w = flow->w_hat[(ptrdiff_t)i * grid->ny + j];
      sum += weight * (creal(w) * creal(w) + cimag(w) * cimag(w));
    }
  }
  MPI_Allreduce(&sum, &all, 1, MPI_DOUBLE, MPI_SUM, grid->comm);
  return all;
}

static MarlCode evaluate(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                         MarlError *err) {
  (void)err;
  out->uniform.biharmonic = ((Biharmonic *)closure)->factor * sqrt(mean_square(flow));
  return MARL_OK;
}

const MarlClosureOps marl_closure_biharmonic = {
    .name = "biharmonic",
    .summary = "uniform biharmonic viscosity in Smagorinsky's scaling",
    .source = "Griffies and Hallberg, Mon. Weather Rev. 128, 2000",
    .formula = "nu_4 = C Delta^4 <w^2>^(1/2), L^4/T",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate,
};

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  Biharmonic *closure = calloc(1, sizeof *closure);
  if (closure == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  closure->base.ops = &marl_closure_biharmonic;
  closure->factor = marl_section_real(config, "coefficient") * pow(marl_grid_delta(grid), 4);
  *out = &closure->base;
  return MARL_OK;
}
