/* Second-order gradient model GM2 (nonlinear gradient model)
 *
 *   PI = D^2/12 [ u_x (w_xx - w_yy) + (u_y + v_x) w_xy ],  D = 2 Delta
 *
 * the first term of the Taylor expansion of a Gaussian or box filter of width D (Leonard, Adv.
 * Geophys. 18A, 1974; Jakhar et al., J. Adv. Model. Earth Syst. 16, 2024). In two dimensions it
 * transfers no energy to the sub-grid scales, and runs with it alone are unstable. */
#include <stdlib.h>

#include "physics/closure_field.h"
#include "physics/closure_table.h"

typedef struct Gradient2 {
  MarlClosure base;
  double factor;           /* D^2/12, L^2 */
  double *wxx, *wxy, *wyy; /* [ny_local, nx], owned */
  MarlComplex *hat;        /* [nk_local, ny] scratch, owned */
} Gradient2;

static Gradient2 *self(MarlClosure *closure) {
  return (Gradient2 *)closure;
}

static void destroy(MarlClosure *closure) {
  marl_fft_free(self(closure)->wxx);
  marl_fft_free(self(closure)->wxy);
  marl_fft_free(self(closure)->wyy);
  marl_fft_free(self(closure)->hat);
  free(closure);
}

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  (void)config;
  Gradient2 *closure = calloc(1, sizeof *closure);
  *out = NULL;
  if (closure == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  const double width = 2.0 * marl_grid_delta(grid);
  closure->base.ops = &marl_closure_gradient2;
  closure->factor = width * width / 12.0;
  closure->wxx = marl_fft_alloc_physical(grid);
  closure->wxy = marl_fft_alloc_physical(grid);
  closure->wyy = marl_fft_alloc_physical(grid);
  closure->hat = marl_fft_alloc_spectral(grid);
  if (closure->wxx == NULL || closure->wxy == NULL || closure->wyy == NULL ||
      closure->hat == NULL) {
    destroy(&closure->base);
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  }
  *out = &closure->base;
  return MARL_OK;
}

static MarlCode evaluate(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                         MarlError *err) {
  (void)err;
  Gradient2 *model = self(closure);
  marl_closure_derivative(flow, flow->w_hat, 2, 0, model->hat, model->wxx);
  marl_closure_derivative(flow, flow->w_hat, 1, 1, model->hat, model->wxy);
  marl_closure_derivative(flow, flow->w_hat, 0, 2, model->hat, model->wyy);
  for (size_t i = 0; i < flow->grid->num_physical; ++i) {
    const double pi =
        flow->s11[i] * (model->wxx[i] - model->wyy[i]) + 2.0 * flow->s12[i] * model->wxy[i];
    model->wxx[i] = -model->factor * pi;
  }
  marl_fft_forward(flow->fft, model->wxx, out->tendency);
  out->has_tendency = true;
  return MARL_OK;
}

const MarlClosureOps marl_closure_gradient2 = {
    .name = "gradient2",
    .summary = "second-order nonlinear gradient model",
    .source = "Leonard, Adv. Geophys. 18A, 1974; arXiv:2306.05014",
    .needs = MARL_NEED_STRAIN,
    .tendency = true,
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate,
};
