/* ctest: label=verification ranks=1,2,3,4,5 */
#include <string.h>

#include "physics/budget.h"
#include "physics/flux.h"
#include "physics/histogram.h"
#include "physics/spectrum.h"
#include "tests/physics/flow_fields.h"

/* Figures of a flow that sums over all of it make. */
typedef struct Figures {
  MarlBudget budget;
  double enstrophy[64], energy[64], shells[2][128], flux[2][64], moments[MARL_HISTOGRAM_MOMENTS];
} Figures;

static void measure(MarlSolver *s, Figures *f) {
  MarlError err;
  MarlBudgetMeter meter;
  MarlHistogram histogram;
  memset(f, 0, sizeof *f);
  const MarlGrid *g = marl_solver_grid(s);
  UNIT_OK(marl_budget_meter_init(&meter, g, &err));
  UNIT_OK(marl_budget_measure(&meter, s, &f->budget, &err));
  marl_budget_meter_clear(&meter);
  const MarlFlow *flow = marl_solver_flow(s, MARL_FLUX_NEEDS | MARL_NEED_VORTICITY);
  UNIT_OK(marl_histogram_init(&histogram, 20, 64, &err));
  marl_histogram_add(&histogram, g->comm, g->num_physical, flow->w);
  memcpy(f->moments, histogram.sums, sizeof f->moments);
  marl_histogram_clear(&histogram);
  if (g->nx != g->ny || g->nx > 128) return;
  marl_spectrum_enstrophy_energy(g, flow->w_hat, f->enstrophy, f->energy);
  marl_spectrum_shells(g, flow->w_hat, f->shells[0], f->shells[1]);
  double *product = marl_fft_alloc_physical(g);
  MarlComplex *advection = marl_fft_alloc_spectral(g);
  marl_flux_advection(flow, product, advection);
  marl_flux_shells(flow, advection, g->nx / 2, f->flux[0], f->flux[1]);
  marl_fft_free(product);
  marl_fft_free(advection);
}

