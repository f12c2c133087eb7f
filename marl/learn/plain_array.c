#include "marl/learn/plain_array.h"

MarlCode marl_plain_write(MarlStore *to, const char *name, MarlType type, size_t count,
                          const void *data, MarlError *err) {
  if (count == 0) return MARL_OK;
  const MarlArray array = {.type = type, .rank = 1, .shape = {count}};
  return marl_store_write(to, name, &array, data, err);
}

MarlCode marl_plain_read(MarlStore *from, const char *name, MarlType type, size_t count, void *data,
                         MarlError *err) {
  return count == 0 ? MARL_OK : marl_store_read(from, name, type, count, data, err);
}

MarlCode marl_plain_transfer(MarlStore *store, const MarlPlainArray *arrays, size_t num_arrays,
                             bool write, MarlError *err) {
  for (size_t i = 0; i < num_arrays; ++i) {
    const MarlPlainArray *a = &arrays[i];
    MARL_TRY(write ? marl_plain_write(store, a->name, a->type, a->count, a->data, err)
                   : marl_plain_read(store, a->name, a->type, a->count, a->data, err));
  }
  return MARL_OK;
}
