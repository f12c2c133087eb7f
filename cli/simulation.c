#include "cli/simulation.h"

#include <math.h>
#include <stdlib.h>

#include "cli/flow_fields.h"
#include "cli/flow_setup.h"
#include "marl/core/comm.h"
#include "marl/run/saving.h"
#include "physics/flow_config.h"
#include "physics/timeline.h"

static const MarlOption output_options[] = {
    {.key = "fields_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .unit = "T",
     .help = "time between two vorticity fields; 0: none"},
    {.key = "series_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "0.1",
     .min = 0,
     .max = 1e9,
     .unit = "T",
     .help = "time between two rows of energy, enstrophy and their budgets; 0: none"},
    {.key = "statistics_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .unit = "T",
     .help = "time between two samples of the statistics, after time.spinup; 0: none"},
    {.key = "checkpoint_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "10",
     .min = 0,
     .max = 1e9,
     .unit = "T",
     .help = "time between two checkpoints; 0: at the end only"},
    {.key = "checkpoint_minutes",
     .kind = MARL_OPTION_REAL,
     .fallback = "30",
     .min = 0,
     .max = 1e6,
     .unit = "min",
     .help = "checkpoints by the clock, beside those by time of the flow; 0: none"},
};
static const MarlOptionTable output_table = {output_options,
                                             sizeof output_options / sizeof output_options[0]};

static MarlCode claim_output(MarlConfig *config, const MarlSection **section, MarlError *err) {
  const MarlOptionTable tables[] = {output_table, marl_flow_fields_options};
  return marl_config_section(config, "output", tables, 2, section, err);
}

MarlCode marl_simulation_claim(MarlConfig *config, MarlError *err) {
  uint64_t seed;
  const MarlClosureOps *closure;
  const MarlSection *section;
  MARL_TRY(marl_setup_seed(config, &seed, err));
  MARL_TRY(marl_flow_claim(config, err));
  MARL_TRY(marl_setup_closure(config, &closure, &section, err));
  MARL_TRY(
      marl_config_section(config, "statistics", &marl_flow_statistics_options, 1, &section, err));
  return claim_output(config, &section, err);
}

MarlCode marl_simulation_plan(MarlConfig *config, MarlSimulationPlan *plan, MarlError *err) {
  const MarlSection *time, *output;
  *plan = (MarlSimulationPlan){.seed = 0};
  MARL_TRY(marl_simulation_claim(config, err));
  MARL_TRY(marl_setup_seed(config, &plan->seed, err));
  MARL_TRY(marl_flow_params_from_config(config, plan->seed, &plan->flow, err));
  MARL_TRY(marl_initial_from_config(config, plan->seed, &plan->initial, err));
  MARL_TRY(marl_setup_closure(config, &plan->closure, &plan->closure_options, err));
  MARL_TRY(marl_flow_section(config, "time", &time, err));
  MARL_TRY(claim_output(config, &output, err));
  plan->spinup = marl_section_real(time, "spinup");
  plan->end = marl_section_real(time, "end");
  MARL_TRY(marl_flow_fields_choice(output, &plan->fields, err));
  plan->fields_every = marl_section_real(output, "fields_every");
  plan->series_every = marl_section_real(output, "series_every");
  plan->statistics_every = marl_section_real(output, "statistics_every");
  plan->checkpoint_every = marl_section_real(output, "checkpoint_every");
  plan->checkpoint_minutes = marl_section_real(output, "checkpoint_minutes");
  if (plan->statistics_every > 0.0)
    MARL_TRY(marl_setup_statistics(config, plan->flow.nx, plan->statistics_every, &plan->statistics,
                                   err));
  MARL_TRY(marl_config_finish(config, err));
  if (plan->statistics_every > 0.0 && marl_timeline_count(plan->end, plan->statistics_every) <=
                                          marl_timeline_count(plan->spinup, plan->statistics_every))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "output.statistics_every = %g asks for statistics, but none fall between "
                     "time.spinup = %g and time.end = %g: lengthen the run or shorten its spin-up",
                     plan->statistics_every, plan->spinup, plan->end);
  return MARL_OK;
}

MarlCode marl_simulation_init(MarlSimulation *simulation, const MarlSimulationPlan *plan,
                              MPI_Comm comm, MarlError *err) {
  *simulation = (MarlSimulation){.plan = plan, .comm = comm};
  MARL_TRY(marl_solver_create(&plan->flow, comm, &simulation->solver, err));
  const MarlGrid *grid = marl_solver_grid(simulation->solver);
  MARL_TRY(marl_comm_agree(
      comm, plan->closure->create(grid, plan->closure_options, &simulation->closure, err), err));
  marl_solver_set_closure(simulation->solver, simulation->closure);
  if (plan->statistics_every > 0.0)
    MARL_TRY(marl_statistics_create(grid, &plan->statistics, &simulation->statistics, err));
  return marl_comm_agree(comm, marl_flow_series_init(&simulation->series, grid, err), err);
}

void marl_simulation_clear(MarlSimulation *simulation) {
  marl_flow_series_clear(&simulation->series);
  marl_statistics_destroy(&simulation->statistics);
  marl_solver_destroy(&simulation->solver);
  if (simulation->closure != NULL) simulation->closure->ops->destroy(simulation->closure);
}

