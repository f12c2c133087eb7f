#include "envs/society/encounter.h"

#include <assert.h>

static void pay_tax_and_fine(MarlPopulation *population, int side) {
  const MarlPrices *prices = &population->rules.prices;
  MarlRound *now = &population->now;
  const float due = prices->tax + (now->action[side] == MARL_DEFECT ? prices->fine : 0.0f);
  now->reward[side] -= due;
  marl_tally_pay(&population->tally, now->player[side], due);
}

/* Who fined the agent learns what came of it; a cooperation takes one grade back. */
static void follow_up(MarlPopulation *population, int agent, int action) {
  const int judge = population->fined_by[agent];
  const float rate = population->rules.prices.adaptive_rate;
  if (judge >= 0)
    population->intensity[judge] +=
        rate * ((action == MARL_COOPERATE ? 1.0f : 0.0f) - population->intensity[judge]);
  population->fined_by[agent] = -1;
  if (action == MARL_COOPERATE && population->grade[agent] > 0) --population->grade[agent];
}

static float payoff(const MarlPopulation *population, int side) {
  const MarlGame *game = &population->rules.game;
  const MarlRound *now = &population->now;
  if (!game->alternating) return game->payoff[now->action[side]][now->action[1 - side]];
  const int mover = now->moved[0] ? 0 : 1;
  if (now->action[mover] == MARL_DEFECT) return 0.0f;
  return side == mover ? -game->cost : game->gift;
}

/* What the members of a voluntary pool pay and whom they fine. */
static void settle_pool(MarlPopulation *population) {
  const MarlPrices *prices = &population->rules.prices;
  MarlRound *now = &population->now;
  for (int i = 0; i < now->num_judges; ++i) {
    MarlJudge *j = &now->judge[i];
    MarlJudge *of_partner = &now->judge[1 - i];
    const bool pays = j->decision == MARL_PUNISH;
    const float price = pays ? -prices->tax : 0.0f;
    j->reward += price;
    marl_tally_decide(&population->tally, j->agent, j->from, j->decision, price);
    if (pays && now->action[j->side] == MARL_DEFECT) {
      j->fine += prices->fine;
      now->reward[j->side] -= prices->fine;
      marl_tally_fine(&population->tally, j->agent, of_partner->agent, MARL_DEFECT, prices->fine);
    }
    if (pays && population->rules.second_order && of_partner->decision == MARL_FORGIVE) {
      j->fine += prices->fine;
      of_partner->reward -= prices->fine;
      /* not paying is the offense here */
      marl_tally_fine(&population->tally, j->agent, of_partner->agent, MARL_DEFECT, prices->fine);
    }
  }
}

void marl_encounter_play(MarlPopulation *population, const MarlEncounter *encounter,
                         const int *choices) {
  MarlRound *now = &population->now;
  const int moves = marl_population_pending(population);
  for (int side = 0; side < 2; ++side)
    now->action[side] = population->last_action[now->player[side]];
  for (int i = 0; i < moves; ++i) {
    const int side = marl_population_mover(population, i);
    assert(choices[i] == MARL_COOPERATE || choices[i] == MARL_DEFECT);
    now->action[side] = choices[i];
    now->moved[side] = true;
  }
  for (int side = 0; side < 2; ++side) {
    const int agent = now->player[side], action = now->action[side];
    const float earned = payoff(population, side);
    now->reward[side] += earned;
    marl_tally_earn(&population->tally, agent, earned);
    if (!now->moved[side]) continue;
    population->last_action[agent] = (uint8_t)action;
    follow_up(population, agent, action);
    marl_reputation_played(&population->reputation, agent, action);
    marl_tally_play(&population->tally, agent, action);
    if (population->rules.punishment == MARL_PUNISHER_POOL) pay_tax_and_fine(population, side);
  }
  if (population->rules.punishment == MARL_PUNISHER_VOLUNTARY_POOL) settle_pool(population);
  const MarlKey key = marl_key_fold(encounter->key, MARL_DRAWS_ASSESSMENT);
  marl_reputation_assess(&population->reputation, now->player, now->action, now->moved, key,
                         encounter->number);
}

/* Has this judge forgiven a defector? */
static bool is_accused(const MarlRound *now, const MarlJudge *judge) {
  return judge->decision == MARL_FORGIVE && now->action[judge->side] == MARL_DEFECT;
}

/* Neighbors of `a`, or of `a` or `b` unless b < 0, but for the players, in index order; returns how
 * many. */
static int gather_bystanders(MarlPopulation *population, int a, int b) {
  const MarlRound *now = &population->now;
  const MarlGraph *graph = &population->graph;
  const int *left = marl_graph_neighbors(graph, a), *left_end = left + graph->degree[a];
  const int *right = b < 0 ? left_end : marl_graph_neighbors(graph, b);
  const int *right_end = b < 0 ? left_end : right + graph->degree[b];
  int count = 0;
  while (left < left_end || right < right_end) {
    int next;
    if (right == right_end || (left < left_end && *left <= *right)) {
      next = *left++;
      if (right < right_end && *right == next) ++right;
    } else {
      next = *right++;
    }
    if (next == now->player[0] || next == now->player[1]) continue;
    population->bystander[count++] = next;
  }
  return count;
}

/* One of `count` bystanders is out; returns how many are left. */
static int leave_out(MarlPopulation *population, int count, int agent) {
  int left = 0;
  for (int i = 0; i < count; ++i)
    if (population->bystander[i] != agent) population->bystander[left++] = population->bystander[i];
  return left;
}

