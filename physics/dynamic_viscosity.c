#include "physics/dynamic_viscosity.h"

#include <math.h>
#include <stdlib.h>

#include "physics/closure_field.h"

static const char *const identities[] = {"guan", "germano_lilly", "germano_lilly_vorticity", NULL};

const MarlOption marl_dynamic_options[MARL_DYNAMIC_NUM_OPTIONS] = {
    {.key = "local",
     .kind = MARL_OPTION_BOOL,
     .fallback = "false",
     .unit = "",
     .help = "guan: a coefficient for every point instead of one for the domain"},
    {.key = "identity",
     .kind = MARL_OPTION_CHOICE,
     .fallback = "guan",
     .choices = identities,
     .unit = "",
     .help =
         "guan: vorticity form, L M clipped at zero inside the mean; germano_lilly: least squares "
         "of the stress; germano_lilly_vorticity: least squares of the vorticity equation"},
};

static MarlDynamicViscosity *self(MarlClosure *closure) {
  return (MarlDynamicViscosity *)closure;
}

void marl_dynamic_destroy(MarlClosure *closure) {
  marl_germano_clear(&self(closure)->germano);
  marl_germano_lilly_clear(&self(closure)->lilly);
  marl_fft_free(self(closure)->rate);
  free(closure);
}

/* What the identity works with. */
static MarlCode init(MarlDynamicViscosity *closure, MarlIdentity identity, const MarlGrid *grid,
                     MarlError *err) {
  closure->identity = identity;
  if (identity != MARL_IDENTITY_GUAN) MARL_TRY(marl_germano_lilly_init(&closure->lilly, grid, err));
  if (identity == MARL_IDENTITY_GERMANO_LILLY) return MARL_OK;
  return marl_germano_init(&closure->germano, grid, err);
}

static void compute_guan(MarlDynamicViscosity *dynamic, const MarlFlow *flow) {
  dynamic->model->rate(flow, dynamic->rate);
  marl_germano_compute(&dynamic->germano, flow, dynamic->rate, NULL, dynamic->delta,
                       dynamic->model->power);
}

MarlCode marl_dynamic_evaluate_uniform(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                       MarlError *err) {
  (void)err;
  MarlDynamicViscosity *dynamic = self(closure);
  compute_guan(dynamic, flow);
  const double coefficient = marl_germano_coefficient(&dynamic->germano, flow->grid);
  out->uniform.viscosity = coefficient * pow(dynamic->delta, dynamic->model->power) *
                           dynamic->model->mean(flow, dynamic->rate);
  return MARL_OK;
}

MarlDamping marl_dynamic_damping(const MarlClosure *closure, const MarlFlowScales *scales) {
  const bool gradient = (closure->ops->scales & MARL_SCALE_GRADIENT_MEAN) != 0;
  const double rate = gradient ? scales->gradient_mean : sqrt(scales->vorticity);
  return (MarlDamping){.viscosity = scales->dynamic * rate};
}

/* The rate is filled in, too. */
static double least_squares(MarlDynamicViscosity *dynamic, const MarlFlow *flow) {
  const MarlDynamicModel *model = dynamic->model;
  if (dynamic->identity == MARL_IDENTITY_GERMANO_LILLY) {
    const double coefficient = marl_germano_lilly_coefficient(&dynamic->lilly, flow, model->rate,
                                                              dynamic->delta, model->power);
    model->rate(flow, dynamic->rate);
    return coefficient;
  }
  const MarlFlow filtered = marl_germano_lilly_filtered(&dynamic->lilly, flow);
  double *test_rate = marl_germano_lilly_scratch(&dynamic->lilly);
  model->rate(&filtered, test_rate);
  model->rate(flow, dynamic->rate);
  marl_germano_compute(&dynamic->germano, flow, dynamic->rate, test_rate, dynamic->delta,
                       model->power);
  return marl_germano_least_squares(&dynamic->germano, flow->grid);
}

static MarlCode evaluate_lilly(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                               MarlError *err) {
  (void)err;
  MarlDynamicViscosity *dynamic = self(closure);
  const MarlDynamicModel *model = dynamic->model;
  const double coefficient = least_squares(dynamic, flow);
  out->uniform.viscosity =
      fmax(coefficient, 0) * pow(dynamic->delta, model->power) * model->mean(flow, dynamic->rate);
  return MARL_OK;
}

static MarlCode evaluate_local(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                               MarlError *err) {
  (void)err;
  MarlDynamicViscosity *dynamic = self(closure);
  const double power = pow(dynamic->delta, dynamic->model->power);
  compute_guan(dynamic, flow);
  // the viscosity takes the place of tau11 until the stress replaces it
  marl_germano_local(&dynamic->germano, flow->grid, out->tau11);
  for (size_t i = 0; i < flow->grid->num_physical; ++i) out->tau11[i] *= power * dynamic->rate[i];
  marl_closure_eddy_stress(flow, out->tau11, out);
  return MARL_OK;
}

/* Those of the uniform form by `guan`, which lanes have too, and what other forms and identities have in place. */
static MarlClosureOps operations(const MarlDynamicModel *model, bool local, bool lilly) {
  MarlClosureOps ops = *model->ops;
  if (!local && !lilly) return ops;
  ops.scales = 0;
  ops.damping = NULL;
  ops.needs = local ? ops.needs | MARL_NEED_STRAIN : MARL_GERMANO_LILLY_NEEDS | MARL_GERMANO_NEEDS;
  ops.stress = local;
  ops.evaluate = local ? evaluate_local : evaluate_lilly;
  return ops;
}

MarlCode marl_dynamic_create(const MarlDynamicModel *model, const MarlGrid *grid,
                             const MarlSection *config, MarlClosure **out, MarlError *err) {
  const bool local = marl_section_bool(config, "local");
  const MarlIdentity identity = (MarlIdentity)marl_section_choice(config, "identity");
  const bool lilly = identity != MARL_IDENTITY_GUAN;
  if (local && lilly)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "closure.local with closure.identity=%s: the least squares of one point are "
                     "singular where its M vanishes; leave one of them",
                     identities[identity]);
  MarlDynamicViscosity *closure = calloc(1, sizeof *closure);
  *out = NULL;
  if (closure == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  closure->ops = operations(model, local, lilly);
  closure->base.ops = &closure->ops;
  closure->model = model;
  closure->delta = marl_grid_delta(grid);
  closure->rate = marl_fft_alloc_physical(grid);
  const MarlCode code = closure->rate == NULL
                            ? MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure")
                            : init(closure, identity, grid, err);
  if (code != MARL_OK) {
    marl_dynamic_destroy(&closure->base);
    return code;
  }
  *out = &closure->base;
  return MARL_OK;
}
