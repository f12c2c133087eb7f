#include "envs/turbulence/observation.h"

#include <math.h>
#include <stdlib.h>

#include "physics/spectrum.h"

/* Bands of the kept wavenumbers, as parts of the cutoff: 0-1, 2-3, 4-5, 6-8, 9-11, 12-15 at n = 32, padded. */
static const double band_edges[MARL_OBSERVATION_BANDS + 1] = {
    0, 2.0 / 16, 4.0 / 16, 6.0 / 16, 9.0 / 16, 12.0 / 16, 1};

static int band_begin(int band, int num_k) {
  return (int)ceil(band_edges[band] * num_k - 1e-9);
}

/* The least number that a logarithm sees: an empty band is far off, not minus infinity. */
static const double TINY = 1e-30;

static void sum_bands(const double *spectrum, int num_k, double *bands) {
  for (int b = 0; b < MARL_OBSERVATION_BANDS; ++b) {
    bands[b] = TINY;
    for (int k = band_begin(b, num_k); k < band_begin(b + 1, num_k); ++k)
      bands[b] += (k == 0 ? 1 : 2) * spectrum[k];
  }
}

static int columns(unsigned blocks, int num_k) {
  const int widths[] = {2, 1, 1, 3, 3, num_k, MARL_OBSERVATION_BANDS, 2};
  int sum = 0;
  for (unsigned b = 0; b < sizeof widths / sizeof widths[0]; ++b)
    if (blocks & 1u << b) sum += widths[b];
  return sum;
}

MarlCode marl_observer_create(const MarlTurbulenceParams *params, const MarlGrid *grid,
                              double viscosity, const double *target, MarlObserver **out,
                              MarlError *err) {
  const int num_k = grid->kept_x;
  MarlObserver *made = calloc(1, sizeof *made);
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for observations");
  made->grid = grid;
  made->blocks = params->observation;
  made->agents = params->agents;
  made->dim = columns(params->observation, num_k);
  made->viscosity = viscosity;
  sum_bands(target, num_k, made->band_target);
  made->spectrum = calloc((size_t)grid->nx / 2, sizeof *made->spectrum);
  made->hat = marl_fft_alloc_spectral(grid);
  bool whole = made->spectrum != NULL && made->hat != NULL;
  for (int f = 0; f < 4; ++f) {
    made->field[f] = marl_fft_alloc_physical(grid);
    whole = whole && made->field[f] != NULL;
  }
  if (!whole) {
    marl_observer_destroy(&made);
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for observations of %d x %d", grid->nx,
                     grid->ny);
  }
  *out = made;
  return MARL_OK;
}

void marl_observer_destroy(MarlObserver **observer) {
  MarlObserver *made = *observer;
  if (made == NULL) return;
  free(made->spectrum);
  marl_fft_free(made->hat);
  for (int f = 0; f < 4; ++f) marl_fft_free(made->field[f]);
  free(made);
  *observer = NULL;
}

/* field = real part of sum (i kx)^px (i ky)^py q_hat exp(i k.x). */
static void derivative(MarlObserver *observer, const MarlFlow *flow, const MarlComplex *q_hat,
                       int px, int py, double *field) {
  static const MarlComplex powers_of_i[] = {1, I, -1, -I};
  const MarlGrid *grid = observer->grid;
  const MarlComplex unit = powers_of_i[(px + py) % 4];
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      double factor = 1;
      for (int p = 0; p < px; ++p) factor *= grid->kx[i];
      for (int p = 0; p < py; ++p) factor *= grid->ky[j];
      observer->hat[at] = unit * factor * q_hat[at];
    }
  marl_fft_inverse(flow->fft, observer->hat, field);
}

