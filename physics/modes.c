#include "physics/modes.h"

/* u_hat = i ky psi_hat, v_hat = -i kx psi_hat, psi_hat = w_hat / k^2 */
void marl_modes_velocity(int n, double kx, const double *restrict ky, const double *restrict w,
                         double *restrict plus, double *restrict minus) {
  for (int j = 0; j < n; ++j) {
    const double k2 = kx * kx + ky[j] * ky[j], scale = 1 / (k2 > 0 ? k2 : 1);
    const double re = scale * w[2 * j], im = scale * w[2 * j + 1];
    plus[2 * j] = kx * re - ky[j] * im;
    plus[2 * j + 1] = kx * im + ky[j] * re;
    minus[2 * j] = -kx * re - ky[j] * im;
    minus[2 * j + 1] = -kx * im + ky[j] * re;
  }
}

/* s11_hat = -kx ky psi_hat, s12_hat = (kx^2 - ky^2)/2 psi_hat */
void marl_modes_strain(int n, double kx, const double *restrict ky, const double *restrict w,
                       double *restrict plus, double *restrict minus) {
  for (int j = 0; j < n; ++j) {
    const double k2 = kx * kx + ky[j] * ky[j], scale = 1 / (k2 > 0 ? k2 : 1);
    const double s11 = -scale * kx * ky[j], s12 = 0.5 * scale * (kx * kx - ky[j] * ky[j]);
    const double re = w[2 * j], im = w[2 * j + 1];
    plus[2 * j] = s11 * re - s12 * im;
    plus[2 * j + 1] = s11 * im + s12 * re;
    minus[2 * j] = s11 * re + s12 * im;
    minus[2 * j + 1] = s11 * im - s12 * re;
  }
}

/* wx_hat = i kx w_hat, wy_hat = i ky w_hat */
void marl_modes_gradient(int n, double kx, const double *restrict ky, const double *restrict w,
                         double *restrict plus, double *restrict minus) {
  for (int j = 0; j < n; ++j) {
    const double re = w[2 * j], im = w[2 * j + 1];
    plus[2 * j] = -ky[j] * re - kx * im;
    plus[2 * j + 1] = -ky[j] * im + kx * re;
    minus[2 * j] = ky[j] * re - kx * im;
    minus[2 * j + 1] = ky[j] * im + kx * re;
  }
}
