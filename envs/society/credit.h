/* Which decision earned what, handed out as it becomes known.
 *
 *   select  the selector's play rewards in its pairing
 *   play    payoffs, less the fines and taxes that they brought
 *   punish  the price of the verdict, or of joining a pool, less the fines that it brought
 *
 * with intrinsic rewards what they make of the utility (sentiment.h). A reward belongs to the
 * latest decision of its agent in its role. So that this is the decision that earned it, a judge
 * who is called twice is paid for a verdict before it is asked for the next, and who may still be
 * fined for a verdict is not called again in the round (encounter.h). */
#ifndef MARL_ENVS_SOCIETY_CREDIT_H
#define MARL_ENVS_SOCIETY_CREDIT_H

#include "envs/society/population.h"

/* What the round so far (of an alternating game the pairing) has handed out; zeros at a reset. */
typedef struct MarlCredit {
  float played[2];               /* by side */
  float judged[MARL_MAX_JUDGES]; /* by number of the judge */
} MarlCredit;

typedef struct MarlDue {
  int agent;
  MarlDilemmaRole role;
  float reward;
} MarlDue;

enum { MARL_MAX_DUES = 3 + MARL_MAX_JUDGES };

/* Of a phase of verdicts that is not applied yet: what pending decision number `decision`, made as
 * `choice`, is worth whatever the others decide. */
MarlDue marl_credit_verdict(MarlCredit *credit, const MarlPopulation *population, int decision,
                            int choice);

/* After marl_population_apply, which returned `finished`: everything that is known and not handed
 * out. Returns how many; roles that the rules do not use are among them. */
int marl_credit_settle(MarlCredit *credit, const MarlPopulation *population, bool finished,
                       MarlDue dues[MARL_MAX_DUES]);

#endif
