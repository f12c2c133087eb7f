#include "envs/society/candidates.h"

#include "envs/society/encounter.h"

static bool are_all(const MarlDilemmaRules *rules, const MarlGraph *graph, int agent) {
  return rules->candidates == 0 || graph->degree[agent] <= rules->candidates;
}

int marl_candidates_count(const MarlDilemmaRules *rules, const MarlGraph *graph, int agent) {
  return are_all(rules, graph, agent) ? graph->degree[agent] : rules->candidates;
}

/* Into the ascending list of `count`; false if it is there already. */
static bool insert(int *list, int count, int value) {
  int at = count;
  while (at > 0 && list[at - 1] > value) --at;
  if (at > 0 && list[at - 1] == value) return false;
  for (int i = count; i > at; --i) list[i] = list[i - 1];
  list[at] = value;
  return true;
}

void marl_candidates_draw(const MarlCandidates *candidates, int agent, int *place) {
  const int degree = candidates->graph->degree[agent], count = candidates->rules->candidates;
  const MarlKey key =
      marl_key_fold(marl_key_fold(candidates->key, MARL_DRAWS_CANDIDATES), (uint64_t)agent);
  for (int i = 0; i < count; ++i) {
    const int newest = degree - count + i;
    const int drawn = (int)marl_below(key, (uint64_t)i, (uint64_t)newest + 1);
    if (!insert(place, i, drawn)) (void)insert(place, i, newest); /* the newest is not there yet */
  }
}

int marl_candidates_place(const MarlCandidates *candidates, int agent, int choice) {
  if (are_all(candidates->rules, candidates->graph, agent)) return choice;
  int place[MARL_MAX_CANDIDATES] = {0};
  marl_candidates_draw(candidates, agent, place);
  return place[choice];
}
