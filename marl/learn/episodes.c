#include "marl/learn/episodes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/returns.h"

int marl_episodes_figures(const MarlEnvSpec *spec) {
  return 1 + marl_num_returns(spec) + spec->num_metrics;
}

/* Places in a report. */
enum { ENDED, KNOWN, NUM_COUNTS };

int marl_episodes_width(const MarlEnvSpec *spec) {
  return NUM_COUNTS + 4 * marl_episodes_figures(spec);
}

void marl_episodes_means(const MarlEnvSpec *spec, const double *report, double *figures) {
  const int n = marl_episodes_figures(spec);
  const double *ended = report + NUM_COUNTS, *running = ended + (ptrdiff_t)2 * n;
  for (int i = 0; i < n; ++i) {
    const double number = ended[2 * i + 1] + running[2 * i + 1];
    figures[i] =
        report[KNOWN] > 0 && number > 0 ? (ended[2 * i] + running[2 * i]) / number : (double)NAN;
  }
}

bool marl_episodes_so_far(const MarlEnvSpec *spec, const double *report, double *figures) {
  if (report[KNOWN] > 0) return false;
  const int n = marl_episodes_figures(spec);
  const double *running = report + NUM_COUNTS + (ptrdiff_t)2 * n;
  for (int i = 0; i < n; ++i)
    figures[i] = running[2 * i + 1] > 0 ? running[2 * i] / running[2 * i + 1] : (double)NAN;
  return true;
}

static size_t figures_of(const MarlEpisodes *e) {
  return (size_t)marl_episodes_figures(e->spec);
}

static size_t lay_out(MarlEpisodes *e, char *block) {
  const size_t envs = (size_t)e->num_envs;
  size_t n = 0;
  marl_carve(block, &n, 1, sizeof *e);
  e->returns = marl_carve(block, &n, envs * (size_t)e->num_returns, sizeof *e->returns);
  e->last = marl_carve(block, &n, envs * figures_of(e), sizeof *e->last);
  e->sums = marl_carve(block, &n, 2 * figures_of(e), sizeof *e->sums);
  e->running = marl_carve(block, &n, figures_of(e), sizeof *e->running);
  e->ended = marl_carve(block, &n, envs, sizeof *e->ended);
  e->steps = marl_carve(block, &n, envs, sizeof *e->steps);
  return n;
}

MarlCode marl_episodes_create(const MarlEnvSpec *spec, int num_envs, MarlEpisodes **out,
                              MarlError *err) {
  *out = NULL;
  MarlEpisodes plan = {.spec = spec, .num_envs = num_envs, .num_returns = marl_num_returns(spec)};
  char *memory = marl_arena_alloc(lay_out(&plan, NULL));
  if (memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for %d episodes", num_envs);
  lay_out(&plan, memory);
  for (int e = 0; e < num_envs; ++e) plan.ended[e] = -1;
  *out = (MarlEpisodes *)(void *)memory;
  **out = plan;
  return MARL_OK;
}

void marl_episodes_destroy(MarlEpisodes **episodes) {
  free(*episodes);
  *episodes = NULL;
}

/* Add an episode's figures to sums and numbers of values. */
static void count(const MarlEpisodes *s, const double *figures, double *sums) {
  const size_t n = figures_of(s);
  for (size_t i = 0; i < n; ++i)
    if (!isnan(figures[i])) sums[2 * i] += figures[i], sums[2 * i + 1] += 1;
}

/* What environment e's episode has come to; `metrics` [E, num_metrics] are of that episode. */
static void list_figures(const MarlEpisodes *s, const float *metrics, int e, double *out) {
  *out++ = s->steps[e];
  const int R = s->num_returns, M = s->spec->num_metrics;
  for (int i = 0; i < R; ++i) *out++ = s->returns[e * R + i] / marl_return_agents(s->spec, i);
  for (int m = 0; m < M; ++m) *out++ = (double)metrics[e * M + m];
}

static void forget_running(MarlEpisodes *s, int e) {
  s->steps[e] = 0;
  memset(s->returns + (ptrdiff_t)e * s->num_returns, 0,
         (size_t)s->num_returns * sizeof *s->returns);
}

static void finish(MarlEpisodes *s, const MarlBatch *batch, int e) {
  double *last = s->last + (size_t)e * figures_of(s);
  list_figures(s, batch->final_metrics, e, last);
  count(s, last, s->sums);
  s->ended[e] = s->ended[e] < 0 ? 1 : s->ended[e] + 1;
  forget_running(s, e);
}

void marl_episodes_add(MarlEpisodes *s, const MarlBatch *batch) {
  for (int e = 0; e < s->num_envs; ++e) {
    ++s->steps[e];
    marl_add_returns(s->spec, batch, e, s->returns + (ptrdiff_t)e * s->num_returns);
    if (batch->episode_ended[e]) finish(s, batch, e);
  }
}

void marl_episodes_abandon(MarlEpisodes *s) {
  for (int e = 0; e < s->num_envs; ++e) forget_running(s, e);
}

void marl_episodes_report(MarlEpisodes *s, const MarlBatch *batch, double *out) {
  const size_t n = figures_of(s);
  double *ended = out + NUM_COUNTS, *running = ended + 2 * n;
  memset(out, 0, (NUM_COUNTS + 4 * n) * sizeof *out);
  memcpy(ended, s->sums, 2 * n * sizeof *ended);
  for (int e = 0; e < s->num_envs; ++e) {
    if (s->ended[e] < 0) {
      list_figures(s, batch->metrics, e, s->running);
      count(s, s->running, running);
      continue;
    }
    if (s->ended[e] == 0) count(s, s->last + (size_t)e * n, ended);
    out[ENDED] += (double)s->ended[e];
    out[KNOWN] += 1;
    s->ended[e] = 0;
  }
  memset(s->sums, 0, 2 * n * sizeof *s->sums);
}

static MarlCode transfer(MarlEpisodes *e, MarlStore *store, bool write, MarlError *err) {
  const size_t envs = (size_t)e->num_envs;
  const MarlPlainArray fields[] = {
      {"returns", MARL_F64, envs * (size_t)e->num_returns, e->returns},
      {"steps", MARL_I32, envs, e->steps},
      {"last", MARL_F64, envs * figures_of(e), e->last},
      {"ended", MARL_I64, envs, e->ended},
      {"sums", MARL_F64, 2 * figures_of(e), e->sums},
  };
  return marl_plain_transfer(store, fields, sizeof fields / sizeof fields[0], write, err);
}

MarlCode marl_episodes_save(const MarlEpisodes *e, MarlStore *to, MarlError *err) {
  MarlEpisodes view = *e; /* the same arrays; nothing is changed when writing */
  return transfer(&view, to, true, err);
}

MarlCode marl_episodes_load(MarlEpisodes *e, MarlStore *from, MarlError *err) {
  return transfer(e, from, false, err);
}
