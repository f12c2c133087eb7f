#include "envs/turbulence/interpolation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

/* Hat function of distance d in agent spacings. */
static double hat(double d) {
  return fmax(0, 1 - fabs(d));
}

/* Centered quadratic B-spline. */
static double quadratic(double d) {
  d = fabs(d);
  if (d <= 0.5) return 0.75 - d * d;
  return d < 1.5 ? 0.5 * (1.5 - d) * (1.5 - d) : 0;
}

/* Sum of f over the periodic images of distance d, period `agents`. */
static double periodic(double (*f)(double), double d, int agents) {
  double sum = 0;
  for (int image = -2; image <= 2; ++image) sum += f(d + image * agents);
  return sum;
}

/* Trigonometric cardinal function at distance d (in agent spacings) for `agents` values. */
static double trigonometric(double d, int agents) {
  double sum = 1;
  for (int k = 1; 2 * k <= agents; ++k)
    sum += (2 * k == agents ? 1 : 2) * cos(2 * PI * k * d / agents);
  return sum / agents;
}

/* Cardinal quadratic spline: the B-spline coefficients that interpolate a one at agent 0 are
 * b_m = 1/A sum_k cos(2 pi k m / A) / (3/4 + 1/4 cos(2 pi k / A)), because the collocation matrix
 * is circulant with the B-spline's values 3/4 and 1/8. */
static double quadratic_cardinal(double d, int agents) {
  double sum = 0;
  for (int m = 0; m < agents; ++m) {
    double coefficient = 0;
    for (int k = 0; k < agents; ++k)
      coefficient += cos(2 * PI * k * m / agents) / (0.75 + 0.25 * cos(2 * PI * k / agents));
    sum += coefficient / agents * periodic(quadratic, d - m, agents);
  }
  return sum;
}

static double cardinal(MarlInterpolationKind kind, double d, int agents) {
  if (agents == 1) return 1;
  switch (kind) {
    case MARL_INTERPOLATION_BILINEAR:
      return periodic(hat, d, agents);
    case MARL_INTERPOLATION_BIQUADRATIC:
      return quadratic_cardinal(d, agents);
    case MARL_INTERPOLATION_SPECTRAL:
      break;
  }
  return trigonometric(d, agents);
}

MarlCode marl_interpolation_create(MarlInterpolationKind kind, int n, int agents,
                                   MarlInterpolation **out, MarlError *err) {
  if (agents < 1 || n % agents != 0)
    return MARL_FAIL(err, MARL_ECONFIG, "agents = %d a side must divide the %d grid points a side",
                     agents, n);
  const size_t size = (size_t)n * (size_t)agents;
  MarlInterpolation *made = calloc(1, sizeof *made + 2 * size * sizeof(double));
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for %d agents a side", agents);
  made->n = n;
  made->agents = agents;
  made->weight = (double *)(made + 1);
  made->scratch = made->weight + size;
  const int spacing = n / agents;
  for (int p = 0; p < n; ++p) { /* one cardinal function, shifted for each agent */
    const double value = agents == n ? (p == 0) : cardinal(kind, (double)p / spacing, agents);
    for (int a = 0; a < agents; ++a) made->weight[(p + a * spacing) % n * agents + a] = value;
  }
  *out = made;
  return MARL_OK;
}

void marl_interpolation_destroy(MarlInterpolation **interpolation) {
  free(*interpolation);
  *interpolation = NULL;
}

void marl_interpolation_apply(const MarlInterpolation *interpolation, const double *restrict values,
                              double *restrict field) {
  const int n = interpolation->n, agents = interpolation->agents;
  const double *weight = interpolation->weight;
  double *rows = interpolation->scratch; /* [agents, n]: interpolated along x */
  if (agents == n) {
    memcpy(field, values, (size_t)n * (size_t)n * sizeof(double));
    return;
  }
  for (int j = 0; j < agents; ++j)
    for (int x = 0; x < n; ++x) {
      double sum = 0;
      for (int i = 0; i < agents; ++i) sum += weight[x * agents + i] * values[j * agents + i];
      rows[j * n + x] = sum;
    }
  memset(field, 0, (size_t)n * (size_t)n * sizeof(double));
  for (int y = 0; y < n; ++y)
    for (int j = 0; j < agents; ++j) {
      const double w = weight[y * agents + j];
      for (int x = 0; x < n; ++x) field[y * n + x] += w * rows[j * n + x];
    }
}
