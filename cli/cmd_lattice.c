/* One large society on a lattice, its rows dealt to all ranks. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/lattice_run.h"
#include "cli/run_request.h"
#include "marl/core/arena.h"
#include "marl/core/comm.h"
#include "marl/core/store.h"
#include "marl/run/interrupt.h"

static const char *const changeable[] = {"env.cycles", "run.checkpoint_every",
                                         "run.checkpoint_minutes", "run.keep", NULL};

static const MarlOption run_options[] = {
    {"seed", MARL_OPTION_INT, "1", 0, 9007199254740992.0, NULL, "1",
     "every random number is a function of it"},
    {"checkpoint_every", MARL_OPTION_INT, "100", 0, 1e9, NULL, "cycles",
     "cycles between checkpoints; 0: at the end only"},
    {"checkpoint_minutes", MARL_OPTION_REAL, "30", 0, 1e6, NULL, "min",
     "checkpoints by the clock, beside those by cycles; 0: none"},
    {"keep", MARL_OPTION_INT, "2", 1, 1e9, NULL, "1", "checkpoint files that are kept"},
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

static MarlCode claim(MarlConfig *config, MarlError *err) {
  Sections sections;
  return read_sections(config, &sections, err);
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
  MarlStore *store;
  MARL_TRY(marl_run_folder_create(folder, "pattern.h5", &store, err));
  const MarlArray array = {.type = MARL_U8,
                           .rank = 2,
                           .shape = {(size_t)side, (size_t)side},
                           .units = "1",
                           .long_name = "0 C, 1 D, 2 P, 3 IP after the last step"};
  return marl_store_end_file(&store, marl_store_write(store, "kind", &array, kinds, err), err);
}

static MarlCode perform(MarlLatticeRun *run, MarlError *err) {
  const MarlRunFolder *folder = run->folder;
  uint8_t *kinds = NULL;
  MARL_TRY(marl_lattice_run_follow(run, err));
  MarlCode code = gather(run->lattice, run->params.side, run->comm, &kinds, err);
  if (code == MARL_OK && marl_comm_rank(run->comm) == 0)
    code = write_pattern(folder, run->params.side, kinds, err);
  free(kinds);
  marl_log_note(folder->log,
                "%zu bytes on this rank; series: %s/series.csv, pattern: %s/pattern.h5",
                marl_lattice_bytes(run->lattice), folder->path, folder->path);
  return marl_comm_agree(run->comm, code, err);
}

static MarlCode read_run(MarlConfig *config, MarlLatticeRun *run, MarlError *err) {
  Sections s;
  MARL_TRY(read_sections(config, &s, err));
  MARL_TRY(marl_config_finish(config, err));
  run->seed = marl_section_int64(s.run, "seed");
  run->checkpoint_every = marl_section_int(s.run, "checkpoint_every");
  run->clock.minutes = marl_section_real(s.run, "checkpoint_minutes");
  run->keep = marl_section_int(s.run, "keep");
  run->cycles = marl_section_int(s.env, "cycles");
  run->steps = marl_section_int(s.env, "steps");
  return marl_lattice_read(s.update, s.env, s.learner, &run->params, err);
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  MarlConfig *config = NULL;
  MarlRunFolder folder = {.log = NULL};
  MarlLatticeRun society = {.folder = &folder, .comm = comm};
  MARL_TRY(marl_run_config(arguments, path, comm, &config, err));
  MarlCode code = marl_comm_agree(comm, read_run(config, &society, err), err);
  const MarlRunStart start = {marl_run_request(arguments), config, path, society.seed, changeable};
  if (code == MARL_OK) code = marl_lattice_run_init(&society, err);
  if (code == MARL_OK) code = marl_run_folder_begin(&start, comm, &folder, err);
  if (code == MARL_OK && folder.resumed) code = marl_lattice_run_resume(&society, err);
  if (code == MARL_OK) code = marl_run_folder_accept(&start, comm, &folder, err);
  if (code == MARL_OK) {
    marl_interrupt_listen();
    code = perform(&society, err);
  }
  marl_lattice_run_clear(&society);
  marl_run_folder_end(&folder, code, err);
  marl_config_destroy(&config);
  return code;
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlLatticeRun run = {.comm = comm};
  MARL_TRY(read_run(config, &run, err));
  return marl_lattice_check(&run.params, err);
}

static const MarlFlag *const flags[] = {&marl_flag_set,
                                        &marl_flag_out,
                                        &marl_flag_resume,
                                        &marl_flag_continue,
                                        &marl_flag_quiet,
                                        &marl_flag_ranks,
                                        NULL};

const MarlCommand marl_command_lattice = {
    .name = "lattice",
    .usage = "CONFIG | --resume DIR",
    .summary = "Run one large society on a lattice over all ranks",
    .details =
        "Tabular Q-learners with fines, or imitation, on env.side x env.side sites, rows dealt to\n"
        "the ranks. Writes series.csv, a row for env.steps steps, and pattern.h5 to DIR. The same\n"
        "seed gives the same files on any number of ranks. `marl compare` runs many small ones.\n"
        "A signal (SIGTERM, SIGINT, SIGUSR1, SIGXCPU, SIGHUP) writes a checkpoint and ends the\n"
        "program with code 75. --resume DIR goes on after that or after a kill, on any number of "
        "ranks, and gives the\n"
        "same files; a run that has ended is prolonged by\n"
        "  marl lattice --resume DIR --set env.cycles=MORE",
    .min_positional = 0,
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = claim,
    .check = check,
    .changeable = changeable,
    .marker = "lattice",
};
