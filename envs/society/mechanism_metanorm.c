/* The metanorm: who forgave a defector is judged in turn by a bystander, at the same prices. None of
 * those accused is such a judge. */
#include "envs/society/encounter.h"

enum { DRAWS_A_ROUND = 4 };

static MarlCode check(const MarlMechanism *own, const MarlDilemmaRules *rules, MarlError *err) {
  for (int m = 0; m < rules->mechanisms.count; ++m) {
    const MarlMechanismOps *ops = rules->mechanisms.of[m].ops;
    if (ops->judges && ops != own->ops) return MARL_OK;
  }
  return MARL_FAIL(
      err, MARL_ECONFIG,
      "env.mechanism: metanorm: nobody decides about a defector; name a mechanism with "
      "judges too, as in direct+metanorm");
}

static void after_verdicts(const MarlMechanism *own, MarlEncounter *encounter, int first) {
  MarlRound *now = encounter->now;
  const MarlKey key = marl_key_fold(encounter->key, MARL_DRAWS_META);
  const int judges = now->num_decided;
  int accused[MARL_MAX_JUDGES], num_accused = 0;
  for (int k = 0; k < judges; ++k)
    if (marl_encounter_is_accused(now, &now->judge[k]))
      accused[num_accused++] = now->judge[k].agent;
  for (int i = first; i < judges; ++i) {
    if (!marl_encounter_is_accused(now, &now->judge[i])) continue;
    const MarlKey own_key =
        i < DRAWS_A_ROUND ? key : marl_key_fold(key, (uint64_t)(i / DRAWS_A_ROUND));
    const uint64_t draw = DRAWS_A_ROUND * encounter->number + (uint64_t)(i % DRAWS_A_ROUND);
    const int agent = marl_encounter_bystander(encounter, now->player[0], now->player[1], accused,
                                               num_accused, own_key, draw);
    if (agent >= 0) marl_encounter_ask(encounter, own, agent, now->judge[i].side, i, MARL_OUTSIDE);
  }
}

const MarlMechanismOps marl_mechanism_metanorm = {
    .name = "metanorm",
    .summary = "a bystander may fine who forgave a defector",
    .source = "Axelrod 1986, Am. Polit. Sci. Rev. 80, 1095",
    .most_asked = MARL_MAX_JUDGES / 2, /* one for each judge of a player */
    .judges = true,
    .may_fine_judges = true,
    .check = check,
    .after_verdicts = after_verdicts,
    .price = marl_verdict_price,
    .decide = marl_verdict_decide,
};
