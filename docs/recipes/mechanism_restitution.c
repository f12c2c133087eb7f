/* recipe: envs/society/mechanism_restitution.c, ENTRY(restitution) in envs/society/mechanism_table.c */
/* Mechanism `restitution`: a defector pays the partner that it exploited. Nobody decides. */
#include "envs/society/encounter.h"
#include "envs/society/mechanism.h"

static const MarlOption options[] = {
    {"amount", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "payoff", "what is paid"},
};

static void after_moves(const MarlMechanism *own, MarlEncounter *encounter) {
  MarlRound *now = encounter->now;
  const float due = (float)own->value[0];
  if (!now->moved[0] || !now->moved[1] || now->action[0] == now->action[1]) return;
  const int side = now->action[0] == MARL_DEFECT ? 0 : 1;
  now->reward[side] -= due;
  now->reward[1 - side] += due;
  marl_tally_pay(encounter->tally, now->player[side], due);
}

const MarlMechanismOps marl_mechanism_restitution = {
    .name = "restitution",
    .summary = "a defector pays the cooperator that it met; nobody decides",
    .source = "the recipe of docs/plugins.md",
    .formula = "reward of the defector - amount, of the cooperator + amount",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .after_moves = after_moves,
};
