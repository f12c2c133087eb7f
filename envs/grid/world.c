#include "envs/grid/world.h"

#include <string.h>

static void fill(MarlGridWorld *world, MarlGridKind kind, const uint32_t *cells) {
  const MarlGridMap *map = &world->rules->map;
  for (int r = 0; r < map->rows; ++r)
    for (uint32_t left = cells[r]; left != 0; left &= left - 1)
      marl_grid_put(world, kind, r, __builtin_ctz(left));
}

void marl_grid_eat(MarlGridWorld *world, int agent) {
  const MarlGridAgent *a = &world->agent[agent];
  marl_grid_put(world, MARL_GRID_FIRST_ITEM, a->row, a->col);
  world->tally[agent].items += 1;
  marl_grid_pay(world, agent, 1.0);
}

void marl_grid_turn(MarlGridWorld *world, int agent, int heading) {
  MarlGridAgent *a = &world->agent[agent];
  if (world->rules->see_heading) {
    marl_grid_put(world, (MarlGridKind)(MARL_GRID_HEADING + a->heading), a->row, a->col);
    marl_grid_put(world, (MarlGridKind)(MARL_GRID_HEADING + heading), a->row, a->col);
  }
  a->heading = heading;
}

static void show(MarlGridWorld *world, const MarlGridAgent *a) {
  marl_grid_put(world, MARL_GRID_AGENT, a->row, a->col);
  if (world->rules->see_heading)
    marl_grid_put(world, (MarlGridKind)(MARL_GRID_HEADING + a->heading), a->row, a->col);
}

void marl_grid_place(MarlGridWorld *world, int agent, int row, int col) {
  MarlGridAgent *a = &world->agent[agent];
  a->row = row;
  a->col = col;
  show(world, a);
}

void marl_grid_lift(MarlGridWorld *world, int agent) {
  show(world, &world->agent[agent]); /* flipped: off */
}

bool marl_grid_spawn(MarlGridWorld *world, int agent) {
  const MarlGridRules *rules = world->rules;
  const MarlGridMap *map = &rules->map;
  const bool never_left = rules->dynamics == MARL_GRID_SOCIALJAX && rules->quirks;
  int num_free = 0;
  for (int s = 0; s < map->num_spawn; ++s)
    num_free += !marl_grid_is(world, MARL_GRID_AGENT, map->spawn[s].row, map->spawn[s].col);
  if (num_free == 0) return false;
  int k = marl_grid_below(&world->draws, num_free), s = 0;
  for (;; ++s)
    if (!marl_grid_is(world, MARL_GRID_AGENT, map->spawn[s].row, map->spawn[s].col) && k-- == 0)
      break;
  world->agent[agent].heading = marl_grid_below(&world->draws, never_left ? 3 : 4);
  marl_grid_place(world, agent, map->spawn[s].row, map->spawn[s].col);
  return true;
}

static void start_agents(MarlGridWorld *world) {
  const MarlGridRules *rules = world->rules;
  const MarlGridMap *map = &rules->map;
  const bool never_left = rules->dynamics == MARL_GRID_SOCIALJAX && rules->quirks;
  for (int i = 0; i < rules->num_agents; ++i) {
    if (i >= map->num_first) {
      (void)marl_grid_spawn(world, i); /* the rules have counted the cells */
      continue;
    }
    world->agent[i].heading = marl_grid_below(&world->draws, never_left ? 3 : 4);
    marl_grid_place(world, i, map->first[i].row, map->first[i].col);
  }
}

void marl_grid_begin(MarlGridWorld *world, const MarlGridRules *rules, MarlKey key) {
  const MarlGridMap *map = &rules->map;
  memset(world, 0, sizeof *world);
  world->rules = rules;
  world->key = key;
  world->num_dirt = map->num_dirt;
  marl_grid_draws_begin(&world->draws, key, 0);
  fill(world, MARL_GRID_FIRST_ITEM, map->full);
  uint32_t clean[MARL_GRID_MAX_SIDE];
  for (int r = 0; r < map->rows; ++r) clean[r] = map->water[r] & ~map->dirt[r];
  fill(world, MARL_GRID_DIRT, map->dirt);
  fill(world, MARL_GRID_CLEAN, clean);
  start_agents(world);
}

int marl_grid_agent_at(const MarlGridWorld *world, int row, int col) {
  if (!marl_grid_is(world, MARL_GRID_AGENT, row, col)) return -1;
  int i = 0;
  while (world->agent[i].row != row || world->agent[i].col != col || world->agent[i].away > 0) ++i;
  return i;
}

void marl_grid_take(MarlGridWorld *world, int agent) {
  const MarlGridAgent *a = &world->agent[agent];
  const MarlGridBoard *board = world->board;
  const uint64_t items = marl_grid_line(&board[MARL_GRID_FIRST_ITEM], a->row) |
                         marl_grid_line(&board[MARL_GRID_SECOND_ITEM], a->row);
  if (items & marl_grid_bit(a->col)) world->rules->game->take(world, agent);
}

int marl_grid_count(const MarlGridWorld *world, MarlGridKind kind) {
  int count = 0;
  for (int r = 0; r < world->rules->map.rows; ++r)
    count += __builtin_popcountll(marl_grid_line(&world->board[kind], r));
  return count;
}

