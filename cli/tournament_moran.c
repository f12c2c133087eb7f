#include "cli/tournament_moran.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "marl/core/quote.h"
#include "marl/run/text_file.h"
#include "theory/fixation.h"

enum {
  MAX = MARL_MAX_CONTESTANTS,
  RESAMPLES = 999,
  OUTSIDE = (RESAMPLES + 1) / 40 /* 2.5 % of the gaps between samples */
};
_Static_assert((int)MAX <= (int)MARL_MAX_STRATEGIES, "every player is a kind");

/* Kinds below are numbered in the order of the players' names, so that the bits do not depend on that of
 * --players. share [n], then fixation [n, n]. */
static MarlCode solve(const MarlMatrixGame *game, double intensity, double *values,
                      MarlError *err) {
  const MarlSelection selection = {MARL_SELECTION_MORAN, MARL_FITNESS_EXPONENTIAL, intensity};
  const int n = game->base.num_strategies;
  MARL_TRY(marl_rare_mutation_shares(&game->base, &selection, values, err));
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      values[n + i * n + j] = i == j ? (double)NAN
                                     : game->base.population_size *
                                           exp(marl_log_fixation(&game->base, &selection, i, j));
  return MARL_OK;
}

/* Mean returns of the episodes that are drawn; of all once, with resample < 0. */
static void fill_payoffs(const MarlRoundRobin *task, const int *by_name, int resample,
                         MarlMatrixGame *game) {
  const MarlKey key =
      marl_key_fold(marl_key_fold(task->world.key, MARL_STREAM_BOOTSTRAP), (uint64_t)resample + 1);
  const size_t n = (size_t)task->num_players, episodes = (size_t)task->episodes;
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < n; ++j) {
      const double *own = &task->returns[((size_t)by_name[i] * n + (size_t)by_name[j]) * episodes];
      double sum = 0;
      for (size_t e = 0; e < episodes; ++e)
        sum += own[resample < 0 ? e : marl_below(key, e, episodes)];
      game->payoff[i][j] = sum / (double)episodes;
    }
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* samples [values, RESAMPLES] are sorted. */
static MarlInterval interval_of(double *samples, int value) {
  double *own = samples + (ptrdiff_t)value * RESAMPLES;
  qsort(own, RESAMPLES, sizeof *own, ascending);
  return (MarlInterval){own[OUTSIDE - 1], own[RESAMPLES - OUTSIDE]};
}

