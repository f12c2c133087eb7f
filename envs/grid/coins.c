/* Coins (Lerer and Peysakhovich 2017): a coin of any color is worth 1 to who takes it, and costs the
 * agent whose color it has 2 when another takes it. Agent 0 is red, agent 1 blue. */
#include "envs/grid/game.h"

/* meltingpot: a free site bears a coin with `growth`, of either color with equal chance; socialjax: a
 * coin of each color with `growth`, one after the other. */
static void grow(MarlGridWorld *world) {
  const MarlGridRules *rules = world->rules;
  const bool social = rules->dynamics == MARL_GRID_SOCIALJAX;
  marl_grid_grow(world, &(MarlGridGrowth){.kind = MARL_GRID_FIRST_ITEM,
                                          .fixed = rules->growth[0],
                                          .halvings = rules->halvings,
                                          .spare = social});
  marl_grid_grow(world, &(MarlGridGrowth){.kind = MARL_GRID_SECOND_ITEM,
                                          .fixed = rules->second_growth,
                                          .halvings = rules->second_halvings,
                                          .spare = social});
}

static void take(MarlGridWorld *world, int agent) {
  const MarlGridRules *rules = world->rules;
  const MarlGridAgent *a = &world->agent[agent];
  const int color = !marl_grid_is(world, MARL_GRID_FIRST_ITEM, a->row, a->col);
  marl_grid_put(world, color == 0 ? MARL_GRID_FIRST_ITEM : MARL_GRID_SECOND_ITEM, a->row, a->col);
  world->tally[agent].items += 1;
  world->tally[agent].alien += color != agent;
  marl_grid_pay(world, agent, color == agent ? rules->own_coin : rules->other_coin);
  if (color == agent) return;
  marl_grid_pay(world, 1 - agent, -rules->other_loss);
  marl_grid_note(world, agent, -1.0);
}

static MarlCode read(const MarlSection *config, MarlGridRules *rules, MarlError *err) {
  const double chance = marl_section_real(config, "coin_growth");
  const bool social = rules->dynamics == MARL_GRID_SOCIALJAX;
  rules->growth[0] = social ? chance : chance / 2;
  rules->second_growth = social ? chance : chance / 2 / (1 - chance / 2); /* given no red one */
  rules->halvings = marl_grid_halvings(rules->growth[0]);
  rules->second_halvings = marl_grid_halvings(rules->second_growth);
  rules->own_coin = marl_section_real(config, "own_coin");
  rules->other_coin = marl_section_real(config, "other_coin");
  rules->other_loss = marl_section_real(config, "other_loss");
  if (rules->num_agents != 2)
    return MARL_FAIL(err, MARL_ECONFIG, "env.num_agents = %d; Coins is played by 2",
                     rules->num_agents);
  return MARL_OK;
}

static const MarlGridPlane planes[] = {{"red coin", MARL_GRID_FIRST_ITEM},
                                       {"blue coin", MARL_GRID_SECOND_ITEM}};

static const char *const looks[] = {MARL_GRID_LOOKS, "red coin", "blue coin"};

static const MarlGridGame coins = {
    .name = "coins",
    .has_colors = true,
    .read = read,
    .grow = grow,
    .take = take,
    .planes = planes,
    .num_planes = sizeof planes / sizeof *planes,
    .looks = looks,
};

static const MarlOption options[] = {
    MARL_GRID_OPTIONS("configs/grid/maps/coins.txt", "2"),
    {"coin_growth", MARL_OPTION_REAL, "0.0005", 0, 1, NULL, "1/step",
     "chance of a coin on a free site; socialjax: of each color"},
    {"own_coin", MARL_OPTION_REAL, "1", -1e6, 1e6, NULL, "reward",
     "to who takes a coin of its color"},
    {"other_coin", MARL_OPTION_REAL, "1", -1e6, 1e6, NULL, "reward",
     "to who takes a coin of the other's color"},
    {"other_loss", MARL_OPTION_REAL, "2", -1e6, 1e6, NULL, "reward",
     "lost by the agent whose color it was"},
};

MARL_GRID_ENV(
    coins, "coins of two colors: taking the other's hurts it more than it pays",
    "Lerer and Peysakhovich 2017, arXiv:1707.01068; Agapiou et al. 2022, arXiv:2211.13746");
