/* The map of a grid world: a text file that says what its characters mean and then draws the cells.
 *
 *   # anything
 *   legend
 *   B apple_site
 *   P spawn
 *   map
 *   P   BBB
 *       BBB
 *
 * A space is floor, and short lines go on with floor. What a character may mean is in map.c's table.
 * What lies outside of the map is wall. Rows count downward, columns to the right, both from 0; bit c
 * of word r is the cell in row r and column c. */
#ifndef MARL_ENVS_GRID_MAP_H
#define MARL_ENVS_GRID_MAP_H

#include <stdint.h>

#include "marl/core/error.h"

enum { MARL_GRID_MAX_SIDE = 32, MARL_GRID_MAX_FIRST = 16 };

typedef struct MarlGridCell {
  uint8_t row, col;
} MarlGridCell;

typedef struct MarlGridMap {
  int rows, cols;
  uint32_t wall[MARL_GRID_MAX_SIDE];
  uint32_t site[MARL_GRID_MAX_SIDE];  /* where apples, coins or ore grow */
  uint32_t full[MARL_GRID_MAX_SIDE];  /* sites that bear at the start */
  uint32_t water[MARL_GRID_MAX_SIDE]; /* that can be dirty */
  uint32_t dirt[MARL_GRID_MAX_SIDE];  /* water that is dirty at the start */
  uint32_t river[MARL_GRID_MAX_SIDE]; /* water that is never dirty */
  int num_sites, num_full, num_water, num_dirt, num_river, num_spawn, num_first;
  MarlGridCell spawn[MARL_GRID_MAX_SIDE * MARL_GRID_MAX_SIDE]; /* [num_spawn] row by row */
  MarlGridCell first[MARL_GRID_MAX_FIRST]; /* [num_first] where agents 0, 1, ... start */
} MarlGridMap;

/* MARL_EIO where the file cannot be read, MARL_ECONFIG with file, line and column where it is no map. */
MarlCode marl_grid_map_read(const char *path, MarlGridMap *out, MarlError *err) MARL_NODISCARD;
/* The same of text in memory; `name` stands for the file in errors. */
MarlCode marl_grid_map_parse(const char *text, const char *name, MarlGridMap *out,
                             MarlError *err) MARL_NODISCARD;

#endif
