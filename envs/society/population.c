#include "envs/society/population.h"

#include <stdlib.h>
#include <string.h>

#include "envs/society/sentiment.h"

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
                                            .norm = rules->norm,
                                            .assessment_error = rules->assessment_error,
                                            .num_agents = rules->num_agents};
  const size_t scores = marl_reputation_size(rules->num_agents, rules->individual_reputation);
  population->reputation.score = calloc(scores, sizeof *population->reputation.score);
  population->last_action = calloc(n, sizeof *population->last_action);
  population->choice = calloc(n, sizeof *population->choice);
  population->state =
      calloc((size_t)rules->mechanisms.num_states * n + 1, sizeof *population->state);
  population->trace = calloc(n, sizeof *population->trace);
  population->bystander = calloc(n, sizeof *population->bystander);
  MarlCode code = MARL_OK;
  if (population->reputation.score == NULL || population->last_action == NULL ||
      population->choice == NULL || population->bystander == NULL || population->state == NULL ||
      population->trace == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "population: no memory for %d agents", rules->num_agents);
  if (code == MARL_OK) code = marl_graph_create(&rules->graph, &population->graph, err);
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
  free(p->state);
  free(p->trace);
  free(p->bystander);
  marl_graph_clear(&p->graph);
  marl_tally_clear(&p->tally);
  free(p);
  *population = NULL;
}

static MarlKey cycle_key(const MarlPopulation *population) {
  return marl_key_fold(population->key, (uint64_t)population->cycle);
}

/* Rounds of a cycle before this one, as a number of its draws. */
static uint64_t round_number(const MarlPopulation *population) {
  const MarlDilemmaRules *rules = &population->rules;
  const int64_t rounds = marl_dilemma_rounds_a_cycle(rules) / rules->num_agents;
  return (uint64_t)population->selector * (uint64_t)rounds + (uint64_t)population->round;
}

MarlEncounter marl_population_encounter(const MarlPopulation *population) {
  MarlPopulation *own = (MarlPopulation *)population;
  return (MarlEncounter){.rules = &own->rules,
                         .graph = &own->graph,
                         .key = cycle_key(own),
                         .number = round_number(own),
                         .now = &own->now,
                         .last_action = own->last_action,
                         .reputation = &own->reputation,
                         .tally = &own->tally,
                         .state = own->state,
                         .bystander = own->bystander};
}

MarlCandidates marl_population_candidates(const MarlPopulation *population) {
  return (MarlCandidates){&population->rules, &population->graph, cycle_key(population)};
}

static void meet(MarlPopulation *population, int index) {
  const int selector = population->selector;
  population->now.player[0] = selector;
  population->now.player[1] = marl_graph_neighbor(&population->graph, selector, index);
  marl_tally_partner(&population->tally, population->now.player[1]);
}

static void begin_round(MarlPopulation *population) {
  if (population->rules.rematch && population->round > 0) {
    const MarlKey key = marl_key_fold(cycle_key(population), MARL_DRAWS_REMATCH);
    const int degree = population->graph.degree[population->selector];
    meet(population, (int)marl_below(key, round_number(population), (uint64_t)degree));
  }
  MarlRound next = {.player = {population->now.player[0], population->now.player[1]}};
  if (population->rules.game.alternating && population->round > 0)
    memcpy(next.reward, population->now.reward, sizeof next.reward);
  population->now = next;
  MarlEncounter encounter = marl_population_encounter(population);
  marl_encounter_begin(&encounter);
  population->phase = population->now.num_judges > 0 ? MARL_ROLE_PUNISH : MARL_ROLE_PLAY;
}

