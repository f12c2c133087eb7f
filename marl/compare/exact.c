/* What theory says of the metrics of a cell. */
#include <math.h>
#include <stdlib.h>

#include "marl/compare/report.h"

MarlCode marl_comparison_exact(const MarlComparison *comparison, int cell, double *values,
                               MarlError *err) {
  const MarlComparison *c = comparison;
  const MarlComparisonCell *own = &c->cells[cell];
  for (int m = 0; m < c->num_metrics; ++m) values[m] = NAN;
  if (c->population->exact == NULL) return MARL_OK;
  double *metrics = calloc((size_t)own->num_own + 1, sizeof *metrics);
  if (metrics == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for metrics");
  for (int m = 0; m < own->num_own; ++m) metrics[m] = NAN;
  const MarlPopulationConfig config = marl_comparison_config(own, 0);
  const MarlCode code = c->population->exact(&config, metrics, err);
  for (int m = 0; code == MARL_OK && m < own->num_own; ++m) values[own->own[m]] = metrics[m];
  free(metrics);
  return code;
}
