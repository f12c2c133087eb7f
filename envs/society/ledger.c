#include "envs/society/ledger.h"

#include <stdlib.h>
#include <string.h>

MarlCode marl_ledger_create(int num_agents, MarlLedger *out, MarlError *err) {
  const size_t pairs = (size_t)num_agents * (size_t)num_agents;
  *out = (MarlLedger){.num_agents = num_agents, .met = calloc(3 * pairs, sizeof *out->met)};
  if (out->met == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "dilemma: no memory for %d agents", num_agents);
  out->cooperated = out->met + pairs;
  out->fined = out->cooperated + pairs;
  return MARL_OK;
}

void marl_ledger_clear(MarlLedger *ledger) {
  free(ledger->met);
  *ledger = (MarlLedger){.met = NULL};
}

void marl_ledger_forget(MarlLedger *ledger) {
  const size_t pairs = (size_t)ledger->num_agents * (size_t)ledger->num_agents;
  memset(ledger->met, 0, 3 * pairs * sizeof *ledger->met);
}

static size_t cell(const MarlLedger *ledger, int who, int whom) {
  return (size_t)who * (size_t)ledger->num_agents + (size_t)whom;
}

void marl_ledger_add(MarlLedger *ledger, const MarlRound *round) {
  for (int side = 0; side < 2; ++side) {
    if (!round->moved[side]) continue;
    const size_t at = cell(ledger, round->player[side], round->player[1 - side]);
    ledger->met[at] += 1;
    ledger->cooperated[at] += round->action[side] == MARL_COOPERATE;
  }
  for (int j = 0; j < round->num_decided; ++j) {
    const MarlJudge *judge = &round->judge[j];
    const int whom =
        judge->about >= 0 ? round->judge[judge->about].agent : round->player[judge->side];
    if (judge->fine > 0) ledger->fined[cell(ledger, judge->agent, whom)] += (double)judge->fine;
  }
}

MarlCode marl_ledger_look(const MarlLedger *ledger, MarlPicture *picture, MarlError *err) {
  const int n = ledger->num_agents;
  MARL_TRY(marl_picture_numbers(picture, "met", "rounds", n, n, ledger->met, err));
  MARL_TRY(marl_picture_numbers(picture, "cooperated", "rounds", n, n, ledger->cooperated, err));
  return marl_picture_numbers(picture, "fined", "payoff", n, n, ledger->fined, err);
}
