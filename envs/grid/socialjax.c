/* A step of SocialJax (Guo et al. 2025) as it is since August 2026: growth and dirt from what was there
 * before; who was hit in the last step is moved to a spawn cell; all turn and move at once; they eat;
 * zap beams, then cleaning. A beam is four cells (one and two ahead, and diagonally ahead to both
 * sides) and passes agents and walls.
 *
 * With `quirks` also what that program does wrong and what changes the world: beams at the border wrap
 * around or meet the shooter, the reward of the last step is lost, nobody ever starts with heading 3, a
 * neighbor is missed in the last column (world.c), and of several agents whose beams would meet one
 * cell the last one decides whether it is cleaned. */
#include "envs/grid/action.h"

typedef struct Beam {
  int row[4], col[4];
} Beam;

static Beam cells_of(const MarlGridWorld *world, int agent) {
  static const int ahead[4] = {1, 2, 1, 1}, aside[4] = {0, 0, 3, 1};
  const MarlGridRules *rules = world->rules;
  const MarlGridMap *map = &rules->map;
  const MarlGridAgent *a = &world->agent[agent];
  Beam beam;
  for (int k = 0; k < 4; ++k) {
    const int side = (a->heading + aside[k]) & 3;
    int r = a->row + ahead[k] * marl_grid_down(a->heading);
    int c = a->col + ahead[k] * marl_grid_right(a->heading);
    if (aside[k] != 0) r += marl_grid_down(side), c += marl_grid_right(side);
    if (rules->quirks) { /* an index below 0 counts from the end, one beyond it is the last */
      r = r < 0 ? r + map->rows : r >= map->rows ? map->rows - 1 : r;
      c = c < 0 ? c + map->cols : c >= map->cols ? map->cols - 1 : c;
    }
    const bool inside = r >= 0 && r < map->rows && c >= 0 && c < map->cols;
    beam.row[k] = inside ? r : -1;
    beam.col[k] = inside ? c : -1;
  }
  return beam;
}

/* Where each agent wants to go; its own cell if it stays. */
static void propose(MarlGridWorld *world, const uint8_t *number, int *row, int *col) {
  const MarlGridRules *rules = world->rules;
  const MarlGridMap *map = &rules->map;
  for (int i = 0; i < rules->num_agents; ++i) {
    const MarlGridAgent *a = &world->agent[i];
    const int turn = marl_grid_turning(rules, number[i]);
    const int direction = marl_grid_direction(rules, number[i], a->heading);
    row[i] = a->row;
    col[i] = a->col;
    if (turn != 0) marl_grid_turn(world, i, (a->heading + turn) & 3);
    if (direction < 0) continue;
    const int r = a->row + marl_grid_down(direction), c = a->col + marl_grid_right(direction);
    if (marl_grid_blocked(rules, r, c)) continue;
    const bool on_site = map->site[r] >> c & 1;
    /* the beams of the last step are in the way, but not over sites */
    if (map->num_water == 0 && marl_grid_is(world, MARL_GRID_ZAP, r, c) && !on_site) continue;
    row[i] = r;
    col[i] = c;
  }
}

/* Must agent i stay, as the others' plans are? */
static bool turned_back(const MarlGridWorld *world, const int *row, const int *col,
                        const uint8_t *rank, int i) {
  const MarlGridAgent *a = world->agent;
  for (int j = 0; j < world->rules->num_agents; ++j) {
    if (j == i) continue;
    const bool stays = row[j] == a[j].row && col[j] == a[j].col;
    const bool there = a[j].row == row[i] && a[j].col == col[i];
    const bool same = row[j] == row[i] && col[j] == col[i];
    const bool exchange = there && row[j] == a[i].row && col[j] == a[i].col;
    if ((stays && there) || exchange || (!stays && same && rank[j] < rank[i])) return true;
  }
  return false;
}

