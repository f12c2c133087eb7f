#define _POSIX_C_SOURCE 200809L
#include "cli/compare_jobs.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "marl/core/comm.h"
#include "marl/core/deal.h"
#include "marl/run/interrupt.h"
#include "marl/run/saving.h"

enum { THEIRS = 0, LOADED = 1, OWN = 2 };

/* This rank's view. */
typedef struct Jobs {
  const MarlCompareWork *work;
  const MarlComparison *comparison;
  int rank, size;
  MarlDeal deal;
  uint8_t *done;       /* [num_jobs] THEIRS, LOADED or OWN */
  uint8_t *of_cell;    /* [num_seeds] scratch */
  int cell;            /* of the last run; -1 before the first */
  bool unsaved;        /* it has finished runs that no file has */
  double saved_at;     /* s, when a file of the cell was last written */
  double pause;        /* s until the next: one, or a fiftieth of the time is spent on writing */
  double run_saved_at; /* s, when the run under way was */
  double sum;          /* of the followed metric over the runs of the cell that are done here */
  int known;           /* of them that have one */
} Jobs;

static MarlCode path_in(const Jobs *j, const char *name, char path[MARL_MAX_PATH], MarlError *err) {
  if (snprintf(path, MARL_MAX_PATH, "%s/jobs/%s", j->work->folder->path, name) < MARL_MAX_PATH)
    return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "the name of the run folder is too long");
}

enum { NAME_SIZE = 64 };
static void run_name(int job, char name[NAME_SIZE]) {
  snprintf(name, NAME_SIZE, "run_%06d.h5", job);
}

static MarlCode run_path(const Jobs *j, int job, char path[MARL_MAX_PATH], MarlError *err) {
  char name[NAME_SIZE];
  run_name(job, name);
  return path_in(j, name, path, err);
}

/* Begin DIR/jobs/name. */
static MarlCode create_in(const Jobs *j, const char *name, MarlStore **store, MarlError *err) {
  char path[NAME_SIZE + 8];
  snprintf(path, sizeof path, "jobs/%s", name);
  return marl_run_folder_create(j->work->folder, path, store, err);
}

static MarlCode make_folder(const Jobs *j, MarlError *err) {
  char path[MARL_MAX_PATH];
  MARL_TRY(path_in(j, "", path, err));
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s cannot be created: %s", path, strerror(errno));
}

/* A file that cannot be read holds nothing: its runs are done again. */
static void load_cell(Jobs *j, const char *path, int cell) {
  const MarlComparison *c = j->comparison;
  MarlStore *store = NULL;
  MarlError why;
  memset(j->of_cell, 0, (size_t)c->num_seeds);
  MarlCode code = marl_store_open(path, &store, &why);
  if (code == MARL_OK)
    code = marl_comparison_load_cell(c, j->work->results, cell, j->of_cell, store, &why);
  if (store != NULL) marl_store_close(&store);
  if (code != MARL_OK)
    marl_log_note(j->work->folder->log, "%s; its runs are done again", why.message);
  for (int r = 0; code == MARL_OK && r < c->num_seeds; ++r)
    if (j->of_cell[r]) j->done[cell * c->num_seeds + r] = LOADED;
}

/* The cell of "cell_<c>_rank_<r>.h5"; -1 for another name. */
static int cell_of(const char *name) {
  static const char head[] = "cell_", middle[] = "_rank_";
  char *end;
  if (strncmp(name, head, sizeof head - 1) != 0) return -1;
  const long cell = strtol(name + sizeof head - 1, &end, 10);
  if (cell < 0 || cell > INT_MAX || strncmp(end, middle, sizeof middle - 1) != 0) return -1;
  (void)strtol(end + sizeof middle - 1, &end, 10);
  return strcmp(end, ".h5") == 0 ? (int)cell : -1;
}

static MarlCode load_all(Jobs *j, MarlError *err) {
  char path[MARL_MAX_PATH];
  MARL_TRY(path_in(j, "", path, err));
  DIR *folder = opendir(path);
  if (folder == NULL && errno == ENOENT) return MARL_OK; /* killed before its first run */
  if (folder == NULL)
    return MARL_FAIL(err, MARL_EIO, "%s cannot be read: %s", path, strerror(errno));
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    const int cell = cell_of(entry->d_name);
    if (cell < 0 || cell >= j->comparison->num_cells) continue;
    if (path_in(j, entry->d_name, path, NULL) == MARL_OK) load_cell(j, path, cell);
  }
  closedir(folder);
  return MARL_OK;
}

/* Everything that this rank knows of the cell, so that what an earlier number of ranks left under
 * the same name stays. */
