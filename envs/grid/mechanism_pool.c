/* A pool that punishes in place of the agents (Sigmund et al. 2010): once in `every` steps each agent pays
 * a tax, and whose record (world.h) is below the norm loses an amount. Nobody decides and there is no
 * beam: what is left of the dilemma is whether to contribute, not who punishes. */
#include "envs/grid/world.h"

enum { AMOUNT, TAX, EVERY, NORM }; /* values */

static const MarlOption options[] = {
    {"amount", MARL_OPTION_REAL, "14", 0, 1e6, NULL, "reward", "lost by whose record is low"},
    {"tax", MARL_OPTION_REAL, "0.35", 0, 1e6, NULL, "reward", "paid by every agent"},
    {"every", MARL_OPTION_INT, "50", 1, 1e6, NULL, "steps", "both once in so many"},
    {"norm", MARL_OPTION_REAL, "5", -1e6, 1e6, NULL, "contributions",
     "a record below it is low; Cleanup: dirt cleaned over env.record_steps about"},
};

static void after_step(const MarlGridMechanism *own, MarlGridWorld *world) {
  if (world->step % (int)own->value[EVERY] != 0) return;
  for (int i = 0; i < world->rules->num_agents; ++i) {
    marl_grid_charge(world, i, own->value[TAX]);
    if (world->tally[i].record < own->value[NORM]) marl_grid_fine(world, i, own->value[AMOUNT]);
  }
}

const MarlGridMechanismOps marl_grid_mechanism_pool = {
    .name = "pool",
    .summary = "every agent pays a tax, and whose record is below a norm a fine; nobody decides",
    .source = "after Sigmund, De Silva, Traulsen and Hauert 2010, Nature 466, 861",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .after_step = after_step,
};
