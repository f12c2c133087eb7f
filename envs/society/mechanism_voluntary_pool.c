/* The voluntary pool: before they play, both players of a round decide whether to pay the tax; each
 * payer fines its partner if it defects and, with second_order, also if it does not pay. That is the
 * pool punishment of Sigmund et al. 2010 in groups of two: a fine for each payer among the others.
 * Paying and playing are decisions of their own here, so that each has a fine of its own where they
 * fine a type once. Each player decides as the judge of its partner, and sees both last actions. */
#include "envs/society/encounter.h"

static const MarlOption options[] = {
    {"second_order", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "who pays the tax fines a partner who does not, too"},
};

static MarlCode check(const MarlMechanism *own, const MarlDilemmaRules *rules, MarlError *err) {
  (void)own;
  if (rules->game.alternating)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.mechanism: voluntary_pool needs a game whose players move at once");
  if (rules->mechanisms.count == 1) return MARL_OK;
  const int other = rules->mechanisms.of[0].ops == own->ops ? 1 : 0;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "env.mechanism: %s does not go with voluntary_pool, whose fine is env.fine and "
                   "whose metanorm is voluntary_pool(second_order=true)",
                   rules->mechanisms.of[other].ops->name);
}

static void before_moves(const MarlMechanism *own, MarlEncounter *encounter) {
  for (int side = 0; side < 2; ++side)
    marl_encounter_ask(encounter, own, encounter->now->player[1 - side], side, -1, MARL_DIRECT);
}

/* What the members pay and whom they fine; nothing changes a reputation. */
static void after_moves(const MarlMechanism *own, MarlEncounter *encounter) {
  const MarlPrices *prices = &encounter->rules->prices;
  const bool second_order = own->value[0] != 0.0;
  MarlRound *now = encounter->now;
  MarlTally *tally = encounter->tally;
  for (int i = 0; i < 2; ++i) {
    MarlJudge *j = &now->judge[i];
    MarlJudge *of_partner = &now->judge[1 - i];
    const bool pays = j->decision == MARL_PUNISH;
    const float price = pays ? -prices->tax : 0.0f;
    j->reward += price;
    marl_tally_decide(tally, j->agent, j->from, j->decision, price);
    if (pays && now->action[j->side] == MARL_DEFECT) {
      j->fine += prices->fine;
      now->reward[j->side] -= prices->fine;
      marl_tally_fine(tally, j->agent, of_partner->agent, MARL_DEFECT, prices->fine);
    }
    if (pays && second_order && of_partner->decision == MARL_FORGIVE) {
      j->fine += prices->fine;
      of_partner->reward -= prices->fine;
      /* not paying is the offense here */
      marl_tally_fine(tally, j->agent, of_partner->agent, MARL_DEFECT, prices->fine);
    }
  }
}

const MarlMechanismOps marl_mechanism_voluntary_pool = {
    .name = "voluntary_pool",
    .summary = "each player decides whether to pay a tax; who pays fines a partner who defects",
    .source = "Sigmund, De Silva, Traulsen and Hauert 2010, Nature 466, 861",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .most_asked = 2,
    .check = check,
    .before_moves = before_moves,
    .after_moves = after_moves,
};