int marl_grid_neighbors(const MarlGridWorld *world, MarlGridKind kind, int row, int col) {
  const MarlGridRules *rules = world->rules;
  const MarlGridBoard *board = &world->board[kind];
  const bool last =
      rules->quirks && rules->dynamics == MARL_GRID_SOCIALJAX && col == rules->map.cols - 1;
  const int at = MARL_GRID_ROOM + col - 2; /* five columns around the cell */
  const uint64_t below = last ? 0xC : 0xE; /* the published program misses one there */
  return __builtin_popcountll(marl_grid_line(board, row - 2) >> at & 0x4) +
         __builtin_popcountll(marl_grid_line(board, row - 1) >> at & 0xE) +
         __builtin_popcountll(marl_grid_line(board, row) >> at & 0x1B) +
         __builtin_popcountll(marl_grid_line(board, row + 1) >> at & below) +
         __builtin_popcountll(marl_grid_line(board, row + 2) >> at & 0x4);
}

int marl_grid_halvings(double chance) {
  int halvings = 0;
  while (halvings < 31 && chance * (double)(UINT64_C(2) << halvings) <= 1.0) ++halvings;
  return halvings;
}

/* Neighbors are those before the growth of this step, so what grows is put down at the end. */
void marl_grid_grow(MarlGridWorld *world, const MarlGridGrowth *growth) {
  const MarlGridRules *rules = world->rules;
  const MarlGridMap *map = &rules->map;
  const double scale = (double)(UINT64_C(1) << growth->halvings);
  MarlGridCell grown[MARL_GRID_MAX_SIDE * MARL_GRID_MAX_SIDE];
  int num_grown = 0;
  for (int r = 0; r < map->rows; ++r) {
    if (map->site[r] == 0) continue;
    const uint64_t taken = marl_grid_line(&world->board[MARL_GRID_FIRST_ITEM], r) |
                           marl_grid_line(&world->board[MARL_GRID_SECOND_ITEM], r) |
                           marl_grid_line(&world->board[MARL_GRID_THIRD_ITEM], r) |
                           (growth->spare ? marl_grid_line(&world->board[MARL_GRID_AGENT], r) : 0);
    const uint32_t empty = map->site[r] & ~(uint32_t)(taken >> MARL_GRID_ROOM);
    if (empty == 0) continue;
    uint32_t left = empty & marl_grid_rare(&world->draws, growth->halvings);
    for (; left != 0; left &= left - 1) {
      const int c = __builtin_ctz(left);
      const double chance = growth->chance == NULL
                                ? growth->fixed
                                : growth->chance[marl_grid_neighbors(world, growth->kind, r, c)];
      if (marl_grid_chance(&world->draws, chance * scale))
        grown[num_grown++] = (MarlGridCell){(uint8_t)r, (uint8_t)c};
    }
  }
  for (int g = 0; g < num_grown; ++g)
    marl_grid_put(world, growth->kind, grown[g].row, grown[g].col);
}

void marl_grid_light(MarlGridWorld *world, MarlGridKind kind, int row, int col) {
  if (marl_grid_is(world, kind, row, col)) return;
  marl_grid_put(world, kind, row, col);
  world->lit[world->num_lit].kind = (uint8_t)kind;
  world->lit[world->num_lit].row = (uint8_t)row;
  world->lit[world->num_lit].col = (uint8_t)col;
  ++world->num_lit;
}

void marl_grid_put_out(MarlGridWorld *world) {
  for (int i = 0; i < world->num_lit; ++i)
    marl_grid_put(world, (MarlGridKind)world->lit[i].kind, world->lit[i].row, world->lit[i].col);
  world->num_lit = 0;
}

/* rows is a multiple of 4: four lines are a vector. */
static inline void cut_window(const uint64_t *restrict line, int rows, int shift, uint64_t mask,
                              uint64_t *restrict out) {
  for (int r = 0; r < rows; r += 4)
    for (int k = r; k < r + 4; ++k) out[k] = line[k] >> shift & mask;
}

void marl_grid_see(const MarlGridWorld *world, int agent, uint64_t *bits) {
  const MarlGridRules *rules = world->rules;
  const MarlGridAgent *a = &world->agent[agent];
  const int stride = marl_grid_view_stride(rules);
  const uint64_t mask = (UINT64_C(1) << marl_grid_view_cols(rules)) - 1;
  const uint64_t others = ~(UINT64_C(1) << rules->view_side);
  int row, col;
  marl_grid_turned(&rules->map, a->heading, a->row, a->col, &row, &col);
  const int first = MARL_GRID_ROOM + row - rules->view_ahead;
  const int shift = MARL_GRID_ROOM + col - rules->view_side;
  for (int p = 0; p < rules->num_planes; ++p) {
    int kind = (int)rules->plane[p].kind;
    const bool heading = kind >= MARL_GRID_HEADING && kind < MARL_GRID_OUTSIDE;
    if (heading) kind = MARL_GRID_HEADING + ((kind - MARL_GRID_HEADING + a->heading) & 3);
    const MarlGridBoard *board =
        kind >= MARL_GRID_OUTSIDE ? &rules->scenery[kind - MARL_GRID_OUTSIDE] : &world->board[kind];
    uint64_t *out = bits + p * stride;
    cut_window(board->line[a->heading] + first, stride, shift, mask, out);
    if (kind == MARL_GRID_AGENT || heading) out[rules->view_ahead] &= others;
  }
}
