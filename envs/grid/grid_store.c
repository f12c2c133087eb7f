#include "envs/grid/grid_store.h"

#include <stddef.h>
#include <string.h>

/* Boards of which the cells are saved; the others follow from them and from the agents. */
static const MarlGridKind saved[] = {MARL_GRID_FIRST_ITEM, MARL_GRID_SECOND_ITEM,
                                     MARL_GRID_THIRD_ITEM, MARL_GRID_DIRT,
                                     MARL_GRID_ZAP,        MARL_GRID_TOOL};
enum {
  NUM_SAVED = sizeof saved / sizeof *saved,
  SIDE = MARL_GRID_MAX_SIDE,
  CELLS = SIDE * SIDE,
  MAP_PARTS = 8,
  AGENT_FIELDS = sizeof(MarlGridAgent) / sizeof(int32_t),
  TALLY_FIELDS = sizeof(MarlGridTally) / sizeof(double),
};

typedef struct Cells {
  uint32_t row[NUM_SAVED][SIDE];
} Cells;

/* All that an episode may begin from. */
static void copy_map(const MarlGridMap *map, uint32_t parts[MAP_PARTS][SIDE]) {
  memcpy(parts[0], map->wall, sizeof map->wall);
  memcpy(parts[1], map->site, sizeof map->site);
  memcpy(parts[2], map->water, sizeof map->water);
  memcpy(parts[3], map->river, sizeof map->river);
  memcpy(parts[4], map->full, sizeof map->full);
  memcpy(parts[5], map->dirt, sizeof map->dirt);
  memset(parts[6], 0, 2 * sizeof parts[6]);
  for (int i = 0; i < map->num_spawn; ++i)
    parts[6][map->spawn[i].row] |= UINT32_C(1) << map->spawn[i].col;
  for (int i = 0; i < map->num_first; ++i)
    parts[7][i] = 1 + (uint32_t)map->first[i].row * SIDE + map->first[i].col;
}

static MarlCode write(MarlStore *to, const char *name, MarlType type, size_t count,
                      const void *data, MarlError *err) {
  return marl_store_write(to, name, &(MarlArray){.type = type, .rank = 1, .shape = {count}}, data,
                          err);
}

/* What the mechanisms keep of each agent, [agents, states], if anything. */
static MarlCode save_states(const MarlGridWorld *world, MarlStore *to, MarlError *err) {
  const int n = world->rules->num_agents, num_states = world->rules->mechanisms.num_states;
  double states[MARL_GRID_MAX_AGENTS * MARL_GRID_MAX_STATES];
  if (num_states == 0) return MARL_OK;
  for (int i = 0; i < n; ++i)
    memcpy(states + i * num_states, world->state[i], (size_t)num_states * sizeof *states);
  return write(to, "states", MARL_F64, (size_t)n * (size_t)num_states, states, err);
}

static MarlCode load_states(MarlGridWorld *world, MarlStore *from, MarlError *err) {
  const int n = world->rules->num_agents, num_states = world->rules->mechanisms.num_states;
  double states[MARL_GRID_MAX_AGENTS * MARL_GRID_MAX_STATES];
  if (num_states == 0) return MARL_OK;
  const size_t count = (size_t)n * (size_t)num_states;
  MARL_TRY(marl_store_read(from, "states", MARL_F64, count, states, err));
  MARL_TRY(marl_store_check_finite(from, "states", MARL_F64, count, states, err));
  for (int i = 0; i < n; ++i)
    memcpy(world->state[i], states + i * num_states, (size_t)num_states * sizeof *states);
  return MARL_OK;
}

MarlCode marl_grid_save(const MarlGridWorld *world, MarlStore *to, MarlError *err) {
  const size_t n = (size_t)world->rules->num_agents;
  uint32_t map[MAP_PARTS][SIDE];
  Cells cells;
  memset(&cells, 0, sizeof cells);
  copy_map(&world->rules->map, map);
  for (int k = 0; k < NUM_SAVED; ++k)
    for (int r = 0; r < world->rules->map.rows; ++r)
      cells.row[k][r] = (uint32_t)(marl_grid_line(&world->board[saved[k]], r) >> MARL_GRID_ROOM);
  const int32_t step = world->step;
  MARL_TRY(write(to, "map", MARL_U32, sizeof map / sizeof(uint32_t), map, err));
  MARL_TRY(write(to, "key", MARL_U32, 2, world->key.k, err));
  MARL_TRY(write(to, "step", MARL_I32, 1, &step, err));
  MARL_TRY(write(to, "cells", MARL_U32, sizeof cells / sizeof(uint32_t), &cells, err));
  MARL_TRY(write(to, "agents", MARL_I32, n * AGENT_FIELDS, world->agent, err));
  MARL_TRY(write(to, "tally", MARL_F64, n * TALLY_FIELDS, world->tally, err));
  MARL_TRY(save_states(world, to, err));
  MARL_TRY(write(to, "used_tool", MARL_U8, n, world->used_tool, err));
  MARL_TRY(write(to, "partial_at", MARL_I32, CELLS, world->partial_at, err));
  return write(to, "partial_by", MARL_U8, CELLS, world->partial_by, err);
}

