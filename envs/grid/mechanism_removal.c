/* Time out: who is hit is off the map for some steps and comes back on a spawn cell. */
#include "envs/grid/world.h"

static const MarlOption options[] = {
    {"steps", MARL_OPTION_INT, "50", 1, 1e6, NULL, "steps", "who is hit is away so long"},
};

static MarlCode check(const MarlGridMechanism *own, const MarlGridRules *rules, MarlError *err) {
  if (rules->dynamics != MARL_GRID_SOCIALJAX) return MARL_OK;
  return MARL_FAIL(
      err, MARL_ECONFIG,
      "env.mechanism: %s with env.dynamics = socialjax, where nobody is away; teleport "
      "is that program's",
      own->ops->name);
}

static void hit(const MarlGridMechanism *own, MarlGridWorld *world, int shooter, int target,
                bool marked) {
  (void)shooter, (void)marked;
  marl_grid_send(world, target, (int)own->value[0]);
}

const MarlGridMechanismOps marl_grid_mechanism_removal = {
    .name = "removal",
    .summary = "who is hit is away for some steps",
    .source = "Agapiou et al. 2022, arXiv:2211.13746",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .check = check,
    .hit = hit,
};