static MarlCode save_cell(Jobs *j, MarlError *err) {
  const MarlComparison *c = j->comparison;
  char name[NAME_SIZE];
  MarlStore *store;
  const double start = marl_timer_seconds();
  if (!j->unsaved) return MARL_OK;
  snprintf(name, sizeof name, "cell_%06d_rank_%06d.h5", j->cell, j->rank);
  for (int r = 0; r < c->num_seeds; ++r)
    j->of_cell[r] = j->done[j->cell * c->num_seeds + r] != THEIRS;
  MARL_TRY(create_in(j, name, &store, err));
  MarlCode code = marl_comparison_save_cell(c, j->work->results, j->cell, j->of_cell, store, err);
  code = marl_store_end_file(&store, code, err);
  j->saved_at = marl_timer_seconds();
  j->pause = 50 * (j->saved_at - start) > 1.0 ? 50 * (j->saved_at - start) : 1.0;
  j->unsaved = false;
  return code;
}

static MarlCode save_run(Jobs *j, const MarlComparisonRun *run, int job, MarlError *err) {
  char name[NAME_SIZE];
  MarlStore *store;
  run_name(job, name);
  MARL_TRY(create_in(j, name, &store, err));
  const MarlCode code = marl_store_end_file(&store, marl_comparison_run_save(run, store, err), err);
  j->run_saved_at = marl_timer_seconds();
  return code;
}

/* The run, from where an earlier command left it if it did. */
static MarlCode begin_run(const Jobs *j, int job, MarlComparisonRun **run, MarlError *err) {
  char path[MARL_MAX_PATH];
  MarlStore *store = NULL;
  MarlError why;
  MARL_TRY(marl_comparison_run_create(j->comparison, job, run, err));
  MARL_TRY(run_path(j, job, path, err));
  if (!j->work->folder->resumed || access(path, R_OK) != 0) return MARL_OK;
  MarlCode code = marl_store_open(path, &store, &why);
  if (code == MARL_OK) code = marl_comparison_run_load(*run, store, &why);
  if (store != NULL) marl_store_close(&store);
  if (code == MARL_OK) return MARL_OK;
  marl_log_note(j->work->folder->log, "%s; that run begins anew", why.message);
  marl_comparison_run_destroy(run);
  return marl_comparison_run_create(j->comparison, job, run, err);
}

/* How far, in which cell, and what its runs have come to so far. */
static void show_progress(const Jobs *j, int job, double cycles) {
  const MarlComparison *c = j->comparison;
  const char *cell = c->cells[job / c->num_seeds].name;
  const double done = job + (c->cycles > 0 ? cycles / c->cycles : 1);
  if (j->known == 0)
    marl_log_progress(j->work->folder->log, "compare", done, c->num_jobs, "%s", cell);
  else
    marl_log_progress(j->work->folder->log, "compare", done, c->num_jobs, "%s  %s %.4g in %d runs",
                      cell, c->metric_name[c->followed], j->sum / j->known, j->known);
}

static void count_run(Jobs *j, double followed) {
  if (isnan(followed)) return;
  j->sum += followed;
  ++j->known;
}

/* To its end, or until a signal came: then it is saved. */
static MarlCode play(Jobs *j, int job, MarlComparisonRun *run, MarlError *err) {
  const double pause = 60 * j->comparison->checkpoint_minutes;
  j->run_saved_at = marl_timer_seconds();
  while (!marl_comparison_run_over(run)) {
    marl_deal_serve(&j->deal);
    const bool stop = marl_interrupt_requested();
    if (stop || (pause > 0 && marl_timer_seconds() - j->run_saved_at >= pause))
      MARL_TRY(save_run(j, run, job, err));
    if (stop) return MARL_OK;
    MARL_TRY(marl_comparison_run_cycle(run, err));
    if (!marl_comparison_run_over(run))
      show_progress(j, job, (double)marl_comparison_run_cycles(run));
  }
  const MarlRunResult result = marl_comparison_result(j->comparison, j->work->results, job);
  MARL_TRY(marl_comparison_run_finish(run, &result, err));
  j->done[job] = OWN;
  j->unsaved = true;
  count_run(j, result.metrics[j->comparison->followed]);
  return MARL_OK;
}

static MarlCode do_job(Jobs *j, int job, MarlError *err) {
  const int cell = job / j->comparison->num_seeds;
  MarlComparisonRun *run = NULL;
  if (cell != j->cell) {
    MARL_TRY(save_cell(j, err));
    j->sum = j->known = 0;
  }
  j->cell = cell;
  MarlCode code = begin_run(j, job, &run, err);
  if (code == MARL_OK) code = play(j, job, run, err);
  marl_comparison_run_destroy(&run);
  if (code == MARL_OK && marl_timer_seconds() - j->saved_at >= j->pause) return save_cell(j, err);
  return code;
}

