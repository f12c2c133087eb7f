/* Coop Mining (Agapiou et al. 2022): iron pays 1 to who mines it; gold pays 8 to each of two agents who
 * mine it within a few steps, and nothing to one alone. Nothing grows where an agent stands. */
#include "envs/grid/game.h"

static int cell_number(int row, int col) {
  return row * MARL_GRID_MAX_SIDE + col;
}

/* Gold that nobody else has hit in time is whole again. */
static void fall_back(MarlGridWorld *world) {
  const MarlGridRules *rules = world->rules;
  for (int r = 0; r < rules->map.rows; ++r) {
    uint64_t left = marl_grid_line(&world->board[MARL_GRID_THIRD_ITEM], r);
    for (; left != 0; left &= left - 1) {
      const int c = __builtin_ctzll(left) - MARL_GRID_ROOM;
      if (world->step - world->partial_at[cell_number(r, c)] < rules->gold_window) continue;
      marl_grid_put(world, MARL_GRID_THIRD_ITEM, r, c);
      marl_grid_put(world, MARL_GRID_SECOND_ITEM, r, c);
    }
  }
}

static void grow(MarlGridWorld *world) {
  const MarlGridRules *rules = world->rules;
  fall_back(world);
  marl_grid_grow(world, &(MarlGridGrowth){.kind = MARL_GRID_FIRST_ITEM,
                                          .fixed = rules->growth[0],
                                          .halvings = rules->halvings,
                                          .spare = true});
  marl_grid_grow(world, &(MarlGridGrowth){.kind = MARL_GRID_SECOND_ITEM,
                                          .fixed = rules->second_growth,
                                          .halvings = rules->second_halvings,
                                          .spare = true});
}

static void take(MarlGridWorld *world, int agent) {
  (void)world, (void)agent; /* ore is mined, not picked up */
}

static bool mine(MarlGridWorld *world, int agent, int row, int col) {
  const MarlGridRules *rules = world->rules;
  const int cell = cell_number(row, col);
  if (marl_grid_is(world, MARL_GRID_FIRST_ITEM, row, col)) {
    marl_grid_put(world, MARL_GRID_FIRST_ITEM, row, col);
    marl_grid_pay(world, agent, rules->iron);
    world->tally[agent].items += 1;
  } else if (marl_grid_is(world, MARL_GRID_SECOND_ITEM, row, col)) {
    marl_grid_put(world, MARL_GRID_SECOND_ITEM, row, col);
    marl_grid_put(world, MARL_GRID_THIRD_ITEM, row, col);
    world->partial_at[cell] = world->step;
    world->partial_by[cell] = (uint8_t)agent;
  } else if (!marl_grid_is(world, MARL_GRID_THIRD_ITEM, row, col)) {
    return false;
  } else if (world->partial_by[cell] != agent) {
    const int first = world->partial_by[cell];
    marl_grid_put(world, MARL_GRID_THIRD_ITEM, row, col);
    marl_grid_pay(world, agent, rules->gold);
    marl_grid_pay(world, first, rules->gold);
    marl_grid_note(world, agent, 1.0);
    marl_grid_note(world, first, 1.0);
    world->tally[agent].items += 1;
    world->tally[first].items += 1;
    world->tally[agent].alien += 1; /* gold */
    world->tally[first].alien += 1;
  }
  world->tally[agent].worked += 1;
  return true;
}

static MarlCode read(const MarlSection *config, MarlGridRules *rules, MarlError *err) {
  const int cooldown = marl_section_int(config, "mine_cooldown");
  rules->growth[0] = marl_section_real(config, "iron_growth");
  const double gold = marl_section_real(config, "gold_growth");
  if (rules->growth[0] + gold >= 1)
    return MARL_FAIL(err, MARL_ECONFIG, "env.iron_growth + env.gold_growth = %g; less than 1",
                     rules->growth[0] + gold);
  rules->second_growth = gold / (1 - rules->growth[0]); /* given no iron */
  rules->halvings = marl_grid_halvings(rules->growth[0]);
  rules->second_halvings = marl_grid_halvings(rules->second_growth);
  rules->iron = marl_section_real(config, "iron");
  rules->gold = marl_section_real(config, "gold");
  rules->gold_window = marl_section_int(config, "gold_window");
  rules->tool = (MarlGridBeam){
      .on = true, .length = marl_section_int(config, "mine_length"), .cooldown = cooldown};
  return MARL_OK;
}

static const MarlGridPlane planes[] = {{"iron", MARL_GRID_FIRST_ITEM},
                                       {"gold", MARL_GRID_SECOND_ITEM},
                                       {"gold that one has hit", MARL_GRID_THIRD_ITEM}};

static const char *const looks[] = {MARL_GRID_LOOKS, "iron", "gold", "gold that one has hit"};

static const MarlGridGame coop_mining = {
    .name = "coop_mining",
    .has_tool = true,
    .read = read,
    .grow = grow,
    .take = take,
    .work = mine,
    .planes = planes,
    .num_planes = sizeof planes / sizeof *planes,
    .looks = looks,
};

static const MarlOption options[] = {
    MARL_GRID_OPTIONS("configs/grid/maps/coop_mining.txt", "6"),
    {"iron_growth", MARL_OPTION_REAL, "0.0002", 0, 1, NULL, "1/step",
     "chance of iron at a free site"},
    {"gold_growth", MARL_OPTION_REAL, "0.00008", 0, 1, NULL, "1/step", "chance of gold there"},
    {"iron", MARL_OPTION_REAL, "1", -1e6, 1e6, NULL, "reward", "to who mines it"},
    {"gold", MARL_OPTION_REAL, "8", -1e6, 1e6, NULL, "reward", "to each of the two who mine it"},
    {"gold_window", MARL_OPTION_INT, "3", 1, 1000, NULL, "steps",
     "in which the second of two has to hit"},
    {"mine_length", MARL_OPTION_INT, "3", 1, MARL_GRID_MAX_BEAM, NULL, "cells",
     "meltingpot: reach of the mining beam"},
    {"mine_cooldown", MARL_OPTION_INT, "3", 0, 1e6, NULL, "steps",
     "meltingpot: steps after mining without it"},
};

MARL_GRID_ENV(coop_mining, "iron for one, gold for two at once: a stag hunt in space",
              "Agapiou et al. 2022, arXiv:2211.13746");
