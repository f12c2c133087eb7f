/* Pairs of fields made of the vorticity, coefficient by coefficient
 *
 * For a pair (a, b) of fields linear in w each function writes, for n values of ky at one kx >= 0,
 *   plus = a_hat + i b_hat,  minus = a_hat - i b_hat
 * as pencil.h wants them. All arrays are (re, im) pairs but ky; kx and ky in 1/L. The mean of w
 * (kx = ky = 0) has neither velocity nor strain. */
#ifndef MARL_PHYSICS_MODES_H
#define MARL_PHYSICS_MODES_H

typedef void (*MarlModes)(int n, double kx, const double *restrict ky, const double *restrict w,
                          double *restrict plus, double *restrict minus);

/* u, v [L/T] */
void marl_modes_velocity(int n, double kx, const double *restrict ky, const double *restrict w,
                         double *restrict plus, double *restrict minus);
/* s11 = u_x, s12 = (u_y + v_x)/2 [1/T] */
void marl_modes_strain(int n, double kx, const double *restrict ky, const double *restrict w,
                       double *restrict plus, double *restrict minus);
/* w_x, w_y [1/(L T)] */
void marl_modes_gradient(int n, double kx, const double *restrict ky, const double *restrict w,
                         double *restrict plus, double *restrict minus);

#endif
