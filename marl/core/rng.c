#include "marl/core/rng.h"

#include <Random123/philox.h>
#include <math.h>

void marl_philox(MarlKey key, uint64_t index, uint32_t out[4]) {
  const philox4x32_ctr_t counter = {{(uint32_t)index, (uint32_t)(index >> 32), 0, 0}};
  const philox4x32_key_t k = {{key.k[0], key.k[1]}};
  const philox4x32_ctr_t block = philox4x32(counter, k);
  for (int i = 0; i < 4; ++i) out[i] = block.v[i];
}

MarlKey marl_key_fold(MarlKey key, uint64_t data) {
  uint32_t w[4];
  marl_philox(key, data, w);
  return (MarlKey){{w[0], w[1]}};
}

MarlKey marl_key_fold_text(MarlKey key, const char *text) {
  for (; *text != '\0'; ++text) key = marl_key_fold(key, (unsigned char)*text);
  return key;
}

MarlKey marl_key(uint64_t seed, MarlStream stream) {
  const MarlKey root = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
  return marl_key_fold(root, (uint64_t)stream);
}

static double unit_interval(uint32_t hi, uint32_t lo) {
  const uint64_t bits = ((uint64_t)hi << 32 | lo) >> 12; /* 52 bits: the +0.5 stays exact */
  return ((double)bits + 0.5) * 0x1p-52;
}

double marl_uniform(MarlKey key, uint64_t index) {
  uint32_t w[4];
  marl_philox(key, index, w);
  return unit_interval(w[0], w[1]);
}

double marl_normal(MarlKey key, uint64_t index) {
  static const double two_pi = 6.283185307179586476925286766559;
  uint32_t w[4];
  marl_philox(key, index, w);
  return sqrt(-2.0 * log(unit_interval(w[0], w[1]))) * cos(two_pi * unit_interval(w[2], w[3]));
}

uint64_t marl_below(MarlKey key, uint64_t index, uint64_t n) {
  uint32_t w[4];
  marl_philox(key, index, w);
  const uint64_t bits = (uint64_t)w[0] << 32 | w[1];
  __extension__ typedef unsigned __int128 Wide;
  return (uint64_t)(((Wide)bits * n) >> 64);
}

void marl_normal_fill(MarlKey key, uint64_t first, size_t n, float *out) {
  for (size_t i = 0; i < n; ++i) out[i] = (float)marl_normal(key, first + i);
}

void marl_permutation(MarlKey key, uint32_t n, uint32_t *out) {
  for (uint32_t i = 0; i < n; ++i) out[i] = i;
  for (uint32_t i = n; i > 1; --i) {
    const uint32_t j = (uint32_t)marl_below(key, i, i);
    const uint32_t swap = out[i - 1];
    out[i - 1] = out[j];
    out[j] = swap;
  }
}
