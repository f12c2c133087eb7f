/* The compulsory pool: every player pays the tax each round, and every defector the fine; nobody
 * decides. */
#include "envs/society/encounter.h"

static void after_moves(const MarlMechanism *own, MarlEncounter *encounter) {
  (void)own;
  const MarlPrices *prices = &encounter->rules->prices;
  MarlRound *now = encounter->now;
  for (int side = 0; side < 2; ++side) {
    if (!now->moved[side]) continue;
    const float due = prices->tax + (now->action[side] == MARL_DEFECT ? prices->fine : 0.0f);
    now->reward[side] -= due;
    marl_tally_pay(encounter->tally, now->player[side], due);
  }
}

const MarlMechanismOps marl_mechanism_pool = {
    .name = "pool",
    .summary = "every player pays a tax, every defector a fine; nobody decides",
    .source = "Sigmund, De Silva, Traulsen and Hauert 2010, Nature 466, 861",
    .after_moves = after_moves,
};
