/* Backscatter of Jansen and Held (Ocean Model. 80, 2014)
 *
 *   -PI = -nu_4 lap^2 w - nu_b lap w
 *   nu_4 = (C Delta)^4 <|S|^2>^{1/2} (base smagorinsky) or (C Delta)^5 <|grad w|^2>^{1/2} (leith)
 *   nu_b = c_B <psi F> / <psi lap w>,  F = -nu_4 lap^2 w
 *
 * so that the negative viscosity returns the fraction c_B of the energy that the biharmonic term
 * takes. With w = -lap psi this is nu_b = c_B nu_4 <|grad w|^2> / <w^2>. Delta of marl_grid_delta; the
 * formulae as Guan et al. (arXiv:2409.04985) calibrate them. */
#include <math.h>
#include <stdlib.h>

#include "physics/closure_field.h"
#include "physics/closure_table.h"

typedef enum Base { BASE_SMAGORINSKY, BASE_LEITH } Base;

typedef struct JansenHeld {
  MarlClosure base;
  Base model;
  double length;      /* C Delta, L */
  double backscatter; /* c_B */
} JansenHeld;

static const char *const bases[] = {"smagorinsky", "leith", NULL};

static const MarlOption options[] = {
    {.key = "base",
     .kind = MARL_OPTION_CHOICE,
     .fallback = "leith",
     .choices = bases,
     .unit = "",
     .help = "what the biharmonic viscosity scales with"},
    {.key = "coefficient",
     .kind = MARL_OPTION_REAL,
     .fallback = "0.25",
     .min = 0.0,
     .max = 10.0,
     .unit = "1",
     .help = "C; Delta is the resolved scale, the grid spacing under padding"},
    {.key = "backscatter",
     .kind = MARL_OPTION_REAL,
     .fallback = "0.95",
     .min = 0.0,
     .max = 2.0,
     .unit = "1",
     .help = "c_B, the fraction of the dissipated energy that is returned"},
};

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  JansenHeld *closure = calloc(1, sizeof *closure);
  *out = NULL;
  if (closure == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  closure->base.ops = &marl_closure_jansen_held;
  closure->model = (Base)marl_section_choice(config, "base");
  closure->length = marl_section_real(config, "coefficient") * marl_grid_delta(grid);
  closure->backscatter = marl_section_real(config, "backscatter");
  *out = &closure->base;
  return MARL_OK;
}

static void destroy(MarlClosure *closure) {
  free(closure);
}

static MarlDamping damping(const MarlClosure *closure, const MarlFlowScales *scales) {
  const JansenHeld *self = (const JansenHeld *)closure;
  const double square = scales->vorticity, gradient = scales->gradient, l = self->length;
  MarlDamping out = {0};
  if (square <= 0.0) return out;  // at rest
  out.biharmonic =
      self->model == BASE_LEITH ? l * l * l * l * l * sqrt(gradient) : l * l * l * l * sqrt(square);
  out.viscosity = -self->backscatter * out.biharmonic * gradient / square;
  return out;
}

const MarlClosureOps marl_closure_jansen_held = {
    .name = "jansen_held",
    .summary = "biharmonic viscosity with energy backscatter",
    .source = "Jansen and Held, Ocean Model. 80, 2014; arXiv:2409.04985",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .scales = MARL_SCALE_VORTICITY | MARL_SCALE_GRADIENT,
    .damping = damping,
    .evaluate = marl_closure_evaluate_scales,
};
