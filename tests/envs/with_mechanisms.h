/* Rules with the mechanisms of a name. */
#ifndef MARL_TESTS_WITH_MECHANISMS_H
#define MARL_TESTS_WITH_MECHANISMS_H

#include "envs/society/rules.h"
#include "tests/unit.h"

static inline MarlDilemmaRules with(MarlDilemmaRules rules, const char *mechanisms) {
  MarlError err;
  const MarlCombination *combination;
  UNIT_OK(marl_mechanisms_parse(mechanisms, &rules.mechanisms, &combination, &err));
  return rules;
}

#endif
