#include "envs/grid/measures.h"

#include <math.h>

#include "envs/game/gini.h"

enum {
  COLLECTED,
  EARNED,
  EFFICIENCY,
  EQUALITY,
  SUSTAINABILITY,
  PEACE,
  ALIEN,
  TOOL_SHARE,
  WORKED,
  WORK_EQUALITY,
  DIRT,
  STANDING,
  ZAPS,
  HITS,
  HIT_SHARE,
  AWAY,
  SELECTIVITY,
  CONTRIBUTOR_HITS,
  PAID,
  FINED,
  NUM_METRICS
};
_Static_assert((int)NUM_METRICS == (int)MARL_GRID_NUM_METRICS, "names and numbers of metrics");

const char *const marl_grid_metric_names[MARL_GRID_NUM_METRICS] = {
    [COLLECTED] = "collected",   /* items taken, all agents: apples, coins, ore */
    [EARNED] = "earned",         /* raw reward an agent */
    [EFFICIENCY] = "efficiency", /* U */
    [EQUALITY] = "equality",
    [SUSTAINABILITY] = "sustainability",
    [PEACE] = "peace",
    [ALIEN] = "alien_share",     /* of the items: coins of the other's color; gold */
    [TOOL_SHARE] = "tool_share", /* of agents' steps: cleaning, mining */
    [WORKED] = "worked",         /* dirt cleaned, ore hit, all agents */
    [WORK_EQUALITY] = "work_equality",
    [DIRT] = "dirt",         /* share of the water that is dirty now */
    [STANDING] = "standing", /* items on the map now */
    [ZAPS] = "zaps",
    [HITS] = "hits",
    [SELECTIVITY] = "selectivity",
    [CONTRIBUTOR_HITS] = "contributor_hits",
    [PAID] = "punishing_cost", /* paid for shots and hits, all agents */
    [FINED] = "fined",         /* lost in fines, all agents */
    [HIT_SHARE] = "hit_share", /* hits a zap */
    [AWAY] = "away_share",     /* of agents' steps */
};

static float ratio(double part, double whole) {
  return whole > 0 ? (float)(part / whole) : NAN;
}

static float equality(const double *income, int n) {
  double scratch[MARL_GRID_MAX_AGENTS];
  for (int i = 0; i < n; ++i)
    if (income[i] < 0) return NAN; /* debts have no share */
  const double gini = marl_gini(income, n, scratch);
  return isnan(gini) ? 1.0f : (float)(1.0 - gini);
}

/* Is there an item beside that which everybody wants: the other color, gold? */
static bool has_alien_items(const MarlGridGame *game) {
  for (int p = 0; p < game->num_planes; ++p)
    if (game->planes[p].kind == MARL_GRID_SECOND_ITEM) return true;
  return false;
}

void marl_grid_measure(const MarlGridWorld *world, float metrics[MARL_GRID_NUM_METRICS]) {
  const MarlGridRules *rules = world->rules;
  const int n = rules->num_agents;
  const double steps = world->step, agent_steps = steps * n;
  MarlGridTally all = {0};
  double income[MARL_GRID_MAX_AGENTS], work[MARL_GRID_MAX_AGENTS], times = 0;
  for (int i = 0; i < n; ++i) {
    const MarlGridTally *t = &world->tally[i];
    income[i] = t->earned;
    work[i] = t->worked;
    times += t->meals > 0 ? t->meal_time / t->meals : 0;
    all.earned += t->earned;
    all.away += t->away;
    all.tool_steps += t->tool_steps;
    all.worked += t->worked;
    all.zaps += t->zaps;
    all.hits += t->hits;
    all.low_steps += t->low_steps;
    all.hits_low += t->hits_low;
    all.hits_by_low += t->hits_by_low;
    all.paid += t->paid;
    all.fined += t->fined;
    all.items += t->items;
    all.alien += t->alien;
  }
  const bool zaps = rules->game->has_zap, works = rules->game->has_tool;
  metrics[COLLECTED] = (float)all.items;
  metrics[EARNED] = (float)(all.earned / n);
  metrics[EFFICIENCY] = ratio(all.earned, steps);
  metrics[EQUALITY] = equality(income, n);
  metrics[SUSTAINABILITY] = (float)(times / n);
  metrics[PEACE] = steps > 0 ? (float)((agent_steps - all.away) / steps) : (float)n;
  metrics[ALIEN] = has_alien_items(rules->game) ? ratio(all.alien, all.items) : NAN;
  metrics[TOOL_SHARE] = works ? ratio(all.tool_steps, agent_steps) : NAN;
  metrics[WORKED] = works ? (float)all.worked : NAN;
  metrics[WORK_EQUALITY] = works ? equality(work, n) : NAN;
  metrics[DIRT] = ratio(world->num_dirt, rules->map.num_water);
  metrics[STANDING] = (float)(marl_grid_count(world, MARL_GRID_FIRST_ITEM) +
                              marl_grid_count(world, MARL_GRID_SECOND_ITEM) +
                              marl_grid_count(world, MARL_GRID_THIRD_ITEM));
  metrics[ZAPS] = zaps ? (float)all.zaps : NAN;
  metrics[HITS] = zaps ? (float)all.hits : NAN;
  metrics[HIT_SHARE] = zaps ? ratio(all.hits, all.zaps) : NAN;
  metrics[AWAY] = ratio(all.away, agent_steps);
  const double low = all.hits_low / all.low_steps;
  const double high = (all.hits - all.hits_low) / (agent_steps - all.away - all.low_steps);
  metrics[SELECTIVITY] = zaps ? ratio(low, low + high) : NAN;
  metrics[CONTRIBUTOR_HITS] = zaps ? ratio(all.hits - all.hits_by_low, all.hits) : NAN;
  metrics[PAID] = zaps ? (float)all.paid : NAN;
  metrics[FINED] = zaps ? (float)all.fined : NAN;
}
