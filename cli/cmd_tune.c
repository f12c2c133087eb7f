#include "cli/command.h"
#include "cli/run_request.h"
#include "cli/tune_job.h"

static const MarlFlag *const flags[] = {&marl_flag_set,
                                        &marl_flag_out,
                                        &marl_flag_resume,
                                        &marl_flag_continue,
                                        &marl_flag_quiet,
                                        &marl_flag_ranks,
                                        NULL};

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  MarlTuneJob job;
  marl_tune_job_init(&job, comm);
  return marl_run_job(arguments, &job.base, err);
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlTuneJob job;
  marl_tune_job_init(&job, comm);
  return marl_job_check(&job.base, config, err);
}

const MarlCommand marl_command_tune = {
    .name = "tune",
    .usage = "CONFIG | --resume DIR",
    .summary = "Find the best constants of a closure",
    .details =
        "Searches tune.parameters of tune.closure on the reference's training fields (Brent or a\n"
        "grid for one, CMA-ES for more), shows every candidate's objective, e_trunc + kl_weight\n"
        "KL_trunc, with its standard error and which ones sampling noise cannot tell from the "
        "best.\n"
        "The search is repeated tune.repeats times; all results are then judged on held-out fields "
        "over\n"
        "tune.judge_time, grid and step as section `evaluate` says, and their spread is shown. "
        "This is\n"
        "the control that a learned closure has to beat. Files go to --out, or "
        "runs/<name>-<seed>:\n"
        "tune.csv with every candidate, scores.csv. --resume DIR goes on after any interruption, "
        "also\n"
        "with a larger tune.repeats, and gives the same files.",
    .min_positional = 0,
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = marl_tune_claim,
    .check = check,
    .changeable = marl_tune_changeable,
    .marker = "tune",
};
