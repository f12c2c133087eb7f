#include "marl/learn/group_transfer.h"

#include <stdio.h>

MarlCode marl_group_begin(MarlStore *store, const char *name, int index, bool saving,
                          MarlStore **out, MarlError *err) {
  char full[64];
  if (index < 0)
    snprintf(full, sizeof full, "%s", name);
  else
    snprintf(full, sizeof full, "%s_%d", name, index);
  return saving ? marl_store_group_create(store, full, out, err)
                : marl_store_group_open(store, full, out, err);
}
