/* A second field: the enstrophy of the sub-grid scales, with a budget of its own
 *
 *   PI = nu_4 lap^2 w - nu_6 lap^3 w + PI_a + div[nu_b grad w]
 *   nu_4 = c_4 Delta^5 G, nu_6 = c_6 Delta^7 G,  G = <|grad w|^2>^{1/2}
 *   nu_b = c_b Delta^2 z / <w^2>^{1/2}
 *   z_t + u.grad z = D - R - c_e z^{3/2} + c_k Delta^2 <z>^{1/2} lap z
 *   D = nu_4 (lap w)^2 + nu_6 |grad lap w|^2 + theta (u'.grad F w)^2,  R = nu_b |grad w|^2    [1/T^3]
 * PI_a, theta, u' and F of anticipated vorticity (anticipated_flux.h), which is there if its coefficient is not 0.
 *
 * z(x, y, t) [1/T^2] is enstrophy that the flow on the grid has lost: what the damping takes at a point, D, goes into
 * it; the flow carries it; it decays in its own turnover time, z^{-1/2}; and it is given back by a negative
 * viscosity in proportion to it, R. So backscatter is local, has a memory, and cannot run away:
 *   d/dt [ <w^2>/2 + <z> ] = (forcing, viscosity, drag of w) - c_e <z^{3/2}>,
 * exactly, because <w PI> = <D - R> (tests/physics/test_closure_subgrid_enstrophy.c). It is the energy budget of Jansen
 * and Held (Ocean Model. 80, 2014), which is one number for the domain, made local and of enstrophy; that a
 * field of its own is needed is what arXiv:2602.15743 finds. Where the spectral z is below zero, by
 * ringing, nothing is returned and nothing decays.
 *
 * z is stepped as w is: Adams-Bashforth 2, diffusion exact, once a step at the start of it. A scheme of several
 * stages sees one z in all of them, and the tendency of z is that of the last: of first order in time there. It
 * begins at zero, at time zero and wherever the flow starts again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "physics/anticipated_flux.h"
#include "physics/closure_field.h"
#include "physics/closure_table.h"
#include "physics/products.h"

typedef struct SubgridEnstrophy {
  MarlClosure base;
  double delta, decay, diffusion, backscatter;
  MarlDamping damping; /* times G */
  MarlAnticipatedFlux flux;

  size_t count; /* nk_local ny */
  /* The state: z and its tendencies at `step`, and before it. */
  MarlComplex *z, *now, *old; /* [nk_local, ny], owned as are the others */
  bool started, has_old;
  int64_t step;
  double time, diffusivity; /* T; L^2/T, at `step` */

  MarlProducts *products;
  MarlComplex *a, *b;         /* [nk_local, ny] */
  double *source, *w_x, *w_y; /* at the points */
} SubgridEnstrophy;

enum { STATE = 3 };
static const char *const state_names[STATE] = {"z", "tendency", "old_tendency"};

#define COEFFICIENT(name, value, least, what)                                            \
  {                                                                                      \
    .key = name, .kind = MARL_OPTION_REAL, .fallback = value, .min = least, .max = 1000, \
    .unit = "1", .help = what                                                            \
  }

static const MarlOption options[] = {
    MARL_ANTICIPATED_OPTIONS("0", "C of anticipated vorticity, 0: there is none"),
    COEFFICIENT("biharmonic", "0", 0, "c_4"),
    COEFFICIENT("triharmonic", "1.5e-4", 0, "c_6"),
    COEFFICIENT("backscatter", "0.03", 0, "c_b, of the viscosity that gives enstrophy back"),
    COEFFICIENT("decay", "0.2", 0, "c_e, of sub-grid enstrophy in its own turnover time"),
    COEFFICIENT("diffusion", "0.1", 0, "c_k, of sub-grid enstrophy"),
};

static SubgridEnstrophy *self(MarlClosure *closure) {
  return (SubgridEnstrophy *)closure;
}

static void destroy(MarlClosure *closure) {
  SubgridEnstrophy *s = self(closure);
  MarlComplex *const hats[] = {s->z, s->now, s->old, s->a, s->b};
  for (size_t i = 0; i < sizeof hats / sizeof *hats; ++i) marl_fft_free(hats[i]);
  marl_products_destroy(&s->products);
  marl_anticipated_flux_clear(&s->flux);
  free(s->source);
  free(s);
}

