/* Where beams go and whom they hit. */
#include "envs/grid/world.h"

static MarlGridKind light_of(bool tool) {
  return tool ? MARL_GRID_TOOL : MARL_GRID_ZAP;
}

void marl_grid_hit(MarlGridWorld *world, int shooter, int target) {
  const MarlGridRules *rules = world->rules;
  MarlGridAgent *a = &world->agent[target];
  MarlGridTally *tally = &world->tally[shooter];
  const bool marked = a->mark > 0;
  tally->hits += 1;
  tally->hits_low += world->low[target];
  tally->hits_by_low += world->low[shooter];
  double price = rules->hit_cost;
  for (int m = 0; m < rules->mechanisms.count; ++m) {
    const MarlGridMechanism *own = &rules->mechanisms.of[m];
    if (own->ops->weigh != NULL) price *= own->ops->weigh(own, world, target);
  }
  marl_grid_charge(world, shooter, price);
  a->mark = rules->mark_steps + (rules->mark_steps > 0); /* this step is none of them */
  for (int m = 0; m < rules->mechanisms.count; ++m) {
    const MarlGridMechanism *own = &rules->mechanisms.of[m];
    if (own->ops->hit != NULL) own->ops->hit(own, world, shooter, target, marked);
  }
}

void marl_grid_charge(MarlGridWorld *world, int agent, double price) {
  world->tally[agent].paid += price;
  marl_grid_pay(world, agent, -price);
}

void marl_grid_fine(MarlGridWorld *world, int agent, double amount) {
  world->tally[agent].fined += amount;
  marl_grid_pay(world, agent, -amount);
}

void marl_grid_send(MarlGridWorld *world, int agent, int steps) {
  MarlGridAgent *a = &world->agent[agent];
  if (1 + steps > a->sent) a->sent = 1 + steps;
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

static unsigned first_in_ray(const MarlGridWorld *world, int agent, int aside, int first,
                             int last) {
  const MarlGridAgent *a = &world->agent[agent];
  const int left = (a->heading + 1) & 3;
  for (int f = first; f <= last; ++f) {
    const int r = a->row + aside * marl_grid_down(left) + f * marl_grid_down(a->heading);
    const int c = a->col + aside * marl_grid_right(left) + f * marl_grid_right(a->heading);
    if (marl_grid_blocked(world->rules, r, c)) return 0;
    const int target = marl_grid_agent_at(world, r, c);
    if (target >= 0) return 1u << target;
  }
  return 0;
}

unsigned marl_grid_targets(const MarlGridWorld *world, int agent) {
  const MarlGridBeam *beam = &world->rules->zap;
  unsigned targets = first_in_ray(world, agent, 0, 1, beam->length);
  for (int w = 1; w <= beam->radius; ++w)
    targets |= first_in_ray(world, agent, w, 0, beam->length - w) |
               first_in_ray(world, agent, -w, 0, beam->length - w);
  return targets;
}
