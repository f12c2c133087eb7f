#include <mpi.h>
#include <stdio.h>

#include "envs/binding/internal.h"
#include "envs/env_table.h"
#include "marl/learn/trainer_job.h"
#include "marl/run/interrupt.h"
#include "marl/run/record.h"

/* Base first. */
typedef struct Watch {
  MarlTrainerWatch base;
  const MarlBindingWatch *caller;
} Watch;

static void progress(MarlTrainerWatch *watch, const MarlTrainerProgress *p) {
  const MarlBindingWatch *caller = ((Watch *)watch)->caller;
  if (caller != NULL && caller->progress != NULL)
    caller->progress(p->update, p->num_updates, p->count, p->names, p->values);
}

static bool stop(MarlTrainerWatch *watch) {
  const MarlBindingWatch *caller = ((Watch *)watch)->caller;
  return marl_interrupt_requested() ||
         (caller != NULL && caller->stop != NULL && caller->stop() != 0);
}

int marl_binding_train(const char *file, const char *shipped, size_t count,
                       const MarlBindingSetting *settings, const char *out, const char *resume,
                       int ranks, int argc, char *const *argv, const MarlBindingWatch *watch,
                       char *message) {
  MarlError err;
  MarlConfig *config = NULL;
  MarlTrainerJob job;
  char path[MARL_MAX_PATH];
  MarlCode code = MARL_OK;
  Watch own = {{progress, NULL, stop}, watch};
  const MarlRunRequest request = {.command = "train",
                                  .out = out,
                                  .resume = out == NULL ? resume : NULL,
                                  .quiet = true,
                                  .argc = argc,
                                  .argv = argv};
  if (ranks != 1 && ranks != marl_binding_ranks())
    code = MARL_FAIL(&err, MARL_EARG,
                     "ranks = %d, and this process is one of %d: start Python with mpirun -n %d",
                     ranks, marl_binding_ranks(), ranks);
  if (code == MARL_OK && request.resume != NULL && file == NULL) {
    code = marl_run_record_path(resume, "config.yaml", path, &err);
    file = path;
  }
  if (code == MARL_OK) code = marl_binding_configure(file, shipped, count, settings, &config, &err);
  if (code == MARL_OK) {
    marl_trainer_job_init(&job, marl_env_table, ranks == 1 ? MPI_COMM_SELF : marl_binding_world());
    job.watch = &own.base;
    code = marl_job_run(&job.base, config, NULL, &request, &err);
    marl_config_destroy(&config);
  }
  return marl_binding_answer(code, &err, message);
}
