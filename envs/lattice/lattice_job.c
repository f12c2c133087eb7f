#include "envs/lattice/lattice_job.h"

#include <stdio.h>
#include <stdlib.h>

#include "marl/core/arena.h"
#include "marl/core/comm.h"
#include "marl/core/log.h"
#include "marl/run/record.h"

enum { NUM_COUNTS = sizeof(MarlLatticeCounts) / sizeof(int64_t) };

static const double look_every = 0.1; /* s, between two looks at signals: a person's patience */

static const MarlOption run_options[] = {
    {"seed", MARL_OPTION_INT, "1", 0, 9007199254740992.0, NULL, "1",
     "every random number is a function of it"},
    {"checkpoint_every", MARL_OPTION_INT, "0", 0, 1e9, NULL, "cycles",
     "cycles between checkpoints, beside those by the clock; 0: none"},
    {"checkpoint_minutes", MARL_OPTION_REAL, "30", 0, 1e6, NULL, "min",
     "minutes between checkpoints; 0: none"},
    {"keep", MARL_OPTION_INT, "2", 1, 1e9, NULL, "1",
     "checkpoint files that are kept, at least the newest: a run goes on from it"},
    MARL_JOB_FRAME_OPTION,
    {"frames_every", MARL_OPTION_INT, "0", 0, 1e9, NULL, "cycles",
     "cycles between two pictures that stay, frames/<cycle>.h5 for `marl render`; 0: none"},
};
enum { NUM_RUN_OPTIONS = sizeof run_options / sizeof *run_options };
static const MarlOption lattice_options[] = {
    {"update", MARL_OPTION_CHOICE, "learn", 0, 0, marl_lattice_update_names, "1",
     "tabular Q-learners whose cooperators fine, or imitation of C, D, P and IP"},
};

typedef struct Sections {
  const MarlSection *run, *lattice, *env, *learner;
  MarlLatticeUpdate update;
} Sections;

static MarlCode read_sections(MarlConfig *config, Sections *out, MarlError *err) {
  const MarlOptionTable run_table = {run_options, NUM_RUN_OPTIONS},
                        lattice_table = {lattice_options, 1};
  MARL_TRY(marl_config_section(config, "run", &run_table, 1, &out->run, err));
  MARL_TRY(marl_config_section(config, "lattice", &lattice_table, 1, &out->lattice, err));
  out->update = (MarlLatticeUpdate)marl_section_choice(out->lattice, "update");
  const bool learn = out->update == MARL_LATTICE_LEARN;
  const MarlOptionTable learners = {marl_lattice_env_options, MARL_LATTICE_NUM_ENV_OPTIONS};
  const MarlOptionTable imitators = {marl_imitation_env_options, MARL_IMITATION_NUM_ENV_OPTIONS};
  const MarlOptionTable learner = {marl_lattice_learner_options, MARL_LATTICE_NUM_LEARNER_OPTIONS};
  MARL_TRY(marl_config_section(config, "env", learn ? &learners : &imitators, 1, &out->env, err));
  out->learner = NULL;
  return learn ? marl_config_section(config, "learner", &learner, 1, &out->learner, err) : MARL_OK;
}

MarlCode marl_lattice_claim(MarlConfig *config, MarlError *err) {
  Sections sections;
  return read_sections(config, &sections, err);
}

void marl_lattice_job_init(MarlLatticeJob *job, MPI_Comm comm) {
  *job = (MarlLatticeJob){.base = {.ops = &marl_lattice_job, .comm = comm}};
}

static MarlCode read(MarlJob *job, MarlConfig *config, MarlError *err) {
  MarlLatticeJob *run = (MarlLatticeJob *)job;
  Sections s;
  MARL_TRY(read_sections(config, &s, err));
  MARL_TRY(marl_config_finish(config, err));
  job->seed = marl_section_int64(s.run, "seed");
  job->minutes = marl_section_real(s.run, "checkpoint_minutes");
  job->keep = marl_section_int(s.run, "keep");
  job->frame_seconds = marl_section_real(s.run, "frame_seconds");
  run->frames_every = marl_section_int(s.run, "frames_every");
  run->checkpoint_every = marl_section_int(s.run, "checkpoint_every");
  run->cycles = marl_section_int(s.env, "cycles");
  run->steps = marl_section_int(s.env, "steps");
  return marl_lattice_read(s.update, s.env, s.learner, &run->params, err);
}