void marl_observer_look(MarlObserver *observer, const MarlFlow *flow) {
  const MarlGrid *grid = observer->grid;
  const size_t points = grid->num_physical;
  marl_spectrum(grid, flow->w_hat, observer->spectrum);
  derivative(observer, flow, flow->w_hat, 1, 0, observer->field[0]);
  derivative(observer, flow, flow->w_hat, 0, 1, observer->field[1]);
  double sum1 = 0, sum2 = 0;
  for (size_t i = 0; i < points; ++i) {
    const double x = observer->field[0][i], y = observer->field[1][i], square = x * x + y * y;
    sum1 += sqrt(square);
    sum2 += square;
  }
  observer->gradient_mean = sum1 / (double)points;
  observer->gradient_rms = sqrt(sum2 / (double)points);
  observer->enstrophy = observer->spectrum[0];
  for (int k = 1; k < grid->kept_x; ++k) observer->enstrophy += 2 * observer->spectrum[k];
  observer->vorticity_rms = sqrt(2 * observer->enstrophy);
}

/* Node of agent a in a field [n, n]. */
static size_t node(const MarlObserver *observer, int agent) {
  const int n = observer->grid->nx, spacing = n / observer->agents;
  return (size_t)(agent / observer->agents * spacing) * (size_t)n +
         (size_t)(agent % observer->agents * spacing);
}

/* Strain and vorticity into fields 0, 1 (s11, s12) and 2 (w). */
static void write_velocity_gradient(MarlObserver *o, const MarlFlow *flow, float *obs, int at) {
  const bool gradient = o->blocks & MARL_OBSERVE_VELOCITY_GRADIENT;
  const bool okubo_weiss = o->blocks & MARL_OBSERVE_OKUBO_WEISS;
  derivative(o, flow, flow->psi_hat, 1, 1, o->field[0]); /* psi_xy = u_x = s11 */
  derivative(o, flow, flow->psi_hat, 2, 0, o->field[1]); /* psi_xx = -v_x */
  derivative(o, flow, flow->w_hat, 0, 0, o->field[2]);
  const double rms = o->vorticity_rms + TINY;
  for (int a = 0; a < o->agents * o->agents; ++a) {
    const size_t i = node(o, a);
    const double s11 = o->field[0][i], psi_xx = o->field[1][i], w = o->field[2][i];
    const double s12 = 0.5 * (-w - 2 * psi_xx); /* (psi_yy - psi_xx)/2, psi_yy = -w - psi_xx */
    const double strain2 = 4 * (s11 * s11 + s12 * s12);
    float *row = obs + a * o->dim + at;
    if (gradient) {
      *row++ = (float)(sqrt(strain2) / rms - 1);
      *row++ = (float)(fabs(w) / rms - 1);
    }
    if (okubo_weiss) *row = (float)((strain2 - w * w) / (strain2 + w * w + rms * rms));
  }
}

static void write_vorticity_gradient(MarlObserver *o, const MarlFlow *flow, float *obs, int at) {
  derivative(o, flow, flow->w_hat, 1, 0, o->field[0]);
  derivative(o, flow, flow->w_hat, 0, 1, o->field[1]);
  for (int a = 0; a < o->agents * o->agents; ++a) {
    const size_t i = node(o, a);
    obs[a * o->dim + at] =
        (float)(hypot(o->field[0][i], o->field[1][i]) / (o->gradient_rms + TINY) - 1);
  }
}

/* All third derivatives of psi, d^3 psi / dx^(3-f) dy^f in field f: u = psi_y, v = -psi_x. */
static void third_derivatives(MarlObserver *o, const MarlFlow *flow) {
  for (int f = 0; f < 4; ++f) derivative(o, flow, flow->psi_hat, 3 - f, f, o->field[f]);
}

/* A turn of the axes by t multiplies H_1 and H_3 by exp(-i t) and exp(-3 i t); a mirror gives the
 * complex conjugates, up to a sign that both have. */
