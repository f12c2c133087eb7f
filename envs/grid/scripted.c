#include "envs/grid/scripted.h"

#include <stdlib.h>

typedef struct Target {
  bool found;
  int down, right; /* from the agent */
} Target;

void marl_grid_players_begin(MarlGridWorld *world) {
  /* blocks that no step reaches */
  marl_grid_draws_begin(&world->draws, world->key, world->step + 1);
  world->draws.next += UINT64_C(1) << 31;
}

/* The nearest cell of the kinds (a bit each) with at least `neighbors` of the first item around it. */
static Target nearest(const MarlGridWorld *world, int agent, unsigned kinds, int neighbors,
                      bool not_here) {
  const MarlGridAgent *a = &world->agent[agent];
  Target target = {.found = false};
  int least = 2 * MARL_GRID_MAX_SIDE;
  for (int r = 0; r < world->rules->map.rows; ++r) {
    uint64_t line = 0;
    for (int k = 0; k <= MARL_GRID_DIRT; ++k)
      if (kinds >> k & 1) line |= marl_grid_line(&world->board[k], r);
    for (; line != 0; line &= line - 1) {
      const int c = __builtin_ctzll(line) - MARL_GRID_ROOM;
      const int distance = abs(r - a->row) + abs(c - a->col);
      if (distance >= least || (not_here && distance == 0)) continue;
      if (neighbors > 0 && marl_grid_neighbors(world, MARL_GRID_FIRST_ITEM, r, c) < neighbors)
        continue;
      least = distance;
      target = (Target){true, r - a->row, c - a->col};
    }
  }
  return target;
}

/* Directions of the map, as headings, that lead to the target. */
static int along_rows(const Target *target) {
  return target->down > 0 ? 0 : 2;
}
static int along_cols(const Target *target) {
  return target->right > 0 ? 1 : 3;
}
static int main_direction(const Target *target) {
  return abs(target->down) >= abs(target->right) ? along_rows(target) : along_cols(target);
}

static int go(const MarlGridWorld *world, int agent, const Target *target) {
  const MarlGridRules *rules = world->rules;
  if (!target->found || (target->down == 0 && target->right == 0)) return marl_grid_stay(rules);
  return marl_grid_move_number(rules, world->agent[agent].heading, main_direction(target));
}

static int clean(const MarlGridWorld *world, int agent) {
  const MarlGridRules *rules = world->rules;
  const int heading = world->agent[agent].heading;
  const Target target = nearest(world, agent, 1u << MARL_GRID_DIRT, 0, true);
  const int down = abs(target.down), right = abs(target.right);
  const bool straight = (down == 0 || right == 0) && down + right <= 2;
  const bool diagonal = down == 1 && right == 1;
  if (!target.found || !(straight || diagonal)) return go(world, agent, &target);
  const bool facing = diagonal ? heading == along_rows(&target) || heading == along_cols(&target)
                               : heading == main_direction(&target);
  if (facing) return marl_grid_tool_number(rules);
  const int wanted = (main_direction(&target) - heading) & 3;
  return marl_grid_turn_number(rules, wanted == 3 ? 3 : 1);
}

/* Is there somebody to be punished where the beam goes? */
static bool should_zap(const MarlGridWorld *world, int agent) {
  const MarlGridRules *rules = world->rules;
  const int n = rules->num_agents;
  if (!rules->zap.on || world->agent[agent].zap_wait > 1) return false; /* it counts down first */
  const double bound = rules->lenience[agent] * marl_grid_mean_record(world);
  const unsigned targets = marl_grid_targets(world, agent);
  for (int i = 0; i < n; ++i)
    if ((targets >> i & 1) && world->tally[i].record < bound) return true;
  return false;
}

static int policy_number(MarlGridWorld *world, int agent) {
  const MarlGridRules *rules = world->rules;
  const unsigned any = 1u << MARL_GRID_FIRST_ITEM | 1u << MARL_GRID_SECOND_ITEM;
  const unsigned own = 1u << (agent == 0 ? MARL_GRID_FIRST_ITEM : MARL_GRID_SECOND_ITEM);
  MarlGridPolicy policy = rules->policy[agent];
  if (policy == MARL_GRID_PUNISHER) {
    if (should_zap(world, agent)) return MARL_GRID_MOVES;
    policy = MARL_GRID_TURN_TAKER;
  }
  if (policy == MARL_GRID_TURN_TAKER)
    policy = (world->step / 100 + agent) % 2 == 0 ? MARL_GRID_CLEANER : MARL_GRID_EATER;
  Target target;
  switch (policy) {
    case MARL_GRID_RANDOM:
      return marl_grid_below(&world->draws, marl_grid_num_actions(rules));
    case MARL_GRID_CLEANER:
      return clean(world, agent);
    case MARL_GRID_OWN_COLOR:
      target = nearest(world, agent, own, 0, false);
      break;
    case MARL_GRID_RESTRAINED:
      target = nearest(world, agent, any, rules->restraint[agent], false);
      break;
    default:
      target = nearest(world, agent, any, 0, false);
  }
  return go(world, agent, &target);
}

int marl_grid_scripted(MarlGridWorld *world, int agent) {
  const MarlGridRules *rules = world->rules;
  const int number = policy_number(world, agent);
  if (rules->jitter == 0 || !marl_grid_chance(&world->draws, rules->jitter)) return number;
  return marl_grid_move_number(rules, world->agent[agent].heading,
                               marl_grid_below(&world->draws, 4));
}
