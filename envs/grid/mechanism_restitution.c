/* Restitution: who is hit while its record is below the mean of all loses an amount, and who shot has a
 * share of it; who does its share loses nothing. So punishing pays where it is deserved, and only there.
 * (That courts which let victims claim make punishers of them is the idea; the rule is this project's.) */
#include "envs/grid/world.h"

enum { AMOUNT, SHARE }; /* values */

static const MarlOption options[] = {
    {"amount", MARL_OPTION_REAL, "50", 0, 1e6, NULL, "reward",
     "lost by who is hit with a low record"},
    {"share", MARL_OPTION_REAL, "1", 0, 1, NULL, "1", "of it that the shooter gets"},
};

static void hit(const MarlGridMechanism *own, MarlGridWorld *world, int shooter, int target,
                bool marked) {
  (void)marked;
  if (!world->low[target]) return;
  marl_grid_fine(world, target, own->value[AMOUNT]);
  marl_grid_charge(world, shooter, -own->value[SHARE] * own->value[AMOUNT]);
}

const MarlGridMechanismOps marl_grid_mechanism_restitution = {
    .name = "restitution",
    .summary = "who is hit with a low record pays, and the shooter gets a share",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .hit = hit,
};
