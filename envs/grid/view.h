/* What an agent sees, as numbers: the window [view rows, view columns, planes], each 0 or 1, then
 * four numbers: is it away; how ready are its zap beam and its tool, in [0, 1], 0 while it is frozen; which
 * share of the others used the tool in the last step (0 where the world has no such thing). Who is away
 * sees nothing. Planes are those of the rules, each cell 0 or 1, then what is known of single agents, at
 * their cells: one plane of each other agent (see_identity); who bears a mark, the viewer too
 * (see_mark); everybody's record, the viewer's too (see_record). */
#ifndef MARL_ENVS_GRID_VIEW_H
#define MARL_ENVS_GRID_VIEW_H

#include "envs/grid/world.h"

enum { MARL_GRID_FACTS = 4 };

int marl_grid_view_planes(const MarlGridRules *rules);
int marl_grid_view_size(const MarlGridRules *rules);
/* obs [marl_grid_view_size], all written. */
void marl_grid_view(const MarlGridWorld *world, int agent, float *obs);

/* What a central critic sees, the same for all agents: the map as drawn, [map rows, map columns, planes of the game
 * and one of agents], each 0 or 1, then four numbers an agent: its row and column in [0, 1], its heading / 3, is it
 * away. 0 without global_state. */
int marl_grid_see_all_size(const MarlGridRules *rules);
void marl_grid_see_all(const MarlGridWorld *world, float *state); /* [size], all written */

#endif
