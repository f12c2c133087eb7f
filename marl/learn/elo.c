#include "marl/learn/elo.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PASSES = 100000, MAX_PAIRS = MARL_ELO_MAX_PLAYERS * MARL_ELO_MAX_PLAYERS };
/* Relative change of a strength in the last pass; of a rating 400 / log 10 times it, 2e-10. */
static const double converged = 1e-12;
static const double drawn_half = 0.5; /* of the game that each pair has drawn before it begins */

/* The update of Newman 2023 (Journal of Machine Learning Research 24, 238): the maximum that Zermelo's
 * has, in far fewer passes. */
static double strength(int num_players, const double *won, const double *pi, int i) {
  double above = 0, below = 0;
  for (int j = 0; j < num_players; ++j) {
    if (j == i) continue;
    const double sum = pi[i] + pi[j];
    above += (won[i * num_players + j] + drawn_half) * pi[j] / sum;
    below += (won[j * num_players + i] + drawn_half) / sum;
  }
  return above / below;
}

void marl_elo(int num_players, const double *won, double *rating) {
  double pi[MARL_ELO_MAX_PLAYERS], mean = 0, change = 1;
  for (int i = 0; i < num_players; ++i) pi[i] = 1;
  for (int pass = 0; pass < MAX_PASSES && change > converged; ++pass) {
    change = 0;
    for (int i = 0; i < num_players; ++i) {
      const double now = strength(num_players, won, pi, i);
      change = fmax(change, fabs(now - pi[i]) / now);
      pi[i] = now;
    }
  }
  for (int i = 0; i < num_players; ++i) mean += log10(pi[i]) / num_players;
  for (int i = 0; i < num_players; ++i) rating[i] = 400 * (log10(pi[i]) - mean);
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void resample(int num_players, int num_episodes, const double *won, MarlKey key,
                     double *rating) {
  double sum[MAX_PAIRS] = {0};
  const size_t pairs = (size_t)num_players * (size_t)num_players;
  for (int k = 0; k < num_episodes; ++k) {
    const size_t e = marl_below(key, (uint64_t)k, (uint64_t)num_episodes);
    for (size_t i = 0; i < pairs; ++i) sum[i] += won[e * pairs + i];
  }
  marl_elo(num_players, sum, rating);
}

MarlCode marl_elo_intervals(int num_players, int num_episodes, const double *won, MarlKey key,
                            MarlInterval *out, MarlError *err) {
  enum { OUTSIDE = (MARL_ELO_RESAMPLES + 1) / 40 }; /* 2.5 % of the gaps between samples */
  double *sample = calloc((size_t)num_players * MARL_ELO_RESAMPLES, sizeof *sample);
  if (sample == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a bootstrap");
  for (int r = 0; r < MARL_ELO_RESAMPLES; ++r) {
    double rating[MARL_ELO_MAX_PLAYERS];
    resample(num_players, num_episodes, won, marl_key_fold(key, (uint64_t)r), rating);
    for (int i = 0; i < num_players; ++i) sample[i * MARL_ELO_RESAMPLES + r] = rating[i];
  }
  for (int i = 0; i < num_players; ++i) {
    double *own = sample + (ptrdiff_t)i * MARL_ELO_RESAMPLES;
    qsort(own, MARL_ELO_RESAMPLES, sizeof *own, ascending);
    out[i] = (MarlInterval){own[OUTSIDE - 1], own[MARL_ELO_RESAMPLES - OUTSIDE]};
  }
  free(sample);
  return MARL_OK;
}
