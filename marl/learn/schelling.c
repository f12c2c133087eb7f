#include "marl/learn/schelling.h"

#include <math.h>
#include <stdlib.h>

/* Returns of one episode: a cooperator's, a defector's (their means) and the total. */
static MarlCode run_episode(const MarlSchellingTask *task, int number, int num_agents,
                            int cooperators, double out[3], MarlError *err) {
  uint32_t order[MARL_SIDES_MAX_AGENTS];
  uint8_t of[MARL_SIDES_MAX_AGENTS];
  double earned[MARL_SIDES_MAX_AGENTS] = {0};
  const MarlKey key =
      marl_key_fold(marl_key_fold(task->world.key, MARL_STREAM_SHUFFLE), (uint64_t)number);
  marl_permutation(key, (uint32_t)num_agents, order);
  for (int a = 0; a < num_agents; ++a)
    of[a] = (int)order[a] < cooperators ? MARL_SCHELLING_COOPERATOR : MARL_SCHELLING_DEFECTOR;
  MARL_TRY(marl_sides_play(&task->world, task->side, num_agents, of, number, earned, err));
  out[0] = out[1] = 0;
  for (int a = 0; a < num_agents; ++a) out[of[a]] += earned[a];
  out[2] = out[0] + out[1];
  out[0] /= cooperators;
  out[1] /= num_agents - cooperators;
  return MARL_OK;
}

MarlCode marl_schelling_point(const MarlSchellingTask *task, int num_agents, int cooperators,
                              MarlSchellingPoint *out, MarlError *err) {
  const size_t n = (size_t)task->episodes;
  double *values = calloc(3 * n, sizeof *values), one[3];
  MarlCode code =
      values == NULL ? MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu episodes", n) : MARL_OK;
  for (size_t e = 0; code == MARL_OK && e < n; ++e) {
    code = run_episode(task, (int)e, num_agents, cooperators, one, err);
    for (size_t i = 0; code == MARL_OK && i < 3; ++i) values[i * n + e] = one[i];
  }
  const bool there[3] = {cooperators > 0, cooperators < num_agents, true};
  double *const mean[3] = {&out->mean[0], &out->mean[1], &out->total};
  MarlInterval *const interval[3] = {&out->interval[0], &out->interval[1], &out->total_interval};
  for (size_t i = 0; code == MARL_OK && i < 3; ++i) {
    double sum = 0;
    for (size_t e = 0; e < n; ++e) sum += values[i * n + e];
    *mean[i] = there[i] ? sum / (double)n : (double)NAN;
    *interval[i] = there[i] ? marl_mean_interval(values + i * n, n, 0.95)
                            : (MarlInterval){(double)NAN, (double)NAN};
  }
  free(values);
  return code;
}
