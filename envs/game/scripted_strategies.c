#include "envs/game/scripted_strategies.h"

#include <assert.h>

MarlStrategy marl_scripted_strategy(const MarlScriptedTurn *turn, const MarlGame *game) {
  MarlError err;
  MarlStrategy strategy;
  MarlStrategyParams params = marl_strategy_defaults();
  params.generosity = params.random = params.threshold = turn->number; /* one of them is used */
  const MarlCode code = marl_strategy_make(turn->policy->name, &params, game, &strategy, &err);
  assert(code == MARL_OK); /* tables hold names of strategies */
  (void)code;
  return strategy;
}
