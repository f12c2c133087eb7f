/* Adaptive punishment: a judge's fines and prices carry its intensity, from 1, which rises toward 1 by a
 * rate when the punished agent's next act cooperates and falls toward 0 when it defects. The formulas of
 * arXiv:2605.24516 are not public: this rule is this project's. */
#include "envs/society/encounter.h"

static const MarlOption options[] = {
    {"rate", MARL_OPTION_REAL, "0.1", 0, 1, NULL, "1",
     "step of a judge's intensity: up when the punished agent cooperates next, else down"},
};

enum { INTENSITY, FINED_BY, NUM_STATES };
static const MarlMechanismState states[NUM_STATES] = {
    {.name = "intensity", .initial = 1, .low = 0, .high = 1},
    {.name = "fined_by", .is_agent = true}, /* who fined the agent since its last act */
};

static MarlCode check(const MarlMechanism *own, const MarlDilemmaRules *rules, MarlError *err) {
  (void)own;
  if (marl_mechanisms_judge(&rules->mechanisms)) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "env.mechanism: adaptive: nobody decides about fines; name a mechanism with "
                   "judges too, as in direct+adaptive");
}

/* Who fined the agent learns what came of it. */
static void after_moves(const MarlMechanism *own, MarlEncounter *encounter) {
  double *intensity = marl_encounter_state(encounter, own, INTENSITY);
  double *fined_by = marl_encounter_state(encounter, own, FINED_BY);
  const float rate = (float)own->value[0];
  const MarlRound *now = encounter->now;
  for (int side = 0; side < 2; ++side) {
    const int agent = now->player[side], judge = (int)fined_by[agent];
    if (!now->moved[side]) continue;
    fined_by[agent] = -1.0;
    if (judge < 0) continue;
    const float goal = now->action[side] == MARL_COOPERATE ? 1.0f : 0.0f;
    const float before = (float)intensity[judge];
    intensity[judge] = before + rate * (goal - before);
  }
}

static float weigh_price(const MarlMechanism *own, const MarlEncounter *encounter, int judge,
                         float price) {
  return (float)marl_encounter_state(encounter, own, INTENSITY)[judge] * price;
}

static float weigh_fine(const MarlMechanism *own, MarlEncounter *encounter, int judge, int judged,
                        float fine) {
  marl_encounter_state(encounter, own, FINED_BY)[judged] = judge;
  return (float)marl_encounter_state(encounter, own, INTENSITY)[judge] * fine;
}

const MarlMechanismOps marl_mechanism_adaptive = {
    .name = "adaptive",
    .summary = "judges punish harder where it helped",
    .source = "after Tang, Kong, Lu and Feng 2026, arXiv:2605.24516",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .num_states = NUM_STATES,
    .states = states,
    .check = check,
    .after_moves = after_moves,
    .weigh_price = weigh_price,
    .weigh_fine = weigh_fine,
};
