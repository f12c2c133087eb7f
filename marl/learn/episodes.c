#include "marl/learn/episodes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/plain_array.h"

int marl_episodes_width(const MarlEnvSpec *spec) {
  return 2 + spec->num_roles + spec->num_metrics;
}

static size_t width(const MarlEpisodes *e) {
  return 2 + (size_t)e->num_roles + (size_t)e->num_metrics;
}

MarlCode marl_episodes_create(const MarlEnvSpec *spec, int num_envs, MarlEpisodes **out,
                              MarlError *err) {
  *out = NULL;
  const size_t envs = (size_t)num_envs, roles = (size_t)spec->num_roles;
  char *memory = NULL;
  for (int pass = 0; pass < 2; ++pass) {
    size_t n = 0;
    MarlEpisodes *e = marl_carve(memory, &n, 1, sizeof *e);
    double *returns = marl_carve(memory, &n, envs * roles, sizeof *returns);
    double *sums = marl_carve(memory, &n, (size_t)marl_episodes_width(spec), sizeof *sums);
    int *steps = marl_carve(memory, &n, envs, sizeof *steps);
    if (pass == 1) {
      *e = (MarlEpisodes){
          num_envs, spec->num_agents, spec->num_roles, spec->num_metrics, returns, steps, sums};
      *out = e;
      break;
    }
    memory = marl_arena_alloc(n);
    if (memory == NULL)
      return MARL_FAIL(err, MARL_EMEMORY, "out of memory for %d episodes", num_envs);
  }
  return MARL_OK;
}

void marl_episodes_destroy(MarlEpisodes **episodes) {
  free(*episodes);
  *episodes = NULL;
}

static void finish(MarlEpisodes *s, const MarlBatch *batch, int e) {
  const size_t roles = (size_t)s->num_roles, metrics = (size_t)s->num_metrics, at = (size_t)e;
  double *sums = s->sums;
  *sums++ += 1;
  *sums++ += s->steps[e];
  for (size_t role = 0; role < roles; ++role) {
    *sums++ += s->returns[at * roles + role] / s->num_agents;
    s->returns[at * roles + role] = 0;
  }
  for (size_t m = 0; m < metrics; ++m) *sums++ += (double)batch->final_metrics[at * metrics + m];
  s->steps[e] = 0;
}

void marl_episodes_add(MarlEpisodes *s, const MarlBatch *batch) {
  const size_t A = (size_t)s->num_agents, roles = (size_t)s->num_roles;
  for (int e = 0; e < s->num_envs; ++e) {
    bool over = true;
    ++s->steps[e];
    for (size_t row = (size_t)e * A; row < ((size_t)e + 1) * A; ++row) {
      for (size_t role = 0; role < roles; ++role)
        s->returns[(size_t)e * roles + role] += (double)batch->reward[row * roles + role];
      over = over && (batch->terminated[row] || batch->truncated[row]);
    }
    if (over) finish(s, batch, e);
  }
}

void marl_episodes_clear(MarlEpisodes *episodes) {
  memset(episodes->sums, 0, width(episodes) * sizeof *episodes->sums);
}

MarlCode marl_episodes_save(const MarlEpisodes *e, MarlStore *to, MarlError *err) {
  const size_t envs = (size_t)e->num_envs, streams = envs * (size_t)e->num_roles;
  MARL_TRY(marl_plain_write(to, "returns", MARL_F64, streams, e->returns, err));
  MARL_TRY(marl_plain_write(to, "steps", MARL_I32, envs, e->steps, err));
  return marl_plain_write(to, "sums", MARL_F64, width(e), e->sums, err);
}

MarlCode marl_episodes_load(MarlEpisodes *e, MarlStore *from, MarlError *err) {
  const size_t envs = (size_t)e->num_envs, streams = envs * (size_t)e->num_roles;
  MARL_TRY(marl_plain_read(from, "returns", MARL_F64, streams, e->returns, err));
  MARL_TRY(marl_plain_read(from, "steps", MARL_I32, envs, e->steps, err));
  return marl_plain_read(from, "sums", MARL_F64, width(e), e->sums, err);
}
