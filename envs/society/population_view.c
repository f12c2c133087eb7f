/* What agents of a population see: raw codes and scores, or the same scaled to [-1, 1]. */
#include <math.h>

#include "envs/society/population.h"

const char marl_population_view[] =
    "agents see, in this order; an act is 0 cooperate, 1 defect, 2 none yet (observation: "
    "raw), or 1, -1, 0\n"
    "select: of each candidate its reputation, or what select_view says\n"
    "play: the partner's last act, the own last act; with play_sees_reputation the partner's "
    "reputation, the own\n"
    "punish: the judged player's act, its partner's act; with punish_sees_reputation that "
    "partner's reputation,\n"
    "  the judged player's; then the columns of the mechanisms, of graduated the judged "
    "player's grade in [0, 1]";

float marl_action_view(const MarlDilemmaRules *rules, int action) {
  if (!rules->scaled) return (float)action;
  return action == MARL_UNKNOWN_ACTION ? 0.0f : action == MARL_COOPERATE ? 1.0f : -1.0f;
}

static float score_view(const MarlPopulation *population, int viewer, int whom) {
  const int32_t score = marl_reputation_of(&population->reputation, viewer, whom);
  if (population->rules.reputation == MARL_REPUTATION_NORM)
    return population->rules.scaled ? (float)(2 * score - 1) : (float)score;
  /* a hundred cooperations in a row is a good name: the scale is this project's choice */
  return population->rules.scaled ? (float)tanh(score / 100.0) : (float)score;
}

/* On the complete graph selectors see all N in index order, themselves included, as published. */
static bool sees_itself(const MarlDilemmaRules *rules) {
  return rules->graph.kind == MARL_GRAPH_COMPLETE && rules->candidates == 0;
}

int marl_population_obs_dim(const MarlPopulation *population, MarlDilemmaRole role, int agent) {
  const MarlDilemmaRules *rules = &population->rules;
  switch (role) {
    case MARL_ROLE_SELECT:
      return sees_itself(rules) ? rules->num_agents
                                : marl_candidates_count(rules, &population->graph, agent);
    case MARL_ROLE_PLAY:
      return rules->play_sees_reputation ? 4 : 2;
    default:
      return (rules->punish_sees_reputation ? 4 : 2) + rules->mechanisms.num_columns;
  }
}

static float candidate_view(const MarlPopulation *population, int agent, int whom) {
  switch (population->rules.select_view) {
    case MARL_SELECT_VIEW_REPUTATION:
      return score_view(population, agent, whom);
    case MARL_SELECT_VIEW_LAST_ACTION:
      return marl_action_view(&population->rules, population->last_action[whom]);
    default:
      return 0.0f;
  }
}

void marl_population_observe_select(const MarlPopulation *population, int agent, float *obs) {
  const MarlCandidates candidates = marl_population_candidates(population);
  const int count = marl_population_obs_dim(population, MARL_ROLE_SELECT, agent);
  const bool itself = sees_itself(&population->rules);
  int place[MARL_MAX_CANDIDATES];
  const bool drawn = !itself && count < population->graph.degree[agent];
  if (drawn) marl_candidates_draw(&candidates, agent, place);
  for (int i = 0; i < count; ++i) {
    const int whom =
        itself ? i : marl_graph_neighbor(&population->graph, agent, drawn ? place[i] : i);
    obs[i] = candidate_view(population, agent, whom);
  }
}

void marl_population_observe_play(const MarlPopulation *population, int agent, int partner,
                                  float *obs) {
  obs[0] = marl_action_view(&population->rules, population->last_action[partner]);
  obs[1] = marl_action_view(&population->rules, population->last_action[agent]);
  if (!population->rules.play_sees_reputation) return;
  obs[2] = score_view(population, agent, partner);
  obs[3] = score_view(population, partner, agent);
}

void marl_population_observe_punish(const MarlPopulation *population, const MarlRound *round,
                                    int judge, float *obs) {
  const MarlJudge *j = &round->judge[judge];
  const int judged = round->player[j->side], other = round->player[1 - j->side];
  obs[0] = marl_action_view(&population->rules, round->action[j->side]);
  obs[1] = marl_action_view(&population->rules, round->action[1 - j->side]);
  float *columns = obs + 2;
  if (population->rules.punish_sees_reputation) {
    obs[2] = score_view(population, j->agent, other);
    obs[3] = score_view(population, j->agent, judged);
    columns = obs + 4;
  }
  const MarlMechanismList *list = &population->rules.mechanisms;
  if (list->num_columns == 0) return;
  const MarlEncounter encounter = marl_population_encounter(population);
  for (int m = 0; m < list->count; ++m) {
    const MarlMechanism *own = &list->of[m];
    if (own->ops->num_columns == NULL) continue;
    own->ops->observe(own, &encounter, round, j, columns);
    columns += own->ops->num_columns(own);
  }
}

void marl_population_observe(const MarlPopulation *population, int decision, float *obs) {
  const MarlRound *now = &population->now;
  int side;
  switch (population->phase) {
    case MARL_ROLE_SELECT:
      marl_population_observe_select(population, decision, obs);
      return;
    case MARL_ROLE_PLAY:
      side = marl_population_mover(population, decision);
      marl_population_observe_play(population, now->player[side], now->player[1 - side], obs);
      return;
    default:
      marl_population_observe_punish(population, now, now->num_decided + decision, obs);
  }
}
