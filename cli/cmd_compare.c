#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/gnuplot.h"
#include "cli/interrupt.h"
#include "cli/run_folder.h"
#include "envs/comparison/report.h"
#include "envs/engine_table.h"
#include "marl/core/comm.h"

typedef struct Work {
  const MarlComparison *comparison;
  const MarlComparisonResults *results;
  const MarlRunFolder *folder;
  MPI_Comm comm;
} Work;

static MarlCode job_path(const Work *work, int job, char path[MARL_MAX_PATH], MarlError *err) {
  if (snprintf(path, MARL_MAX_PATH, "%s/jobs/job_%06d.h5", work->folder->path, job) < MARL_MAX_PATH)
    return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "the name of the run folder is too long");
}

/* Has an earlier, interrupted command left a whole result of this job? */
static bool is_done(const Work *work, int job) {
  char path[MARL_MAX_PATH];
  MarlStore *store = NULL;
  const MarlRunResult result = marl_comparison_result(work->comparison, work->results, job);
  if (job_path(work, job, path, NULL) != MARL_OK || access(path, R_OK) != 0) return false;
  if (marl_store_open(path, &store, NULL) != MARL_OK) return false;
  const MarlCode code = marl_comparison_load_job(work->comparison, job, &result, store, NULL);
  marl_store_close(&store);
  return code == MARL_OK;
}

static MarlCode save_job(const Work *work, int job, MarlError *err) {
  char path[MARL_MAX_PATH];
  MarlStore *store;
  const MarlRunResult result = marl_comparison_result(work->comparison, work->results, job);
  MARL_TRY(job_path(work, job, path, err));
  MARL_TRY(marl_store_create(path, &store, err));
  MarlCode code = marl_comparison_save_job(work->comparison, job, &result, store, err);
  if (code == MARL_OK) code = marl_store_commit(&store, err);
  if (store != NULL) marl_store_close(&store);
  return code;
}

static bool stop_requested(MarlComparisonWatch *watch) {
  (void)watch;
  return marl_interrupt_requested();
}

/* This rank's jobs: rank, rank + size, ... */
static MarlCode do_jobs(const Work *work, bool *stopped, MarlError *err) {
  MarlComparisonWatch watch = {stop_requested};
  const MarlComparison *c = work->comparison;
  const int size = marl_comm_size(work->comm), rank = marl_comm_rank(work->comm);
  for (int job = rank; job < c->num_jobs && !*stopped; job += size) {
    const MarlRunResult result = marl_comparison_result(c, work->results, job);
    marl_log_progress(work->folder->log, "compare", job, c->num_jobs, "%s",
                      c->cells[job / c->num_seeds].name);
    if (work->folder->resumed && is_done(work, job)) continue;
    MARL_TRY(marl_comparison_job(c, job, &watch, &result, stopped, err));
    if (!*stopped) MARL_TRY(save_job(work, job, err));
  }
  return MARL_OK;
}

static MarlCode gather(const Work *work, MarlError *err) {
  for (int job = 0; job < work->comparison->num_jobs; ++job)
    if (!is_done(work, job))
      return MARL_FAIL(err, MARL_EIO,
                       "%s/jobs/job_%06d.h5 cannot be read: do all ranks see "
                       "the same folder?",
                       work->folder->path, job);
  return MARL_OK;
}

static MarlCode write_store(const Work *work, const MarlConfig *config, MarlError *err) {
  char path[MARL_MAX_PATH];
  MarlStore *store;
  char *text = NULL;
  if (snprintf(path, sizeof path, "%s/compare.h5", work->folder->path) >= (int)sizeof path)
    return MARL_FAIL(err, MARL_ECONFIG, "the name of the run folder is too long");
  MARL_TRY(marl_store_create(path, &store, err));
  MarlCode code = marl_comparison_write_curves(work->comparison, work->results, store, err);
  if (code == MARL_OK) code = marl_config_resolved(config, &text, err);
  if (code == MARL_OK) code = marl_store_set_text(store, NULL, "configuration", text, err);
  if (code == MARL_OK)
    code = marl_store_set_text(store, NULL, "version", marl_build_version(), err);
  if (code == MARL_OK) code = marl_store_set_text(store, NULL, "commit", marl_build_commit(), err);
  if (code == MARL_OK) code = marl_store_commit(&store, err);
  if (store != NULL) marl_store_close(&store);
  free(text);
  return code;
}

