/* One large society on a lattice, its rows dealt to all ranks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/run_folder.h"
#include "envs/lattice/lattice_config.h"
#include "marl/core/arena.h"
#include "marl/core/comm.h"
#include "marl/core/store.h"

static const MarlOption run_options[] = {
    {"seed", MARL_OPTION_INT, "1", 0, 9007199254740992.0, NULL, "1",
     "every random number is a function of it"},
};
static const MarlOption lattice_options[] = {
    {"update", MARL_OPTION_CHOICE, "learn", 0, 0, marl_lattice_update_names, "1",
     "tabular Q-learners whose cooperators fine, or imitation of C, D, P and IP"},
};

typedef struct Sections {
  const MarlSection *run, *lattice, *env, *learner;
  MarlLatticeUpdate update;
} Sections;

static MarlCode read_sections(MarlConfig *config, Sections *out, MarlError *err) {
  const MarlOptionTable run_table = {run_options, 1}, lattice_table = {lattice_options, 1};
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

static MarlCode claim(MarlConfig *config, MarlError *err) {
  Sections sections;
  return read_sections(config, &sections, err);
}

static MarlCode path_in(const MarlRunFolder *folder, const char *name, char path[MARL_MAX_PATH],
                        MarlError *err) {
  if (snprintf(path, MARL_MAX_PATH, "%s/%s", folder->path, name) < MARL_MAX_PATH) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "the folder's name is too long: %.60s...", folder->path);
}

static MarlCode open_series(const MarlRunFolder *folder, MarlLatticeUpdate update, FILE **out,
                            MarlError *err) {
  char path[MARL_MAX_PATH];
  MARL_TRY(path_in(folder, "series.csv", path, err));
  *out = fopen(path, "w");
  if (*out == NULL) return MARL_FAIL(err, MARL_EIO, "cannot write %s: %s", path, strerror(errno));
  fprintf(*out, "step");
  for (int m = 0; m < marl_lattice_num_metrics(update); ++m)
    fprintf(*out, ",%s", marl_lattice_metric_names[m]);
  fprintf(*out, "\n");
  return MARL_OK;
}

/* Cycle by cycle; `series` is NULL on other ranks than 0. */
static MarlCode live(MarlLattice *lattice, const MarlLatticeParams *params, const MarlSection *env,
                     FILE *series, MarlLog *log, MPI_Comm comm, MarlError *err) {
  const int cycles = marl_section_int(env, "cycles"), steps = marl_section_int(env, "steps");
  double metrics[MARL_LATTICE_NUM_METRICS];
  int stop = 0;
  for (int cycle = 0; cycle < cycles && stop == 0; ++cycle) {
    MarlLatticeCounts counts;
    MARL_TRY(marl_lattice_run(lattice, steps, &counts, err));
    marl_lattice_metrics(params, &counts, metrics);
    marl_log_progress(log, "lattice", cycle + 1, cycles, "cooperation %.4f",
                      metrics[MARL_LATTICE_COOPERATION]);
    if (series != NULL) {
      fprintf(series, "%lld", (long long)(cycle + 1) * steps);
      for (int m = 0; m < marl_lattice_num_metrics(params->update); ++m)
        fprintf(series, ",%.9g", metrics[m]);
      fprintf(series, "\n");
      fflush(series);
    }
    stop = marl_interrupt_requested() ? 1 : 0;
    MPI_Allreduce(MPI_IN_PLACE, &stop, 1, MPI_INT, MPI_MAX, comm);
  }
  marl_log_progress_end(log);
  return MARL_OK;
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

static MarlCode write_pattern(const MarlRunFolder *folder, int side, const uint8_t *kinds,
                              MarlError *err) {
  char path[MARL_MAX_PATH];
  MarlStore *store;
  MARL_TRY(path_in(folder, "pattern.h5", path, err));
  MARL_TRY(marl_store_create(path, &store, err));
  const MarlArray array = {.type = MARL_U8,
                           .rank = 2,
                           .shape = {(size_t)side, (size_t)side},
                           .units = "1",
                           .long_name = "0 C, 1 D, 2 P, 3 IP after the last step"};
  MarlCode code = marl_store_write(store, "kind", &array, kinds, err);
  if (code == MARL_OK) code = marl_store_commit(&store, err);
  if (store != NULL) marl_store_close(&store);
  return code;
}

static MarlCode perform(const Sections *s, const MarlLatticeParams *params, MarlLattice *lattice,
                        const MarlRunFolder *folder, MPI_Comm comm, MarlError *err) {
  const bool root = marl_comm_rank(comm) == 0;
  FILE *series = NULL;
  uint8_t *kinds = NULL;
  MarlCode code = root ? open_series(folder, params->update, &series, err) : MARL_OK;
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) code = live(lattice, params, s->env, series, folder->log, comm, err);
  if (series != NULL && fclose(series) != 0 && code == MARL_OK)
    code = MARL_FAIL(err, MARL_EIO, "%s/series.csv: %s", folder->path, strerror(errno));
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) code = gather(lattice, params->side, comm, &kinds, err);
  if (code == MARL_OK && root) code = write_pattern(folder, params->side, kinds, err);
  free(kinds);
  marl_log_note(folder->log,
                "%zu bytes on this rank; series: %s/series.csv, pattern: %s/pattern.h5",
                marl_lattice_bytes(lattice), folder->path, folder->path);
  return marl_comm_agree(comm, code, err);
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  MarlConfig *config = NULL;
  MarlLattice *lattice = NULL;
  MarlLatticeParams params = {.side = 0};
  MarlRunFolder folder = {.log = NULL};
  Sections s = {NULL, NULL, NULL, NULL, MARL_LATTICE_LEARN};
  MARL_TRY(marl_run_folder_config(arguments, path, comm, &config, err));
  MarlCode code = read_sections(config, &s, err);
  if (code == MARL_OK) code = marl_config_finish(config, err);
  if (code == MARL_OK) code = marl_lattice_read(s.update, s.env, s.learner, &params, err);
  code = marl_comm_agree(comm, code, err);
  const int64_t seed = code == MARL_OK ? marl_section_int64(s.run, "seed") : 0;
  if (code == MARL_OK)
    code = marl_lattice_create(&params, marl_key((uint64_t)seed, MARL_STREAM_ENV), comm, &lattice,
                               err);
  if (code == MARL_OK)
    code = marl_run_folder_begin(arguments, path, seed, config, comm, &folder, err);
  if (code == MARL_OK) {
    marl_interrupt_listen();
    code = perform(&s, &params, lattice, &folder, comm, err);
    marl_run_folder_end(&folder);
  }
  marl_lattice_destroy(&lattice);
  marl_config_destroy(&config);
  return code;
}

static const MarlFlag *const flags[] = {&marl_flag_set, &marl_flag_out, &marl_flag_quiet,
                                        &marl_flag_ranks, NULL};

const MarlCommand marl_command_lattice = {
    .name = "lattice",
    .usage = "[CONFIG]",
    .summary = "Run one large society on a lattice over all ranks",
    .details =
        "Tabular Q-learners with fines, or imitation, on env.side x env.side sites, rows dealt to\n"
        "the ranks. Writes series.csv, a row for env.steps steps, and pattern.h5 to DIR. The same\n"
        "seed gives the same files on any number of ranks. `marl compare` runs many small ones.",
    .min_positional = 0,
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = claim,
    .marker = "lattice",
};
