#include "envs/dilemma/population.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *const marl_dilemma_role_names[MARL_NUM_DILEMMA_ROLES] = {"select", "play", "punish"};

MarlCode marl_population_create(const MarlDilemmaRules *rules, MarlPopulation **out,
                                MarlError *err) {
  MARL_TRY(marl_dilemma_rules_check(rules, err));
  const size_t n = (size_t)rules->num_agents;
  MarlPopulation *population = calloc(1, sizeof *population);
  if (population == NULL) return MARL_FAIL(err, MARL_EMEMORY, "population: no memory");
  population->rules = *rules;
  population->reputation = (MarlReputation){.source = rules->reputation,
                                            .individual = rules->individual_reputation,
                                            .num_agents = rules->num_agents};
  const size_t scores = marl_reputation_size(rules->num_agents, rules->individual_reputation);
  population->reputation.score = calloc(scores, sizeof *population->reputation.score);
  population->last_action = calloc(n, sizeof *population->last_action);
  population->choice = calloc(n, sizeof *population->choice);
  population->bystander = calloc(n, sizeof *population->bystander);
  MarlCode code = MARL_OK;
  if (population->reputation.score == NULL || population->last_action == NULL ||
      population->choice == NULL || population->bystander == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "population: no memory for %d agents", rules->num_agents);
  if (code == MARL_OK)
    code = marl_graph_create(rules->graph, rules->num_agents, rules->community, &population->graph,
                             err);
  if (code == MARL_OK) code = marl_tally_create(rules->num_agents, &population->tally, err);
  if (code != MARL_OK) {
    marl_population_destroy(&population);
    return code;
  }
  marl_population_reset(population, (MarlKey){{0, 0}});
  *out = population;
  return MARL_OK;
}

void marl_population_destroy(MarlPopulation **population) {
  MarlPopulation *p = *population;
  if (p == NULL) return;
  free(p->reputation.score);
  free(p->last_action);
  free(p->choice);
  free(p->bystander);
  marl_graph_clear(&p->graph);
  marl_tally_clear(&p->tally);
  free(p);
  *population = NULL;
}

static const int *neighbors(const MarlPopulation *population, int agent) {
  return population->graph.neighbor + (size_t)agent * (size_t)(population->graph.num_agents - 1);
}

static void begin_round(MarlPopulation *population) {
  population->now = (MarlRound){.player = {population->now.player[0], population->now.player[1]}};
  population->phase = MARL_ROLE_PLAY;
}

static void begin_pairing(MarlPopulation *population) {
  const int selector = population->selector;
  const int partner = neighbors(population, selector)[population->choice[selector]];
  population->round = 0;
  population->now.player[0] = selector;
  population->now.player[1] = partner;
  marl_tally_partner(&population->tally, partner);
  begin_round(population);
}

static MarlKey cycle_key(const MarlPopulation *population) {
  return marl_key_fold(population->key, (uint64_t)population->cycle);
}

static void begin_cycle(MarlPopulation *population) {
  population->selector = population->round = 0;
  marl_tally_begin_cycle(&population->tally);
  if (population->rules.matching == MARL_MATCHING_SELECT) {
    population->phase = MARL_ROLE_SELECT;
    return;
  }
  const MarlKey key = cycle_key(population);
  for (int i = 0; i < population->rules.num_agents; ++i)
    population->choice[i] =
        (int32_t)marl_below(key, (uint64_t)i, (uint64_t)population->graph.degree[i]);
  begin_pairing(population);
}

void marl_population_reset(MarlPopulation *population, MarlKey key) {
  const MarlDilemmaRules *rules = &population->rules;
  const size_t scores = marl_reputation_size(rules->num_agents, rules->individual_reputation);
  memset(population->reputation.score, 0, scores * sizeof *population->reputation.score);
  memset(population->last_action, MARL_UNKNOWN_ACTION, (size_t)rules->num_agents);
  memset(population->choice, 0, (size_t)rules->num_agents * sizeof *population->choice);
  population->now = population->finished = (MarlRound){.num_judges = 0};
  population->key = key;
  population->cycle = 0;
  population->round = 0;
  marl_tally_reset(&population->tally);
  begin_cycle(population);
}

int marl_population_pending(const MarlPopulation *population) {
  switch (population->phase) {
    case MARL_ROLE_SELECT:
      return population->rules.num_agents;
    case MARL_ROLE_PUNISH:
      return population->now.num_judges;
    default:
      return 2;
  }
}

