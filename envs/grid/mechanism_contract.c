/* A contract on contributions (after Haupt et al. 2024, whose contracts are binding transfers of reward
 * under conditions written down before): who contributes, as records count it (world.h), is paid a price
 * for each contribution by the others, in equal parts; who does the opposite pays them. Nothing is lost
 * or made. Theirs is proposed and accepted by the agents; this one is in force for all. */
#include "envs/grid/world.h"

enum { PRICE }; /* values */

static const MarlOption options[] = {
    {"price", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "reward",
     "of one contribution; Cleanup: of a cell of dirt cleaned, Harvest: owed for an apple taken "
     "with "
     "few around"},
};

static void after_step(const MarlGridMechanism *own, MarlGridWorld *world) {
  const int n = world->rules->num_agents;
  for (int i = 0; i < n; ++i) {
    const double due = own->value[PRICE] * world->contributed[i];
    if (due == 0) continue;
    for (int j = 0; j < n; ++j) marl_grid_pay(world, j, j == i ? due : -due / (n - 1));
  }
}

const MarlGridMechanismOps marl_grid_mechanism_contract = {
    .name = "contract",
    .summary = "who contributes is paid by the others, who does the opposite pays them",
    .source = "after Haupt, Christoffersen, Damani and Hadfield-Menell 2024, arXiv:2208.10469",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .no_beam = true,
    .after_step = after_step,
};
