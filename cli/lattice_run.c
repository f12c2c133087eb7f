#include "cli/lattice_run.h"

#include <stdio.h>

#include "marl/core/comm.h"
#include "marl/run/checkpoint.h"

enum { NUM_COUNTS = sizeof(MarlLatticeCounts) / sizeof(int64_t) };

static const double look_every = 0.1; /* s, between two looks at signals: a person's patience */

MarlCode marl_lattice_run_init(MarlLatticeRun *run, MarlError *err) {
  run->cycle = 0;
  run->stretch = 1;
  run->part = (MarlLatticeCounts){.steps = 0};
  marl_lattice_series_init(&run->series, run->params.update, run->steps);
  const MarlKey key = marl_key((uint64_t)run->seed, MARL_STREAM_ENV);
  return marl_lattice_create(&run->params, key, run->comm, &run->lattice, err);
}

void marl_lattice_run_clear(MarlLatticeRun *run) {
  marl_lattice_series_clear(&run->series);
  marl_lattice_destroy(&run->lattice);
}

/* Rank 0's part: the series and the cycle that is under way. */
static MarlCode save_run(const MarlLatticeRun *run, MarlStore *to, MarlError *err) {
  const MarlArray counts = {.type = MARL_I64, .rank = 2, .shape = {0, NUM_COUNTS}};
  MARL_TRY(marl_store_append(to, "counts", &counts, 1, &run->part, err)); /* with a checksum */
  return marl_series_table_save(&run->series.table, to, err);
}

static MarlCode save(const MarlLatticeRun *run, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_run_checkpoint_begin(run->folder, run->cycle, run->comm, &store, err));
  MarlCode code = store != NULL ? save_run(run, store, err) : MARL_OK;
  code = marl_comm_agree(run->comm, code, err);
  if (code == MARL_OK) code = marl_lattice_save(run->lattice, store, err);
  return marl_run_checkpoint_end(run->folder, run->cycle, run->keep, run->comm, &store, code, err);
}

/* Base first. */
typedef struct Reader {
  MarlCheckpointReader base;
  MarlLatticeRun *run;
} Reader;

/* What each rank checks and takes for itself. */
static MarlCode load_run(MarlLatticeRun *run, MarlStore *from, MarlError *err) {
  int64_t cycle;
  MARL_TRY(marl_store_get_int(from, NULL, "update", &cycle, err));
  MARL_TRY(marl_store_read(from, "counts", MARL_I64, NUM_COUNTS, &run->part, err));
  if (cycle > run->cycles)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s has done %lld cycles, env.cycles is %d: a run can be prolonged, not "
                     "shortened; give --set env.cycles=%lld or more",
                     marl_store_path(from), (long long)cycle, run->cycles, (long long)cycle);
  run->cycle = (int)cycle;
  if (marl_comm_rank(run->comm) != 0) return MARL_OK;
  MARL_TRY(marl_series_table_load(&run->series.table, from, err));
  if (run->series.table.rows == (size_t)cycle) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s: a series of %zu rows, expected one for each of %lld cycles",
                   marl_store_path(from), run->series.table.rows, (long long)cycle);
}

static MarlCode load(MarlCheckpointReader *reader, const char *path, MarlError *err) {
  MarlLatticeRun *run = ((Reader *)reader)->run;
  MarlStore *store = NULL;
  MarlCode code = marl_checkpoint_open(path, &store, err);
  if (code == MARL_OK) code = load_run(run, store, err);
  code = marl_comm_agree(run->comm, code, err);
  if (code == MARL_OK) code = marl_lattice_load(run->lattice, store, err);
  marl_store_close(&store);
  if (code != MARL_OK) return code;
  const int64_t steps = (int64_t)run->cycle * run->steps + run->part.steps;
  if (marl_lattice_steps(run->lattice) == steps) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s: a lattice of %lld steps, expected %lld", path,
                   (long long)marl_lattice_steps(run->lattice), (long long)steps);
}

