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
