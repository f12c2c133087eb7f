#include "cli/tournament_output.h"

#include <string.h>

#include "cli/arguments.h"
#include "marl/core/quote.h"
#include "marl/run/checkpoint.h"
#include "marl/run/text_file.h"

enum { MAX = MARL_MAX_CONTESTANTS, COLUMNS = 6, PAIR_COLUMNS = 4, CELL = 32 };

typedef struct Column {
  const char *name, *unit, *long_name;
} Column;

static const Column columns[COLUMNS] = {
    {"score", "reward", "mean return of an episode against all, itself among them"},
    {"score_low", "reward", "end of Student's 95 % interval"},
    {"score_high", "reward", "end of Student's 95 % interval"},
    {"elo", "1", "Elo rating by Bradley and Terry, one drawn game added to each pair; mean 0"},
    {"elo_low", "1", "end of a bootstrap interval of 95 % over episodes"},
    {"elo_high", "1", "end of a bootstrap interval of 95 % over episodes"},
};
static const Column pair_columns[PAIR_COLUMNS] = {
    {"mean_return", "reward", "mean return of an episode against this opponent"},
    {"mean_return_low", "reward", "end of Student's 95 % interval"},
    {"mean_return_high", "reward", "end of Student's 95 % interval"},
    {"wins", "1", "share of games with the higher return, ties half"},
};

static double value_of(const MarlRoundRobinResult *r, int i, int column) {
  const double values[COLUMNS] = {r->score[i], r->score_interval[i].low, r->score_interval[i].high,
                                  r->elo[i],   r->elo_interval[i].low,   r->elo_interval[i].high};
  return values[column];
}

static double pair_value_of(const MarlRoundRobinResult *r, int i, int j, int column) {
  const double values[PAIR_COLUMNS] = {r->mean[i][j], r->interval[i][j].low, r->interval[i][j].high,
                                       r->wins[i][j]};
  return values[column];
}

static int widest_name(const MarlRoundRobin *task) {
  size_t widest = strlen("player");
  for (int i = 0; i < task->num_players; ++i)
    if (strlen(task->player[i].name) > widest) widest = strlen(task->player[i].name);
  return (int)widest;
}

static void print_cell(FILE *out, int width, double mean, double low, double high) {
  char text[CELL];
  snprintf(text, sizeof text, "%.5g +- %.2g", mean, (high - low) / 2);
  fprintf(out, "  %*s", width, text);
}

void marl_tournament_print(FILE *out, const MarlRoundRobin *task, const MarlRoundRobinResult *r) {
  const int width = widest_name(task), cell = width > 16 ? width : 16;
  fprintf(out, "mean return of an episode, row against column (+- Student's 95 %%)\n%-*s", width,
          "player");
  for (int j = 0; j < task->num_players; ++j) fprintf(out, "  %*s", cell, task->player[j].name);
  for (int i = 0; i < task->num_players; ++i) {
    fprintf(out, "\n%-*s", width, task->player[i].name);
    for (int j = 0; j < task->num_players; ++j)
      print_cell(out, cell, r->mean[i][j], r->interval[i][j].low, r->interval[i][j].high);
  }
  fprintf(out, "\n\n%-*s", width, "player");
  for (int c = 0; c < COLUMNS; ++c) fprintf(out, "  %10s", columns[c].name);
  for (int i = 0; i < task->num_players; ++i) {
    fprintf(out, "\n%-*s", width, task->player[i].name);
    for (int c = 0; c < COLUMNS; ++c) fprintf(out, "  %10.5g", value_of(r, i, c));
  }
  fprintf(out,
          "\nscore: mean over all columns; elo: of episodes won, one drawn game added to each "
          "pair\n");
}

static void write_players(FILE *file, const MarlRoundRobin *task, const MarlRoundRobinResult *r) {
  fputs("player", file);
  for (int c = 0; c < COLUMNS; ++c) fprintf(file, ",%s", columns[c].name);
  for (int i = 0; i < task->num_players; ++i) {
    fputc('\n', file);
    marl_write_csv_field(file, task->player[i].name);
    for (int c = 0; c < COLUMNS; ++c) fprintf(file, ",%.17g", value_of(r, i, c));
  }
  fputc('\n', file);
}

