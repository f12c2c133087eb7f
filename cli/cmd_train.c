#include <stdio.h>

#include "cli/command.h"
#include "cli/run_request.h"
#include "envs/env_table.h"
#include "marl/core/comm.h"
#include "marl/learn/trainer_job.h"

static const MarlFlag *const flags[] = {&marl_flag_set,
                                        &marl_flag_out,
                                        &marl_flag_resume,
                                        &marl_flag_continue,
                                        &marl_flag_quiet,
                                        &marl_flag_ranks,
                                        NULL};

/* What scripts take: the folder, once all is done. */
static MarlCode finish(MarlJob *job, bool whole, MarlError *err) {
  MARL_TRY(marl_trainer_job.finish(job, whole, err));
  if (whole && marl_comm_rank(job->comm) == 0) printf("%s\n", job->folder->path);
  return MARL_OK;
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  MarlTrainerJob job;
  MarlJobOps ops = marl_trainer_job;
  marl_trainer_job_init(&job, marl_env_table, comm);
  ops.finish = finish;
  job.base.ops = &ops;
  return marl_run_job(arguments, &job.base, err);
}

static MarlCode claim(MarlConfig *config, MarlError *err) {
  MarlTrainerSections sections;
  return marl_trainer_claim(config, marl_env_table, &sections, err);
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlTrainerJob job;
  marl_trainer_job_init(&job, marl_env_table, comm);
  return marl_job_check(&job.base, config, err);
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
    .changeable = marl_trainer_changeable,
    .examples = examples,
    .most_ranks = "run.shards",
    .marker = "learner",
};
