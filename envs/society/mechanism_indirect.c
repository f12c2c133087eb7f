/* Indirect punishment: a neighbor of the player who suffered judges the other one. */
#include "envs/society/encounter.h"

static void after_moves(const MarlMechanism *own, MarlEncounter *encounter) {
  const MarlRound *now = encounter->now;
  for (int side = 0; side < 2; ++side)
    if (now->moved[side])
      marl_encounter_ask_bystander(encounter, own, now->player[1 - side], -1, side);
}

const MarlMechanismOps marl_mechanism_indirect = {
    .name = "indirect",
    .summary = "a neighbor of the player who suffered may fine the other one",
    .source = "after Wen, He, Shen and Tanimoto 2024, arXiv:2409.19880",
    .most_asked = 2,
    .judges = true,
    .after_moves = after_moves,
    .price = marl_verdict_price,
    .decide = marl_verdict_decide,
};
