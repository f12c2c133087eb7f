/* A step of Melting Pot 2 (Agapiou et al. 2022): agents turn and move one after another in a random
 * order and eat what they step on; beams in a random order; who was away long enough comes back; dirt
 * and growth; who stands where something grew has it. */
#include "envs/grid/action.h"

static void move(MarlGridWorld *world, int agent, int number) {
  const MarlGridRules *rules = world->rules;
  const MarlGridAgent *a = &world->agent[agent];
  const int turn = marl_grid_turning(rules, number);
  const int direction = marl_grid_direction(rules, number, a->heading);
  if (turn != 0) marl_grid_turn(world, agent, (a->heading + turn) & 3);
  if (direction < 0) return;
  const int row = a->row + marl_grid_down(direction), col = a->col + marl_grid_right(direction);
  if (marl_grid_blocked(rules, row, col) || marl_grid_is(world, MARL_GRID_AGENT, row, col)) return;
  marl_grid_lift(world, agent);
  marl_grid_place(world, agent, row, col);
  marl_grid_take(world, agent);
}

static void shoot(MarlGridWorld *world, int agent, int number) {
  const MarlGridRules *rules = world->rules;
  MarlGridAgent *a = &world->agent[agent];
  if (a->zap_wait > 0) --a->zap_wait;
  if (a->tool_wait > 0) --a->tool_wait;
  if (a->away > 0) return;
  if (marl_grid_zaps(rules, number) && rules->zap.on && a->zap_wait == 0) {
    a->zap_wait = rules->zap.cooldown + 1;
    world->tally[agent].zaps += 1;
    marl_grid_charge(world, agent, rules->zap_cost);
    marl_grid_fire(world, agent, false);
  } else if (marl_grid_uses_tool(rules, number) && rules->tool.on && a->tool_wait == 0) {
    a->tool_wait = rules->tool.cooldown + 1;
    world->tally[agent].tool_steps += 1;
    world->used_tool[agent] = 1;
    ++world->num_tools;
    marl_grid_fire(world, agent, true);
  }
}

/* Who was sent away in this step goes when all have shot: it has shot too, and has stopped every beam. */
static void send_away(MarlGridWorld *world) {
  for (int i = 0; i < world->rules->num_agents; ++i) {
    MarlGridAgent *a = &world->agent[i];
    if (a->away > 1) {
      --a->away;
    } else if (a->away == 1) {
      a->away = marl_grid_spawn(world, i) ? 0 : 1;
    } else if (a->sent > 0) {
      marl_grid_lift(world, i);
      a->away = a->sent - 1;
      if (a->away == 0 && !marl_grid_spawn(world, i)) /* every cell is taken: it stays */
        marl_grid_place(world, i, a->row, a->col);
    }
    a->sent = 0;
  }
}

void marl_grid_step_meltingpot(MarlGridWorld *world, const uint8_t *number) {
  const MarlGridRules *rules = world->rules;
  const int n = rules->num_agents;
  uint8_t order[MARL_GRID_MAX_AGENTS];
  marl_grid_put_out(world);
  marl_grid_order(&world->draws, n, order);
  for (int k = 0; k < n; ++k)
    if (world->agent[order[k]].away == 0) move(world, order[k], number[order[k]]);
  marl_grid_order(&world->draws, n, order);
  for (int k = 0; k < n; ++k) shoot(world, order[k], number[order[k]]);
  send_away(world);
  rules->game->grow(world);
  for (int i = 0; i < n; ++i)
    if (world->agent[i].away == 0) marl_grid_take(world, i);
}
