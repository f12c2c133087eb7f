#include "physics/fft_lines.h"

#include <stdlib.h>

#include "marl/core/arena.h"
#include "physics/fft_twiddle.h"

extern const MarlLinesOps marl_lines_portable;
#ifdef __x86_64__
extern const MarlLinesOps marl_lines_avx2, marl_lines_fma;
#endif

const MarlLinesOps *const marl_lines_kinds[] = {
#ifdef __x86_64__
    &marl_lines_avx2, &marl_lines_fma,
#endif
    &marl_lines_portable, NULL};

typedef struct Length {
  int radix[MARL_LINES_PASSES]; /* the third is 1 where two do */
} Length;

/* Grids of 16 to 2048 points, and padded, half as many again. */
static const Length lengths[] = {
    {{4, 4, 1}},   {{4, 6, 1}},   {{4, 8, 1}},   {{6, 6, 1}},    {{6, 8, 1}},   {{8, 8, 1}},
    {{6, 12, 1}},  {{8, 12, 1}},  {{8, 16, 1}},  {{12, 12, 1}},  {{12, 16, 1}}, {{4, 8, 8}},
    {{6, 6, 8}},   {{6, 8, 8}},   {{8, 8, 8}},   {{6, 8, 12}},   {{8, 8, 12}},  {{8, 8, 16}},
    {{8, 12, 12}}, {{8, 12, 16}}, {{8, 16, 16}}, {{12, 16, 16}},
};

static const Length *find(int n) {
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; ++i)
    if (lengths[i].radix[0] * lengths[i].radix[1] * lengths[i].radix[2] == n) return &lengths[i];
  return NULL;
}

bool marl_lines_have(int n) {
  return find(n) != NULL;
}

/* The radices of a length, in their order or, for the way back, from the last. */
static MarlLinesPlan plan_of(const Length *length, bool back) {
  MarlLinesPlan plan = {.passes = length->radix[2] > 1 ? 3 : 2};
  for (int p = 0; p < plan.passes; ++p)
    plan.radix[(p + (back ? 1 : 0)) % plan.passes] = length->radix[p];
  return plan;
}

static void carve_twiddles(MarlLinesPlan *plan, int n, char *block, size_t *offset) {
  for (int p = 0; p + 1 < plan->passes; n /= plan->radix[p++])
    plan->twiddles[p] = marl_carve(block, offset, 2 * (size_t)n, sizeof(double));
}

static void lay_out(MarlLines *l, char *block, size_t *offset) {
  enum { PITCH = 16 }; /* parts are an odd number of lanes apart (fft_lines_passes.h) */
  const size_t lane = 2 * (size_t)l->ops->width * sizeof(double), n = (size_t)l->n;
  carve_twiddles(&l->plan, l->n, block, offset);
  carve_twiddles(&l->back, l->n, block, offset);
  l->modes = marl_carve(block, offset, n, lane);
  l->between = marl_carve(block, offset, n + PITCH, lane);
  l->points = marl_carve(block, offset, n + PITCH, lane);
  l->part = marl_carve(block, offset, n, lane);
}

static void fill_twiddles(const MarlLinesPlan *plan, int n) {
  for (int p = 0; p + 1 < plan->passes; ++p) {
    const int left = n / plan->radix[p];
    for (int k = 0; k < plan->radix[p]; ++k)
      for (int j = 0; j < left; ++j) {
        double *at = plan->twiddles[p] + 2 * (k * left + j);
        marl_twiddle(j * k, n, at, at + 1);
      }
    n = left;
  }
}

static const MarlLinesOps *best(void) {
  const MarlLinesOps *const *ops = marl_lines_kinds;
  while (!(*ops)->here()) ++ops;
  return *ops;
}

MarlLines *marl_lines_create(int n, int kept, const MarlLinesOps *ops) {
  const Length *length = find(n);
  MarlLines *l = malloc(sizeof *l);
  if (l == NULL) return NULL;
  *l = (MarlLines){.ops = ops != NULL ? ops : best(),
                   .n = n,
                   .kept = kept,
                   .plan = plan_of(length, false),
                   .back = plan_of(length, true)};
  size_t size = 0;
  lay_out(l, NULL, &size);
  l->memory = marl_arena_alloc(size);
  if (l->memory == NULL) {
    free(l);
    return NULL;
  }
  size = 0;
  lay_out(l, l->memory, &size);
  fill_twiddles(&l->plan, n);
  fill_twiddles(&l->back, n);
  return l;
}

void marl_lines_destroy(MarlLines **lines) {
  if (*lines == NULL) return;
  free((*lines)->memory);
  free(*lines);
  *lines = NULL;
}
