/* Graduated sanctions: the fine grows with each fine and falls by a grade with each cooperation. */
#include "envs/society/encounter.h"

enum { SHOWN = 0, FINES = 1 }; /* values */

static const MarlOption options[] = {
    {"shown", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "deciders see how many fines stand against the one they judge, as a share of the most"},
    {"fines", MARL_OPTION_REALS, "1,2,4,8", 0, 1e6, NULL, "reward",
     "of the first, second, ... punishment, in place of env.fine"},
};
static const MarlMechanismState states[] = {
    {.name = "grade", .initial = 0, .low = 0, .high = MARL_MECHANISM_VALUES}};

static int num_grades(const MarlMechanism *own) {
  return own->num_values - FINES;
}

static MarlCode check(const MarlMechanism *own, const MarlDilemmaRules *rules, MarlError *err) {
  if (num_grades(own) < 1)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.mechanism: graduated needs fines, as in "
                     "direct+graduated(fines=1;2;4)");
  if (marl_mechanisms_judge(&rules->mechanisms)) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "env.mechanism: graduated: nobody decides about fines; name a mechanism with "
                   "judges too, as in direct+graduated");
}

static void after_moves(const MarlMechanism *own, MarlEncounter *encounter) {
  double *grade = marl_encounter_state(encounter, own, 0);
  const MarlRound *now = encounter->now;
  for (int side = 0; side < 2; ++side) {
    const int agent = now->player[side];
    if (now->moved[side] && now->action[side] == MARL_COOPERATE && grade[agent] > 0.0)
      grade[agent] -= 1.0;
  }
}

/* Every fine raises the grade. */
static float weigh_fine(const MarlMechanism *own, MarlEncounter *encounter, int judge, int judged,
                        float fine) {
  (void)judge, (void)fine;
  double *grade = marl_encounter_state(encounter, own, 0) + judged;
  const int last = num_grades(own) - 1;
  const int now = *grade < last ? (int)*grade : last;
  if (now < last) *grade = now + 1.0;
  return (float)own->value[FINES + now];
}

static int num_columns(const MarlMechanism *own) {
  return own->value[SHOWN] != 0.0 ? 1 : 0;
}

static void observe(const MarlMechanism *own, const MarlEncounter *encounter,
                    const MarlRound *round, const MarlJudge *judge, float *out) {
  const double *grade = marl_encounter_state(encounter, own, 0);
  const int judged =
      judge->about >= 0 ? round->judge[judge->about].agent : round->player[judge->side];
  const int most = num_grades(own) > 1 ? num_grades(own) - 1 : 1;
  out[0] = (float)(grade[judged] / most);
}

const MarlMechanismOps marl_mechanism_graduated = {
    .name = "graduated",
    .summary = "fines grow with each fine; a cooperation takes one back",
    .source = "Ostrom 1990, Governing the Commons",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .num_states = 1,
    .states = states,
    .check = check,
    .num_columns = num_columns,
    .observe = observe,
    .after_moves = after_moves,
    .weigh_fine = weigh_fine,
};
