/* One large society on a lattice, its rows dealt to all ranks. */
#include "cli/command.h"
#include "cli/run_request.h"
#include "envs/lattice/lattice_job.h"

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  MarlLatticeJob job;
  marl_lattice_job_init(&job, comm);
  return marl_run_job(arguments, &job.base, err);
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlLatticeJob job;
  marl_lattice_job_init(&job, comm);
  return marl_job_check(&job.base, config, err);
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
    .claim = marl_lattice_claim,
    .check = check,
    .changeable = marl_lattice_changeable,
    .marker = "lattice",
};
