#include "envs/society/encounter.h"

#include <assert.h>
#include <string.h>

void marl_encounter_begin(MarlEncounter *encounter) {
  const MarlMechanismList *list = &encounter->rules->mechanisms;
  MarlRound *now = encounter->now;
  for (int side = 0; side < 2; ++side)
    now->action[side] = encounter->last_action[now->player[side]];
  for (int m = 0; m < list->count; ++m)
    if (list->of[m].ops->before_moves != NULL)
      list->of[m].ops->before_moves(&list->of[m], encounter);
}

void marl_encounter_move(MarlEncounter *encounter, int mover, const int *choices) {
  MarlRound *now = encounter->now;
  for (int side = 0; side < 2; ++side) {
    if (mover >= 0 && side != mover) continue;
    now->action[side] = choices[mover >= 0 ? 0 : side];
    assert(now->action[side] == MARL_COOPERATE || now->action[side] == MARL_DEFECT);
    now->moved[side] = true;
  }
}

static float payoff(const MarlEncounter *encounter, int side) {
  const MarlGame *game = &encounter->rules->game;
  const MarlRound *now = encounter->now;
  if (!game->alternating) return game->payoff[now->action[side]][now->action[1 - side]];
  const int mover = now->moved[0] ? 0 : 1;
  if (now->action[mover] == MARL_DEFECT) return 0.0f;
  return side == mover ? -game->cost : game->gift;
}

void marl_encounter_settle_moves(MarlEncounter *encounter) {
  const MarlMechanismList *list = &encounter->rules->mechanisms;
  MarlRound *now = encounter->now;
  for (int side = 0; side < 2; ++side) {
    const int agent = now->player[side], action = now->action[side];
    const float earned = payoff(encounter, side);
    now->reward[side] += earned;
    marl_tally_earn(encounter->tally, agent, earned);
    if (!now->moved[side]) continue;
    encounter->last_action[agent] = (uint8_t)action;
    marl_reputation_played(encounter->reputation, agent, action);
    marl_tally_play(encounter->tally, agent, action);
  }
  const MarlKey key = marl_key_fold(encounter->key, MARL_DRAWS_ASSESSMENT);
  marl_reputation_assess(encounter->reputation, now->player, now->action, now->moved, key,
                         encounter->number);
  for (int m = 0; m < list->count; ++m)
    if (list->of[m].ops->after_moves != NULL) list->of[m].ops->after_moves(&list->of[m], encounter);
}

void marl_encounter_decide(MarlEncounter *encounter, const int *choices) {
  const MarlMechanismList *list = &encounter->rules->mechanisms;
  MarlRound *now = encounter->now;
  const int first = now->num_decided;
  const bool moved = now->moved[0] || now->moved[1];
  for (int i = first; i < now->num_judges; ++i) {
    MarlJudge *judge = &now->judge[i];
    const MarlMechanism *own = &list->of[judge->mechanism];
    /* the role has as many choices as the decider with the most */
    judge->decision = choices[i - first] % (own->ops->num_choices > 0 ? own->ops->num_choices : 2);
    if (own->ops->decide != NULL) own->ops->decide(own, encounter, judge);
  }
  now->num_decided = now->num_judges;
  for (int m = 0; moved && m < list->count; ++m)
    if (list->of[m].ops->after_verdicts != NULL)
      list->of[m].ops->after_verdicts(&list->of[m], encounter, first);
}

float marl_encounter_price(const MarlEncounter *encounter, const MarlJudge *judge, int choice) {
  const MarlMechanism *own = &encounter->rules->mechanisms.of[judge->mechanism];
  return own->ops->price != NULL ? own->ops->price(own, encounter, judge, choice) : 0.0f;
}

double *marl_encounter_state(const MarlEncounter *encounter, const MarlMechanism *mechanism,
                             int k) {
  return encounter->state +
         (size_t)(mechanism->first_state + k) * (size_t)encounter->rules->num_agents;
}

void marl_encounter_ask(MarlEncounter *encounter, const MarlMechanism *mechanism, int agent,
                        int side, int about, int from) {
  MarlRound *now = encounter->now;
  assert(now->num_judges < MARL_MAX_JUDGES && "most_asked is too small");
  now->judge[now->num_judges++] = (MarlJudge){
      .agent = agent, .side = side, .about = about, .from = from, .mechanism = mechanism->number};
}

/* The k-th agent that is none of `out`, which is put in order. */
static int skip(int *out, int num_out, int k) {
  for (int i = 1; i < num_out; ++i)
    for (int j = i; j > 0 && out[j - 1] > out[j]; --j) {
      const int higher = out[j - 1];
      out[j - 1] = out[j], out[j] = higher;
    }
  for (int i = 0; i < num_out; ++i)
    if (out[i] <= k) ++k;
  return k;
}

static bool is_in(const int *list, int count, int agent) {
  for (int i = 0; i < count; ++i)
    if (list[i] == agent) return true;
  return false;
}

/* Neighbors of `a`, or of `a` or `b` unless b < 0, that are none of `out`, in index order; returns how
 * many. */