MarlCode marl_simulation_start(MarlSimulation *simulation, const MarlRunFolder *folder,
                               MarlError *err) {
  MARL_TRY(marl_setup_start(&simulation->plan->initial, simulation->solver, folder->log, err));
  if (simulation->plan->series_every > 0.0)
    MARL_TRY(marl_flow_series_add(&simulation->series, simulation->solver, err));
  if (simulation->plan->fields_every > 0.0)
    MARL_TRY(marl_flow_fields_write(simulation->solver, simulation->plan->fields, folder, err));
  return MARL_OK;
}

bool marl_simulation_finished(const MarlSimulation *simulation) {
  // round-off of a sum of steps
  return marl_solver_time(simulation->solver) >=
         simulation->plan->end - 1e-6 * simulation->plan->flow.dt;
}

MarlCode marl_simulation_advance(MarlSimulation *simulation, const MarlRunFolder *folder,
                                 bool *checkpoint, MarlError *err) {
  const MarlSimulationPlan *plan = simulation->plan;
  MarlSolver *solver = simulation->solver;
  const double before = marl_solver_time(solver);
  double output = marl_timeline_next(before, plan->fields_every);
  output = fmin(output, marl_timeline_next(before, plan->series_every));
  output = fmin(output, marl_timeline_next(before, plan->statistics_every));
  const double pause = fmin(plan->end, marl_timeline_next(before, plan->checkpoint_every));
  const double until = fmin(fmin(output, pause), marl_timeline_stretch(solver));
  MARL_TRY(marl_solver_step_until(solver, until, output, err));
  const double now = marl_solver_time(solver);
  if (marl_timeline_due(before, now, plan->series_every))
    MARL_TRY(marl_flow_series_add(&simulation->series, solver, err));
  if (marl_timeline_due(before, now, plan->fields_every))
    MARL_TRY(marl_flow_fields_write(solver, plan->fields, folder, err));
  if (now > plan->spinup && marl_timeline_due(before, now, plan->statistics_every))
    MARL_TRY(marl_statistics_add(simulation->statistics, solver, err));
  *checkpoint = marl_timeline_due(before, now, plan->checkpoint_every);
  return MARL_OK;
}

/* One part of the state in a group of its own; group is NULL on other ranks than 0. */
static MarlCode part(MarlStore *store, const char *name, bool create, MPI_Comm comm,
                     MarlStore **group, MarlError *err) {
  MarlCode code = MARL_OK;
  *group = NULL;
  if (store != NULL)
    code = create ? marl_store_group_create(store, name, group, err)
                  : marl_store_group_open(store, name, group, err);
  return marl_comm_agree(comm, code, err);
}

MarlCode marl_simulation_save(const MarlSimulation *simulation, MarlStore *to, MarlError *err) {
  MarlStore *group;
  MARL_TRY(part(to, "solver", true, simulation->comm, &group, err));
  MarlCode code = marl_solver_save(simulation->solver, group, err);
  if (group != NULL) marl_store_close(&group);
  MARL_TRY(code);
  if (simulation->closure->ops->save != NULL) {
    MARL_TRY(part(to, "closure", true, simulation->comm, &group, err));
    if (group != NULL) {
      code = simulation->closure->ops->save(simulation->closure, group, err);
      marl_store_close(&group);
    }
    MARL_TRY(marl_comm_agree(simulation->comm, code, err));
  }
  if (simulation->statistics != NULL) {
    MARL_TRY(part(to, "statistics", true, simulation->comm, &group, err));
    if (group != NULL) {
      code = marl_statistics_save(simulation->statistics, group, err);
      marl_store_close(&group);
    }
    MARL_TRY(marl_comm_agree(simulation->comm, code, err));
  }
  if (to != NULL) code = marl_flow_series_save(&simulation->series, to, err);
  return marl_comm_agree(simulation->comm, code, err);
}

static MarlCode load_own_closure(void *state, MarlStore *from, MarlError *err) {
  MarlClosure *closure = state;
  return closure->ops->load(closure, from, err);
}

/* A closure's state is the same on every rank. */
static MarlCode load_closure(const MarlSimulation *simulation, MarlStore *from, MarlError *err) {
  MarlStore *group;
  MARL_TRY(part(from, "closure", false, simulation->comm, &group, err));
  const MarlCode code =
      marl_run_checkpoint_each(group, simulation->comm, load_own_closure, simulation->closure, err);
  if (group != NULL) marl_store_close(&group);
  return code;
}

MarlCode marl_simulation_load(MarlSimulation *simulation, MarlStore *from, MarlError *err) {
  MarlStore *group;
  MARL_TRY(part(from, "solver", false, simulation->comm, &group, err));
  MarlCode code = marl_solver_load(simulation->solver, group, err);
  if (group != NULL) marl_store_close(&group);
  MARL_TRY(code);
  if (simulation->closure->ops->load != NULL) MARL_TRY(load_closure(simulation, from, err));
  if (simulation->statistics != NULL) {
    MARL_TRY(part(from, "statistics", false, simulation->comm, &group, err));
    code = marl_statistics_load(simulation->statistics, group, err);
    if (group != NULL) marl_store_close(&group);
    MARL_TRY(code);
  }
  return marl_flow_series_load(&simulation->series, from, simulation->comm, err);
}