static void draw(const MarlRunFolder *folder, const char *name) {
  char commands[32];
  snprintf(commands, sizeof commands, "%s.gp", name);
  if (marl_gnuplot(folder->path, commands, folder->log))
    marl_log_note(folder->log, "%s: %s/%s.svg, %s/%s.png", name, folder->path, name, folder->path,
                  name);
}

/* Wide enough for the name and for a number. */
static int column_width(const char *name) {
  const int length = (int)strlen(name);
  return length > 9 ? length : 9;
}

static void print_head(const MarlComparison *c, int cell_width) {
  const MarlEngineOps *ops = c->engine;
  printf("%-*s %15.15s [95 %% CI]", cell_width, "cell", ops->metrics[ops->followed]);
  for (size_t t = 0; t < ops->num_table; ++t)
    printf(" %*s", column_width(ops->table[t]), ops->table[t]);
  printf(" %6s %8s\n", "time", "reached");
}

static MarlCode print_row(const Work *work, int cell, int cell_width, MarlError *err) {
  const MarlComparison *c = work->comparison;
  const MarlEngineOps *ops = c->engine;
  MarlCellSummary s;
  MARL_TRY(marl_comparison_summarize(c, work->results, cell, ops->followed, &s, err));
  printf("%-*s %8.3f [%6.3f,%7.3f]", cell_width, c->cells[cell].name, s.mean, s.mean_interval.low,
         s.mean_interval.high);
  for (size_t t = 0; t < ops->num_table; ++t) {
    const int metric = marl_comparison_metric(c, ops->table[t]);
    MARL_TRY(marl_comparison_summarize(c, work->results, cell, metric, &s, err));
    printf(" %*.4g", column_width(ops->table[t]), s.mean);
  }
  const int time = marl_comparison_metric(c, "time_to_threshold");
  MARL_TRY(marl_comparison_summarize(c, work->results, cell, time, &s, err));
  printf(" %6.0f", s.median);
  MARL_TRY(marl_comparison_summarize(c, work->results, cell, time + 1, &s, err));
  printf(" %5.0f/%d\n", s.mean * c->num_seeds, c->num_seeds);
  return MARL_OK;
}

static MarlCode print_table(const Work *work, MarlError *err) {
  const MarlComparison *c = work->comparison;
  int width = 20;
  for (int cell = 0; cell < c->num_cells; ++cell) {
    const int length = (int)strlen(c->cells[cell].name);
    width = length > width ? length : width;
  }
  print_head(c, width);
  for (int cell = 0; cell < c->num_cells; ++cell) MARL_TRY(print_row(work, cell, width, err));
  printf(
      "metrics: means of the last %d of %d cycles over %d runs; totals per cycle, all agents; "
      "greedy: without exploration; time: median cycles until the %d-cycle mean of %s reaches "
      "%g\n",
      c->tail, c->cycles, c->num_seeds, c->window, c->engine->metrics[c->engine->followed],
      c->threshold);
  return MARL_OK;
}

static void remove_jobs(const Work *work) {
  char path[MARL_MAX_PATH];
  for (int job = 0; job < work->comparison->num_jobs; ++job)
    if (job_path(work, job, path, NULL) == MARL_OK) remove(path);
  if (snprintf(path, sizeof path, "%s/jobs", work->folder->path) < (int)sizeof path) rmdir(path);
}

static MarlCode report(const Work *work, const MarlConfig *config, MarlError *err) {
  MARL_TRY(gather(work, err));
  MARL_TRY(marl_comparison_write_tables(work->comparison, work->results, work->folder->path, err));
  MARL_TRY(marl_comparison_write_plot(work->comparison, work->results, work->folder->path, err));
  MARL_TRY(marl_comparison_write_sweep(work->comparison, work->results, work->folder->path, err));
  MARL_TRY(marl_comparison_write_shares(work->comparison, work->results, work->folder->path, err));
  MARL_TRY(write_store(work, config, err));
  MARL_TRY(print_table(work, err));
  draw(work->folder, "curves");
  if (work->comparison->engine->num_shares > 0) draw(work->folder, "shares");
  if (work->comparison->num_swept > 0) draw(work->folder, "sweep");
  marl_log_note(work->folder->log, "tables: %s/{summary,pairs,runs}.csv, curves: %s/compare.h5",
                work->folder->path, work->folder->path);
  remove_jobs(work);
  return MARL_OK;
}