static MarlCode build(MarlJob *job, MarlError *err) {
  MarlLatticeJob *run = (MarlLatticeJob *)job;
  const int metrics = marl_lattice_num_metrics(run->params.update);
  if (job->folder == NULL) return marl_lattice_check(&run->params, err);
  run->columns[0] = "step";
  for (int m = 0; m < metrics; ++m) run->columns[1 + m] = marl_lattice_metric_names[m];
  run->series =
      (MarlRunRows){.columns = run->columns, .num_columns = (size_t)metrics + 1, .digits = 9};
  run->stretch = 1;
  const MarlKey key = marl_key((uint64_t)job->seed, MARL_STREAM_ENV);
  return marl_lattice_create(&run->params, key, job->comm, &run->lattice, err);
}

static void clear(MarlJob *job) {
  MarlLatticeJob *run = (MarlLatticeJob *)job;
  marl_run_rows_end(&run->series);
  marl_lattice_destroy(&run->lattice);
}

static MarlCode begin(MarlJob *job, bool found, MarlError *err) {
  MarlLatticeJob *run = (MarlLatticeJob *)job;
  MarlCode code = MARL_OK;
  if (found) marl_log_note(job->folder->log, "resumed from cycle %d", run->cycle);
  if (marl_comm_rank(job->comm) == 0)
    code = marl_run_rows_begin(&run->series, job->folder, "series.csv", err);
  return marl_comm_agree(job->comm, code, err);
}

/* The last pattern, [L, L], on rank 0; NULL on the others. */
static MarlCode gather(const MarlLattice *lattice, int side, MPI_Comm comm, uint8_t **out,
                       MarlError *err) {
  const int size = marl_comm_size(comm);
  const bool root = marl_comm_rank(comm) == 0;
  int first, rows;
  const uint8_t *own = marl_lattice_kinds(lattice, &first, &rows);
  int *counts = calloc((size_t)size, sizeof *counts),
      *starts = calloc((size_t)size, sizeof *starts);
  *out = root ? (uint8_t *)marl_arena_alloc((size_t)side * (size_t)side) : NULL;
  MarlCode code = MARL_OK;
  if (counts == NULL || starts == NULL || (root && *out == NULL))
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for a pattern of %d x %d", side, side);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) {
    const int mine[2] = {rows * side, first * side};
    MPI_Gather(&mine[0], 1, MPI_INT, counts, 1, MPI_INT, 0, comm);
    MPI_Gather(&mine[1], 1, MPI_INT, starts, 1, MPI_INT, 0, comm);
    MPI_Gatherv(own, mine[0], MPI_UINT8_T, *out, counts, starts, MPI_UINT8_T, 0, comm);
  }
  free(counts);
  free(starts);
  return code;
}

/* By MarlLatticeKind; a learner is one of the first two. */
static const char *const kind_names[] = {"cooperates", "defects", "fines its neighbors",
                                         "fines for its neighbors"};

static int num_kinds(const MarlLatticeJob *run) {
  return run->params.update == MARL_LATTICE_LEARN ? 2 : 4;
}

static MarlCode look(MarlJob *job, MarlPicture *picture, MarlError *err) {
  const MarlLatticeJob *run = (const MarlLatticeJob *)job;
  const int side = run->params.side;
  uint8_t *pattern = NULL;
  marl_picture_begin(picture, "cycle", run->cycle, 1);
  MARL_TRY(gather(run->lattice, side, job->comm, &pattern, err));
  MarlCode code = MARL_OK;
  if (pattern != NULL)
    code =
        marl_picture_kinds(picture, "kind", kind_names, num_kinds(run), side, side, pattern, err);
  free(pattern);
  return code;
}

/* A picture that stays. */
static MarlCode keep_frame(MarlLatticeJob *run, MarlError *err) {
  char path[MARL_MAX_PATH], name[64];
  MarlPicture picture = {.num_panels = 0};
  MarlCode code = look(&run->base, &picture, err);
  if (code == MARL_OK && marl_comm_rank(run->base.comm) == 0) {
    snprintf(name, sizeof name, "frames/%010d.h5", run->cycle);
    code = marl_run_folder_file(run->base.folder, "frames", path, err);
    if (code == MARL_OK) code = marl_run_record_make(path, err);
    if (code == MARL_OK) code = marl_picture_write(&picture, run->base.folder, name, err);
  }
  marl_picture_clear(&picture);
  return marl_comm_agree(run->base.comm, code, err);
}

