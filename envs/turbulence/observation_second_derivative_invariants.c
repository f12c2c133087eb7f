/* Of the tensor grad grad u, that is of all third derivatives of psi, what neither a turn nor a mirror of
 * the axes changes. A turn by t multiplies H_1 and H_3 by exp(-i t) and exp(-3 i t); a mirror gives the
 * complex conjugates, up to a sign that both have. */
#include <math.h>

#include "envs/turbulence/observation.h"

static void write(const MarlObserver *o, const double *at, float *row) {
  const double rms = o->gradient_rms + marl_observation_least;
  const double xxx = at[0], xxy = at[1], xyy = at[2], yyy = at[3];
  const double x = xxx + xyy, y = xxy + yyy;
  const double re = xxx - 3 * xyy, im = 3 * xxy - yyy; /* H_3 */
  const double square = x * x + y * y, square3 = re * re + im * im;
  const double cube_re = x * (x * x - 3 * y * y), cube_im = y * (3 * x * x - y * y); /* H_1^3 */
  row[0] = (float)(sqrt(square) / rms);
  row[1] = (float)(sqrt(square3) / rms);
  row[2] = (float)((cube_re * re + cube_im * im) / pow(square + square3 + rms * rms, 2));
}

const MarlObservationOps marl_observation_second_derivative_invariants = {
    .name = "second_derivative_invariants",
    .summary = "what of the second derivatives of the velocity no choice of axes changes",
    .formula =
        "|H_1| / G, H_1 = (d_x + i d_y) lap psi, G = <|grad w|^2>^(1/2)\n"
        "|H_3| / G, H_3 = (d_x + i d_y)^3 psi\n"
        "Re(H_1^3 H_3^*) / (|H_1|^2 + |H_3|^2 + G^2)^2",
    .num_columns = 3,
    .num_fields = 4,
    .field = {{MARL_OF_STREAMFUNCTION, 3, 0},
              {MARL_OF_STREAMFUNCTION, 2, 1},
              {MARL_OF_STREAMFUNCTION, 1, 2},
              {MARL_OF_STREAMFUNCTION, 0, 3}},
    .write = write,
};
