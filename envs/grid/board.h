/* A kind of thing on the map, one bit a cell, in the four orientations that an agent may look in, so
 * that what it sees of a row is a shift and a mask.
 *
 * Headings are 0 down, 1 right, 2 up, 3 left; turning left adds 1. In the orientation of a heading that
 * heading is up: orientation 2 is the map as it is drawn. Around the map is room for what a view
 * reaches beyond it. */
#ifndef MARL_ENVS_GRID_BOARD_H
#define MARL_ENVS_GRID_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "envs/grid/map.h"

enum {
  MARL_GRID_UP = 2,
  MARL_GRID_ROOM = 15,
  MARL_GRID_LINES = 32 + 2 * MARL_GRID_ROOM + 2 /* a window is read in whole vectors */
};

typedef struct MarlGridBoard {
  uint64_t line[4][MARL_GRID_LINES];
} MarlGridBoard;

static inline uint64_t marl_grid_bit(int col) {
  return UINT64_C(1) << (MARL_GRID_ROOM + col);
}

/* Row of the map as drawn; rows down to -MARL_GRID_ROOM and up to MARL_GRID_ROOM beyond the last. */
static inline uint64_t marl_grid_line(const MarlGridBoard *board, int row) {
  return board->line[MARL_GRID_UP][MARL_GRID_ROOM + row];
}

static inline bool marl_grid_at(const MarlGridBoard *board, int row, int col) {
  return (marl_grid_line(board, row) & marl_grid_bit(col)) != 0;
}

/* Where a cell lies in the orientation of a heading. */
static inline void marl_grid_turned(const MarlGridMap *map, int heading, int row, int col,
                                    int *turned_row, int *turned_col) {
  const int to_row[4] = {map->rows - 1 - row, map->cols - 1 - col, row, col};
  const int to_col[4] = {map->cols - 1 - col, row, col, map->rows - 1 - row};
  *turned_row = to_row[heading];
  *turned_col = to_col[heading];
}

static inline void marl_grid_flip(MarlGridBoard *board, const MarlGridMap *map, int row, int col) {
  const int below = map->rows - 1 - row, behind = map->cols - 1 - col;
  board->line[0][MARL_GRID_ROOM + below] ^= marl_grid_bit(behind);
  board->line[1][MARL_GRID_ROOM + behind] ^= marl_grid_bit(row);
  board->line[2][MARL_GRID_ROOM + row] ^= marl_grid_bit(col);
  board->line[3][MARL_GRID_ROOM + col] ^= marl_grid_bit(below);
}

#endif
