#define _POSIX_C_SOURCE 200809L /* fsync of a rewritten file */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "marl/core/comm.h"
#include "marl/core/nearest.h"
#include "marl/learn/returns.h"
#include "marl/learn/shard_exchange.h"
#include "marl/learn/trainer_internal.h"

/* Columns before those of the episodes. */
enum { COLUMN_UPDATE, COLUMN_REPLICA, COLUMN_STEPS, COLUMN_EPISODES, NUM_COUNTERS };
/* A prefix, the name of a role, metric or figure of a learner, and the final zero. */
enum { NAME_SIZE = MARL_ENV_NAME_MAX + 16 };

static const MarlEnvSpec *spec_of(const MarlTrainer *trainer) {
  return marl_vec_env_spec(trainer->replicas[0].base.vec[0]);
}

static void name_column(MarlTrainer *trainer, int column, const char *prefix, const char *name) {
  char *text = trainer->name_text + (ptrdiff_t)column * NAME_SIZE;
  snprintf(text, NAME_SIZE, "%s%s", prefix, name);
  trainer->names[column] = text;
}

static void name_columns(MarlTrainer *trainer) {
  const MarlEnvSpec *spec = spec_of(trainer);
  int column = NUM_COUNTERS;
  name_column(trainer, COLUMN_UPDATE, "", "update");
  name_column(trainer, COLUMN_REPLICA, "", "replica");
  name_column(trainer, COLUMN_STEPS, "", "agent_steps");
  name_column(trainer, COLUMN_EPISODES, "", "episodes");
  name_column(trainer, column++, "", "length");
  for (int r = 0; r < marl_num_returns(spec); ++r)
    name_column(trainer, column++, "return_", marl_return_name(spec, r));
  for (int m = 0; m < spec->num_metrics; ++m)
    name_column(trainer, column++, "env/", spec->metrics[m]);
}

