#include "envs/grid/look.h"

/* The kinds that every game has, then its planes (MARL_GRID_LOOKS). */
enum { FLOOR, WALL, AGENT, MARKED, ZAP, TOOL, FIRST_PLANE };

static bool shows(const MarlGridWorld *world, int kind, int row, int col) {
  const MarlGridBoard *board = kind >= MARL_GRID_OUTSIDE
                                   ? &world->rules->scenery[kind - MARL_GRID_OUTSIDE]
                                   : &world->board[kind];
  return marl_grid_at(board, row, col);
}

/* Agents before items before beams before what the cell is. */
static int look_of(const MarlGridWorld *world, int row, int col) {
  const MarlGridGame *game = world->rules->game;
  const int agent = marl_grid_agent_at(world, row, col);
  if (agent >= 0) return world->agent[agent].mark > 0 ? MARKED : AGENT;
  if (shows(world, MARL_GRID_OUTSIDE, row, col)) return WALL;
  int look = FLOOR;
  for (int p = game->num_planes - 1; p >= 0; --p)
    if (shows(world, (int)game->planes[p].kind, row, col)) look = FIRST_PLANE + p;
  if (look != FLOOR && (int)game->planes[look - FIRST_PLANE].kind <= MARL_GRID_DIRT) return look;
  if (shows(world, MARL_GRID_ZAP, row, col)) return ZAP;
  return shows(world, MARL_GRID_TOOL, row, col) ? TOOL : look;
}

MarlCode marl_grid_look(const MarlGridWorld *world, MarlPicture *picture, MarlError *err) {
  const MarlGridMap *map = &world->rules->map;
  const MarlGridGame *game = world->rules->game;
  uint8_t looks[MARL_GRID_MAX_SIDE * MARL_GRID_MAX_SIDE];
  for (int r = 0; r < map->rows; ++r)
    for (int c = 0; c < map->cols; ++c)
      looks[(map->rows - 1 - r) * map->cols + c] = (uint8_t)look_of(world, r, c);
  return marl_picture_kinds(picture, game->name, game->looks, FIRST_PLANE + game->num_planes,
                            map->rows, map->cols, looks, err);
}
