#include "envs/society/population_scripted.h"

#include <string.h>

static bool is_punisher(const MarlScriptedTurn *turn) {
  return strcmp(turn->policy->name, "punisher") == 0;
}

/* The action that a player sees as `view`. */
static int seen(const MarlDilemmaRules *rules, float view) {
  for (int action = 0; action < MARL_NUM_ACTIONS; ++action)
    if (marl_action_view(rules, action) == view) return action;
  return MARL_UNKNOWN_ACTION;
}

static int play(const MarlDilemmaRules *rules, const MarlScriptedTurn *turn) {
  if (is_punisher(turn)) return MARL_COOPERATE;
  const MarlStrategy strategy = marl_scripted_strategy(turn, &rules->game);
  const int partner = seen(rules, turn->obs[0]);
  int own = seen(rules, turn->obs[1]);
  if (own == MARL_UNKNOWN_ACTION) own = MARL_COOPERATE;
  const double chance = marl_strategy_chance(&strategy, own, partner, 0, 0);
  return marl_uniform(turn->key, 0) < chance ? MARL_COOPERATE : MARL_DEFECT;
}

static int judge(const MarlPopulation *population, const MarlScriptedTurn *turn) {
  const MarlRound *now = &population->now;
  const bool pool = !now->moved[0] && !now->moved[1]; /* asked before the moves: to join */
  const bool due = pool || seen(&population->rules, turn->obs[0]) == MARL_DEFECT;
  return is_punisher(turn) && due && marl_uniform(turn->key, 0) < turn->number;
}

int marl_population_script(const MarlPopulation *population, MarlDilemmaRole role,
                           const MarlScriptedTurn *turn) {
  switch (role) {
    case MARL_ROLE_SELECT: {
      const int count = marl_population_num_choices(population, role, turn->agent);
      return (int)marl_below(turn->key, 0, (uint64_t)count);
    }
    case MARL_ROLE_PLAY:
      return play(&population->rules, turn);
    default:
      return judge(population, turn);
  }
}
