#include "marl/compare/comparison.h"

#include <stdlib.h>
#include <string.h>

#include "marl/compare/parameter_points.h"

int marl_comparison_metric(const MarlComparison *comparison, const char *name) {
  for (int m = 0; m < comparison->num_metrics; ++m)
    if (strcmp(comparison->metric_name[m], name) == 0) return m;
  return -1;
}

int marl_comparison_time(const MarlComparison *comparison) {
  return comparison->num_measured + comparison->num_greedy;
}

void marl_comparison_clear(MarlComparison *comparison) {
  for (int i = 0; i < comparison->num_cells; ++i) {
    for (int s = 0; s < MARL_CELL_SECTIONS; ++s)
      marl_section_destroy(&comparison->cells[i].section[s]);
    free(comparison->cells[i].own);
  }
  for (int a = 0; a < comparison->num_axes; ++a) free(comparison->axes[a].values);
  marl_points_destroy(&comparison->points);
  free(comparison->cells);
  free(comparison->metric_name);
  free(comparison->is_share);
  free(comparison->greedy);
  free(comparison->shares);
  free(comparison->columns);
  free(comparison->pairs);
  *comparison = (MarlComparison){.num_cells = 0};
}