static MarlCode check_agents(MarlGridWorld *world, MarlStore *from, MarlError *err) {
  const MarlGridRules *rules = world->rules;
  const int32_t most = INT32_MAX / 2;
  for (int i = 0; i < rules->num_agents; ++i) {
    const MarlGridAgent *a = &world->agent[i];
    const struct {
      const char *what;
      const int32_t *at;
      int64_t high;
    } limits[] = {
        {"agents: row", &a->row, rules->map.rows - 1},
        {"agents: column", &a->col, rules->map.cols - 1},
        {"agents: heading", &a->heading, 3},
        {"agents: away", &a->away, most},
        {"agents: zap_wait", &a->zap_wait, most},
        {"agents: tool_wait", &a->tool_wait, most},
        {"agents: sent", &a->sent, most},
        {"agents: frozen", &a->frozen, most},
        {"agents: mark", &a->mark, most},
    };
    for (size_t k = 0; k < sizeof limits / sizeof *limits; ++k)
      MARL_TRY(marl_store_check_within(from, limits[k].what, MARL_I32, 1, 0, limits[k].high,
                                       limits[k].at, err));
    if (a->away > 0) continue;
    if (marl_grid_blocked(rules, a->row, a->col) ||
        marl_grid_is(world, MARL_GRID_AGENT, a->row, a->col))
      return MARL_FAIL(err, MARL_EIO, "%s: agent %d is in a wall or on another agent",
                       marl_store_path(from), i);
    marl_grid_place(world, i, a->row, a->col);
  }
  return MARL_OK;
}

/* Cells to boards; what the map has no place for is dropped. */
static void put_cells(MarlGridWorld *world, const Cells *cells) {
  const MarlGridMap *map = &world->rules->map;
  const uint32_t inside = (uint32_t)((UINT64_C(1) << map->cols) - 1);
  for (int k = 0; k < NUM_SAVED; ++k)
    for (int r = 0; r < map->rows; ++r) {
      const bool light = saved[k] == MARL_GRID_ZAP || saved[k] == MARL_GRID_TOOL;
      const uint32_t possible = light                        ? inside
                                : saved[k] == MARL_GRID_DIRT ? map->water[r]
                                                             : map->site[r];
      for (uint32_t left = cells->row[k][r] & possible; left != 0; left &= left - 1) {
        if (light)
          marl_grid_light(world, saved[k], r, __builtin_ctz(left));
        else
          marl_grid_put(world, saved[k], r, __builtin_ctz(left));
      }
    }
  for (int r = 0; r < map->rows; ++r)
    for (uint32_t left = map->water[r]; left != 0; left &= left - 1) {
      const int c = __builtin_ctz(left);
      if (!marl_grid_is(world, MARL_GRID_DIRT, r, c)) marl_grid_put(world, MARL_GRID_CLEAN, r, c);
    }
  world->num_dirt = marl_grid_count(world, MARL_GRID_DIRT);
}

MarlCode marl_grid_load(MarlGridWorld *world, const MarlGridRules *rules, MarlStore *from,
                        MarlError *err) {
  const size_t n = (size_t)rules->num_agents;
  uint32_t map[MAP_PARTS][SIDE], own[MAP_PARTS][SIDE];
  int32_t step;
  Cells cells;
  memset(world, 0, sizeof *world);
  world->rules = rules;
  copy_map(&rules->map, own);
  MARL_TRY(marl_store_read(from, "map", MARL_U32, sizeof map / sizeof(uint32_t), map, err));
  if (memcmp(map, own, sizeof map) != 0)
    return MARL_FAIL(err, MARL_EIO, "%s: the map is not the one that this was saved with",
                     marl_store_path(from));
  MARL_TRY(marl_store_read(from, "key", MARL_U32, 2, world->key.k, err));
  MARL_TRY(marl_store_read_within(from, "step", MARL_I32, 1, 0, INT32_MAX / 2, &step, err));
  MARL_TRY(marl_store_read(from, "cells", MARL_U32, sizeof cells / sizeof(uint32_t), &cells, err));
  MARL_TRY(marl_store_read(from, "agents", MARL_I32, n * AGENT_FIELDS, world->agent, err));
  MARL_TRY(marl_store_read(from, "tally", MARL_F64, n * TALLY_FIELDS, world->tally, err));
  MARL_TRY(marl_store_check_finite(from, "tally", MARL_F64, n * TALLY_FIELDS, world->tally, err));
  MARL_TRY(load_states(world, from, err));
  MARL_TRY(marl_store_read_within(from, "used_tool", MARL_U8, n, 0, 1, world->used_tool, err));
  MARL_TRY(marl_store_read_within(from, "partial_at", MARL_I32, CELLS, 0, INT32_MAX / 2,
                                  world->partial_at, err));
  MARL_TRY(marl_store_read_within(from, "partial_by", MARL_U8, CELLS, 0, (int64_t)n - 1,
                                  world->partial_by, err));
  world->step = step;
  for (size_t i = 0; i < n; ++i) world->num_tools += world->used_tool[i];
  put_cells(world, &cells);
  return check_agents(world, from, err);
}
