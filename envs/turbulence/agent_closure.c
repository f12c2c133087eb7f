#include "envs/turbulence/agent_closure.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static MarlCode evaluate(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                         MarlError *err) {
  (void)err;
  return marl_agent_closure_evaluate((MarlAgentClosure *)closure, flow, out);
}

static bool held(const MarlClosure *closure, int64_t step, MarlHeldDamping *out) {
  (void)step; /* until the next call of marl_agent_closure_set */
  marl_agent_closure_held((const MarlAgentClosure *)closure, out);
  return true;
}

static const MarlClosureOps agent_ops = {
    .name = "agents",
    .summary = "coefficients set by the agents of the turbulence environment",
    .source = "Mojgani et al. 2023, arXiv:2312.00907",
    .stress = true,
    .held = held,
    .evaluate = evaluate,
};

MarlCode marl_agent_closure_create(const MarlTurbulenceParams *params, const MarlGrid *grid,
                                   MarlAgentClosure **out, MarlError *err) {
  if (grid->nx != params->n || grid->ny != params->n || grid->ny_local != grid->ny)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "the agents' coefficients are for a grid of %d x %d on one rank, not %d x %d",
                     params->n, params->n, grid->nx, grid->ny);
  MarlAgentClosure *made = calloc(1, sizeof *made);
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the agents' closure");
  made->base.ops = &agent_ops;
  made->grid = grid;
  made->action = params->action;
  made->num_coefficients = params->num_coefficients;
  memcpy(made->center, params->center, sizeof made->center);
  memcpy(made->scale, params->scale, sizeof made->scale);
  made->uniform = true;
  const size_t coefficients = (size_t)params->num_coefficients;
  const size_t agents = (size_t)params->agents * (size_t)params->agents;
  MarlCode code =
      marl_interpolation_create(params->interpolation, params->n, params->agents, &made->map, err);
  if (code == MARL_OK) {
    made->rest = calloc(coefficients * grid->num_physical, sizeof *made->rest);
    made->lattice = calloc(agents, sizeof *made->lattice);
    made->coefficient = calloc(coefficients * agents, sizeof *made->coefficient);
    made->strain[0] = marl_fft_alloc_physical(grid);
    made->strain[1] = marl_fft_alloc_physical(grid);
    if (made->rest == NULL || made->lattice == NULL || made->coefficient == NULL ||
        made->strain[0] == NULL || made->strain[1] == NULL)
      code = MARL_FAIL(err, MARL_EMEMORY, "no memory for coefficient fields of %d x %d", params->n,
                       params->n);
  }
  if (code != MARL_OK) {
    marl_agent_closure_destroy(&made);
    return code;
  }
  *out = made;
  return MARL_OK;
}

void marl_agent_closure_destroy(MarlAgentClosure **closure) {
  MarlAgentClosure *made = *closure;
  if (made == NULL) return;
  marl_interpolation_destroy(&made->map);
  free(made->rest);
  free(made->lattice);
  free(made->coefficient);
  marl_fft_free(made->strain[0]);
  marl_fft_free(made->strain[1]);
  free(made);
  *closure = NULL;
}

/* An interpolation that overshoots between the agents must not make damping negative. */
static void clip(const MarlActionTerm *term, size_t points, double *field) {
  for (size_t i = 0; !term->any_sign && i < points; ++i) field[i] = fmax(field[i], 0);
}

void marl_agent_closure_set(MarlAgentClosure *closure, const MarlObserver *observer,
                            const float *act) {
  const int count = closure->num_coefficients;
  const int agents = closure->map->agents * closure->map->agents;
  const size_t points = closure->grid->num_physical;
  closure->uniform = true;
  for (int c = 0; c < count; ++c) {
    double *rest = closure->rest + (size_t)c * points, mean = 0;
    const MarlActionTerm *term = &closure->action->term[c];
    const double unit = closure->action->unit(observer, c);
    for (int a = 0; a < agents; ++a) {
      const double value = closure->center[c] + closure->scale[c] * (double)act[a * count + c];
      closure->coefficient[c * agents + a] = term->any_sign ? value : fmax(value, 0);
      closure->lattice[a] = unit * closure->coefficient[c * agents + a];
      if (closure->lattice[a] != closure->lattice[0]) closure->uniform = false;
    }
    marl_interpolation_apply(closure->map, closure->lattice, rest);
    clip(term, points, rest);
    for (size_t i = 0; i < points; ++i) mean += rest[i];
    closure->mean[c] = mean / (double)points;
    for (size_t i = 0; i < points; ++i) rest[i] -= closure->mean[c];
  }
}

void marl_agent_closure_coefficient(const MarlAgentClosure *closure, int c, double *field) {
  const int agents = closure->map->agents * closure->map->agents;
  marl_interpolation_apply(closure->map, closure->coefficient + (ptrdiff_t)c * agents, field);
  clip(&closure->action->term[c], closure->grid->num_physical, field);
}

typedef struct StrainSource {
  const MarlFlow *flow;
  MarlDampingTerm damping;
} StrainSource;

/* Column i of L_c (s11 +- i s12)^, with s11 = u_x = psi_xy and s12 = (u_y + v_x)/2: both fields
 * come from one complex transform. */
