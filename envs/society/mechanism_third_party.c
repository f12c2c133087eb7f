/* Third-party punishment: two bystanders, drawn every round, judge one player each. */
#include "envs/society/encounter.h"

static MarlCode check(const MarlMechanism *own, const MarlDilemmaRules *rules, MarlError *err) {
  (void)own;
  if (rules->num_agents >= 3) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "env.mechanism: third parties need num_agents >= 3, not %d",
                   rules->num_agents);
}

static void after_moves(const MarlMechanism *own, MarlEncounter *encounter) {
  const MarlRound *now = encounter->now;
  for (int side = 0; side < 2; ++side)
    if (now->moved[side])
      marl_encounter_ask_bystander(encounter, own, now->player[0], now->player[1], side);
}

const MarlMechanismOps marl_mechanism_third_party = {
    .name = "third_party",
    .summary = "a bystander may fine each player after a round",
    .source = "Dasgupta and Musolesi 2025, arXiv:2301.08278",
    .most_asked = 2,
    .judges = true,
    .check = check,
    .after_moves = after_moves,
    .price = marl_verdict_price,
    .decide = marl_verdict_decide,
};
