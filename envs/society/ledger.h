/* Who met whom in a society since its last cycle began, who cooperated, who fined whom: for pictures. It is
 * no part of a checkpoint: after a resume it begins anew. */
#ifndef MARL_ENVS_SOCIETY_LEDGER_H
#define MARL_ENVS_SOCIETY_LEDGER_H

#include "envs/society/round.h"
#include "marl/learn/env.h"

typedef struct MarlLedger {
  int num_agents, side;             /* side = min(N, 128): beyond, a cell is of a group of agents */
  double *met, *cooperated, *fined; /* [side, side] row: who acts; `met` owns the block */
} MarlLedger;

/* An empty ledger; one that has not begun (met NULL) counts nothing and shows nothing. */
MarlCode marl_ledger_begin(int num_agents, MarlLedger *out, MarlError *err) MARL_NODISCARD;
void marl_ledger_clear(MarlLedger *ledger);
void marl_ledger_forget(MarlLedger *ledger);

/* A round that has ended. Fines are those from players and bystanders to players and judges. */
void marl_ledger_add(MarlLedger *ledger, const MarlRound *round);

/* Panels [row: who, column: whom]: moves made, of them cooperation, fines. */
MarlCode marl_ledger_look(const MarlLedger *ledger, MarlPicture *picture,
                          MarlError *err) MARL_NODISCARD;

#endif
