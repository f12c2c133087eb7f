#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/flow_fields.h"
#include "cli/flow_setup.h"
#include "cli/run_request.h"
#include "cli/simulation.h"
#include "marl/core/comm.h"
#include "marl/run/interrupt.h"
#include "marl/run/saving.h"

static const char *const changeable[] = {"time.end",
                                         "time.dt",
                                         "output.series_every",
                                         "output.fields_every",
                                         "output.checkpoint_every",
                                         "output.checkpoint_minutes",
                                         NULL};

typedef MarlCode Fill(const MarlSimulation *simulation, MarlStore *to, MarlError *err);

static MarlCode fill_series(const MarlSimulation *simulation, MarlStore *to, MarlError *err) {
  return marl_flow_series_write(&simulation->series, to, err);
}

static MarlCode fill_statistics(const MarlSimulation *simulation, MarlStore *to, MarlError *err) {
  MARL_TRY(marl_statistics_write_root(simulation->statistics, to, err));
  return marl_statistics_write(simulation->statistics, to, err);
}

/* DIR/name with provenance, on rank 0. */
static MarlCode write_result(const MarlSimulation *simulation, Fill *fill, const char *name,
                             const MarlRunFolder *folder, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_run_folder_create(folder, name, &store, err));
  return marl_store_end_file(&store, fill(simulation, store, err), err);
}

static MarlCode write_results(const MarlSimulation *simulation, const MarlRunFolder *folder,
                              MarlError *err) {
  if (simulation->series.table.rows > 0)
    MARL_TRY(write_result(simulation, fill_series, "series.h5", folder, err));
  if (simulation->statistics != NULL && marl_statistics_count(simulation->statistics) > 0)
    MARL_TRY(write_result(simulation, fill_statistics, "statistics.h5", folder, err));
  return MARL_OK;
}

static MarlCode save(const MarlSimulation *simulation, const MarlRunFolder *folder,
                     MarlError *err) {
  const int64_t number = marl_solver_steps(simulation->solver);
  MarlStore *store;
  MARL_TRY(marl_run_checkpoint_begin(folder, number, simulation->comm, &store, err));
  MarlCode code = marl_simulation_save(simulation, store, err);
  MARL_TRY(marl_run_checkpoint_end(folder, number, MARL_KEPT_CHECKPOINTS, simulation->comm, &store,
                                   code, err));
  if (marl_comm_rank(simulation->comm) == 0) code = write_results(simulation, folder, err);
  return marl_comm_agree(simulation->comm, code, err);
}

static MarlCode load(void *state, MarlStore *from, MarlError *err) {
  return marl_simulation_load(state, from, err);
}

/* A flow that blew up: the rows so far and the field as it is, and the error as it was. The
 * checkpoints stay those of before, so that --resume can go on from there with another time.dt. */
static void keep_remains(MarlSimulation *simulation, const MarlRunFolder *folder) {
  MarlCode code = MARL_OK;
  if (marl_comm_rank(simulation->comm) == 0) {
    code = marl_run_folder_check(folder, NULL);
    if (code == MARL_OK) code = write_results(simulation, folder, NULL);
  }
  code = marl_comm_agree(simulation->comm, code, NULL);
  if (code == MARL_OK)
    code = marl_flow_fields_write(simulation->solver, simulation->plan->fields, folder, NULL);
  if (marl_comm_agree(simulation->comm, code, NULL) == MARL_OK)
    marl_log_note(folder->log, "the flow blew up; series.h5 and fields_%010lld.h5 hold what it was",
                  (long long)marl_solver_steps(simulation->solver));
}

