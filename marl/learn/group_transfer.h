/* Save or load an object in a child group: the loops over objects of a checkpoint. */
#ifndef MARL_LEARN_GROUP_TRANSFER_H
#define MARL_LEARN_GROUP_TRANSFER_H

#include <stdbool.h>

#include "marl/core/store.h"

/* Open (or create, when saving) group "<name>_<index>", or "<name>" when index is negative. */
MarlCode marl_group_begin(MarlStore *store, const char *name, int index, bool saving,
                          MarlStore **out, MarlError *err) MARL_NODISCARD;

#endif