static MarlCode allocate(SubgridEnstrophy *s, const MarlGrid *grid, MarlError *err) {
  MarlComplex **const hats[] = {&s->z, &s->now, &s->old, &s->a, &s->b};
  bool whole = true;
  MARL_TRY(marl_products_create(grid, &s->products, err));
  for (size_t i = 0; i < sizeof hats / sizeof *hats; ++i)
    whole = (*hats[i] = marl_fft_alloc_spectral(grid)) != NULL && whole;
  const size_t points = marl_products_num_points(s->products);
  s->source = calloc(3 * points + 1, sizeof *s->source);
  if (!whole || s->source == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  s->w_x = s->source + points;
  s->w_y = s->w_x + points;
  return MARL_OK;
}

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  *out = NULL;
  if (marl_comm_size(grid->comm) >
      1) /* save() and load() are of a state that every rank holds whole */
    return MARL_FAIL(err, MARL_ECONFIG,
                     "closure subgrid_enstrophy has a field of its own, which is kept on one rank: "
                     "run this flow with -n 1");
  SubgridEnstrophy *s = calloc(1, sizeof *s);
  if (s == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  const double d = marl_grid_delta(grid);
  s->base.ops = &marl_closure_subgrid_enstrophy;
  s->delta = d;
  s->count = grid->num_spectral;
  s->decay = marl_section_real(config, "decay");
  s->diffusion = marl_section_real(config, "diffusion");
  s->backscatter = marl_section_real(config, "backscatter");
  s->damping = (MarlDamping){.biharmonic = marl_section_real(config, "biharmonic") * pow(d, 5),
                             .triharmonic = marl_section_real(config, "triharmonic") * pow(d, 7)};
  MarlCode code = allocate(s, grid, err);
  if (code == MARL_OK) code = marl_anticipated_flux_init(&s->flux, grid, config, err);
  if (code != MARL_OK) {
    destroy(&s->base);
    return code;
  }
  *out = &s->base;
  return MARL_OK;
}

/* z at the flow's step: zero where the flow has started (again). */
static void advance(SubgridEnstrophy *s, const MarlFlow *flow) {
  const size_t count = flow->grid->num_spectral;
  if (!s->started || flow->step < s->step || flow->time < s->time) {
    memset(s->z, 0, count * sizeof *s->z);
    s->started = true;
    s->has_old = false;
  } else if (flow->step > s->step) {
    const double dt = flow->time - s->time;
    const double newest = s->has_old ? 1.5 * dt : dt, oldest = s->has_old ? 0.5 * dt : 0;
    for (size_t i = 0; i < count; ++i) {
      const double half = exp(-0.5 * dt * s->diffusivity * flow->grid->k2[i]);
      s->z[i] = half * (half * s->z[i] + newest * s->now[i] - oldest * s->old[i]);
    }
    memcpy(s->old, s->now, count * sizeof *s->old);
    s->has_old = true;
  }
  s->step = flow->step;
  s->time = flow->time;
}

/* Adds D of the uniform damping to the source. */
static void add_drain(SubgridEnstrophy *s, const MarlFlow *flow, MarlDamping damping) {
  MarlProducts *p = s->products;
  const size_t points = marl_products_num_points(p), count = flow->grid->num_spectral;
  double *x = marl_products_field(p, 0), *y = marl_products_field(p, 1);
  for (size_t i = 0; i < count; ++i) s->a[i] = -flow->grid->k2[i] * flow->w_hat[i];
  marl_products_derivatives(p, (MarlDerivative){s->a, 1, 0}, (MarlDerivative){s->a, 0, 1}, x, y);
  for (size_t i = 0; i < points; ++i)
    s->source[i] += damping.triharmonic * (x[i] * x[i] + y[i] * y[i]);
  if (damping.biharmonic == 0) return;
  marl_products_derivatives(p, (MarlDerivative){s->a, 0, 0}, (MarlDerivative){s->a, 0, 0}, x, y);
  for (size_t i = 0; i < points; ++i) s->source[i] += damping.biharmonic * x[i] * x[i];
}

/* What is returned, -div[nu_b grad w], into out->tendency; what it costs z, and its decay, from the source. */
static void give_back(SubgridEnstrophy *s, const MarlFlow *flow, const double *z, double scale,
                      MarlSubgrid *out) {
  MarlProducts *p = s->products;
  double *wx = s->w_x, *wy = s->w_y;
  marl_products_derivatives(p, (MarlDerivative){flow->w_hat, 1, 0},
                            (MarlDerivative){flow->w_hat, 0, 1}, wx, wy);
  for (size_t i = 0; i < marl_products_num_points(p); ++i) {
    const double there = z[i] > 0 ? z[i] : 0, viscosity = scale * there;
    s->source[i] -= viscosity * (wx[i] * wx[i] + wy[i] * wy[i]) + s->decay * there * sqrt(there);
    wx[i] *= -viscosity;
    wy[i] *= -viscosity;
  }
  marl_products_forward(p, wx, wy, s->a, s->b);
  marl_closure_add_divergence(flow->grid, s->a, s->b, NULL, out->tendency);
  out->has_tendency = true;
}

/* now = source - div(u z) */
static void set_tendency(SubgridEnstrophy *s, const MarlFlow *flow, double *z, double *other) {
  MarlProducts *p = s->products;
  double *u = marl_products_field(p, 0), *minus_v = marl_products_field(p, 1);
  marl_products_derivatives(p, (MarlDerivative){flow->psi_hat, 0, 1},
                            (MarlDerivative){flow->psi_hat, 1, 0}, u, minus_v);
  for (size_t i = 0; i < marl_products_num_points(p); ++i) {
    other[i] = minus_v[i] * z[i];
    z[i] *= -u[i];
  }
  marl_products_forward(p, z, other, s->a, s->b);
  memset(s->now, 0, s->count * sizeof *s->now);
  marl_closure_add_divergence(flow->grid, s->a, s->b, NULL, s->now);
  marl_products_forward(p, s->source, NULL, s->a, NULL);
  for (size_t i = 0; i < flow->grid->num_spectral; ++i) s->now[i] += s->a[i];
}

static MarlCode evaluate(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                         MarlError *err) {
  (void)err;
  SubgridEnstrophy *s = self(closure);
  MarlProducts *p = s->products;
  double *z = marl_products_field(p, 2), *other = marl_products_field(p, 3);
  advance(s, flow);
  out->uniform = marl_damping_times(s->damping, sqrt(marl_closure_moment(flow, 1)));
  memset(s->source, 0, marl_products_num_points(p) * sizeof *s->source);
  add_drain(s, flow, out->uniform);
  memset(out->tendency, 0, s->count * sizeof *out->tendency);
  if (s->flux.coefficient > 0)
    marl_anticipated_flux_add(&s->flux, p, flow, out->tendency, s->source);
  marl_products_derivatives(p, (MarlDerivative){s->z, 0, 0}, (MarlDerivative){s->z, 0, 0}, z,
                            other);
  const double square = marl_closure_moment(flow, 0);
  const double scale = square > 0 ? s->backscatter * s->delta * s->delta / sqrt(square) : 0;
  give_back(s, flow, z, scale, out);
  set_tendency(s, flow, z, other);
  const double mean = creal(s->z[0]);
  s->diffusivity = s->diffusion * s->delta * s->delta * sqrt(mean > 0 ? mean : 0);
  return MARL_OK;
}

static MarlCode save(const MarlClosure *closure, MarlStore *to, MarlError *err) {
  const SubgridEnstrophy *s = (const SubgridEnstrophy *)closure;
  const MarlComplex *const hats[] = {s->z, s->now, s->old};
  if (!s->started) return MARL_OK;
  for (int i = 0; i < STATE; ++i) {
    const MarlArray array = {.type = MARL_F64, .rank = 1, .shape = {2 * s->count}};
    MARL_TRY(marl_store_write(to, state_names[i], &array, hats[i], err));
  }
  MARL_TRY(marl_store_set_int(to, NULL, "step", s->step, err));
  MARL_TRY(marl_store_set_int(to, NULL, "has_old", s->has_old, err));
  MARL_TRY(marl_store_set_real(to, NULL, "diffusivity", s->diffusivity, err));
  return marl_store_set_real(to, NULL, "time", s->time, err);
}

static MarlCode load(MarlClosure *closure, MarlStore *from, MarlError *err) {
  SubgridEnstrophy *s = self(closure);
  MarlComplex *const hats[] = {s->z, s->now, s->old};
  int64_t has_old;
  s->started = marl_store_has(from, state_names[0]);
  if (!s->started) return MARL_OK; /* saved before the first step */
  for (int i = 0; i < STATE; ++i)
    MARL_TRY(marl_store_read(from, state_names[i], MARL_F64, 2 * s->count, hats[i], err));
  MARL_TRY(marl_store_get_int(from, NULL, "step", &s->step, err));
  MARL_TRY(marl_store_get_int(from, NULL, "has_old", &has_old, err));
  MARL_TRY(marl_store_get_real(from, NULL, "diffusivity", &s->diffusivity, err));
  s->has_old = has_old != 0;
  return marl_store_get_real(from, NULL, "time", &s->time, err);
}

const MarlClosureOps marl_closure_subgrid_enstrophy = {
    .name = "subgrid_enstrophy",
    .summary = "what damping takes is carried along as sub-grid enstrophy and given back locally",
    .source =
        "Jansen and Held, Ocean Model. 80, 2014 (the budget, of energy and one number); the local "
        "field is ours",
    .formula =
        "PI = nu_4 lap^2 w - nu_6 lap^3 w + PI_a + div[nu_b grad w], nu_b = c_b Delta^2 z / "
        "<w^2>^{1/2},\n"
        "z_t + u.grad z = nu_4 (lap w)^2 + nu_6 |grad lap w|^2 + D_a - nu_b |grad w|^2\n"
        "- c_e z^{3/2} + c_k Delta^2 <z>^{1/2} lap z; PI_a, D_a of anticipated vorticity",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .tendency = true,
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate,
    .save = save,
    .load = load,
};