static void strain_column(const void *context, int i, MarlComplex *plus, MarlComplex *minus) {
  const StrainSource *source = context;
  const MarlGrid *grid = source->flow->grid;
  const ptrdiff_t at = (ptrdiff_t)i * grid->ny;
  const double kx = grid->kx[i], *restrict ky = grid->ky, *restrict k2 = grid->k2 + at;
  const double *restrict psi = (const double *)(source->flow->psi_hat + at);
  double *restrict p = (double *)plus, *restrict m = (double *)minus;
  for (int j = 0; j < grid->ny; ++j) {
    const double power = marl_damping_operator(
        source->damping, k2[j], grid->edge_x[i] + grid->edge_y[j], grid->rim_x[i] + grid->rim_y[j]);
    const double s11 = -power * kx * ky[j], s12 = 0.5 * power * (kx * kx - ky[j] * ky[j]);
    const double re = psi[2 * j], im = psi[2 * j + 1];
    p[2 * j] = s11 * re - s12 * im;
    p[2 * j + 1] = s11 * im + s12 * re;
    m[2 * j] = s11 * re + s12 * im;
    m[2 * j + 1] = s11 * im - s12 * re;
  }
}

MarlCode marl_agent_closure_evaluate(MarlAgentClosure *closure, const MarlFlow *flow,
                                     MarlSubgrid *out) {
  const MarlActionTerm *term = closure->action->term;
  for (int c = 0; c < closure->num_coefficients; ++c)
    *marl_damping_coefficient(&out->uniform, term[c].damping) += closure->mean[c];
  if (closure->uniform) return MARL_OK;
  const size_t points = closure->grid->num_physical;
  for (int c = 0; c < closure->num_coefficients; ++c) {
    const StrainSource source = {.flow = flow, .damping = term[c].damping};
    marl_fft_inverse_columns(flow->fft, strain_column, &source, closure->strain[0],
                             closure->strain[1]);
    const double *restrict rest = closure->rest + (size_t)c * points;
    for (int t = 0; t < 2; ++t) {
      const double *restrict strain = closure->strain[t];
      double *restrict tau = t == 0 ? out->tau11 : out->tau12;
      for (size_t i = 0; i < points; ++i) tau[i] = (c == 0 ? 0 : tau[i]) - 2 * rest[i] * strain[i];
    }
  }
  out->has_stress = true;
  return MARL_OK;
}

void marl_agent_closure_held(const MarlAgentClosure *closure, MarlHeldDamping *out) {
  const MarlActionTerm *term = closure->action->term;
  /* one agent's coefficients do not vary */
  *out = (MarlHeldDamping){.num_terms = closure->map->agents > 1 ? closure->num_coefficients : 0,
                           .steps = INT64_MAX};
  for (int c = 0; c < closure->num_coefficients; ++c) {
    *marl_damping_coefficient(&out->uniform, term[c].damping) += closure->mean[c];
    out->term[c] = term[c].damping;
    out->field[c] = closure->rest + (size_t)c * closure->grid->num_physical;
  }
}

MarlCode marl_agent_closure_save(const MarlAgentClosure *closure, MarlStore *to, MarlError *err) {
  const size_t count = (size_t)closure->num_coefficients;
  const MarlArray means = {.type = MARL_F64, .rank = 1, .shape = {count}};
  const MarlArray fields = {
      .type = MARL_F64, .rank = 2, .shape = {count, closure->grid->num_physical}};
  MARL_TRY(marl_store_write(to, "coefficient_mean", &means, closure->mean, err));
  MARL_TRY(marl_store_write(to, "coefficient_rest", &fields, closure->rest, err));
  return marl_store_set_int(to, NULL, "coefficient_uniform", closure->uniform, err);
}

MarlCode marl_agent_closure_load(MarlAgentClosure *closure, MarlStore *from, MarlError *err) {
  const size_t count = (size_t)closure->num_coefficients;
  int64_t uniform = 0;
  MARL_TRY(marl_store_read(from, "coefficient_mean", MARL_F64, count, closure->mean, err));
  MARL_TRY(marl_store_read(from, "coefficient_rest", MARL_F64, count * closure->grid->num_physical,
                           closure->rest, err));
  MARL_TRY(marl_store_get_int(from, NULL, "coefficient_uniform", &uniform, err));
  closure->uniform = uniform != 0;
  return MARL_OK;
}

MarlCode marl_agent_closure_look(const MarlAgentClosure *closure, MarlPicture *picture,
                                 MarlError *err) {
  static const char *const names[] = {[MARL_DAMPING_LAPLACIAN] = "laplacian",
                                      [MARL_DAMPING_BIHARMONIC] = "biharmonic",
                                      [MARL_DAMPING_TRIHARMONIC] = "triharmonic",
                                      [MARL_DAMPING_CUTOFF] = "cutoff",
                                      [MARL_DAMPING_RIM] = "rim"};
  const int side = closure->map->agents;
  for (int c = 0; c < closure->num_coefficients; ++c) {
    char name[MARL_PICTURE_NAME];
    snprintf(name, sizeof name, "C%d_%s", c + 1, names[closure->action->term[c].damping]);
    MARL_TRY(marl_picture_numbers(picture, name, "1", side, side,
                                  closure->coefficient + (ptrdiff_t)c * side * side, err));
  }
  return MARL_OK;
}
