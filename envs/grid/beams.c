/* Where beams go and whom they hit. */
#include "envs/grid/world.h"

static MarlGridKind light_of(bool tool) {
  return tool ? MARL_GRID_TOOL : MARL_GRID_ZAP;
}

void marl_grid_hit(MarlGridWorld *world, int shooter, int target) {
  world->agent[target].hit = 1;
  world->tally[shooter].hits += 1;
  marl_grid_pay(world, shooter, -world->rules->hit_cost);
  marl_grid_pay(world, target, -world->rules->hit_fine);
}

/* A ray of meltingpot: stops at walls, the zap at the first agent, the tool where it works. */
static void send_ray(MarlGridWorld *world, int agent, bool tool, int aside, int first, int last) {
  const MarlGridAgent *a = &world->agent[agent];
  const int left = (a->heading + 1) & 3;
  const int row = a->row + aside * marl_grid_down(left);
  const int col = a->col + aside * marl_grid_right(left);
  for (int f = first; f <= last; ++f) {
    const int r = row + f * marl_grid_down(a->heading), c = col + f * marl_grid_right(a->heading);
    if (marl_grid_blocked(world->rules, r, c)) return;
    marl_grid_light(world, light_of(tool), r, c);
    if (tool) {
      if (world->rules->game->work(world, agent, r, c)) return;
      continue;
    }
    const int target = marl_grid_agent_at(world, r, c);
    if (target < 0) continue;
    marl_grid_hit(world, agent, target);
    return;
  }
}

void marl_grid_fire(MarlGridWorld *world, int agent, bool tool) {
  const MarlGridRules *rules = world->rules;
  const MarlGridBeam *beam = tool ? &rules->tool : &rules->zap;
  send_ray(world, agent, tool, 0, 1, beam->length);
  for (int w = 1; w <= beam->radius; ++w) {
    send_ray(world, agent, tool, w, 0, beam->length - w);
    send_ray(world, agent, tool, -w, 0, beam->length - w);
  }
}