static void add_counts(MarlLatticeCounts *to, const MarlLatticeCounts *counts) {
  int64_t *sum = (int64_t *)to; /* every member is one of them */
  for (int i = 0; i < NUM_COUNTS; ++i) sum[i] += ((const int64_t *)counts)[i];
}

/* A stretch of the cycle; how long it is changes nothing but how soon a signal is seen. */
static MarlCode go_on(MarlLatticeJob *run, MarlError *err) {
  MarlLatticeCounts counts;
  const int64_t left = run->steps - run->part.steps;
  const int steps = run->stretch < left ? run->stretch : (int)left;
  const double began = marl_timer_seconds();
  MARL_TRY(marl_lattice_run(run->lattice, steps, &counts, err));
  add_counts(&run->part, &counts);
  if (marl_timer_seconds() - began < look_every && run->stretch <= steps && steps < run->steps)
    run->stretch = 2 * steps;
  MPI_Bcast(&run->stretch, 1, MPI_INT, 0, run->base.comm);
  return MARL_OK;
}

static MarlCode finish_cycle(MarlLatticeJob *run, MarlError *err) {
  double row[1 + MARL_LATTICE_NUM_METRICS];
  const MarlRunFolder *folder = run->base.folder;
  MarlCode code = MARL_OK;
  marl_lattice_metrics(&run->params, &run->part, row + 1);
  run->part = (MarlLatticeCounts){.steps = 0};
  row[0] = (double)++run->cycle * run->steps;
  marl_log_progress(folder->log, "lattice", run->cycle, run->cycles, "cooperation %.4f",
                    row[1 + MARL_LATTICE_COOPERATION]);
  if (marl_comm_rank(run->base.comm) == 0) code = marl_run_rows_add(&run->series, row, err);
  return marl_comm_agree(run->base.comm, code, err);
}

static MarlCode advance(MarlJob *job, bool *due, MarlError *err) {
  MarlLatticeJob *run = (MarlLatticeJob *)job;
  MARL_TRY(go_on(run, err));
  if (run->part.steps < run->steps) return MARL_OK;
  MARL_TRY(finish_cycle(run, err));
  if (run->frames_every > 0 && run->cycle % run->frames_every == 0) MARL_TRY(keep_frame(run, err));
  *due = run->checkpoint_every > 0 && run->cycle % run->checkpoint_every == 0;
  return MARL_OK;
}

static bool finished(const MarlJob *job) {
  const MarlLatticeJob *run = (const MarlLatticeJob *)job;
  return run->cycle >= run->cycles;
}

static void where(const MarlJob *job, char text[MARL_JOB_WHERE]) {
  const MarlLatticeJob *run = (const MarlLatticeJob *)job;
  snprintf(text, MARL_JOB_WHERE, "after cycle %d of %d", run->cycle, run->cycles);
}

