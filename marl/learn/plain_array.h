/* Plain arrays of a checkpoint: one axis, no scales. Nothing is written or read for count 0. */
#ifndef MARL_LEARN_PLAIN_ARRAY_H
#define MARL_LEARN_PLAIN_ARRAY_H

#include <stdbool.h>

#include "marl/core/store.h"

MarlCode marl_plain_write(MarlStore *to, const char *name, MarlType type, size_t count,
                          const void *data, MarlError *err) MARL_NODISCARD;
MarlCode marl_plain_read(MarlStore *from, const char *name, MarlType type, size_t count, void *data,
                         MarlError *err) MARL_NODISCARD;

/* A list of them. data [count] of type; written, or overwritten by what the store has. */
typedef struct MarlPlainArray {
  const char *name;
  MarlType type;
  size_t count;
  void *data;
} MarlPlainArray;
MarlCode marl_plain_transfer(MarlStore *store, const MarlPlainArray *arrays, size_t num_arrays,
                             bool write, MarlError *err) MARL_NODISCARD;

#endif
