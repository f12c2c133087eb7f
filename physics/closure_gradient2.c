/* Second-order gradient model GM2 (nonlinear gradient model)
 *
 *   PI = D^2/12 [ u_x (w_xx - w_yy) + (u_y + v_x) w_xy ],  D = 2 Delta
 *
 * the first term of the Taylor expansion of a Gaussian or box filter of width D (Leonard, Adv.
 * Geophys. 18A, 1974; Jakhar et al., J. Adv. Model. Earth Syst. 16, 2024). In two dimensions it
 * transfers no energy to the sub-grid scales, and runs with it alone are unstable. Products are as
 * exact as those of the advection (products.h). */
#include <stdlib.h>

#include "physics/closure_field.h"
#include "physics/closure_table.h"
#include "physics/products.h"

typedef struct Gradient2 {
  MarlClosure base;
  double factor;          /* D^2/12, L^2 */
  MarlProducts *products; /* owned */
} Gradient2;

static Gradient2 *self(MarlClosure *closure) {
  return (Gradient2 *)closure;
}

static void destroy(MarlClosure *closure) {
  marl_products_destroy(&self(closure)->products);
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
  const MarlCode code = marl_products_create(grid, &closure->products, err);
  if (code != MARL_OK) {
    destroy(&closure->base);
    return code;
  }
  *out = &closure->base;
  return MARL_OK;
}

static MarlCode evaluate(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                         MarlError *err) {
  (void)err;
  MarlProducts *p = self(closure)->products;
  double *f[MARL_PRODUCT_FIELDS]; /* w_xx, w_yy, w_xy, psi_xy, psi_xx, psi_yy */
  for (int i = 0; i < MARL_PRODUCT_FIELDS; ++i) f[i] = marl_products_field(p, i);
  const MarlComplex *w = flow->w_hat, *psi = flow->psi_hat;
  marl_products_derivatives(p, (MarlDerivative){w, 2, 0}, (MarlDerivative){w, 0, 2}, f[0], f[1]);
  marl_products_derivatives(p, (MarlDerivative){w, 1, 1}, (MarlDerivative){psi, 1, 1}, f[2], f[3]);
  marl_products_derivatives(p, (MarlDerivative){psi, 2, 0}, (MarlDerivative){psi, 0, 2}, f[4],
                            f[5]);
  for (size_t i = 0; i < marl_products_num_points(p); ++i) {
    // u_x = psi_xy, u_y + v_x = psi_yy - psi_xx
    const double pi = f[3][i] * (f[0][i] - f[1][i]) + (f[5][i] - f[4][i]) * f[2][i];
    f[0][i] = -self(closure)->factor * pi;
  }
  marl_products_forward(p, f[0], NULL, out->tendency, NULL);
  out->has_tendency = true;
  return MARL_OK;
}

const MarlClosureOps marl_closure_gradient2 = {
    .name = "gradient2",
    .summary = "second-order nonlinear gradient model",
    .source = "Leonard, Adv. Geophys. 18A, 1974; arXiv:2306.05014",
    .tendency = true,
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate,
};
