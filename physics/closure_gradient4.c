/* Fourth-order gradient model GM4
 *
 *   PI = D^2/12 [ u_x (w_xx - w_yy) + (u_y + v_x) w_xy ]
 *      + D^4/288 [ w_xxy (2 u_xy + v_xx) + u_xx (w_xxx - 2 w_xyy) - u_xy w_yyy + u_yy w_xyy ]
 *
 * with D = 2 Delta: the first two terms of the Taylor expansion of a Gaussian filter of width D,
 * D^2/12 d_k u_j d_jk w + D^4/288 d_kl u_j d_jkl w (Jakhar et al., arXiv:2509.20365). Unlike the
 * second-order model it transfers energy. Products are as exact as those of the advection
 * (products.h). */
#include <stdlib.h>

#include "physics/closure_field.h"
#include "physics/closure_table.h"
#include "physics/products.h"

typedef struct Gradient4 {
  MarlClosure base;
  double second, fourth;  /* D^2/12, L^2; D^4/288, L^4 */
  MarlProducts *products; /* owned */
} Gradient4;

/* One product factor d^(px+py) psi d^(qx+qy) w of the sum, with u = psi_y and v = -psi_x. */
typedef struct Term {
  double second, fourth; /* factors of D^2/12 and D^4/288 */
  int px, py;            /* derivative of psi */
  int qx, qy;            /* derivative of w */
} Term;

static const Term terms[] = {
    {1.0, 0.0, 1, 1, 2, 0},  /* u_x w_xx */
    {-1.0, 0.0, 1, 1, 0, 2}, /* -u_x w_yy */
    {1.0, 0.0, 0, 2, 1, 1},  /* u_y w_xy */
    {-1.0, 0.0, 2, 0, 1, 1}, /* v_x w_xy */
    {0.0, 2.0, 1, 2, 2, 1},  /* 2 u_xy w_xxy */
    {0.0, -1.0, 3, 0, 2, 1}, /* v_xx w_xxy */
    {0.0, 1.0, 2, 1, 3, 0},  /* u_xx w_xxx */
    {0.0, -2.0, 2, 1, 1, 2}, /* -2 u_xx w_xyy */
    {0.0, -1.0, 1, 2, 0, 3}, /* -u_xy w_yyy */
    {0.0, 1.0, 0, 3, 1, 2},  /* u_yy w_xyy */
};

static Gradient4 *self(MarlClosure *closure) {
  return (Gradient4 *)closure;
}

static void destroy(MarlClosure *closure) {
  marl_products_destroy(&self(closure)->products);
  free(closure);
}

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  (void)config;
  Gradient4 *closure = calloc(1, sizeof *closure);
  *out = NULL;
  if (closure == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  const double square = 4.0 * marl_grid_delta(grid) * marl_grid_delta(grid);
  closure->base.ops = &marl_closure_gradient4;
  closure->second = square / 12.0;
  closure->fourth = square * square / 288.0;
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
  const Gradient4 *model = self(closure);
  MarlProducts *p = model->products;
  const size_t n = marl_products_num_points(p);
  double *sum = marl_products_field(p, 0), *a = marl_products_field(p, 1),
         *b = marl_products_field(p, 2);
  for (size_t i = 0; i < n; ++i) sum[i] = 0.0;
  for (size_t t = 0; t < sizeof terms / sizeof terms[0]; ++t) {
    const Term *term = &terms[t];
    const double factor = term->second * model->second + term->fourth * model->fourth;
    marl_products_derivatives(p, (MarlDerivative){flow->psi_hat, term->px, term->py},
                              (MarlDerivative){flow->w_hat, term->qx, term->qy}, a, b);
    for (size_t i = 0; i < n; ++i) sum[i] -= factor * a[i] * b[i];
  }
  marl_products_forward(p, sum, NULL, out->tendency, NULL);
  out->has_tendency = true;
  return MARL_OK;
}

const MarlClosureOps marl_closure_gradient4 = {
    .name = "gradient4",
    .summary = "fourth-order gradient model",
    .source = "arXiv:2509.20365",
    .tendency = true,
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate,
};