static MarlCode make_jobs_folder(const MarlRunFolder *folder, MarlError *err) {
  char path[MARL_MAX_PATH];
  if (snprintf(path, sizeof path, "%s/jobs", folder->path) >= (int)sizeof path)
    return MARL_FAIL(err, MARL_ECONFIG, "the name of the run folder is too long");
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s cannot be created: %s", path, strerror(errno));
}

static MarlCode perform(const Work *work, const MarlConfig *config, MarlError *err) {
  const bool is_root = marl_comm_rank(work->comm) == 0;
  bool stopped = false;
  MarlCode code = is_root ? make_jobs_folder(work->folder, err) : MARL_OK;
  MARL_TRY(marl_comm_agree(work->comm, code, err));
  code = do_jobs(work, &stopped, err);
  marl_log_progress_end(work->folder->log);
  MARL_TRY(marl_comm_agree(work->comm, code, err));
  int any = stopped ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_MAX, work->comm);
  if (any != 0) {
    marl_log_note(work->folder->log, "interrupted; go on with --resume %s", work->folder->path);
    return MARL_OK;
  }
  code = is_root ? report(work, config, err) : MARL_OK;
  return marl_comm_agree(work->comm, code, err);
}

static MarlCode compare(const MarlArguments *arguments, const char *path, MarlConfig *config,
                        const MarlComparison *comparison, MPI_Comm comm, MarlError *err) {
  MarlRunFolder folder;
  MarlComparisonResults results;
  MARL_TRY(marl_comparison_results_create(comparison, &results, err));
  MarlCode code =
      marl_run_folder_begin(arguments, path, (int64_t)comparison->seed, config, comm, &folder, err);
  if (code == MARL_OK) {
    marl_interrupt_listen();
    const Work work = {comparison, &results, &folder, comm};
    code = perform(&work, config, err);
    marl_run_folder_end(&folder);
  }
  marl_comparison_results_clear(&results);
  return code;
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  MarlConfig *config;
  MarlComparison comparison = {.num_cells = 0};
  MARL_TRY(marl_run_folder_config(arguments, path, comm, &config, err));
  MarlCode code = marl_comparison_read(config, marl_engine_table, &comparison, err);
  if (code == MARL_OK) code = marl_config_finish(config, err);
  if (code == MARL_OK) code = compare(arguments, path, config, &comparison, comm, err);
  marl_comparison_clear(&comparison);
  marl_config_destroy(&config);
  return code;
}

static MarlCode claim(MarlConfig *config, MarlError *err) {
  return marl_comparison_claim(config, marl_engine_table, err);
}

static const MarlFlag *const flags[] = {&marl_flag_set,   &marl_flag_out,   &marl_flag_resume,
                                        &marl_flag_quiet, &marl_flag_ranks, NULL};

const MarlCommand marl_command_compare = {
    .name = "compare",
    .usage = "[CONFIG]",
    .summary =
        "Compare populations in social dilemmas over many seeds, with tests of their differences",
    .details =
        "compare.engine is the population (`marl list engines`). Every combination of the "
        "engine's\n"
        "lists (of society: compare.mechanisms, compare.visibility, compare.profiles), of the\n"
        "labelled overrides of compare.cells and of the numbers of compare.sweep is run\n"
        "compare.seeds times. Prints a table; writes summary.csv, pairs.csv, runs.csv, "
        "compare.h5,\n"
        "learning curves and, of a sweep, sweep.csv and a heat map to DIR. The same seed gives "
        "the\n"
        "same files on any number of ranks; --resume DIR goes on after any interruption.",
    .min_positional = 0,
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = claim,
    .marker = "compare",
};