MarlCode marl_trainer_create_metrics(MarlTrainer *trainer, MarlError *err) {
  const MarlEnvSpec *spec = spec_of(trainer);
  trainer->num_figures = marl_episodes_figures(spec);
  trainer->num_columns = NUM_COUNTERS + trainer->num_figures;
  const size_t most = (size_t)trainer->num_columns + MARL_STATS_MAX;
  const size_t width = (size_t)marl_episodes_width(spec);
  trainer->names = calloc(most, sizeof *trainer->names);
  trainer->row = calloc(most, sizeof *trainer->row);
  trainer->mean = calloc(most, sizeof *trainer->mean);
  trainer->so_far = calloc(most, sizeof *trainer->so_far);
  trainer->known = calloc(most, sizeof *trainer->known);
  trainer->name_text = calloc(most, NAME_SIZE);
  trainer->exchange = calloc((size_t)trainer->num_shards * width, sizeof *trainer->exchange);
  trainer->report = calloc(width, sizeof *trainer->report);
  if (trainer->names == NULL || trainer->row == NULL || trainer->mean == NULL ||
      trainer->so_far == NULL || trainer->known == NULL || trainer->name_text == NULL ||
      trainer->exchange == NULL || trainer->report == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for metrics");
  name_columns(trainer);
  return MARL_OK;
}

void marl_trainer_destroy_metrics(MarlTrainer *trainer) {
  if (trainer->metrics != NULL) fclose(trainer->metrics);
  free(trainer->names);
  free(trainer->row);
  free(trainer->mean);
  free(trainer->so_far);
  free(trainer->known);
  free(trainer->name_text);
  free(trainer->exchange);
  free(trainer->report);
}

static MarlCode failed(const MarlTrainer *trainer, MarlError *err) {
  return MARL_FAIL(err, MARL_EIO, "%s: cannot write metrics.csv: %s", trainer->folder,
                   strerror(errno));
}

/* Malloc'd "<folder>/<name>", NULL if out of memory. */
static char *path_of(const MarlTrainer *trainer, const char *name) {
  const size_t size = strlen(trainer->folder) + strlen(name) + 2;
  char *path = malloc(size);
  if (path != NULL) snprintf(path, size, "%s/%s", trainer->folder, name);
  return path;
}

/* Episode columns of a replica's row: reports added in shard order, then means. */
static MarlCode gather_episodes(MarlTrainer *trainer, int replica, MarlError *err) {
  const size_t n = (size_t)marl_episodes_width(spec_of(trainer));
  for (int s = 0; s < trainer->own_shards; ++s) {
    const TrainerReplica *r = &trainer->replicas[replica];
    marl_episodes_report(r->episodes[s], marl_vec_env_batch(r->base.vec[s]),
                         trainer->exchange + (size_t)(trainer->first_shard + s) * n);
  }
  MARL_TRY(marl_shard_exchange(trainer->comm, trainer->num_shards, n, trainer->exchange, err));
  double *report = trainer->report;
  memset(report, 0, n * sizeof *report);
  for (int shard = 0; shard < trainer->num_shards; ++shard)
    for (size_t i = 0; i < n; ++i) report[i] += trainer->exchange[(size_t)shard * n + i];
  trainer->row[COLUMN_EPISODES] = report[0];
  marl_episodes_means(spec_of(trainer), report, trainer->row + NUM_COUNTERS);
  return MARL_OK;
}

static int64_t agent_steps(const MarlTrainer *trainer) {
  return trainer->steps * trainer->envs_per_shard * trainer->num_shards *
         spec_of(trainer)->num_agents;
}

/* The learner's columns, known since its first update. */
static MarlCode name_figures(MarlTrainer *trainer, const MarlStats *stats, MarlError *err) {
  const int first = NUM_COUNTERS + trainer->num_figures;
  for (int i = 0; i < stats->count; ++i) {
    for (int j = 0; j < i; ++j)
      if (strcmp(stats->name[i], stats->name[j]) == 0)
        return MARL_FAIL(err, MARL_EARG, "learner '%s' reports two figures of the name '%s'",
                         trainer->sections.learner_ops->name, stats->name[i]);
    name_column(trainer, first + i, "learner/", stats->name[i]);
  }
  trainer->num_columns = first + stats->count;
  return MARL_OK;
}

static void fill_row(MarlTrainer *trainer, int replica, const MarlStats *stats) {
  const int first = NUM_COUNTERS + trainer->num_figures;
  trainer->row[COLUMN_UPDATE] = (double)trainer->update;
  trainer->row[COLUMN_REPLICA] = trainer->first_replica + replica;
  trainer->row[COLUMN_STEPS] = (double)agent_steps(trainer);
  for (int i = 0; i < stats->count; ++i) trainer->row[first + i] = stats->value[i];
}

static void write_header(const MarlTrainer *trainer) {
  for (int i = 0; i < trainer->num_columns; ++i)
    fprintf(trainer->metrics, "%s%s", i > 0 ? "," : "", trainer->names[i]);
  fprintf(trainer->metrics, "\n");
}

/* A number that is not known is an empty field. */
static MarlCode write_row(MarlTrainer *trainer, MarlError *err) {
  if (trainer->folder == NULL || trainer->rank != 0) return MARL_OK;
  if (trainer->metrics == NULL) {
    char *path = path_of(trainer, "metrics.csv");
    trainer->metrics = path != NULL ? fopen(path, "a") : NULL;
    free(path);
    if (trainer->metrics == NULL) return failed(trainer, err);
    if (fseek(trainer->metrics, 0, SEEK_END) == 0 && ftell(trainer->metrics) == 0)
      write_header(trainer);
  }
  for (int i = 0; i < trainer->num_columns; ++i) {
    if (i > 0) fputc(',', trainer->metrics);
    if (isfinite(trainer->row[i])) fprintf(trainer->metrics, "%.9g", trainer->row[i]);
  }
  fputc('\n', trainer->metrics);
  if (fflush(trainer->metrics) != 0 || ferror(trainer->metrics)) return failed(trainer, err);
  return MARL_OK;
}

/* Once the mean over replicas is there. Of the last replica, whose report is at hand; the others are
 * as far. */
static void look_under_way(MarlTrainer *trainer) {
  memcpy(trainer->so_far, trainer->mean, (size_t)trainer->num_columns * sizeof *trainer->so_far);
  (void)marl_episodes_so_far(spec_of(trainer), trainer->report, trainer->so_far + NUM_COUNTERS);
}

static void add_to_mean(MarlTrainer *trainer, int replica) {
  for (int i = 0; i < trainer->num_columns; ++i) {
    if (replica == 0) trainer->mean[i] = 0, trainer->known[i] = 0;
    if (isfinite(trainer->row[i])) trainer->mean[i] += trainer->row[i], ++trainer->known[i];
    if (replica + 1 == trainer->num_replicas)
      trainer->mean[i] = trainer->known[i] > 0 ? trainer->mean[i] / trainer->known[i] : (double)NAN;
  }
}

MarlCode marl_trainer_report(MarlTrainer *trainer, const MarlStats *stats, MarlTrainerWatch *watch,
                             MarlError *err) {
  MarlCode code = MARL_OK;
  if (trainer->num_columns == NUM_COUNTERS + trainer->num_figures)
    MARL_TRY(name_figures(trainer, &stats[0], err));
  for (int r = 0; r < trainer->num_replicas; ++r) {
    MARL_TRY(gather_episodes(trainer, r, err));
    fill_row(trainer, r, &stats[r]);
    if (r == 0 && trainer->run != NULL && trainer->rank == 0)
      code = marl_run_folder_check_often(trainer->run, &trainer->checked, err);
    if (code == MARL_OK) code = write_row(trainer, err);
    add_to_mean(trainer, r);
  }
  look_under_way(trainer);
  MARL_TRY(marl_comm_agree(trainer->comm, code, err));
  if (trainer->rank != 0 || watch == NULL || watch->progress == NULL) return MARL_OK;
  const MarlTrainerProgress progress = {
      .update = trainer->update,
      .num_updates = trainer->num_updates,
      .agent_steps = agent_steps(trainer),
      .count = trainer->num_columns - COLUMN_EPISODES,
      .names = (const char *const *)trainer->names + COLUMN_EPISODES,
      .values = trainer->mean + COLUMN_EPISODES,
      .so_far = trainer->so_far + COLUMN_EPISODES,
  };
  watch->progress(watch, &progress);
  return MARL_OK;
}

/* Copy the header and the rows up to trainer->update; a row cut off by a kill ends the copy. */
static bool copy_rows(const MarlTrainer *trainer, FILE *from, FILE *to) {
  enum { LINE = 1 << 16 };
  char *line = malloc(LINE);
  if (line == NULL) return false;
  bool header = true;
  while (fgets(line, LINE, from) != NULL && strchr(line, '\n') != NULL) {
    if (header || strtoll(line, NULL, 10) <= trainer->update) fputs(line, to);
    header = false;
  }
  free(line);
  return fflush(to) == 0 && !ferror(to) && fsync(fileno(to)) == 0;
}

MarlCode marl_trainer_rewind_metrics(MarlTrainer *trainer, MarlError *err) {
  if (trainer->metrics != NULL) fclose(trainer->metrics);
  trainer->metrics = NULL;
  MarlCode code = MARL_OK;
  char *path = path_of(trainer, "metrics.csv"), *temporary = path_of(trainer, "metrics.csv.tmp");
  FILE *from = path != NULL ? fopen(path, "r") : NULL;
  if (from != NULL) { /* else the run ended before its first update: nothing to rewind */
    if (temporary != NULL) (void)remove(temporary);
    FILE *to = temporary != NULL ? fopen(temporary, "w") : NULL;
    const bool good = to != NULL && copy_rows(trainer, from, to);
    if (to != NULL) fclose(to);
    fclose(from);
    if (!good || rename(temporary, path) != 0) code = failed(trainer, err);
  }
  free(path);
  free(temporary);
  return code;
}

MarlCode marl_trainer_check_column(const MarlTrainer *trainer, const char *asker,
                                   const char *column, MarlError *err) {
  const bool learner_is_unknown = trainer->num_columns == NUM_COUNTERS + trainer->num_figures;
  char kind[80];
  if (learner_is_unknown && strncmp(column, "learner/", 8) == 0) return MARL_OK;
  for (int i = 0; i < trainer->num_columns; ++i)
    if (strcmp(trainer->names[i], column) == 0) return MARL_OK;
  snprintf(kind, sizeof kind, "column of metrics.csv (%s)", asker);
  return marl_fail_unknown(err, kind, column, trainer->names, (size_t)trainer->num_columns);
}
