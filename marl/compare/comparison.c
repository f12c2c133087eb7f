#include "marl/compare/comparison.h"

#include <string.h>

int marl_comparison_metric(const MarlComparison *comparison, const char *name) {
  for (int m = 0; m < comparison->num_metrics; ++m)
    if (strcmp(comparison->metric_name[m], name) == 0) return m;
  return -1;
}

int marl_comparison_time(const MarlComparison *comparison) {
  return comparison->population->num_metrics + comparison->population->num_greedy_metrics;
}