static void write_pairs(FILE *file, const MarlRoundRobin *task, const MarlRoundRobinResult *r) {
  fputs("player,opponent", file);
  for (int c = 0; c < PAIR_COLUMNS; ++c) fprintf(file, ",%s", pair_columns[c].name);
  for (int i = 0; i < task->num_players; ++i)
    for (int j = 0; j < task->num_players; ++j) {
      fputc('\n', file);
      marl_write_csv_field(file, task->player[i].name);
      fputc(',', file);
      marl_write_csv_field(file, task->player[j].name);
      for (int c = 0; c < PAIR_COLUMNS; ++c) fprintf(file, ",%.17g", pair_value_of(r, i, j, c));
    }
  fputc('\n', file);
}

typedef void Writer(FILE *file, const MarlRoundRobin *task, const MarlRoundRobinResult *r);

static MarlCode write_file(const MarlRoundRobin *task, const MarlRoundRobinResult *r, Writer *write,
                           const char *path, const char *ending, MarlError *err) {
  char name[MARL_MAX_PATH];
  MARL_TRY(marl_arguments_name(path, ending, name, err));
  FILE *file;
  MARL_TRY(marl_text_begin(name, &file, err));
  write(file, task, r);
  return marl_text_end(file, name, MARL_OK, err);
}

MarlCode marl_tournament_write_csv(const MarlRoundRobin *task, const MarlRoundRobinResult *result,
                                   const char *path, MarlError *err) {
  MARL_TRY(write_file(task, result, write_players, path, ".csv", err));
  return write_file(task, result, write_pairs, path, "_pairs.csv", err);
}

static MarlCode write_column(MarlStore *store, const Column *column, int rank, size_t players,
                             const double *values, MarlError *err) {
  static const char *const scales[] = {"player", "opponent"};
  const MarlArray array = {.type = MARL_F64,
                           .rank = rank,
                           .shape = {players, players},
                           .scales = scales,
                           .units = column->unit,
                           .long_name = column->long_name};
  return marl_store_write(store, column->name, &array, values, err);
}

static MarlCode write_all(const MarlRoundRobin *task, const MarlRoundRobinResult *r,
                          MarlStore *store, MarlError *err) {
  const int n = task->num_players;
  const char *names[MAX];
  double values[MAX * MAX];
  for (int i = 0; i < n; ++i) names[i] = task->player[i].name;
  MARL_TRY(marl_store_write_labels(store, "player", (size_t)n, names, "", err));
  MARL_TRY(marl_store_write_labels(store, "opponent", (size_t)n, names, "", err));
  for (int c = 0; c < COLUMNS; ++c) {
    for (int i = 0; i < n; ++i) values[i] = value_of(r, i, c);
    MARL_TRY(write_column(store, &columns[c], 1, (size_t)n, values, err));
  }
  for (int c = 0; c < PAIR_COLUMNS; ++c) {
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) values[i * n + j] = pair_value_of(r, i, j, c);
    MARL_TRY(write_column(store, &pair_columns[c], 2, (size_t)n, values, err));
  }
  MARL_TRY(marl_store_set_int(store, NULL, "episodes", task->episodes, err));
  return marl_store_set_text(store, NULL, "title", "returns, scores and ratings of a round robin",
                             err);
}

MarlCode marl_tournament_write_store(const MarlRoundRobin *task, const MarlRoundRobinResult *result,
                                     const MarlTournamentMoran *moran,
                                     const MarlProvenance *provenance, const char *path,
                                     MarlError *err) {
  char name[MARL_MAX_PATH];
  MarlStore *store;
  MARL_TRY(marl_arguments_name(path, ".h5", name, err));
  MARL_TRY(marl_checkpoint_begin(name, provenance, &store, err));
  MarlCode code = write_all(task, result, store, err);
  if (code == MARL_OK && moran != NULL)
    code = marl_tournament_moran_write_store(task, moran, store, err);
  return marl_store_end_file(&store, code, err);
}
