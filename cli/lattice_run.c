#include "cli/lattice_run.h"

#include "cli/run_checkpoint.h"
#include "marl/core/comm.h"
#include "marl/learn/checkpoint.h"

/* What may differ between the parts of a run. */
static const char *const changeable[] = {"run.checkpoint_every", "run.keep", "env.cycles", NULL};

MarlCode marl_lattice_run_init(MarlLatticeRun *run, MarlError *err) {
  run->cycle = 0;
  marl_lattice_series_init(&run->series, run->params.update, run->steps);
  const MarlKey key = marl_key((uint64_t)run->seed, MARL_STREAM_ENV);
  return marl_lattice_create(&run->params, key, run->comm, &run->lattice, err);
}

void marl_lattice_run_clear(MarlLatticeRun *run) {
  marl_lattice_series_clear(&run->series);
  marl_lattice_destroy(&run->lattice);
}

/* Rank 0's part: which run it is and its series. */
static MarlCode save_run(const MarlLatticeRun *run, MarlStore *to, MarlError *err) {
  MARL_TRY(marl_run_identity_save(run->config, changeable, to, err));
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
  MARL_TRY(marl_run_identity_check(run->config, changeable, from, err));
  MARL_TRY(marl_store_get_int(from, NULL, "update", &cycle, err));
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
  const int64_t steps = (int64_t)run->cycle * run->steps;
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

static MarlCode advance(MarlLatticeRun *run, MarlError *err) {
  MarlLatticeCounts counts;
  double metrics[MARL_LATTICE_NUM_METRICS];
  MARL_TRY(marl_lattice_run(run->lattice, run->steps, &counts, err));
  marl_lattice_metrics(&run->params, &counts, metrics);
  ++run->cycle;
  marl_log_progress(run->folder->log, "lattice", run->cycle, run->cycles, "cooperation %.4f",
                    metrics[MARL_LATTICE_COOPERATION]);
  MarlCode code = MARL_OK;
  if (marl_comm_rank(run->comm) == 0) code = marl_lattice_series_add(&run->series, metrics, err);
  return marl_comm_agree(run->comm, code, err);
}

MarlCode marl_lattice_run_follow(MarlLatticeRun *run, MarlError *err) {
  const bool root = marl_comm_rank(run->comm) == 0;
  MarlCode code = root ? marl_lattice_series_open(&run->series, run->folder->path, err) : MARL_OK;
  MARL_TRY(marl_comm_agree(run->comm, code, err));
  bool stop = false;
  while (run->cycle < run->cycles && !stop) {
    MARL_TRY(advance(run, err));
    stop = marl_run_interrupted(run->comm);
    const bool due = run->checkpoint_every > 0 && run->cycle % run->checkpoint_every == 0;
    if (due || stop || run->cycle == run->cycles) MARL_TRY(save(run, err));
  }
  marl_log_progress_end(run->folder->log);
  if (run->cycle < run->cycles)
    marl_log_note(
        run->folder->log,
        "stopped by a signal after cycle %d of %d; continue with: marl lattice --resume %s",
        run->cycle, run->cycles, run->folder->path);
  if (root) code = marl_lattice_series_close(&run->series, err);
  return marl_comm_agree(run->comm, code, err);
}