/* Sites of a side of the lattice are a coordinate. */
static MarlCode write_places(MarlStore *store, const char *name, int side, MarlError *err) {
  const MarlArray array = {
      .type = MARL_I32, .rank = 1, .shape = {(size_t)side}, .units = "1", .long_name = "site"};
  int32_t *place = malloc((size_t)side * sizeof *place);
  if (place == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for %d sites", side);
  for (int i = 0; i < side; ++i) place[i] = i;
  const MarlCode code = marl_store_write_scale(store, name, &array, place, err);
  free(place);
  return code;
}

/* Their names as an attribute, in the order of their numbers, as a frame has them (picture.h). */
static MarlCode write_kinds(MarlStore *store, int count, MarlError *err) {
  char text[128] = "";
  size_t used = 0;
  for (int k = 0; k < count && used < sizeof text; ++k)
    used +=
        (size_t)snprintf(text + used, sizeof text - used, "%s%s", k > 0 ? "," : "", kind_names[k]);
  return marl_store_set_text(store, "kind", "kinds", text, err);
}

static MarlCode write_pattern(const MarlLatticeJob *run, const uint8_t *kinds, MarlError *err) {
  const int side = run->params.side;
  MarlStore *store;
  MARL_TRY(marl_run_folder_create(run->base.folder, "pattern.h5", &store, err));
  static const char *const axes[] = {"y", "x"};
  const MarlArray array = {.type = MARL_U8,
                           .rank = 2,
                           .shape = {(size_t)side, (size_t)side},
                           .scales = axes,
                           .units = "1",
                           .long_name = "who is at the site after the last step"};
  MarlCode code = write_places(store, "y", side, err);
  if (code == MARL_OK) code = write_places(store, "x", side, err);
  if (code == MARL_OK) code = marl_store_write(store, "kind", &array, kinds, err);
  if (code == MARL_OK) code = write_kinds(store, num_kinds(run), err);
  return marl_store_end_file(&store, code, err);
}

static MarlCode finish(MarlJob *job, bool whole, MarlError *err) {
  const MarlLatticeJob *run = (MarlLatticeJob *)job;
  const MarlRunFolder *folder = job->folder;
  uint8_t *kinds = NULL;
  if (!whole) return MARL_OK;
  MarlCode code = gather(run->lattice, run->params.side, job->comm, &kinds, err);
  if (code == MARL_OK && marl_comm_rank(job->comm) == 0) code = write_pattern(run, kinds, err);
  free(kinds);
  marl_log_note(folder->log,
                "%zu bytes on this rank; series: %s/series.csv, pattern: %s/pattern.h5",
                marl_lattice_bytes(run->lattice), folder->path, folder->path);
  return marl_comm_agree(job->comm, code, err);
}

static int64_t number(const MarlJob *job) {
  return ((const MarlLatticeJob *)job)->cycle;
}

/* Rank 0's part: the place in the series and the cycle that is under way. */
static MarlCode save_run(MarlLatticeJob *run, MarlStore *to, MarlError *err) {
  const MarlArray counts = {.type = MARL_I64, .rank = 2, .shape = {0, NUM_COUNTS}};
  MARL_TRY(marl_store_append(to, "counts", &counts, 1, &run->part, err)); /* with a checksum */
  MARL_TRY(marl_run_rows_secure(&run->series, err));
  return marl_run_rows_save(&run->series, "series", to, err);
}

static MarlCode save(MarlJob *job, MarlStore *to, MarlError *err) {
  MarlLatticeJob *run = (MarlLatticeJob *)job;
  const MarlCode code = to != NULL ? save_run(run, to, err) : MARL_OK;
  MARL_TRY(marl_comm_agree(job->comm, code, err));
  return marl_lattice_save(run->lattice, to, err);
}

/* What each rank checks and takes for itself. */
static MarlCode load_run(MarlLatticeJob *run, MarlStore *from, MarlError *err) {
  int64_t cycle;
  MARL_TRY(marl_store_get_int(from, NULL, "update", &cycle, err));
  MARL_TRY(marl_store_read(from, "counts", MARL_I64, NUM_COUNTS, &run->part, err));
  MARL_TRY(marl_run_rows_load(&run->series, "series", from, err));
  if (cycle > run->cycles)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s has done %lld cycles, env.cycles is %d: a run can be prolonged, not "
                     "shortened; give --set env.cycles=%lld or more",
                     marl_store_path(from), (long long)cycle, run->cycles, (long long)cycle);
  run->cycle = (int)cycle;
  if (run->series.count == cycle) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s: a series of %lld rows, expected one for each of %lld cycles",
                   marl_store_path(from), (long long)run->series.count, (long long)cycle);
}

static MarlCode load(MarlJob *job, MarlStore *from, MarlError *err) {
  MarlLatticeJob *run = (MarlLatticeJob *)job;
  MARL_TRY(marl_comm_agree(job->comm, load_run(run, from, err), err));
  MARL_TRY(marl_lattice_load(run->lattice, from, err));
  const int64_t steps = (int64_t)run->cycle * run->steps + run->part.steps;
  if (marl_lattice_steps(run->lattice) == steps) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s: a lattice of %lld steps, expected %lld",
                   marl_store_path(from), (long long)marl_lattice_steps(run->lattice),
                   (long long)steps);
}

const char *const marl_lattice_changeable[] = {
    "env.cycles", "run.checkpoint_every", "run.checkpoint_minutes",
    "run.keep",   "run.frame_seconds",    NULL};

const MarlJobOps marl_lattice_job = {.command = "lattice",
                                     .changeable = marl_lattice_changeable,
                                     .read = read,
                                     .build = build,
                                     .clear = clear,
                                     .begin = begin,
                                     .advance = advance,
                                     .finished = finished,
                                     .where = where,
                                     .look = look,
                                     .finish = finish,
                                     .number = number,
                                     .save = save,
                                     .load = load,
                                     .each_rank_loads = true};
