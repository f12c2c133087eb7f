#include "marl/core/arena.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

static size_t round_up(size_t size) {
  return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *marl_carve(char *block, size_t *offset, size_t count, size_t size) {
  const size_t at = round_up(*offset);
  *offset = at + count * size;
  return block != NULL && count > 0 ? block + at : NULL;
}

char *marl_arena_alloc(size_t size) {
  const size_t whole = round_up(size > 0 ? size : 1);
  char *block = aligned_alloc(ALIGNMENT, whole);
  if (block != NULL) memset(block, 0, whole);
  return block;
}
