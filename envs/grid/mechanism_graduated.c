/* Graduated sanctions with a visible mark: a first hit freezes, a hit of one who still bears the mark of
 * an earlier one fines and removes, and takes the mark. The defaults are those of Allelopathic Harvest in
 * Melting Pot 2, with env.mark_steps = 50. */
#include "envs/grid/world.h"

enum { FREEZE, AMOUNT, STEPS }; /* values */

static const MarlOption options[] = {
    {"freeze", MARL_OPTION_INT, "25", 0, 1e6, NULL, "steps",
     "who bears no mark stays where it is and can do nothing so long"},
    {"amount", MARL_OPTION_REAL, "10", 0, 1e6, NULL, "reward", "lost by who bears a mark,"},
    {"steps", MARL_OPTION_INT, "25", 0, 1e6, NULL, "steps", "and away so long; 0: not"},
};

static MarlCode check(const MarlGridMechanism *own, const MarlGridRules *rules, MarlError *err) {
  if (rules->dynamics == MARL_GRID_SOCIALJAX && own->value[STEPS] > 0)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "env.mechanism: graduated with env.dynamics = socialjax, where nobody is away; "
        "set its steps to 0");
  if (rules->mark_steps > 0) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "env.mechanism: graduated goes by the mark of a hit, and env.mark_steps is 0");
}

static void hit(const MarlGridMechanism *own, MarlGridWorld *world, int shooter, int target,
                bool marked) {
  (void)shooter;
  MarlGridAgent *a = &world->agent[target];
  if (!marked) {
    a->frozen = (int32_t)own->value[FREEZE];
    return;
  }
  marl_grid_fine(world, target, own->value[AMOUNT]);
  if (own->value[STEPS] > 0) marl_grid_send(world, target, (int)own->value[STEPS]);
  a->frozen = 0;
  a->mark = 0;
}

const MarlGridMechanismOps marl_grid_mechanism_graduated = {
    .name = "graduated",
    .summary = "a first hit freezes and marks, a second one fines and removes",
    .source = "Agapiou et al. 2022, arXiv:2211.13746, Allelopathic Harvest; Ostrom 1990",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .check = check,
    .hit = hit,
};
