#include "cli/command.h"
#include "cli/run_request.h"
#include "envs/turbulence/closures.h"
#include "physics/simulation.h"

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  MarlSimulation simulation;
  marl_simulation_init(&simulation, &marl_kind_all_closures, comm);
  return marl_run_job(arguments, &simulation.base, err);
}

static MarlCode claim(MarlConfig *config, MarlError *err) {
  return marl_simulation_claim(config, &marl_kind_all_closures, err);
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlSimulation simulation;
  marl_simulation_init(&simulation, &marl_kind_all_closures, comm);
  return marl_job_check(&simulation.base, config, err);
}

static const char *const examples[] = {"flow.reynolds=20000", NULL};

static const MarlFlag *const flags[] = {&marl_flag_set,
                                        &marl_flag_out,
                                        &marl_flag_resume,
                                        &marl_flag_continue,
                                        &marl_flag_quiet,
                                        &marl_flag_ranks,
                                        NULL};

const MarlCommand marl_command_simulate = {
    .name = "simulate",
    .usage = "[CONFIG]",
    .summary = "Run a flow alone: DNS, or LES with any closure",
    .details =
        "Writes into DIR: series.h5 (energy, enstrophy and their budgets over time; series.csv "
        "while it\n"
        "runs), fields_*.h5\n"
        "(vorticity), statistics.h5 (spectra, probability density, fluxes), as section output "
        "asks.\n"
        "--resume DIR goes on after any interruption and gives the same files; a smaller time.dt "
        "is\n"
        "taken from where it stands.\n"
        "  marl simulate CONFIG --set closure.name=leith --set closure.coefficient=0.2",
    .min_positional = 0,
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = claim,
    .check = check,
    .changeable = marl_simulation_changeable,
    .examples = examples,
    .marker = "flow",
};
