#include "envs/society/ledger.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* No picture shows more rows: memory does not grow with the square of the agents. */
enum { MAX_SIDE = 128 };

static size_t num_cells(const MarlLedger *ledger) {
  return (size_t)ledger->side * (size_t)ledger->side;
}

MarlCode marl_ledger_begin(int num_agents, MarlLedger *out, MarlError *err) {
  if (out->met != NULL) {
    marl_ledger_forget(out);
    return MARL_OK;
  }
  *out =
      (MarlLedger){.num_agents = num_agents, .side = num_agents < MAX_SIDE ? num_agents : MAX_SIDE};
  out->met = calloc(3 * num_cells(out), sizeof *out->met);
  if (out->met == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "dilemma: no memory for %d agents", num_agents);
  out->cooperated = out->met + num_cells(out);
  out->fined = out->cooperated + num_cells(out);
  return MARL_OK;
}

void marl_ledger_clear(MarlLedger *ledger) {
  free(ledger->met);
  *ledger = (MarlLedger){.met = NULL};
}

void marl_ledger_forget(MarlLedger *ledger) {
  if (ledger->met == NULL) return;
  memset(ledger->met, 0, 3 * num_cells(ledger) * sizeof *ledger->met);
}

static size_t group(const MarlLedger *ledger, int agent) {
  return (size_t)((int64_t)agent * ledger->side / ledger->num_agents);
}

static size_t cell(const MarlLedger *ledger, int who, int whom) {
  return group(ledger, who) * (size_t)ledger->side + group(ledger, whom);
}

void marl_ledger_add(MarlLedger *ledger, const MarlRound *round) {
  if (ledger->met == NULL) return;
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
  const int n = ledger->side;
  if (ledger->met == NULL) return MARL_OK;
  MARL_TRY(marl_picture_numbers(picture, "met", "rounds", n, n, ledger->met, err));
  MARL_TRY(marl_picture_numbers(picture, "cooperated", "rounds", n, n, ledger->cooperated, err));
  return marl_picture_numbers(picture, "fined", "payoff", n, n, ledger->fined, err);
}
