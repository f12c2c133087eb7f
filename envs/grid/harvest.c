/* Commons Harvest (Perolat et al. 2017): an apple grows back the faster the more apples are near, and
 * never where none is left. */
#include <string.h>

#include "envs/grid/game.h"

static void grow(MarlGridWorld *world) {
  const MarlGridRules *rules = world->rules;
  marl_grid_grow(world, &(MarlGridGrowth){.kind = MARL_GRID_FIRST_ITEM,
                                          .chance = rules->growth,
                                          .halvings = rules->halvings,
                                          .spare = rules->dynamics == MARL_GRID_SOCIALJAX});
}

/* Near few others an apple is missed most: below this many the commons grows back at less than its best. */
enum { FEW = 3 };

static void take(MarlGridWorld *world, int agent) {
  const MarlGridAgent *a = &world->agent[agent];
  if (marl_grid_neighbors(world, MARL_GRID_FIRST_ITEM, a->row, a->col) < FEW)
    marl_grid_note(world, agent, -1.0);
  marl_grid_eat(world, agent);
}

static MarlCode read(const MarlSection *config, MarlGridRules *rules, MarlError *err) {
  static const double meltingpot[] = {0, 0.0025, 0.005, 0.025},
                      socialjax[] = {0, 0.001, 0.005, 0.025};
  size_t count;
  const double *chance = marl_section_reals(config, "regrowth", &count);
  if (count == 0) {
    chance = rules->dynamics == MARL_GRID_SOCIALJAX ? socialjax : meltingpot;
    count = 4;
  }
  if (count > MARL_GRID_MAX_GROWTH)
    return MARL_FAIL(err, MARL_ECONFIG, "env.regrowth: %zu numbers; a site has 0 to %d neighbors",
                     count, MARL_GRID_MAX_GROWTH - 1);
  double largest = 0;
  for (size_t n = 0; n < MARL_GRID_MAX_GROWTH; ++n) {
    rules->growth[n] = chance[n < count ? n : count - 1];
    if (rules->growth[n] > largest) largest = rules->growth[n];
  }
  rules->halvings = marl_grid_halvings(largest);
  return MARL_OK;
}

static const MarlGridPlane planes[] = {{"apple", MARL_GRID_FIRST_ITEM}};

static const char *const looks[] = {MARL_GRID_LOOKS, "apple"};

static const MarlGridGame harvest = {
    .name = "harvest",
    .has_zap = true,
    .zap_cooldown = 2,
    .mechanism = "removal(steps=4)",
    .read = read,
    .grow = grow,
    .take = take,
    .planes = planes,
    .num_planes = sizeof planes / sizeof *planes,
    .looks = looks,
};

static const MarlOption options[] = {
    MARL_GRID_OPTIONS("configs/grid/maps/harvest_open.txt", "7"),
    MARL_GRID_ZAP_OPTIONS,
    {"regrowth", MARL_OPTION_REALS, "", 0, 1, NULL, "1/step",
     "chance of an apple where 0, 1, 2, ... apples are within distance 2, the last for more; "
     "empty: "
     "the dynamics' own"},
};

MARL_GRID_ENV(harvest, "apples that grow back from apples: a commons to be spared, appropriation",
              "Perolat et al. 2017, arXiv:1707.06600; Agapiou et al. 2022, arXiv:2211.13746");