static void begin_pairing(MarlPopulation *population) {
  population->round = 0;
  meet(population, population->choice[population->selector]);
  begin_round(population);
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

static void reset_states(MarlPopulation *population) {
  const MarlMechanismList *list = &population->rules.mechanisms;
  double *state = population->state;
  for (int m = 0; m < list->count; ++m)
    for (size_t k = 0; k < list->of[m].ops->num_states; ++k) {
      const MarlMechanismState *kept = &list->of[m].ops->states[k];
      for (int i = 0; i < population->rules.num_agents; ++i)
        *state++ = kept->is_agent ? -1.0 : kept->initial;
    }
}

void marl_population_reset(MarlPopulation *population, MarlKey key) {
  const MarlDilemmaRules *rules = &population->rules;
  marl_reputation_reset(&population->reputation);
  reset_states(population);
  for (int i = 0; i < rules->num_agents; ++i) population->trace[i] = 0.0;
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
      return population->now.num_judges - population->now.num_decided;
    default:
      return population->rules.game.alternating ? 1 : 2;
  }
}

int marl_population_decider(const MarlPopulation *population, int decision) {
  const MarlRound *now = &population->now;
  switch (population->phase) {
    case MARL_ROLE_SELECT:
      return decision;
    case MARL_ROLE_PUNISH:
      return now->judge[now->num_decided + decision].agent;
    default:
      return now->player[marl_population_mover(population, decision)];
  }
}

int marl_population_mover(const MarlPopulation *population, int decision) {
  return population->rules.game.alternating ? population->round % 2 : decision;
}

int marl_population_num_choices(const MarlPopulation *population, MarlDilemmaRole role, int agent) {
  return role == MARL_ROLE_SELECT
             ? marl_candidates_count(&population->rules, &population->graph, agent)
         : role == MARL_ROLE_PLAY ? MARL_NUM_ACTIONS
                                  : marl_mechanisms_choices(&population->rules.mechanisms);
}

/* Is the round being played the last of its pairing, and does an alternating game end with it? */
static void see_the_end(MarlPopulation *population) {
  const MarlDilemmaRules *rules = &population->rules;
  MarlRound *now = &population->now;
  if (!rules->game.alternating) {
    now->last = population->round + 1 == rules->rounds;
    return;
  }
  const int side = population->round % 2;
  now->last = now->action[side] == MARL_DEFECT || population->round + 1 == 2 * rules->rounds;
  now->terminal = now->last || population->round + 2 == 2 * rules->rounds;
}

static void end_round(MarlPopulation *population) {
  const MarlDilemmaRules *rules = &population->rules;
  marl_sentiment_remember(&rules->intrinsic, &population->now, population->trace);
  population->finished = population->now;
  ++population->tally.rounds;
  ++population->round;
  if (!population->finished.last) {
    begin_round(population);
    return;
  }
  if (rules->game.alternating) population->tally.rounds += 2 * rules->rounds - population->round;
  population->round = 0;
  if (++population->selector < rules->num_agents) {
    begin_pairing(population);
    return;
  }
  ++population->cycle;
  begin_cycle(population);
}

static void choose_partners(MarlPopulation *population, const int *choices) {
  const MarlCandidates candidates = marl_population_candidates(population);
  for (int i = 0; i < population->rules.num_agents; ++i) {
    const int count = marl_population_num_choices(population, MARL_ROLE_SELECT, i);
    population->choice[i] = marl_candidates_place(&candidates, i, choices[i] % count);
  }
}

bool marl_population_apply(MarlPopulation *population, const int *choices) {
  const MarlDilemmaRules *rules = &population->rules;
  MarlRound *now = &population->now;
  MarlEncounter encounter = marl_population_encounter(population);
  switch (population->phase) {
    case MARL_ROLE_SELECT:
      choose_partners(population, choices);
      begin_pairing(population);
      return false;
    case MARL_ROLE_PLAY:
      marl_encounter_move(&encounter, rules->game.alternating ? population->round % 2 : -1,
                          choices);
      see_the_end(population);
      marl_encounter_settle_moves(&encounter);
      population->phase = MARL_ROLE_PUNISH;
      break;
    default:
      marl_encounter_decide(&encounter, choices);
      if (now->moved[0] || now->moved[1]) break;
      population->phase = MARL_ROLE_PLAY;
      return false;
  }
  marl_sentiment_feel(&rules->intrinsic, population->trace, now);
  if (now->num_judges > now->num_decided) return false;
  end_round(population);
  return true;
}