MarlCode marl_tournament_moran(const MarlRoundRobin *task, const MarlRoundRobinResult *result,
                               MarlTournamentMoran *out, MarlError *err) {
  const int n = task->num_players, num_values = n + n * n;
  const int *by_name = result->by_name;
  double values[MAX + MAX * MAX];
  MarlMatrixGame game;
  double *samples = calloc((size_t)num_values * RESAMPLES, sizeof *samples);
  if (samples == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a bootstrap");
  marl_matrix_game_init(n, out->population_size, &game);
  MarlCode code = MARL_OK;
  for (int r = 0; r < RESAMPLES && code == MARL_OK; ++r) {
    fill_payoffs(task, by_name, r, &game);
    code = solve(&game, out->intensity, values, err);
    for (int v = 0; v < num_values; ++v) samples[v * RESAMPLES + r] = values[v];
  }
  if (code == MARL_OK) {
    fill_payoffs(task, by_name, -1, &game);
    code = solve(&game, out->intensity, values, err);
  }
  for (int i = 0; i < n && code == MARL_OK; ++i) {
    out->share[by_name[i]] = values[i];
    out->share_interval[by_name[i]] = interval_of(samples, i);
    for (int j = 0; j < n; ++j) {
      const int at = n + i * n + j;
      out->fixation[by_name[i]][by_name[j]] = values[at];
      out->fixation_interval[by_name[i]][by_name[j]] =
          i == j ? (MarlInterval){NAN, NAN} : interval_of(samples, at);
    }
  }
  free(samples);
  return code;
}

void marl_tournament_moran_print(FILE *out, const MarlRoundRobin *task,
                                 const MarlTournamentMoran *m) {
  int width = (int)strlen("player");
  for (int i = 0; i < task->num_players; ++i)
    if ((int)strlen(task->player[i].name) > width) width = (int)strlen(task->player[i].name);
  const int cell = width > 10 ? width : 10;
  fprintf(out,
          "\nMoran process of %d, fitness exp(%g return): shares of time with rare mutation (95 %% "
          "over episodes);\none mutant, row, among residents, column: probability to take over, "
          "times %d (1: neutral)\n%-*s  %10s  %-21s",
          m->population_size, m->intensity, m->population_size, width, "player", "share", "");
  for (int j = 0; j < task->num_players; ++j) fprintf(out, "  %*s", cell, task->player[j].name);
  for (int i = 0; i < task->num_players; ++i) {
    char text[48];
    snprintf(text, sizeof text, "%.4g to %.4g", m->share_interval[i].low,
             m->share_interval[i].high);
    fprintf(out, "\n%-*s  %10.5g  %-21s", width, task->player[i].name, m->share[i], text);
    for (int j = 0; j < task->num_players; ++j)
      if (i == j)
        fprintf(out, "  %*s", cell, "");
      else
        fprintf(out, "  %*.4g", cell, m->fixation[i][j]);
  }
  fputc('\n', out);
}

static void write_shares(FILE *file, const MarlRoundRobin *task, const MarlTournamentMoran *m) {
  fputs("player,share,share_low,share_high\n", file);
  for (int i = 0; i < task->num_players; ++i) {
    marl_write_csv_field(file, task->player[i].name);
    fprintf(file, ",%.17g,%.17g,%.17g\n", m->share[i], m->share_interval[i].low,
            m->share_interval[i].high);
  }
}

static void write_fixation(FILE *file, const MarlRoundRobin *task, const MarlTournamentMoran *m) {
  const double size = m->population_size;
  fputs("mutant,resident,fixation,fixation_low,fixation_high,relative_to_neutral\n", file);
  for (int i = 0; i < task->num_players; ++i)
    for (int j = 0; j < task->num_players; ++j) {
      if (i == j) continue;
      marl_write_csv_field(file, task->player[i].name);
      fputc(',', file);
      marl_write_csv_field(file, task->player[j].name);
      fprintf(file, ",%.17g,%.17g,%.17g,%.17g\n", m->fixation[i][j] / size,
              m->fixation_interval[i][j].low / size, m->fixation_interval[i][j].high / size,
              m->fixation[i][j]);
    }
}

typedef void Writer(FILE *file, const MarlRoundRobin *task, const MarlTournamentMoran *m);

static MarlCode write_file(const MarlRoundRobin *task, const MarlTournamentMoran *m, Writer *write,
                           const char *path, const char *ending, MarlError *err) {
  char name[MARL_MAX_PATH];
  FILE *file;
  MARL_TRY(marl_arguments_name(path, ending, name, err));
  MARL_TRY(marl_text_begin(name, &file, err));
  write(file, task, m);
  return marl_text_end(file, name, MARL_OK, err);
}

MarlCode marl_tournament_moran_write_csv(const MarlRoundRobin *task,
                                         const MarlTournamentMoran *moran, const char *path,
                                         MarlError *err) {
  MARL_TRY(write_file(task, moran, write_shares, path, "_shares.csv", err));
  return write_file(task, moran, write_fixation, path, "_fixation.csv", err);
}

MarlCode marl_tournament_moran_write_store(const MarlRoundRobin *task, const MarlTournamentMoran *m,
                                           MarlStore *store, MarlError *err) {
  static const char *const scales[] = {"player", "opponent"};
  const size_t n = (size_t)task->num_players;
  double fixation[MAX * MAX];
  const MarlArray share = {.type = MARL_F64,
                           .rank = 1,
                           .shape = {n},
                           .scales = scales,
                           .units = "1",
                           .long_name = "share of time in a Moran process with rare mutation"};
  const MarlArray chance = {
      .type = MARL_F64,
      .rank = 2,
      .shape = {n, n},
      .scales = scales,
      .units = "1",
      .long_name = "probability that one player takes over a population of opponents"};
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < n; ++j) fixation[i * n + j] = m->fixation[i][j] / m->population_size;
  MARL_TRY(marl_store_write(store, "share", &share, m->share, err));
  MARL_TRY(marl_store_write(store, "fixation", &chance, fixation, err));
  MARL_TRY(marl_store_set_int(store, NULL, "population_size", m->population_size, err));
  return marl_store_set_real(store, NULL, "selection", m->intensity, err);
}
