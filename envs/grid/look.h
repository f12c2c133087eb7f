/* What a grid world looks like, for people: one panel of kinds, the map's upper row on top. */
#ifndef MARL_ENVS_GRID_LOOK_H
#define MARL_ENVS_GRID_LOOK_H

#include "envs/grid/world.h"
#include "marl/run/picture.h"

MarlCode marl_grid_look(const MarlGridWorld *world, MarlPicture *picture,
                        MarlError *err) MARL_NODISCARD;

#endif
