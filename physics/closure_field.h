/* Measures of the resolved flow, and operations, that several closures share */
#ifndef MARL_PHYSICS_CLOSURE_FIELD_H
#define MARL_PHYSICS_CLOSURE_FIELD_H

#include "physics/closure.h"

/* <|grad^p w|^2> = sum |k|^{2p} |w_hat|^2, p >= 0. Collective.
 * p = 0 is also <|S|^2>, |S| = 2 (s11^2 + s12^2)^{1/2}: incompressible and periodic flow has
 * <|S|^2> = sum |k|^4 |psi_hat|^2 = <w^2>. */
double marl_closure_moment(const MarlFlow *flow, int p);
/* Domain mean of a field [ny_local, nx]. Collective. */
double marl_closure_mean(const MarlGrid *grid, const double *field);

/* |S| (needs STRAIN) and |grad w| (needs GRAD_VORTICITY), [ny_local, nx]. */
void marl_closure_strain_rate(const MarlFlow *flow, double *out);
void marl_closure_gradient(const MarlFlow *flow, double *out);

/* For point_stress: 2 tau11, 2 tau12 += factor |rate| (s11, s12); rate [n, 2]. */
void marl_closure_add_eddy(const MarlPoints *points, const double *rate, double factor,
                           double *sum);

/* Stress of an eddy viscosity nu_e [ny_local, nx]: tau11 = -2 nu_e s11, tau12 = -2 nu_e s12.
 * Needs STRAIN; nu_e may be out->tau11. */
void marl_closure_eddy_stress(const MarlFlow *flow, const double *viscosity, MarlSubgrid *out);

/* evaluate() of a closure with a point_stress: the same stress as fields. Needs what that needs. */
MarlCode marl_closure_evaluate_points(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                      MarlError *err);

/* evaluate() of a closure with a damping by MARL_SCALE_VORTICITY and MARL_SCALE_GRADIENT. */
MarlCode marl_closure_evaluate_scales(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                      MarlError *err);

/* out = d^(px+py) q / dx^px dy^py as physical field; hat is scratch of grid size. Collective. */
void marl_closure_derivative(const MarlFlow *flow, const MarlComplex *q_hat, int px, int py,
                             MarlComplex *hat, double *out);

/* out += factor (i kx a + i ky b), all [nk_local, ny]; factor NULL: 1. */
void marl_closure_add_divergence(const MarlGrid *grid, const MarlComplex *a, const MarlComplex *b,
                                 const double *factor, MarlComplex *out);

#endif
