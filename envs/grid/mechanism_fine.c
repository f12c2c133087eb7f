/* A fining beam (Leibo et al. 2017; Hughes et al. 2018: 50, and 1 for the shot). */
#include "envs/grid/world.h"

static const MarlOption options[] = {
    {"amount", MARL_OPTION_REAL, "50", 0, 1e6, NULL, "reward", "lost by who is hit"},
};

static void hit(const MarlGridMechanism *own, MarlGridWorld *world, int shooter, int target,
                bool marked) {
  (void)shooter, (void)marked;
  marl_grid_fine(world, target, own->value[0]);
}

const MarlGridMechanismOps marl_grid_mechanism_fine = {
    .name = "fine",
    .summary = "who is hit loses reward",
    .source = "Hughes et al. 2018, arXiv:1803.08884",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .hit = hit,
};
