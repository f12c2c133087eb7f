#include "envs/turbulence/interpolation.h"

#include <stdlib.h>
#include <string.h>

double marl_interpolation_periodic(double (*f)(double), double d, int agents) {
  double sum = 0;
  for (int image = -2; image <= 2; ++image) sum += f(d + image * agents);
  return sum;
}

static double cardinal(const MarlInterpolationOps *ops, double d, int agents) {
  return agents == 1 ? 1 : ops->cardinal(d, agents);
}

MarlCode marl_interpolation_create(const MarlInterpolationOps *ops, int n, int agents,
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
    const double value = agents == n ? (p == 0) : cardinal(ops, (double)p / spacing, agents);
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
