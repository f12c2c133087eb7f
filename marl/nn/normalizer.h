/* Running mean and standard deviation per component, in double, mergeable in a fixed order
 * (Chan, Golub, LeVeque 1983), so that any number of ranks gives the same bits. */
#ifndef MARL_NN_NORMALIZER_H
#define MARL_NN_NORMALIZER_H

#include <stddef.h>

#include "marl/core/error.h"
#include "marl/core/store.h"

typedef struct MarlNormalizer {
  int dim;
  double count; /* samples so far */
  double *mean; /* [dim] */
  double *m2;   /* [dim] sum of squared deviations */
} MarlNormalizer;

MarlCode marl_normalizer_create(int dim, MarlNormalizer **out, MarlError *err) MARL_NODISCARD;
void marl_normalizer_destroy(MarlNormalizer **normalizer);

/* Fold in rows whose mask is 1 (mask NULL: all); x is [rows, stride], first dim columns used. */
void marl_normalizer_update(MarlNormalizer *normalizer, size_t rows, size_t stride, const float *x,
                            const unsigned char *mask);
/* into += from. */
void marl_normalizer_merge(MarlNormalizer *into, const MarlNormalizer *from);
/* As 1 + 2 dim numbers, to be sent and merged elsewhere; both return how many. */
size_t marl_normalizer_pack(const MarlNormalizer *normalizer, double *out);
size_t marl_normalizer_merge_packed(MarlNormalizer *into, const double *packed);
/* out [rows, dim] = clip((x - mean) / std, -limit, limit) of x [rows, stride], std at least 1e-6.
 * Before two samples mean is 0 and std 1. A NaN stays one. out may be x if stride is dim. */
void marl_normalizer_apply(const MarlNormalizer *normalizer, size_t rows, size_t stride,
                           const float *x, float limit, float *out);

MarlCode marl_normalizer_save(const MarlNormalizer *n, MarlStore *to,
                              MarlError *err) MARL_NODISCARD;
MarlCode marl_normalizer_load(MarlNormalizer *n, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
