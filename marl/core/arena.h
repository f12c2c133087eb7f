/* One allocation an object: measure with block NULL, allocate once, then carve the same pieces. */
#ifndef MARL_CORE_ARENA_H
#define MARL_CORE_ARENA_H

#include <stddef.h>

/* The next `count` elements of `size` bytes, 64-byte aligned; *offset moves past them. NULL while
 * measuring (block NULL) and for a count of 0. */
void *marl_carve(char *block, size_t *offset, size_t count, size_t size);

/* Zeroed, 64-byte aligned memory of at least `size` bytes for carving; free() it. NULL if none. */
char *marl_arena_alloc(size_t size);

#endif
