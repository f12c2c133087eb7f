#include "physics/initial.h"

#include <math.h>
#include <stdlib.h>

#include "marl/core/comm.h"
#include "physics/initial_file.h"

static const double pi = 3.1415926535897932384626433832795;

typedef double (*Formula)(const MarlInitial *initial, const MarlGrid *grid, double x, double y);

static double taylor_green(const MarlInitial *in, const MarlGrid *g, double x, double y) {
  const double kx = 2 * pi * in->waves / g->lx, ky = 2 * pi * in->waves / g->ly;
  return (kx + ky) * cos(kx * x) * cos(ky * y);
}

/* J1 by its power series: full precision for |x| < 4 */
static double bessel_j1(double x) {
  double term = 0.5 * x, sum = term;
  for (int m = 1; m < 24; ++m) {
    term *= -0.25 * x * x / (m * (m + 1.0));
    sum += term;
  }
  return sum;
}

static double dipole(const MarlInitial *in, const MarlGrid *g, double x, double y) {
  const double first_zero_of_j1 = 3.83170597020751231561, j0_there = -0.40275939570255297;
  const double q = first_zero_of_j1 / in->radius;
  const double dx = x - 0.5 * g->lx, dy = y - 0.5 * g->ly, r = hypot(dx, dy);
  if (r >= in->radius || r == 0) return 0;
  return -2 * in->speed * q * bessel_j1(q * r) * dy / (r * j0_there);
}

/* w = v_x - u_y; each layer is summed over the images that are not round-off */
static double shear_layer(const MarlInitial *in, const MarlGrid *g, double x, double y) {
  const double kx = 2 * pi / g->lx;
  double w = 0.05 * kx * cos(kx * x);
  for (int image = -1; image <= 1; ++image)
    for (int side = 0; side < 2; ++side) {
      const double s = 1 / cosh((y - g->ly * (0.25 + 0.5 * side + image)) / in->thickness);
      w += (side == 0 ? -1 : 1) * s * s / in->thickness;
    }
  return w;
}

static MarlCode apply_formula(const MarlInitial *in, Formula formula, MarlSolver *solver,
                              MarlError *err) {
  const MarlGrid *g = marl_solver_grid(solver);
  double *w = marl_fft_alloc_physical(g);
  MarlCode code = w != NULL ? MARL_OK : MARL_FAIL(err, MARL_EMEMORY, "no memory for a field");
  code = marl_comm_agree(g->comm, code, err);
  if (code == MARL_OK) {
    for (int j = 0; j < g->ny_local; ++j)
      for (int i = 0; i < g->nx; ++i)
        w[(size_t)j * (size_t)g->nx + (size_t)i] =
            formula(in, g, i * g->lx / g->nx, (g->y0 + j) * g->ly / g->ny);
    code = marl_solver_set_vorticity(solver, w, err);
  }
  marl_fft_free(w);
  return code;
}

static void fill_random(const MarlInitial *in, const MarlGrid *g, MarlComplex *w_hat) {
  const double a = 4 * pow(in->peak, -5) / (3 * pi);
  const double cell = 4 * pi * pi / (g->lx * g->ly); /* of wavenumber space a mode stands for */
  for (int i = 0; i < g->nk_local; ++i)
    for (int j = 0; j < g->ny; ++j) {
      const int kx = g->k0 + i, ky = j < g->ny / 2 ? j : j - g->ny;
      MarlComplex *column = w_hat + (ptrdiff_t)i * g->ny;
      const double k = sqrt(g->k2[(ptrdiff_t)i * g->ny + j]);
      if (kx == g->nx / 2 || ky == -g->ny / 2 || (kx == 0 && ky <= 0)) continue;
      const double energy = a * pow(k, 4) * exp(-(k / in->peak) * (k / in->peak));
      const double size = sqrt(cell * k * energy / pi);
      const uint64_t index = ((uint64_t)kx << 21) + (uint64_t)(ky + (1 << 20));
      const double phase = 2 * pi * marl_uniform(in->key, index);
      column[j] = CMPLX(size * cos(phase), size * sin(phase));
      if (kx == 0) column[g->ny - j] = conj(column[j]);
    }
}

static MarlCode apply_spectral(const MarlInitial *in, MarlSolver *solver, MarlError *err) {
  const MarlGrid *g = marl_solver_grid(solver);
  MarlComplex *w_hat = marl_fft_alloc_spectral(g);
  MarlCode code = w_hat != NULL ? MARL_OK : MARL_FAIL(err, MARL_EMEMORY, "no memory for a field");
  code = marl_comm_agree(g->comm, code, err);
  if (code == MARL_OK) {
    if (in->kind == MARL_INITIAL_RANDOM) fill_random(in, g, w_hat);
    code = marl_solver_set_w_hat(solver, w_hat, err);
  }
  marl_fft_free(w_hat);
  return code;
}

MarlCode marl_initial_apply(const MarlInitial *in, MarlSolver *solver, MarlError *err) {
  switch (in->kind) {
    case MARL_INITIAL_TAYLOR_GREEN:
      return apply_formula(in, taylor_green, solver, err);
    case MARL_INITIAL_DIPOLE:
      return apply_formula(in, dipole, solver, err);
    case MARL_INITIAL_SHEAR_LAYER:
      return apply_formula(in, shear_layer, solver, err);
    case MARL_INITIAL_FILE:
      return marl_initial_apply_file(in, solver, err);
    case MARL_INITIAL_REST:
    case MARL_INITIAL_RANDOM:
      break;
  }
  return apply_spectral(in, solver, err);
}
