/* Direct punishment: each player judges its partner. */
#include "envs/society/encounter.h"

static void after_moves(const MarlMechanism *own, MarlEncounter *encounter) {
  const MarlRound *now = encounter->now;
  for (int side = 0; side < 2; ++side)
    if (now->moved[side])
      marl_encounter_ask(encounter, own, now->player[1 - side], side, -1, MARL_DIRECT);
}

const MarlMechanismOps marl_mechanism_direct = {
    .name = "direct",
    .summary = "each player may fine its partner after a round",
    .source = "Dasgupta and Musolesi 2025, arXiv:2301.08278",
    .most_asked = 2,
    .judges = true,
    .after_moves = after_moves,
    .price = marl_verdict_price,
    .decide = marl_verdict_decide,
};
