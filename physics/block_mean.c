#include "physics/block_mean.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_NAME = 80 };

MarlCode marl_block_mean_init(MarlBlockMean *mean, int n, int block, MarlError *err) {
  *mean = (MarlBlockMean){.n = n, .block = block};
  const size_t size = (size_t)n;
  mean->sums = calloc(MARL_BLOCK_MEAN_SUMS * size, sizeof *mean->sums);
  if (mean->sums == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for means of %d figures", n);
  mean->sum = mean->sums;
  mean->square = mean->sums + size;
  mean->block_sum = mean->sums + 2 * size;
  mean->means = mean->sums + 3 * size;
  return MARL_OK;
}

void marl_block_mean_clear(MarlBlockMean *mean) {
  free(mean->sums);
  *mean = (MarlBlockMean){.n = 0};
}

void marl_block_mean_add(MarlBlockMean *mean, const double *figures) {
  const bool closes = ++mean->count % mean->block == 0;
  for (int i = 0; i < mean->n; ++i) {
    mean->sum[i] += figures[i];
    mean->square[i] += figures[i] * figures[i];
    mean->block_sum[i] += figures[i];
    if (!closes) continue;
    const double block_mean = mean->block_sum[i] / mean->block;
    mean->means[i] += block_mean * block_mean;
    mean->block_sum[i] = 0.0;
  }
}

double marl_block_mean_value(const MarlBlockMean *mean, int i) {
  return mean->count == 0 ? (double)NAN : mean->sum[i] / (double)mean->count;
}

double marl_block_mean_deviation(const MarlBlockMean *mean, int i) {
  if (mean->count < 2) return (double)NAN;
  const double n = (double)mean->count, average = mean->sum[i] / n;
  return sqrt(fmax(mean->square[i] / n - average * average, 0.0) * n / (n - 1.0));
}

double marl_block_mean_error(const MarlBlockMean *mean, int i) {
  const int64_t blocks = mean->count / mean->block;
  if (blocks < 2) return (double)NAN;
  const double n = (double)blocks;
  const double average = (mean->sum[i] - mean->block_sum[i]) / (n * mean->block);
  return sqrt(fmax(mean->means[i] / n - average * average, 0.0) / (n - 1.0));
}

MarlCode marl_block_mean_save(const MarlBlockMean *mean, const char *name, MarlStore *to,
                              MarlError *err) {
  char count_name[MAX_NAME];
  snprintf(count_name, sizeof count_name, "%s_count", name);
  const MarlArray count = {.type = MARL_I64};
  const MarlArray sums = {
      .type = MARL_F64, .rank = 2, .shape = {MARL_BLOCK_MEAN_SUMS, (size_t)mean->n}};
  MARL_TRY(marl_store_write(to, count_name, &count, &mean->count, err));
  return marl_store_write(to, name, &sums, mean->sums, err);
}

MarlCode marl_block_mean_load(MarlBlockMean *mean, const char *name, MarlStore *from,
                              MarlError *err) {
  char count_name[MAX_NAME];
  snprintf(count_name, sizeof count_name, "%s_count", name);
  MARL_TRY(marl_store_read(from, count_name, MARL_I64, 1, &mean->count, err));
  return marl_store_read(from, name, MARL_F64, MARL_BLOCK_MEAN_SUMS * (size_t)mean->n, mean->sums,
                         err);
}
