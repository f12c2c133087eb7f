#include "marl/nn/adam.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

MarlCode marl_adam_create(const MarlAdamParams *params, int num_sets, size_t num_params,
                          MarlAdam **out, MarlError *err) {
  if (num_sets < 1 || num_params < 1)
    return MARL_FAIL(err, MARL_EARG, "an optimizer needs parameters, not %d sets of %zu", num_sets,
                     num_params);
  const size_t sets = (size_t)num_sets, moments = sets * num_params;
  /* one block: the struct, the step counts, the moments */
  char *memory = calloc(1, sizeof(MarlAdam) + sets * sizeof(int64_t) + 2 * moments * sizeof(float));
  if (memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for the moments of %zu parameters", moments);
  MarlAdam *adam = (MarlAdam *)(void *)memory;
  adam->params = *params;
  adam->num_sets = num_sets;
  adam->num_params = num_params;
  adam->steps = (int64_t *)(void *)(memory + sizeof(MarlAdam));
  adam->m = (float *)(void *)(adam->steps + sets);
  adam->v = adam->m + moments;
  *out = adam;
  return MARL_OK;
}

void marl_adam_destroy(MarlAdam **adam) {
  free(*adam);
  *adam = NULL;
}

/* Moments of a parameter whose gradient stays 0 (a dead ReLU) shrink into the subnormals, where
 * every operation takes a hundred times as long; they are 0 from there on. */
static inline float flush(float x) {
  return fabsf(x) < FLT_MIN ? 0.0f : x;
}

void marl_adam_step(MarlAdam *adam, int set, float learning_rate, float *restrict params,
                    const float *restrict grad) {
  assert(set >= 0 && set < adam->num_sets);
  const MarlAdamParams *p = &adam->params;
  const double t = (double)++adam->steps[set];
  /* m_hat / (sqrt(v_hat) + epsilon) with the bias corrections taken out of the loop */
  const float step_size = (float)((double)learning_rate / (1 - pow(p->beta1, t)));
  const float root_scale = (float)(1 / sqrt(1 - pow(p->beta2, t)));
  const float beta1 = (float)p->beta1, rest1 = (float)(1 - p->beta1);
  const float beta2 = (float)p->beta2, rest2 = (float)(1 - p->beta2);
  const float epsilon = (float)p->epsilon, decay = (float)p->weight_decay;
  float *restrict m = adam->m + (size_t)set * adam->num_params;
  float *restrict v = adam->v + (size_t)set * adam->num_params;
  for (size_t i = 0; i < adam->num_params; ++i) {
    const float g = grad[i] + decay * params[i];
    m[i] = flush(beta1 * m[i] + rest1 * g);
    v[i] = flush(beta2 * v[i] + rest2 * g * g);
    params[i] -= step_size * m[i] / (sqrtf(v[i]) * root_scale + epsilon);
  }
}

float marl_clip_norm(size_t n, float max_norm, float *grad) {
  /* eight sums, element i in sum i % 8: one vector register, the same order everywhere */
  double sums[8] = {0};
  for (size_t i = 0; i < n; ++i) sums[i % 8] += (double)grad[i] * grad[i];
  double total = 0;
  for (int lane = 0; lane < 8; ++lane) total += sums[lane];
  const float norm = (float)sqrt(total);
  if (norm > max_norm) {
    const float scale = max_norm / (norm + 1e-6f); /* PyTorch's clip_grad_norm_ */
    for (size_t i = 0; i < n; ++i) grad[i] *= scale;
  }
  return norm;
}

MarlCode marl_adam_save(const MarlAdam *adam, MarlStore *to, MarlError *err) {
  const size_t sets = (size_t)adam->num_sets;
  const MarlArray steps = {.type = MARL_I64, .rank = 1, .shape = {sets}};
  const MarlArray moments = {.type = MARL_F32, .rank = 2, .shape = {sets, adam->num_params}};
  MARL_TRY(marl_store_write(to, "steps", &steps, adam->steps, err));
  MARL_TRY(marl_store_write(to, "m", &moments, adam->m, err));
  return marl_store_write(to, "v", &moments, adam->v, err);
}

MarlCode marl_adam_load(MarlAdam *adam, MarlStore *from, MarlError *err) {
  const size_t sets = (size_t)adam->num_sets, moments = sets * adam->num_params;
  MARL_TRY(marl_store_read(from, "steps", MARL_I64, sets, adam->steps, err));
  MARL_TRY(marl_store_read(from, "m", MARL_F32, moments, adam->m, err));
  return marl_store_read(from, "v", MARL_F32, moments, adam->v, err);
}
