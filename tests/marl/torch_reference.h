/* Numbers of PyTorch's in tests/data, computed in double by tools/make_torch_networks.py and make_torch_reference.py. */
#ifndef MARL_TESTS_TORCH_REFERENCE_H
#define MARL_TESTS_TORCH_REFERENCE_H

#include <math.h>

#include "marl/core/store.h"
#include "tests/unit.h"

static inline MarlStore *torch_open(const char *name) {
  MarlError err;
  MarlStore *file = NULL;
  char path[512];
  const char *source = getenv("MARL_SOURCE");
  snprintf(path, sizeof path, "%s/tests/data/%s", source == NULL ? "." : source, name);
  UNIT_OK(marl_store_open(path, &file, &err));
  return file;
}

/* `what` of a case of a file of networks: malloc'd */
static inline void *torch_read(MarlStore *file, const char *name, const char *what, MarlType type,
                               size_t count) {
  MarlError err;
  char path[64];
  void *out = malloc(count * sizeof(double));
  snprintf(path, sizeof path, "%s/%s", name, what);
  UNIT_OK(marl_store_read(file, path, type, count, out, &err));
  return out;
}

/* Of the largest number of an array: PyTorch's are in double, ours single, 6e-8 a rounding, of which a sum over
 * rows, positions and layers has some hundreds that do not add up. */
static inline void torch_near(const char *name, const char *what, size_t count, const float *ours,
                              const double *theirs) {
  const double tolerance = 1e-6;
  double largest = 0, worst = 0;
  for (size_t i = 0; i < count; ++i) {
    largest = fmax(largest, fabs(theirs[i]));
    worst = fmax(worst, fabs((double)ours[i] - theirs[i]));
  }
  printf("  %s, %s: %.1e of the largest\n", name, what, worst / largest);
  CU_ASSERT_TRUE(largest > 0);
  UNIT_NEAR(worst / largest, 0.0, tolerance);
}

#endif
