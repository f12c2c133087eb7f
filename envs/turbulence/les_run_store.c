/* What runs gave, as files and as blocks to be scored. */
#include <string.h>

#include "envs/turbulence/les_run.h"

size_t marl_les_compact(const MarlScoreTarget *target, double *blocks, size_t num_runs,
                        size_t num_blocks, size_t *lengths) {
  const size_t size = target->block_size;
  size_t kept = 0;
  for (size_t r = 0; r < num_runs; ++r) {
    const double *run = blocks + r * num_blocks * size;
    lengths[r] = 0;
    while (lengths[r] < num_blocks && run[lengths[r] * size] > 0) ++lengths[r];
    memmove(blocks + kept * size, run, lengths[r] * size * sizeof *blocks);
    kept += lengths[r];
  }
  return kept;
}

/* One run of doubles of a part. */
typedef struct PartArray {
  const char *name;
  size_t size;
  double *values;
} PartArray;
enum { NUM_PART_ARRAYS = 4 };

static void list_arrays(const MarlLesPlan *plan, const MarlLesOutput *part,
                        PartArray list[NUM_PART_ARRAYS]) {
  const MarlLesSizes sizes = marl_les_sizes(plan);
  const PartArray all[NUM_PART_ARRAYS] = {
      {"blocks", sizes.blocks, part->blocks},
      {"result", sizes.results, (double *)part->results}, /* plain numbers */
      {"maxima", sizes.maxima, part->maxima},
      {"last", sizes.last, part->last},
  };
  memcpy(list, all, sizeof all);
}

MarlCode marl_les_save(const MarlLesPlan *plan, const MarlLesOutput *part, MarlStore *to,
                       MarlError *err) {
  PartArray list[NUM_PART_ARRAYS];
  list_arrays(plan, part, list);
  for (int i = 0; i < NUM_PART_ARRAYS; ++i) {
    const MarlArray array = {.type = MARL_F64, .rank = 2, .shape = {0, list[i].size}};
    MARL_TRY(marl_store_append(to, list[i].name, &array, 1, list[i].values, err));
  }
  return MARL_OK;
}

MarlCode marl_les_load(const MarlLesPlan *plan, const MarlLesOutput *part, MarlStore *from,
                       MarlError *err) {
  PartArray list[NUM_PART_ARRAYS];
  list_arrays(plan, part, list);
  for (int i = 0; i < NUM_PART_ARRAYS; ++i)
    MARL_TRY(marl_store_read(from, list[i].name, MARL_F64, list[i].size, list[i].values, err));
  return MARL_OK;
}
