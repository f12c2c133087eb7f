#include "envs/game/gini.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Each pair's difference is the sum of the gaps between neighbors in order that lie in it, and the
 * gap above the i least is in i (n - i) pairs: no large numbers cancel. */
double marl_gini(const double *income, int n, double *scratch) {
  if (n < 1) return NAN;
  double sum = 0.0, differences = 0.0;
  memcpy(scratch, income, (size_t)n * sizeof *scratch);
  qsort(scratch, (size_t)n, sizeof *scratch, ascending);
  for (int i = 0; i < n; ++i) {
    sum += scratch[i];
    if (i > 0) differences += (scratch[i] - scratch[i - 1]) * i * (n - i);
  }
  return sum > 0.0 ? differences / (n * sum) : (double)NAN;
}