/* The jobs that this rank gets, one whenever it is free, until a signal comes. Collective. */
static MarlCode do_own(Jobs *j, MarlError *err) {
  MarlCode code = MARL_OK;
  int job;
  marl_deal_begin(&j->deal, j->comparison->num_jobs, j->work->comm);
  while (!marl_interrupt_requested() && code == MARL_OK && (job = marl_deal_next(&j->deal)) >= 0) {
    show_progress(j, job, 0);
    if (j->done[job] == THEIRS) code = do_job(j, job, err);
  }
  if (code == MARL_OK) code = save_cell(j, err);
  marl_deal_end(&j->deal);
  return code;
}

/* Bits of the ranks' results: each is on one rank, and zero on the others. */
static void reduce(const Jobs *j, void *data, size_t size) {
  enum { PIECE = 1 << 24 };
  char *bytes = data;
  for (size_t at = 0; at < size; at += PIECE) {
    const int count = (int)(size - at < PIECE ? size - at : PIECE);
    if (j->rank == 0)
      MPI_Reduce(MPI_IN_PLACE, bytes + at, count, MPI_BYTE, MPI_BOR, 0, j->work->comm);
    else
      MPI_Reduce(bytes + at, NULL, count, MPI_BYTE, MPI_BOR, 0, j->work->comm);
  }
}

/* Rank 0 has what every rank loaded, and lacks what the others have done. */
static void gather(const Jobs *j) {
  const MarlComparison *c = j->comparison;
  const size_t metrics = (size_t)c->num_metrics * sizeof(double);
  const size_t curve = (size_t)c->num_points * (size_t)c->num_measured * sizeof(float);
  if (j->size == 1) return;
  for (int job = 0; job < c->num_jobs; ++job) {
    const MarlRunResult result = marl_comparison_result(c, j->work->results, job);
    if (j->done[job] == OWN || (j->done[job] == LOADED && j->rank == 0)) continue;
    memset(result.metrics, 0, metrics);
    memset(result.curve, 0, curve);
  }
  reduce(j, j->work->results->metrics, metrics * (size_t)c->num_jobs);
  reduce(j, j->work->results->curves, curve * (size_t)c->num_jobs);
}

static MarlCode perform(Jobs *j, MarlError *err) {
  const MPI_Comm comm = j->work->comm;
  MarlCode code = MARL_OK;
  if (j->work->folder->resumed) code = load_all(j, err);
  if (code == MARL_OK && j->rank == 0) code = make_folder(j, err);
  MARL_TRY(marl_comm_agree(comm, code, err)); /* all have read before any writes */
  code = do_own(j, err);
  MARL_TRY(marl_comm_agree(comm, code, err));
  if (marl_run_interrupted(comm)) return MARL_FAIL(err, MARL_ESTOPPED, "runs were stopped");
  show_progress(j, j->comparison->num_jobs - 1, j->comparison->cycles);
  gather(j);
  return MARL_OK;
}

MarlCode marl_compare_jobs_do(const MarlCompareWork *work, MarlError *err) {
  const MarlComparison *c = work->comparison;
  Jobs jobs = {.work = work,
               .comparison = c,
               .rank = marl_comm_rank(work->comm),
               .size = marl_comm_size(work->comm),
               .done = calloc((size_t)c->num_jobs + (size_t)c->num_seeds, 1),
               .cell = -1,
               .saved_at = marl_timer_seconds(),
               .pause = 1.0};
  MarlCode code = MARL_OK;
  if (jobs.done == NULL) code = MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for jobs");
  code = marl_comm_agree(work->comm, code, err);
  if (code == MARL_OK) {
    jobs.of_cell = jobs.done + c->num_jobs;
    code = perform(&jobs, err);
  }
  free(jobs.done);
  return code;
}

void marl_compare_jobs_remove(const MarlRunFolder *folder) {
  char path[2 * MARL_MAX_PATH], name[MARL_MAX_PATH];
  if (snprintf(name, sizeof name, "%s/jobs", folder->path) >= (int)sizeof name) return;
  DIR *jobs = opendir(name);
  if (jobs == NULL) return;
  for (struct dirent *entry = readdir(jobs); entry != NULL; entry = readdir(jobs)) {
    if (strncmp(entry->d_name, "cell_", 5) != 0 && strncmp(entry->d_name, "run_", 4) != 0) continue;
    if (snprintf(path, sizeof path, "%s/%s", name, entry->d_name) < (int)sizeof path)
      (void)remove(path);
  }
  closedir(jobs);
  (void)rmdir(name);
}
