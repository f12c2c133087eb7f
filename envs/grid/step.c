/* A step, whatever the dynamics: who can act, what is remembered of everybody, what was earned. */
#include <string.h>

#include "envs/grid/action.h"

void marl_grid_note(MarlGridWorld *world, int agent, double amount) {
  world->tally[agent].record += amount;
  world->contributed[agent] += amount;
}

/* Before a step: records decay, and who has one below the mean of all? Equal ones may differ by rounding. */
static void compare_records(MarlGridWorld *world) {
  const int n = world->rules->num_agents;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    MarlGridTally *tally = &world->tally[i];
    tally->record -= tally->record / world->rules->record_steps;
    sum += tally->record;
  }
  for (int i = 0; i < n; ++i) {
    world->low[i] = world->tally[i].record < sum / n - 1e-9;
    world->tally[i].low_steps += world->low[i] && world->agent[i].away == 0;
  }
}

/* Who is frozen stays. chosen, played [num_agents]. */
static void hold_frozen(MarlGridWorld *world, const uint8_t *chosen, uint8_t *played) {
  for (int i = 0; i < world->rules->num_agents; ++i) {
    MarlGridAgent *a = &world->agent[i];
    played[i] = a->frozen > 0 ? (uint8_t)marl_grid_stay(world->rules) : chosen[i];
    a->frozen -= a->frozen > 0;
  }
}

void marl_grid_step(MarlGridWorld *world, const uint8_t *number) {
  const MarlGridRules *rules = world->rules;
  const int step = world->step++;
  uint8_t played[MARL_GRID_MAX_AGENTS];
  marl_grid_draws_begin(&world->draws, world->key, step + 1);
  memset(world->reward, 0, sizeof world->reward);
  memset(world->contributed, 0, sizeof world->contributed);
  memset(world->used_tool, 0, sizeof world->used_tool);
  world->num_tools = 0;
  compare_records(world);
  hold_frozen(world, number, played);
  if (rules->dynamics == MARL_GRID_SOCIALJAX)
    marl_grid_step_socialjax(world, played);
  else
    marl_grid_step_meltingpot(world, played);
  for (int m = 0; m < rules->mechanisms.count; ++m) {
    const MarlGridMechanism *own = &rules->mechanisms.of[m];
    if (own->ops->after_step != NULL) own->ops->after_step(own, world);
  }
  for (int i = 0; i < rules->num_agents; ++i) {
    MarlGridTally *tally = &world->tally[i];
    tally->earned += world->reward[i];
    if (world->reward[i] > 0) {
      tally->meals += 1;
      tally->meal_time += step;
    }
    tally->away += world->agent[i].away > 0;
    world->agent[i].mark -= world->agent[i].mark > 0 && world->agent[i].away == 0;
  }
}