/* "name" or "name:identity", the latter of a dynamic closure */
static MarlClosure *attach(MarlSolver *s, const char *model) {
  MarlError err;
  MarlSection *section = NULL;
  const MarlClosureOps *ops;
  MarlClosure *closure = NULL;
  char name[64];
  snprintf(name, sizeof name, "%s", model);
  char *identity = strchr(name, ':');
  if (identity != NULL) *identity++ = '\0';
  UNIT_OK(marl_closure_find(name, &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("closure", &table, 1, &section, &err));
  if (identity != NULL) UNIT_OK(marl_section_set(section, "identity", identity, "test", &err));
  UNIT_OK(ops->create(marl_solver_grid(s), section, &closure, &err));
  marl_section_destroy(&section);
  marl_solver_set_closure(s, closure);
  return closure;
}

/* The same flow on one rank (MPI_COMM_SELF) and on all: the same bits, also of the figures. */
static void check_ranks_agree(MarlTransform transform, MarlIntegrator integrator,
                              MarlDealias dealias, MarlAdvectionForm form, const char *model,
                              int nx, int ny) {
  MarlError err;
  MarlSolverParams p = marl_solver_defaults(nx);
  p.ny = ny;
  p.ly = p.lx * ny / nx;
  p.transform = transform;
  p.integrator = integrator;
  p.dealias = dealias;
  p.advection = form;
  p.beta = 2;
  p.dt = 2e-3;
  p.forcing = (MarlForcing){.ops = &marl_forcing_ring, .wavenumber = 4, .width = 2, .injection = 1};
  MarlSolver *all = make_solver(&p), *one = NULL;
  UNIT_OK(marl_solver_create(&p, MPI_COMM_SELF, &one, &err));
  MarlClosure *closure[2] = {attach(all, model), attach(one, model)};
  const double top = 3;
  start_from(all, smooth_field, &top);
  start_from(one, smooth_field, &top);
  take_steps(all, 12);
  UNIT_OK(marl_solver_step(one, 12, &err));
  const MarlGrid *slab = marl_solver_grid(all);
  const MarlFlow *mine = marl_solver_flow(all, MARL_NEED_VORTICITY | MARL_NEED_STRAIN);
  const MarlFlow *whole = marl_solver_flow(one, MARL_NEED_VORTICITY | MARL_NEED_STRAIN);
  const size_t at = (size_t)slab->y0 * (size_t)nx, size = slab->num_physical * sizeof(double);
  UNIT_BITS_EQUAL(mine->w, whole->w + at, size);
  UNIT_BITS_EQUAL(mine->s11, whole->s11 + at, size);
  UNIT_BITS_EQUAL(mine->s12, whole->s12 + at, size);
  UNIT_BITS_EQUAL(marl_solver_w_hat(all), marl_solver_w_hat(one) + (ptrdiff_t)slab->k0 * slab->ny,
                  slab->num_spectral * sizeof(MarlComplex));
  Figures figures[2];
  measure(all, &figures[0]);
  measure(one, &figures[1]);
  UNIT_BITS_EQUAL(&figures[0], &figures[1], sizeof figures[0]);
  for (int i = 0; i < 2; ++i) closure[i]->ops->destroy(closure[i]);
  marl_solver_destroy(&all);
  marl_solver_destroy(&one);
}

static void any_number_of_ranks_gives_the_same_flow(void) {
  const MarlTransform ours = MARL_TRANSFORM_CODELETS;
  const MarlAdvectionForm plain = MARL_ADVECTION_BASDEVANT, skew = MARL_ADVECTION_SKEW_SYMMETRIC;
  check_ranks_agree(ours, MARL_IFAB2, MARL_DEALIAS_TWO_THIRDS, plain, "none", 48, 48);
  check_ranks_agree(ours, MARL_IFAB2, MARL_DEALIAS_PADDING, plain, "none", 32, 64);
  check_ranks_agree(ours, MARL_IFAB2, MARL_DEALIAS_NONE, plain, "none", 96, 24);
  check_ranks_agree(ours, MARL_AB2CN, MARL_DEALIAS_NONE, plain, "none", 32, 64);
  check_ranks_agree(ours, MARL_IFRK4, MARL_DEALIAS_PADDING, plain, "none", 64, 32);
  check_ranks_agree(ours, MARL_AB2CN, MARL_DEALIAS_NONE, skew, "none", 64, 32);
  check_ranks_agree(ours, MARL_IFRK4, MARL_DEALIAS_PADDING, skew, "none", 64, 32);
}

/* 44, 30: one side, or neither, has codelets. */
static void lengths_without_codelets_too(void) {
  const MarlTransform ours = MARL_TRANSFORM_CODELETS;
  const MarlAdvectionForm plain = MARL_ADVECTION_BASDEVANT, skew = MARL_ADVECTION_SKEW_SYMMETRIC;
  check_ranks_agree(ours, MARL_AB2CN, MARL_DEALIAS_NONE, skew, "none", 44, 30);
  check_ranks_agree(ours, MARL_IFAB2, MARL_DEALIAS_NONE, plain, "none", 44, 32);
  check_ranks_agree(ours, MARL_IFAB2, MARL_DEALIAS_NONE, plain, "none", 32, 44);
}

/* Lengths whose plans are stored for one rank (96, 192, 256, 384), and those that FFTW does otherwise
 * one at a time (64, 128). */
static void lengths_with_stored_plans_too(void) {
  const MarlAdvectionForm plain = MARL_ADVECTION_BASDEVANT;
  for (int t = 0; t < 2; ++t) {
    const MarlTransform each = (MarlTransform)t;
    check_ranks_agree(each, MARL_IFAB2, MARL_DEALIAS_PADDING, plain, "none", 64, 64);
    check_ranks_agree(each, MARL_IFAB2, MARL_DEALIAS_TWO_THIRDS, plain, "none", 128, 128);
    check_ranks_agree(each, MARL_IFAB2, MARL_DEALIAS_PADDING, plain, "none", 128, 128);
    check_ranks_agree(each, MARL_IFAB2, MARL_DEALIAS_TWO_THIRDS, plain, "none", 256, 256);
    check_ranks_agree(each, MARL_IFAB2, MARL_DEALIAS_PADDING, plain, "none", 256, 64);
  }
}

static void with_every_kind_of_closure(void) {
  static const char *const models[] = {"leith",         "smagorinsky", "dynamic_smagorinsky",
                                       "dynamic_leith", "gradient4",   "jansen_held"};
  for (size_t m = 0; m < sizeof models / sizeof *models; ++m)
    for (int dealias = 0; dealias < 2; ++dealias)
      check_ranks_agree(MARL_TRANSFORM_CODELETS, MARL_IFAB2, (MarlDealias)dealias,
                        MARL_ADVECTION_BASDEVANT, models[m], 32, 32);
}

static CU_TestInfo tests[] = {
    {"any number of ranks gives the same flow", any_number_of_ranks_gives_the_same_flow},
    {"lengths without codelets too", lengths_without_codelets_too},
    {"lengths with stored plans too", lengths_with_stored_plans_too},
    {"with every kind of closure", with_every_kind_of_closure},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"decomposition", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