static void add_judge(MarlRound *now, int agent, int side, int about, int from) {
  now->judge[now->num_judges++] =
      (MarlJudge){.agent = agent, .side = side, .about = about, .from = from};
}

void marl_encounter_call_payers(MarlPopulation *population) {
  MarlRound *now = &population->now;
  for (int side = 0; side < 2; ++side) {
    now->action[side] = population->last_action[now->player[side]];
    add_judge(now, now->player[1 - side], side, -1, MARL_DIRECT);
  }
}

void marl_encounter_join(MarlPopulation *population, const int *choices) {
  MarlRound *now = &population->now;
  for (int i = 0; i < now->num_judges; ++i) now->judge[i].decision = choices[i];
  now->num_decided = now->num_judges;
}

void marl_encounter_call_judges(MarlPopulation *population, const MarlEncounter *encounter) {
  MarlRound *now = &population->now;
  const MarlDilemmaRules *rules = &population->rules;
  const int *player = now->player;
  if (marl_punishes_directly(rules->punishment))
    for (int side = 0; side < 2; ++side)
      if (now->moved[side]) add_judge(now, player[1 - side], side, -1, MARL_DIRECT);
  const bool indirect = rules->punishment == MARL_PUNISHER_INDIRECT;
  if (!indirect && !marl_punishes_from_outside(rules->punishment)) return;
  /* draws 0 .. N-1 of the cycle are the partners */
  const uint64_t first = (uint64_t)rules->num_agents + 2 * encounter->number;
  for (int side = 0; side < 2; ++side) {
    if (!now->moved[side]) continue;
    int count = indirect ? gather_bystanders(population, player[1 - side], -1)
                         : gather_bystanders(population, player[0], player[1]);
    for (int i = 0; rules->metanorm && i < now->num_judges;
         ++i) /* may be fined before it is asked */
      count = leave_out(population, count, now->judge[i].agent);
    if (count == 0) continue; /* nobody who could see it */
    const uint64_t drawn = marl_below(encounter->key, first + (uint64_t)side, (uint64_t)count);
    add_judge(now, population->bystander[drawn], side, -1, MARL_OUTSIDE);
  }
}

/* A bystander for each judge who forgave a defector, drawn from both players' neighbors. */
static void call_meta_judges(MarlPopulation *population, const MarlEncounter *encounter) {
  MarlRound *now = &population->now;
  const MarlKey key = marl_key_fold(encounter->key, MARL_DRAWS_META);
  const int judges = now->num_judges;
  for (int i = 0; i < judges; ++i) {
    const MarlJudge *j = &now->judge[i];
    if (!is_accused(now, j)) continue;
    int count = gather_bystanders(population, now->player[0], now->player[1]);
    for (int k = 0; k < judges; ++k)
      if (is_accused(now, &now->judge[k]))
        count = leave_out(population, count, now->judge[k].agent);
    if (count == 0) continue;
    const uint64_t draw = (MARL_MAX_JUDGES / 2) * encounter->number + (uint64_t)i;
    const uint64_t drawn = marl_below(key, draw, (uint64_t)count);
    add_judge(now, population->bystander[drawn], j->side, i, MARL_OUTSIDE);
  }
}

/* The fine of this punishment; every one raises the grade. */
static float next_fine(MarlPopulation *population, int agent) {
  const MarlPrices *prices = &population->rules.prices;
  if (prices->num_grades == 0) return prices->fine;
  int32_t *grade = &population->grade[agent];
  const float fine = prices->grade[*grade];
  if (*grade + 1 < prices->num_grades) ++*grade;
  return fine;
}

static int act_judged(const MarlRound *now, const MarlJudge *judge) {
  return judge->about >= 0 ? MARL_DEFECT : now->action[judge->side];
}

float marl_encounter_price(const MarlPopulation *population, const MarlJudge *judge, int choice) {
  const int action = act_judged(&population->now, judge);
  return population->intensity[judge->agent] *
         marl_judge_reward(&population->rules.prices, choice, action);
}

static void carry_out(MarlPopulation *population, MarlJudge *j) {
  MarlRound *now = &population->now;
  const bool meta = j->about >= 0;
  const int judged = meta ? now->judge[j->about].agent : now->player[j->side];
  const int action = act_judged(now, j);
  const float intensity = population->intensity[j->agent];
  j->reward += marl_encounter_price(population, j, j->decision);
  if (j->decision == MARL_PUNISH) {
    j->fine = intensity * next_fine(population, judged);
    population->fined_by[judged] = j->agent;
    if (meta)
      now->judge[j->about].reward -= j->fine;
    else
      now->reward[j->side] -= j->fine;
  }
  marl_reputation_judged(&population->reputation, j->agent, j->decision, judged, action,
                         now->player[1 - j->side]);
  marl_tally_judge(&population->tally, j->agent, j->from, j->decision, judged, action, j->fine,
                   j->reward);
}

void marl_encounter_judge(MarlPopulation *population, const MarlEncounter *encounter,
                          const int *choices) {
  MarlRound *now = &population->now;
  const bool of_players = now->num_decided == 0;
  const int first = now->num_decided;
  for (int i = first; i < now->num_judges; ++i) {
    assert(choices[i - first] == MARL_FORGIVE || choices[i - first] == MARL_PUNISH);
    now->judge[i].decision = choices[i - first];
    carry_out(population, &now->judge[i]);
  }
  now->num_decided = now->num_judges;
  if (population->rules.metanorm && of_players) call_meta_judges(population, encounter);
}
