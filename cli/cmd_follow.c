#include "cli/command.h"
#include "cli/follow_job.h"
#include "cli/run_request.h"

static const MarlFlag *const flags[] = {&marl_flag_set,
                                        &marl_flag_out,
                                        &marl_flag_resume,
                                        &marl_flag_continue,
                                        &marl_flag_quiet,
                                        &marl_flag_ranks,
                                        NULL};

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  MarlFollowJob job;
  marl_follow_job_init(&job, comm);
  return marl_run_job(arguments, &job.base, err);
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlFollowJob job;
  marl_follow_job_init(&job, comm);
  return marl_job_check(&job.base, config, err);
}

static const char *const examples[] = {"flow.reynolds=1000", NULL};

const MarlCommand marl_command_follow = {
    .name = "follow",
    .usage = "CONFIG | --resume DIR",
    .summary = "Judge closures on a flow that changes, against an ensemble of direct simulations",
    .details =
        "The flow of the configuration changes at the times of follow.changes: its forcing, drag,\n"
        "viscosity or beta. follow.members direct simulations go through all phases, and so does\n"
        "an LES of each closure from each of their fields at time 0, cut to its grid. The table\n"
        "has the distance of log enstrophy spectra, averaged over windows of time and over the\n"
        "members, in each phase and, with follow.strips, in each region of the box, with standard\n"
        "errors over members; its last row is what a perfect closure would score with so many\n"
        "members. Files go to --out, or runs/<name>-<seed>: phases.csv, windows.csv with every\n"
        "window, spectra.h5. A run that was interrupted goes on with --resume, and one with other\n"
        "closures or more members (--set follow.closures=LIST) takes the direct simulations that\n"
        "it has. The same numbers on any number of ranks.",
    .min_positional = 0,
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = marl_follow_claim,
    .check = check,
    .changeable = marl_follow_changeable,
    .examples = examples,
    .marker = "follow",
};