static void write_invariants(const MarlObserver *o, float *obs, int at) {
  const double rms = o->gradient_rms + TINY;
  for (int a = 0; a < o->agents * o->agents; ++a) {
    const size_t i = node(o, a);
    const double xxx = o->field[0][i], xxy = o->field[1][i];
    const double xyy = o->field[2][i], yyy = o->field[3][i];
    const double x = xxx + xyy, y = xxy + yyy;
    const double re = xxx - 3 * xyy, im = 3 * xxy - yyy; /* H_3 */
    const double square = x * x + y * y, square3 = re * re + im * im;
    const double cube_re = x * (x * x - 3 * y * y), cube_im = y * (3 * x * x - y * y); /* H_1^3 */
    float *row = obs + a * o->dim + at;
    row[0] = (float)(sqrt(square) / rms);
    row[1] = (float)(sqrt(square3) / rms);
    row[2] = (float)((cube_re * re + cube_im * im) / pow(square + square3 + rms * rms, 2));
  }
}

/* B = [[u_xx, v_xx], [u_yy, v_yy]] */
static void write_public_code(const MarlObserver *o, float *obs, int at) {
  const double rms = o->gradient_rms + TINY;
  for (int a = 0; a < o->agents * o->agents; ++a) {
    const size_t i = node(o, a);
    const double u_xx = o->field[1][i], v_xx = -o->field[0][i];
    const double u_yy = o->field[3][i], v_yy = -o->field[2][i];
    const double shear = v_xx + u_yy, spin = v_xx - u_yy;
    float *row = obs + a * o->dim + at;
    row[0] = (float)((u_xx + v_yy) / rms);
    row[1] = (float)(sqrt(u_xx * u_xx + v_yy * v_yy + 0.5 * shear * shear) / rms);
    row[2] = (float)(sqrt(0.5 * spin * spin) / rms);
  }
}

/* Blocks that are the same for all agents, into the first row; returns the next column. */
static int write_global(const MarlObserver *o, float *row, int at) {
  const int num_k = o->grid->kept_x;
  if (o->blocks & MARL_OBSERVE_LOG_SPECTRUM)
    for (int k = 0; k < num_k; ++k)
      row[at++] = (float)log((o->spectrum[k] * num_k + TINY) / (o->enstrophy + TINY));
  if (o->blocks & MARL_OBSERVE_BAND_RATIOS) {
    double bands[MARL_OBSERVATION_BANDS];
    sum_bands(o->spectrum, num_k, bands);
    for (int b = 0; b < MARL_OBSERVATION_BANDS; ++b)
      row[at++] = (float)log(bands[b] / o->band_target[b]);
  }
  if (o->blocks & MARL_OBSERVE_DISSIPATION) {
    const double delta = marl_grid_delta(o->grid);
    const double palinstrophy = o->gradient_rms * o->gradient_rms;
    row[at++] = (float)log((delta * delta * palinstrophy + TINY) / (2 * o->enstrophy + TINY));
    row[at++] = (float)log((o->vorticity_rms * delta * delta + TINY) / o->viscosity);
  }
  return at;
}

void marl_observer_write(MarlObserver *observer, const MarlFlow *flow, float *obs) {
  const unsigned pointwise = MARL_OBSERVE_VELOCITY_GRADIENT | MARL_OBSERVE_OKUBO_WEISS;
  int at = 0;
  if (observer->blocks & pointwise) {
    write_velocity_gradient(observer, flow, obs, at);
    at += columns(observer->blocks & pointwise, 0);
  }
  if (observer->blocks & MARL_OBSERVE_VORTICITY_GRADIENT)
    write_vorticity_gradient(observer, flow, obs, at++);
  if (observer->blocks & (MARL_OBSERVE_SECOND_INVARIANTS | MARL_OBSERVE_SECOND_PUBLIC_CODE))
    third_derivatives(observer, flow);
  if (observer->blocks & MARL_OBSERVE_SECOND_INVARIANTS) {
    write_invariants(observer, obs, at);
    at += 3;
  }
  if (observer->blocks & MARL_OBSERVE_SECOND_PUBLIC_CODE) {
    write_public_code(observer, obs, at);
    at += 3;
  }
  const int end = write_global(observer, obs, at);
  for (int a = 1; a < observer->agents * observer->agents; ++a)
    for (int c = at; c < end; ++c) obs[a * observer->dim + c] = obs[c];
}
