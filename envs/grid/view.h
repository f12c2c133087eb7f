/* What an agent sees, as numbers: the window [view rows, view columns, planes], each 0 or 1, then
 * four numbers: is it away; how ready are its zap beam and its tool, in [0, 1]; which share of the
 * others used the tool in the last step (0 where the world has no such thing). Who is away sees
 * nothing. Planes are those of the rules, then one of each other agent if see_identity. */
#ifndef MARL_ENVS_GRID_VIEW_H
#define MARL_ENVS_GRID_VIEW_H

#include "envs/grid/world.h"

enum { MARL_GRID_FACTS = 4 };

int marl_grid_view_planes(const MarlGridRules *rules);
int marl_grid_view_size(const MarlGridRules *rules);
/* obs [marl_grid_view_size], all written. */
void marl_grid_view(const MarlGridWorld *world, int agent, float *obs);

#endif
