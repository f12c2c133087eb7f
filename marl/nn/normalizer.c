#include "marl/nn/normalizer.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

MarlCode marl_normalizer_create(int dim, MarlNormalizer **out, MarlError *err) {
  if (dim < 1)
    return MARL_FAIL(err, MARL_EARG, "a normalizer has 1 component or more, not %d", dim);
  const size_t n = (size_t)dim;
  char *memory = calloc(1, sizeof(MarlNormalizer) + 2 * n * sizeof(double));
  if (memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for a normalizer of %d components", dim);
  MarlNormalizer *normalizer = (MarlNormalizer *)(void *)memory;
  normalizer->dim = dim;
  normalizer->mean = (double *)(void *)(memory + sizeof(MarlNormalizer));
  normalizer->m2 = normalizer->mean + n;
  *out = normalizer;
  return MARL_OK;
}

void marl_normalizer_destroy(MarlNormalizer **normalizer) {
  free(*normalizer);
  *normalizer = NULL;
}

/* Row by row (Welford 1962): mean += d / count, m2 += d (x - new mean) with d = x - old mean. */
void marl_normalizer_update(MarlNormalizer *normalizer, size_t rows, size_t stride, const float *x,
                            const unsigned char *mask) {
  double *restrict mean = normalizer->mean, *restrict m2 = normalizer->m2;
  for (size_t r = 0; r < rows; ++r) {
    if (mask != NULL && mask[r] != 1) continue;
    const double weight = 1 / (normalizer->count += 1);
    const float *restrict row = x + r * stride;
    for (int i = 0; i < normalizer->dim; ++i) {
      const double deviation = row[i] - mean[i];
      mean[i] += deviation * weight;
      m2[i] += deviation * (row[i] - mean[i]);
    }
  }
}

static void merge(MarlNormalizer *into, double from_count, const double *from_mean,
                  const double *from_m2) {
  if (from_count == 0) return;
  const double count = into->count + from_count, weight = from_count / count;
  for (int i = 0; i < into->dim; ++i) {
    const double difference = from_mean[i] - into->mean[i];
    into->mean[i] += difference * weight;
    into->m2[i] += from_m2[i] + difference * difference * into->count * weight;
  }
  into->count = count;
}

void marl_normalizer_merge(MarlNormalizer *into, const MarlNormalizer *from) {
  assert(into->dim == from->dim);
  merge(into, from->count, from->mean, from->m2);
}

size_t marl_normalizer_pack(const MarlNormalizer *normalizer, double *out) {
  const size_t dim = (size_t)normalizer->dim;
  out[0] = normalizer->count;
  memcpy(out + 1, normalizer->mean, dim * sizeof *out);
  memcpy(out + 1 + dim, normalizer->m2, dim * sizeof *out);
  return 1 + 2 * dim;
}

size_t marl_normalizer_merge_packed(MarlNormalizer *into, const double *packed) {
  const size_t dim = (size_t)into->dim;
  merge(into, packed[0], packed + 1, packed + 1 + dim);
  return 1 + 2 * dim;
}

void marl_normalizer_apply(const MarlNormalizer *normalizer, size_t rows, size_t stride,
                           const float *x, float limit, float *out) {
  enum { CHUNK = 32 }; /* components whose mean and scale are held at once */
  const bool known = normalizer->count >= 2;
  const size_t dim = (size_t)normalizer->dim;
  for (size_t first = 0; first < dim; first += CHUNK) {
    const size_t n = dim - first < CHUNK ? dim - first : CHUNK;
    double mean[CHUNK], scale[CHUNK];
    for (size_t i = 0; i < n; ++i) {
      const double std = known ? sqrt(normalizer->m2[first + i] / normalizer->count) : 1;
      mean[i] = known ? normalizer->mean[first + i] : 0;
      scale[i] = 1 / (std > 1e-6 ? std : 1e-6);
    }
    for (size_t r = 0; r < rows; ++r)
      for (size_t i = 0; i < n; ++i) {
        const float z = (float)((x[r * stride + first + i] - mean[i]) * scale[i]);
        out[r * dim + first + i] = z > limit ? limit : (z < -limit ? -limit : z);
      }
  }
}

MarlCode marl_normalizer_save(const MarlNormalizer *n, MarlStore *to, MarlError *err) {
  const MarlArray scalar = {.type = MARL_F64};
  const MarlArray vector = {.type = MARL_F64, .rank = 1, .shape = {(size_t)n->dim}};
  MARL_TRY(marl_store_write(to, "count", &scalar, &n->count, err));
  MARL_TRY(marl_store_write(to, "mean", &vector, n->mean, err));
  return marl_store_write(to, "m2", &vector, n->m2, err);
}

MarlCode marl_normalizer_load(MarlNormalizer *n, MarlStore *from, MarlError *err) {
  const size_t dim = (size_t)n->dim;
  MARL_TRY(marl_store_read(from, "count", MARL_F64, 1, &n->count, err));
  MARL_TRY(marl_store_read(from, "mean", MARL_F64, dim, n->mean, err));
  MARL_TRY(marl_store_read(from, "m2", MARL_F64, dim, n->m2, err));
  MARL_TRY(marl_store_check_finite(from, "count", MARL_F64, 1, &n->count, err));
  MARL_TRY(marl_store_check_finite(from, "mean", MARL_F64, dim, n->mean, err));
  return marl_store_check_finite(from, "m2", MARL_F64, dim, n->m2, err);
}
