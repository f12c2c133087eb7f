/* Cleanup (Hughes et al. 2018): apples grow only where the water is clean, and cleaning feeds nobody.
 *
 *   f = dirty water / (water that can be dirty; socialjax: and river)
 *   chance of an apple a free site and step = growth * min(1, max(0, (depletion - f) / (depletion - restoration))) */
#include "envs/grid/game.h"

static double apple_chance(const MarlGridWorld *world) {
  const MarlGridRules *rules = world->rules;
  const bool with_river = rules->dynamics == MARL_GRID_SOCIALJAX;
  const int water = rules->map.num_water + (with_river ? rules->map.num_river : 0);
  const double dirty = (double)world->num_dirt / water;
  const double share = (rules->depletion - dirty) / (rules->depletion - rules->restoration);
  return rules->growth[0] * (share < 0 ? 0 : share > 1 ? 1 : share);
}

static void grow_apples(MarlGridWorld *world) {
  const MarlGridRules *rules = world->rules;
  const MarlGridGrowth growth = {.kind = MARL_GRID_FIRST_ITEM,
                                 .fixed = apple_chance(world),
                                 .halvings = rules->halvings,
                                 .spare = rules->dynamics == MARL_GRID_SOCIALJAX};
  if (growth.fixed > 0) marl_grid_grow(world, &growth);
}

static void set_dirt(MarlGridWorld *world, int row, int col, int change) {
  marl_grid_put(world, MARL_GRID_DIRT, row, col);
  marl_grid_put(world, MARL_GRID_CLEAN, row, col);
  world->num_dirt += change;
}

/* At most one cell a step, drawn from the clean ones; socialjax: nothing if an agent is there. */
static void bring_dirt(MarlGridWorld *world) {
  const MarlGridRules *rules = world->rules;
  const int clean = rules->map.num_water - world->num_dirt;
  if (world->step - 1 < rules->dirt_begins || clean == 0) return;
  if (!marl_grid_chance(&world->draws, rules->dirt_probability)) return;
  int k = marl_grid_below(&world->draws, clean), row = 0;
  uint64_t line = marl_grid_line(&world->board[MARL_GRID_CLEAN], 0);
  for (int count; k >= (count = __builtin_popcountll(line)); k -= count)
    line = marl_grid_line(&world->board[MARL_GRID_CLEAN], ++row);
  for (; k > 0; --k) line &= line - 1;
  const int col = __builtin_ctzll(line) - MARL_GRID_ROOM;
  if (rules->dynamics == MARL_GRID_SOCIALJAX && marl_grid_is(world, MARL_GRID_AGENT, row, col))
    return;
  set_dirt(world, row, col, 1);
}

static void grow(MarlGridWorld *world) {
  const bool apples_first = world->rules->dynamics == MARL_GRID_SOCIALJAX;
  if (apples_first) grow_apples(world);
  bring_dirt(world);
  if (!apples_first) grow_apples(world);
}

static bool clean(MarlGridWorld *world, int agent, int row, int col) {
  if (!marl_grid_is(world, MARL_GRID_DIRT, row, col)) return false;
  set_dirt(world, row, col, -1);
  world->tally[agent].worked += 1;
  marl_grid_note(world, agent, 1.0);
  return true;
}

static MarlCode read(const MarlSection *config, MarlGridRules *rules, MarlError *err) {
  const bool social = rules->dynamics == MARL_GRID_SOCIALJAX;
  const int begins = marl_section_int(config, "dirt_begins");
  const int cooldown = marl_section_int(config, "clean_cooldown");
  rules->growth[0] = marl_section_real(config, "apple_growth");
  rules->dirt_probability = marl_section_real(config, "dirt_probability");
  rules->depletion = marl_section_real(config, "depletion");
  rules->restoration = marl_section_real(config, "restoration");
  rules->dirt_begins = begins >= 0 ? begins : social ? 51 : 50;
  rules->tool = (MarlGridBeam){.on = true,
                               .length = marl_section_int(config, "clean_length"),
                               .radius = marl_section_int(config, "clean_radius"),
                               .cooldown = cooldown >= 0 ? cooldown : 2};
  rules->halvings = marl_grid_halvings(rules->growth[0]);
  if (rules->restoration >= rules->depletion)
    return MARL_FAIL(err, MARL_ECONFIG, "env.restoration = %g; it must be below env.depletion = %g",
                     rules->restoration, rules->depletion);
  if (rules->map.num_water == 0)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: no water; Cleanup needs some",
                     marl_section_text(config, "map"));
  return MARL_OK;
}

static const MarlGridPlane planes[] = {
    {"apple", MARL_GRID_FIRST_ITEM},
    {"dirt", MARL_GRID_DIRT},
    {"clean water", MARL_GRID_CLEAN},
    {"river", MARL_GRID_RIVER},
};

static const char *const looks[] = {MARL_GRID_LOOKS, "apple", "dirt", "clean water", "river"};

static const MarlGridGame cleanup = {
    .name = "cleanup",
    .has_zap = true,
    .has_tool = true,
    .zap_cooldown = 10,
    .mechanism = "removal(steps=50)",
    .read = read,
    .grow = grow,
    .take = marl_grid_eat,
    .work = clean,
    .planes = planes,
    .num_planes = sizeof planes / sizeof *planes,
    .looks = looks,
};

static const MarlOption options[] = {
    MARL_GRID_OPTIONS("configs/grid/maps/cleanup.txt", "7"),
    MARL_GRID_ZAP_OPTIONS,
    {"apple_growth", MARL_OPTION_REAL, "0.05", 0, 1, NULL, "1/step",
     "chance of an apple a free site where the water is clean"},
    {"depletion", MARL_OPTION_REAL, "0.4", 1e-6, 1, NULL, "1",
     "share of dirty water from which on nothing grows"},
    {"restoration", MARL_OPTION_REAL, "0", 0, 1, NULL, "1",
     "share of dirty water up to which apples grow at their best"},
    {"dirt_probability", MARL_OPTION_REAL, "0.5", 0, 1, NULL, "1/step",
     "chance that one clean cell of water gets dirty"},
    {"dirt_begins", MARL_OPTION_INT, "-1", -1, 1e9, NULL, "steps",
     "first step that may bring dirt, from 0; -1: the dynamics' own, 50 or 51"},
    {"clean_length", MARL_OPTION_INT, "3", 1, MARL_GRID_MAX_BEAM, NULL, "cells",
     "meltingpot: reach of the cleaning beam"},
    {"clean_radius", MARL_OPTION_INT, "1", 0, MARL_GRID_MAX_BEAM, NULL, "cells",
     "meltingpot: rays of the cleaning beam to each side"},
    {"clean_cooldown", MARL_OPTION_INT, "-1", -1, 1e6, NULL, "steps",
     "meltingpot: steps after cleaning without it; -1: 2"},
};

MARL_GRID_ENV(cleanup, "a river to clean and apples that grow when it is clean: provision",
              "Hughes et al. 2018, arXiv:1803.08884; Agapiou et al. 2022, arXiv:2211.13746");
