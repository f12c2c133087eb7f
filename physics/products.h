/* Products of fields that a closure makes, at the points where products are exact
 *
 * Under padding a product of two fields on the grid itself is aliased: what belongs beyond the last
 * wavenumber is folded back onto the ones that are kept. At the points of a grid 3/2 finer it is not,
 * as those of the advection (Orszag, J. Atmos. Sci. 28, 1971); a product of more factors, or of a
 * root such as |S|, still is, but less. Under the 2/3 rule and without dealiasing the points are the
 * grid's. Fields come and go in pairs, as in pencil.h. */
#ifndef MARL_PHYSICS_PRODUCTS_H
#define MARL_PHYSICS_PRODUCTS_H

#include "physics/closure.h"

typedef struct MarlProducts MarlProducts;

/* Collective over grid->comm. The grid is borrowed until destroy. */
MarlCode marl_products_create(const MarlGrid *grid, MarlProducts **out,
                              MarlError *err) MARL_NODISCARD;
void marl_products_destroy(MarlProducts **products);

/* Own points; fields are [num_points], of marl_products_field. */
size_t marl_products_num_points(const MarlProducts *products);
/* Scratch fields 0 .. MARL_PRODUCT_FIELDS-1, owned by the products. */
enum { MARL_PRODUCT_FIELDS = 6 };
double *marl_products_field(MarlProducts *products, int number);

/* a = d^(apx+apy) a_hat / dx^apx dy^apy at the points, b likewise; coefficients [nk_local, ny]
 * beyond the kept wavenumbers are not read. Collective. */
typedef struct MarlDerivative {
  const MarlComplex *hat;
  int px, py;
} MarlDerivative;
void marl_products_derivatives(MarlProducts *products, MarlDerivative a, MarlDerivative b,
                               double *a_field, double *b_field);

/* Kept coefficients of two fields [nk_local, ny], the others zero; b_hat may be NULL. Collective. */
void marl_products_forward(MarlProducts *products, const double *a, const double *b,
                           MarlComplex *a_hat, MarlComplex *b_hat);

/* Kept coefficients of the stress of a closure with a point_stress. Of `flow` only w_hat and psi_hat
 * are read. Collective. */
void marl_products_point_stress(MarlProducts *products, const MarlClosure *closure,
                                const MarlFlow *flow, MarlComplex *tau11_hat,
                                MarlComplex *tau12_hat);

#endif
