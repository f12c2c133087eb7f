/* Adam (Kingma and Ba 2015, algorithm 1) on P sets of parameters, each with its own step count,
 * and clipping of the global gradient norm per set. */
#ifndef MARL_NN_ADAM_H
#define MARL_NN_ADAM_H

#include <stddef.h>
#include <stdint.h>

#include "marl/core/error.h"
#include "marl/core/store.h"

typedef struct MarlAdamParams {
  double beta1, beta2, epsilon; /* .9, .999, 1e-8 (PyTorch's defaults) */
  double weight_decay;          /* L2 term added to the gradient */
} MarlAdamParams;

typedef struct MarlAdam {
  MarlAdamParams params;
  int num_sets;
  size_t num_params; /* of one set */
  int64_t *steps;    /* [num_sets] */
  float *m, *v;      /* [num_sets, num_params] */
} MarlAdam;

MarlCode marl_adam_create(const MarlAdamParams *params, int num_sets, size_t num_params,
                          MarlAdam **out, MarlError *err) MARL_NODISCARD;
void marl_adam_destroy(MarlAdam **adam);

/* One step of set `set`: params and grad are that set's [num_params]. */
void marl_adam_step(MarlAdam *adam, int set, float learning_rate, float *restrict params,
                    const float *restrict grad);
/* Scale grad [n] to a norm of at most max_norm, by max_norm / (norm + 1e-6) as PyTorch does; returns
 * the norm before, summed in a fixed order. A NaN is returned and changes nothing. */
float marl_clip_norm(size_t n, float max_norm, float *grad);

MarlCode marl_adam_save(const MarlAdam *adam, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_adam_load(MarlAdam *adam, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