static void note(MarlCheckpointReader *reader, const char *sentence) {
  marl_log_note(((Reader *)reader)->run->folder->log, "%s", sentence);
}

MarlCode marl_lattice_run_resume(MarlLatticeRun *run, MarlError *err) {
  Reader reader = {{load, note}, run};
  bool found;
  MARL_TRY(marl_checkpoint_resume(run->folder->path, &reader.base, run->comm, &found, err));
  if (found)
    marl_log_note(run->folder->log, "resumed from cycle %d", run->cycle);
  else
    marl_log_note(run->folder->log, "there is no checkpoint yet: the run begins anew");
  return MARL_OK;
}

static void add_counts(MarlLatticeCounts *to, const MarlLatticeCounts *counts) {
  int64_t *sum = (int64_t *)to; /* every member is one of them */
  for (int i = 0; i < NUM_COUNTS; ++i) sum[i] += ((const int64_t *)counts)[i];
}

/* A stretch of the cycle; how long it is changes nothing but how soon a signal is seen. */
static MarlCode go_on(MarlLatticeRun *run, MarlError *err) {
  MarlLatticeCounts counts;
  const int64_t left = run->steps - run->part.steps;
  const int steps = run->stretch < left ? run->stretch : (int)left;
  const double began = marl_timer_seconds();
  MARL_TRY(marl_lattice_run(run->lattice, steps, &counts, err));
  add_counts(&run->part, &counts);
  if (marl_timer_seconds() - began < look_every && run->stretch <= steps && steps < run->steps)
    run->stretch = 2 * steps;
  MPI_Bcast(&run->stretch, 1, MPI_INT, 0, run->comm);
  return MARL_OK;
}

static MarlCode finish_cycle(MarlLatticeRun *run, MarlError *err) {
  double metrics[MARL_LATTICE_NUM_METRICS];
  marl_lattice_metrics(&run->params, &run->part, metrics);
  run->part = (MarlLatticeCounts){.steps = 0};
  ++run->cycle;
  marl_log_progress(run->folder->log, "lattice", run->cycle, run->cycles, "cooperation %.4f",
                    metrics[MARL_LATTICE_COOPERATION]);
  MarlCode code = MARL_OK;
  if (marl_comm_rank(run->comm) == 0) {
    code = marl_run_folder_check(run->folder, err);
    if (code == MARL_OK) code = marl_lattice_series_add(&run->series, metrics, err);
  }
  return marl_comm_agree(run->comm, code, err);
}

/* Until the last cycle or a signal. */
static MarlCode follow(MarlLatticeRun *run, MarlError *err) {
  bool stop = false;
  while (run->cycle < run->cycles && !stop) {
    MARL_TRY(go_on(run, err));
    const bool whole = run->part.steps == run->steps;
    if (whole) MARL_TRY(finish_cycle(run, err));
    stop = marl_run_interrupted(run->comm);
    const bool due = whole && run->checkpoint_every > 0 && run->cycle % run->checkpoint_every == 0;
    if (marl_run_clock_due(&run->clock, run->comm) || due || stop || run->cycle == run->cycles)
      MARL_TRY(save(run, err));
  }
  return MARL_OK;
}

MarlCode marl_lattice_run_follow(MarlLatticeRun *run, MarlError *err) {
  const bool root = marl_comm_rank(run->comm) == 0;
  char where[64];
  MarlCode code = root ? marl_lattice_series_open(&run->series, run->folder->path, err) : MARL_OK;
  MARL_TRY(marl_comm_agree(run->comm, code, err));
  code = follow(run, err);
  marl_log_progress_end(run->folder->log);
  if (code == MARL_OK && root) code = marl_lattice_series_close(&run->series, err);
  MARL_TRY(marl_comm_agree(run->comm, code, err));
  if (run->cycle == run->cycles) return MARL_OK;
  snprintf(where, sizeof where, "after cycle %d of %d", run->cycle, run->cycles);
  return marl_run_folder_stopped(run->folder, "lattice", where, err);
}