int marl_population_decider(const MarlPopulation *population, int decision) {
  switch (population->phase) {
    case MARL_ROLE_SELECT:
      return decision;
    case MARL_ROLE_PUNISH:
      return population->now.judge[decision].agent;
    default:
      return population->now.player[decision];
  }
}

int marl_population_num_choices(const MarlPopulation *population, MarlDilemmaRole role, int agent) {
  return role == MARL_ROLE_SELECT ? population->graph.degree[agent] : 2;
}

/* Neighbors of either player, the players left out, in index order; returns how many. */
static int gather_bystanders(MarlPopulation *population) {
  const int a = population->now.player[0], b = population->now.player[1];
  int count = 0;
  for (int i = 0; i < population->rules.num_agents; ++i) {
    if (i == a || i == b) continue;
    if (marl_graph_linked(&population->graph, a, i) || marl_graph_linked(&population->graph, b, i))
      population->bystander[count++] = i;
  }
  return count;
}

static void call_judges(MarlPopulation *population) {
  MarlRound *now = &population->now;
  const MarlDilemmaRules *rules = &population->rules;
  now->num_judges = 0;
  if (marl_punishes_directly(rules->punishment))
    for (int side = 0; side < 2; ++side)
      now->judge[now->num_judges++] =
          (MarlJudge){.agent = now->player[1 - side], .side = side, .from = MARL_DIRECT};
  if (!marl_punishes_from_outside(rules->punishment)) return;
  const uint64_t count = (uint64_t)gather_bystanders(population);
  const MarlKey key = cycle_key(population);
  const uint64_t first = /* draws 0 .. N-1 of the cycle are the partners */
      (uint64_t)rules->num_agents +
      2 * ((uint64_t)population->selector * (uint64_t)rules->rounds + (uint64_t)population->round);
  for (int side = 0; side < 2; ++side) {
    const uint64_t drawn = marl_below(key, first + (uint64_t)side, count);
    now->judge[now->num_judges++] =
        (MarlJudge){.agent = population->bystander[drawn], .side = side, .from = MARL_OUTSIDE};
  }
}

static void end_round(MarlPopulation *population) {
  population->finished = population->now;
  ++population->tally.rounds;
  if (++population->round < population->rules.rounds) {
    begin_round(population);
    return;
  }
  if (++population->selector < population->rules.num_agents) {
    begin_pairing(population);
    return;
  }
  ++population->cycle;
  begin_cycle(population);
}

static void play(MarlPopulation *population, const int *choices) {
  MarlRound *now = &population->now;
  for (int side = 0; side < 2; ++side) {
    assert(choices[side] == MARL_COOPERATE || choices[side] == MARL_DEFECT);
    now->action[side] = choices[side];
  }
  for (int side = 0; side < 2; ++side) {
    const int agent = now->player[side], action = now->action[side];
    now->reward[side] = population->rules.game.payoff[action][now->action[1 - side]];
    population->last_action[agent] = (uint8_t)action;
    marl_reputation_played(&population->reputation, agent, action);
    marl_tally_play(&population->tally, agent, action, now->reward[side]);
  }
}

static void judge(MarlPopulation *population, const int *choices) {
  MarlRound *now = &population->now;
  const MarlPrices *prices = &population->rules.prices;
  for (int i = 0; i < now->num_judges; ++i) {
    MarlJudge *j = &now->judge[i];
    const int judged = now->player[j->side], action = now->action[j->side];
    assert(choices[i] == MARL_FORGIVE || choices[i] == MARL_PUNISH);
    j->decision = choices[i];
    j->reward = marl_judge_reward(prices, j->decision, action);
    if (j->decision == MARL_PUNISH) now->reward[j->side] -= prices->fine;
    marl_reputation_judged(&population->reputation, j->agent, j->decision, judged, action,
                           now->player[1 - j->side]);
    marl_tally_judge(&population->tally, j->agent, j->from, j->decision, judged, action,
                     prices->fine, j->reward);
  }
}

bool marl_population_apply(MarlPopulation *population, const int *choices) {
  switch (population->phase) {
    case MARL_ROLE_SELECT:
      for (int i = 0; i < population->rules.num_agents; ++i)
        population->choice[i] = choices[i] % population->graph.degree[i];
      begin_pairing(population);
      return false;
    case MARL_ROLE_PLAY:
      play(population, choices);
      call_judges(population);
      if (population->now.num_judges > 0) {
        population->phase = MARL_ROLE_PUNISH;
        return false;
      }
      end_round(population);
      return true;
    default:
      judge(population, choices);
      end_round(population);
      return true;
  }
}
