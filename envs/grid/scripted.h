/* Policies that are written down: yardsticks, partners and opponents of learners.
 *
 *   eater         goes to the nearest item, else stays
 *   own_color     to the nearest coin of its own color
 *   restrained:m  to the nearest apple that has at least m apples within distance 2
 *   cleaner       goes to the nearest dirt, turns to it and cleans
 *   turn_taker    agent i cleans in every second stretch of 100 steps, (t / 100 + i) even, else it eats
 *   punisher:s    a turn taker that zaps where its beam is ready and would hit somebody whose record
 *                 (world.h) is below s times the mean of all
 *   random        draws from all actions
 *
 * Near is the sum of rows and columns; of equally near ones the first, row by row. A step is along the
 * rows where they are at least as far as the columns. They see the whole map, and nobody in the way. */
#ifndef MARL_ENVS_GRID_SCRIPTED_H
#define MARL_ENVS_GRID_SCRIPTED_H

#include "envs/grid/action.h"

/* The number of what agent i does next; world->draws is that of marl_grid_players_begin. */
int marl_grid_scripted(MarlGridWorld *world, int agent);
/* Once before the agents of a step are asked. */
void marl_grid_players_begin(MarlGridWorld *world);

#endif