static MarlCode follow(MarlSimulation *simulation, const MarlRunFolder *folder, MarlError *err) {
  const double end = simulation->plan->end;
  MarlRunClock clock = {.minutes = simulation->plan->checkpoint_minutes};
  while (!marl_simulation_finished(simulation)) {
    bool checkpoint;
    const MarlCode code = marl_simulation_advance(simulation, folder, &checkpoint, err);
    if (code == MARL_ENUMERIC) keep_remains(simulation, folder);
    MARL_TRY(code);
    const double now = marl_solver_time(simulation->solver);
    const bool stop = marl_run_interrupted(simulation->comm);
    if (marl_run_clock_due(&clock, simulation->comm) || stop || checkpoint ||
        marl_simulation_finished(simulation))
      MARL_TRY(save(simulation, folder, err));
    marl_log_progress(folder->log, "simulating", now, end, "time %.2f of %g, E %.4g, Z %.4g", now,
                      end, marl_flow_series_energy(&simulation->series),
                      marl_flow_series_enstrophy(&simulation->series));
    if (stop && !marl_simulation_finished(simulation)) {
      char where[64];
      snprintf(where, sizeof where, "at time %g", now);
      return marl_run_folder_stopped(folder, "simulate", where, err);
    }
  }
  marl_log_progress_end(folder->log);
  marl_setup_warn_of_bins(simulation->statistics, folder->log);
  marl_log_note(folder->log, "results are in %s", folder->path);
  return MARL_OK;
}

static MarlCode perform(MarlSimulation *simulation, const MarlRunStart *start,
                        const MarlRunFolder *folder, MarlError *err) {
  const MPI_Comm comm = simulation->comm;
  bool found = false;
  if (folder->resumed)
    MARL_TRY(marl_run_checkpoint_resume(folder, comm, load, simulation, &found, err));
  if (found) marl_setup_take_dt(simulation->solver, folder->log);
  MARL_TRY(marl_run_folder_accept(start, comm, folder, err));
  if (!found) {
    MARL_TRY(marl_simulation_start(simulation, folder, err));
    // a run that is killed before its first checkpoint can be resumed as well
    MARL_TRY(save(simulation, folder, err));
  }
  return follow(simulation, folder, err);
}

/* All that can be refused is built before the folder is made, the initial field of a new run too. */
static MarlCode build(MarlSimulation *simulation, const MarlSimulationPlan *plan,
                      const MarlRunFolder *folder, MPI_Comm comm, MarlError *err) {
  MARL_TRY(marl_simulation_init(simulation, plan, comm, err));
  if (folder->resumed) return MARL_OK;
  return marl_setup_start(&plan->initial, simulation->solver, NULL, err);
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  MarlConfig *config;
  MarlSimulationPlan plan;
  MarlSimulation simulation = {.solver = NULL};
  MarlRunFolder folder = {.log = NULL};
  MARL_TRY(marl_run_config(arguments, path, comm, &config, err));
  MarlCode code = marl_simulation_plan(config, &plan, err);
  const MarlRunStart start = {marl_run_request(arguments), config, path, (int64_t)plan.seed,
                              changeable};
  if (code == MARL_OK) code = marl_run_folder_choose(&start, comm, &folder, err);
  if (code == MARL_OK) code = build(&simulation, &plan, &folder, comm, err);
  if (code == MARL_OK) code = marl_run_folder_open(&start, comm, &folder, err);
  if (code == MARL_OK) {
    marl_interrupt_listen();
    code = perform(&simulation, &start, &folder, err);
  }
  marl_simulation_clear(&simulation);
  marl_run_folder_end(&folder, code, err);
  marl_config_destroy(&config);
  return code;
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlSimulationPlan plan;
  MarlSimulation simulation;
  MARL_TRY(marl_simulation_plan(config, &plan, err));
  if (!marl_setup_affordable(&plan.flow)) return MARL_OK;
  MarlCode code = marl_simulation_init(&simulation, &plan, comm, err);
  if (code == MARL_OK) code = marl_setup_start(&plan.initial, simulation.solver, NULL, err);
  marl_simulation_clear(&simulation);
  return code;
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
        "Writes into DIR: series.h5 (energy, enstrophy and their budgets over time), fields_*.h5\n"
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
    .claim = marl_simulation_claim,
    .check = check,
    .changeable = changeable,
    .examples = examples,
    .marker = "flow",
};
