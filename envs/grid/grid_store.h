/* A grid world to and from a checkpoint. */
#ifndef MARL_ENVS_GRID_GRID_STORE_H
#define MARL_ENVS_GRID_GRID_STORE_H

#include "envs/grid/world.h"
#include "marl/core/store.h"

MarlCode marl_grid_save(const MarlGridWorld *world, MarlStore *to, MarlError *err) MARL_NODISCARD;
/* The map must be the one it was saved with. Nothing that was read is trusted: MARL_EIO. */
MarlCode marl_grid_load(MarlGridWorld *world, const MarlGridRules *rules, MarlStore *from,
                        MarlError *err) MARL_NODISCARD;

#endif
