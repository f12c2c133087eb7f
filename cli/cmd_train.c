#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/run_request.h"
#include "envs/env_table.h"
#include "marl/core/comm.h"
#include "marl/learn/trainer.h"
#include "marl/run/folder.h"
#include "marl/run/interrupt.h"

enum { MAX_FIGURES = 160, SHOWN_FIGURES = 4 };

static const MarlFlag *const flags[] = {&marl_flag_set,
                                        &marl_flag_out,
                                        &marl_flag_resume,
                                        &marl_flag_continue,
                                        &marl_flag_quiet,
                                        &marl_flag_ranks,
                                        NULL};

static const char *const changeable[] = {"run.updates", "run.checkpoint_every",
                                         "run.checkpoint_minutes", "run.keep", NULL};

/* Base first: what the trainer tells goes to the log of the run folder. */
typedef struct Watch {
  MarlTrainerWatch base;
  const MarlRunFolder *folder;
} Watch;

static MarlLog *log_of(MarlTrainerWatch *watch) {
  return ((Watch *)watch)->folder->log;
}

/* Returns first, then the environment's own figures, whose first is the one that it is about (of
 * a closure its error), then all others; what is not known yet is left out. */
static bool is_of_rank(const char *name, int rank) {
  const bool is_return = strncmp(name, "return_", 7) == 0, is_env = strncmp(name, "env/", 4) == 0;
  return rank == 0 ? is_return : (rank == 1 ? is_env : !is_return && !is_env);
}

static void show_progress(MarlTrainerWatch *watch, const MarlTrainerProgress *p) {
  char shown[MAX_FIGURES] = "";
  size_t used = 0;
  for (int rank = 0, count = 0; rank < 3; ++rank)
    for (int i = 0; i < p->count && count < SHOWN_FIGURES && used < sizeof shown; ++i) {
      if (isnan(p->values[i]) || !is_of_rank(p->names[i], rank)) continue;
      used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%s %.4g",
                               count > 0 ? "  " : "", p->names[i], p->values[i]);
      ++count;
    }
  marl_log_progress(log_of(watch), "training", (double)p->update, (double)p->num_updates, "%s",
                    shown);
}

static void show_note(MarlTrainerWatch *watch, const char *sentence) {
  marl_log_note(log_of(watch), "%s", sentence);
}

static bool should_stop(MarlTrainerWatch *watch) {
  (void)watch;
  return marl_interrupt_requested();
}

static MarlCode may_write(MarlTrainerWatch *watch, MarlError *err) {
  return marl_run_folder_check(((Watch *)watch)->folder, err);
}

static MarlCode train(MarlTrainer *trainer, const MarlRunStart *start, MarlRunFolder *folder,
                      MPI_Comm comm, MarlError *err) {
  Watch watch = {{show_progress, show_note, should_stop, may_write}, folder};
  char where[64];
  if (folder->resumed) MARL_TRY(marl_trainer_resume(trainer, &watch.base, err));
  MARL_TRY(marl_run_folder_accept(start, comm, folder, err));
  marl_interrupt_listen();
  MARL_TRY(marl_trainer_run(trainer, &watch.base, err));
  marl_log_progress_end(folder->log);
  if (marl_trainer_finished(trainer)) {
    marl_log_note(folder->log, "trained; the run is in %s", folder->path);
    return MARL_OK;
  }
  snprintf(where, sizeof where, "after update %lld", (long long)marl_trainer_updates(trainer));
  return marl_run_folder_stopped(folder, "train", where, err);
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  MarlConfig *config;
  MARL_TRY(marl_run_config(arguments, path, comm, &config, err));
  MarlTrainerSections sections;
  MarlRunFolder folder = {.log = NULL};
  MarlRunStart start = {marl_run_request(arguments), config, path, 0, changeable};
  MarlTrainer *trainer = NULL;
  MarlCode code = marl_trainer_claim(config, marl_env_table, &sections, err);
  if (code == MARL_OK) code = marl_config_finish(config, err);
  if (code == MARL_OK) {
    start.seed = marl_section_int64(sections.run, "seed");
    code = marl_run_folder_choose(&start, comm, &folder, err);
  }
  if (code == MARL_OK)
    code = marl_trainer_create(config, marl_env_table, folder.path, comm, &trainer, err);
  if (code == MARL_OK) code = marl_run_folder_open(&start, comm, &folder, err);
  if (code == MARL_OK) code = train(trainer, &start, &folder, comm, err);
  if (code == MARL_OK && marl_comm_rank(comm) == 0) printf("%s\n", folder.path);
  marl_trainer_destroy(&trainer);
  marl_run_folder_end(&folder, code, err);
  marl_config_destroy(&config);
  return code;
}

static MarlCode claim(MarlConfig *config, MarlError *err) {
  MarlTrainerSections sections;
  return marl_trainer_claim(config, marl_env_table, &sections, err);
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlTrainer *trainer = NULL;
  MARL_TRY(claim(config, err));
  MARL_TRY(marl_config_finish(config, err));
  const MarlCode code = marl_trainer_create(config, marl_env_table, NULL, comm, &trainer, err);
  marl_trainer_destroy(&trainer);
  return code;
}

static const char *const examples[] = {"env.name=lqr", NULL};

const MarlCommand marl_command_train = {
    .name = "train",
    .usage = "CONFIG | --resume DIR",
    .summary = "Train the agents of an environment",
    .details =
        "Without --out the run goes to runs/<name of CONFIG>-<seed>; a folder that holds a run is\n"
        "never overwritten. The folder's name is printed at the end. A signal (SIGTERM, SIGINT,\n"
        "SIGUSR1, SIGXCPU, SIGHUP) writes a checkpoint and ends the program with code 75; "
        "--resume\n"
        "DIR continues it, bit for bit as if it had never stopped, on any number of ranks. A job\n"
        "that is requeued says --out DIR --continue: begin, or go on, whichever is due. The same\n"
        "configuration and seed give the same bits with mpirun -n K or -n K as on one rank.",
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = claim,
    .check = check,
    .changeable = changeable,
    .examples = examples,
    .marker = "learner",
};