static void move_all(MarlGridWorld *world, const uint8_t *number) {
  const int n = world->rules->num_agents;
  int row[MARL_GRID_MAX_AGENTS] = {0}, col[MARL_GRID_MAX_AGENTS] = {0};
  uint8_t order[MARL_GRID_MAX_AGENTS], rank[MARL_GRID_MAX_AGENTS] = {0};
  marl_grid_order(&world->draws, n, order);
  for (int k = 0; k < n; ++k) rank[order[k]] = (uint8_t)k;
  propose(world, number, row, col);
  for (bool changed = true; changed;) {
    bool back[MARL_GRID_MAX_AGENTS];
    changed = false;
    for (int i = 0; i < n; ++i) {
      const MarlGridAgent *a = &world->agent[i];
      back[i] = (row[i] != a->row || col[i] != a->col) && turned_back(world, row, col, rank, i);
      changed |= back[i];
    }
    for (int i = 0; i < n; ++i)
      if (back[i]) row[i] = world->agent[i].row, col[i] = world->agent[i].col;
  }
  bool moves[MARL_GRID_MAX_AGENTS];
  for (int i = 0; i < n; ++i) {
    moves[i] = row[i] != world->agent[i].row || col[i] != world->agent[i].col;
    if (moves[i]) marl_grid_lift(world, i);
  }
  for (int i = 0; i < n; ++i)
    if (moves[i]) marl_grid_place(world, i, row[i], col[i]);
  for (int i = 0; i < n; ++i) marl_grid_take(world, i);
}

static void zap_all(MarlGridWorld *world, const uint8_t *number) {
  const MarlGridRules *rules = world->rules;
  for (int i = 0; i < rules->num_agents; ++i) {
    if (!marl_grid_zaps(rules, number[i]) || !rules->zap.on) continue;
    const Beam beam = cells_of(world, i);
    world->tally[i].zaps += 1;
    marl_grid_charge(world, i, rules->zap_cost);
    for (int k = 0; k < 4; ++k) {
      if (beam.row[k] < 0) continue;
      marl_grid_light(world, MARL_GRID_ZAP, beam.row[k], beam.col[k]);
      const int target = marl_grid_agent_at(world, beam.row[k], beam.col[k]);
      if (target >= 0) marl_grid_hit(world, i, target);
    }
  }
}

/* Has a later write put back what agent i cleaned? Writes go cell by cell of the beam, agent by agent. */
static bool undone(const MarlGridWorld *world, const uint8_t *number, int agent, int cell, int row,
                   int col) {
  for (int k = cell; k < 4; ++k)
    for (int j = k == cell ? agent + 1 : 0; j < world->rules->num_agents; ++j) {
      if (marl_grid_uses_tool(world->rules, number[j])) continue;
      const Beam other = cells_of(world, j);
      if (other.row[k] == row && other.col[k] == col) return true;
    }
  return false;
}

static void use_tools(MarlGridWorld *world, const uint8_t *number) {
  const MarlGridRules *rules = world->rules;
  for (int i = 0; i < rules->num_agents; ++i) {
    if (!marl_grid_uses_tool(rules, number[i]) || !rules->tool.on) continue;
    const Beam beam = cells_of(world, i);
    world->tally[i].tool_steps += 1;
    world->used_tool[i] = 1;
    ++world->num_tools;
    for (int k = 0; k < 4; ++k) {
      const int r = beam.row[k], c = beam.col[k];
      if (r < 0 || marl_grid_is(world, MARL_GRID_AGENT, r, c)) continue;
      marl_grid_light(world, MARL_GRID_TOOL, r, c);
      if (rules->quirks && undone(world, number, i, k, r, c)) continue;
      (void)rules->game->work(world, i, r, c);
    }
  }
}

void marl_grid_step_socialjax(MarlGridWorld *world, const uint8_t *number) {
  const MarlGridRules *rules = world->rules;
  const int n = rules->num_agents;
  rules->game->grow(world);
  for (int i = 0; i < n; ++i)
    if (world->agent[i].sent > 0) marl_grid_lift(world, i);
  for (int i = 0; i < n; ++i) {
    MarlGridAgent *a = &world->agent[i];
    if (a->sent > 0 && !marl_grid_spawn(world, i))
      marl_grid_place(world, i, a->row, a->col); /* every cell is taken: it stays */
    a->sent = 0;
  }
  move_all(world, number);
  marl_grid_put_out(world);
  zap_all(world, number);
  use_tools(world, number);
  if (rules->quirks && world->step == rules->episode_steps)
    for (int i = 0; i < n; ++i) world->reward[i] = 0;
}
