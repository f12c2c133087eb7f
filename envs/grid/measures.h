/* What is measured of a grid world's episode so far: the four measures of Perolat et al. 2017 and counts.
 *
 *   efficiency      U = sum_i R_i / T
 *   equality        E = 1 - sum_ij |R_i - R_j| / (2 N sum_i R_i), 1 where nothing was earned,
 *                   NaN where somebody has lost more than earned
 *   sustainability  S = mean over agents of the mean time of their positive rewards, 0 where there is none
 *   peace           P = (N T - steps that agents were away) / T
 *
 * and of punishing, with those as low whose record is below the mean of all agents' (world.h):
 *
 *   selectivity     p_low / (p_low + p_high), p the hits taken by them a step on the map; 1/2 is blind
 *   contributor_hits  share of the hits dealt by agents who are not low */
#ifndef MARL_ENVS_GRID_MEASURES_H
#define MARL_ENVS_GRID_MEASURES_H

#include "envs/grid/world.h"

enum { MARL_GRID_NUM_METRICS = 20 };

extern const char *const marl_grid_metric_names[MARL_GRID_NUM_METRICS];

/* NaN: there is none (yet). */
void marl_grid_measure(const MarlGridWorld *world, float metrics[MARL_GRID_NUM_METRICS]);

#endif