static int gather(const MarlEncounter *encounter, int a, int b, const int *out, int num_out) {
  const MarlGraph *graph = encounter->graph;
  const int left_end = graph->degree[a], right_end = b < 0 ? 0 : graph->degree[b];
  int count = 0, left = 0, right = 0;
  while (left < left_end || right < right_end) {
    const int l = left < left_end ? marl_graph_neighbor(graph, a, left) : graph->num_agents;
    const int r = right < right_end ? marl_graph_neighbor(graph, b, right) : graph->num_agents;
    const int next = l < r ? l : r;
    left += l == next;
    right += r == next;
    if (!is_in(out, num_out, next)) encounter->bystander[count++] = next;
  }
  return count;
}

int marl_encounter_bystander(const MarlEncounter *encounter, int a, int b, const int *out,
                             int num_out, MarlKey key, uint64_t draw) {
  const int *player = encounter->now->player;
  int left_out[2 + MARL_MAX_JUDGES] = {player[0], player[1]}, count = 2;
  for (int i = 0; i < num_out; ++i)
    if (!is_in(left_out, count, out[i])) left_out[count++] = out[i];
  const bool complete = encounter->rules->graph.kind == MARL_GRAPH_COMPLETE;
  const int left =
      complete ? encounter->graph->num_agents - count : gather(encounter, a, b, left_out, count);
  if (left <= 0) return -1;
  const int drawn = (int)marl_below(key, draw, (uint64_t)left);
  return complete ? skip(left_out, count, drawn) : encounter->bystander[drawn];
}

void marl_encounter_ask_bystander(MarlEncounter *encounter, const MarlMechanism *mechanism, int a,
                                  int b, int side) {
  const MarlRound *now = encounter->now;
  const bool once = marl_mechanisms_fine_judges(&encounter->rules->mechanisms);
  int out[MARL_MAX_JUDGES];
  for (int i = 0; i < now->num_judges; ++i) out[i] = now->judge[i].agent;
  /* draws 0 .. N-1 of the cycle are the partners */
  const uint64_t draw = (uint64_t)encounter->rules->num_agents + 2 * encounter->number;
  const int agent = marl_encounter_bystander(encounter, a, b, out, once ? now->num_judges : 0,
                                             encounter->key, draw + (uint64_t)side);
  if (agent >= 0) marl_encounter_ask(encounter, mechanism, agent, side, -1, MARL_OUTSIDE);
}

bool marl_encounter_is_accused(const MarlRound *round, const MarlJudge *judge) {
  return judge->about < 0 && judge->decision == MARL_FORGIVE &&
         round->action[judge->side] == MARL_DEFECT;
}

MarlKey marl_encounter_key(const MarlEncounter *encounter, const MarlMechanism *mechanism) {
  uint64_t name = 14695981039346656037u; /* FNV-1a: a stream of its own for each name */
  for (const char *c = mechanism->ops->name; *c != '\0'; ++c)
    name = (name ^ (uint8_t)*c) * 1099511628211u;
  return marl_key_fold(marl_key_fold(encounter->key, name), encounter->number);
}

static int act_judged(const MarlRound *round, const MarlJudge *judge) {
  return judge->about >= 0 ? MARL_DEFECT : round->action[judge->side];
}

float marl_verdict_price(const MarlMechanism *own, const MarlEncounter *encounter,
                         const MarlJudge *judge, int choice) {
  (void)own;
  const MarlMechanismList *list = &encounter->rules->mechanisms;
  const bool offense = act_judged(encounter->now, judge) == MARL_DEFECT;
  float price = marl_price_of_verdict(&encounter->rules->prices, choice, offense);
  for (int m = 0; m < list->count; ++m)
    if (list->of[m].ops->weigh_price != NULL)
      price = list->of[m].ops->weigh_price(&list->of[m], encounter, judge->agent, price);
  return price;
}

static float take_fine(MarlEncounter *encounter, MarlJudge *judge, int judged) {
  const MarlMechanismList *list = &encounter->rules->mechanisms;
  MarlRound *now = encounter->now;
  float fine = encounter->rules->prices.fine;
  for (int m = 0; m < list->count; ++m)
    if (list->of[m].ops->weigh_fine != NULL)
      fine = list->of[m].ops->weigh_fine(&list->of[m], encounter, judge->agent, judged, fine);
  if (judge->about >= 0)
    now->judge[judge->about].reward -= fine;
  else
    now->reward[judge->side] -= fine;
  return fine;
}

void marl_verdict_decide(const MarlMechanism *own, MarlEncounter *encounter, MarlJudge *judge) {
  const MarlRound *now = encounter->now;
  const int judged = judge->about >= 0 ? now->judge[judge->about].agent : now->player[judge->side];
  const int action = act_judged(now, judge);
  judge->reward += marl_verdict_price(own, encounter, judge, judge->decision);
  if (judge->decision == MARL_PUNISH) judge->fine = take_fine(encounter, judge, judged);
  marl_reputation_judged(encounter->reputation, judge->agent, judge->decision, judged, action,
                         now->player[1 - judge->side]);
  marl_tally_judge(encounter->tally, judge->agent, judge->from, judge->decision, judged, action,
                   judge->fine, judge->reward);
}
