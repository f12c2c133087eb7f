/* Who is hit is moved to a spawn cell: at the end of the step (meltingpot), at the beginning of the next
 * one (socialjax, where this is the only mechanism of the published program). */
#include "envs/grid/world.h"

static void hit(const MarlGridMechanism *own, MarlGridWorld *world, int shooter, int target,
                bool marked) {
  (void)own, (void)shooter, (void)marked;
  marl_grid_send(world, target, 0);
}

const MarlGridMechanismOps marl_grid_mechanism_teleport = {
    .name = "teleport",
    .summary = "who is hit is moved to a spawn cell at once",
    .source = "Guo et al. 2025, arXiv:2503.14576",
    .hit = hit,
};
