#include <math.h>

#include "envs/turbulence/observation.h"

static void write(const MarlObserver *o, const double *at, float *row) {
  const double rms = o->gradient_rms + marl_observation_least;
  const double u_xx = at[1], v_xx = -at[0], u_yy = at[3], v_yy = -at[2]; /* u = psi_y, v = -psi_x */
  const double shear = v_xx + u_yy, spin = v_xx - u_yy;
  row[0] = (float)((u_xx + v_yy) / rms);
  row[1] = (float)(sqrt(u_xx * u_xx + v_yy * v_yy + 0.5 * shear * shear) / rms);
  row[2] = (float)(sqrt(0.5 * spin * spin) / rms);
}

const MarlObservationOps marl_observation_second_derivative_public_code = {
    .name = "second_derivative_public_code",
    .summary =
        "second derivatives of the velocity as in the public code; they change with the axes",
    .source = "Mojgani et al. 2023, arXiv:2312.00907, its public code",
    .formula =
        "tr S / G, B = [[u_xx, v_xx], [u_yy, v_yy]] = S + R, G = <|grad w|^2>^(1/2)\n"
        "(tr S^2)^(1/2) / G\n"
        "(-tr R^2)^(1/2) / G",
    .num_columns = 3,
    .num_fields = 4,
    .field = {{MARL_OF_STREAMFUNCTION, 3, 0},
              {MARL_OF_STREAMFUNCTION, 2, 1},
              {MARL_OF_STREAMFUNCTION, 1, 2},
              {MARL_OF_STREAMFUNCTION, 0, 3}},
    .write = write,
};
