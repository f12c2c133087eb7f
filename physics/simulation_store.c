#include "marl/core/comm.h"
#include "marl/run/saving.h"
#include "physics/simulation.h"

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

MarlCode marl_simulation_save(MarlSimulation *simulation, MarlStore *to, MarlError *err) {
  MarlStore *group;
  MARL_TRY(part(to, "solver", true, simulation->base.comm, &group, err));
  MarlCode code = marl_solver_save(simulation->solver, group, err);
  if (group != NULL) marl_store_close(&group);
  MARL_TRY(code);
  if (simulation->closure->ops->save != NULL) {
    MARL_TRY(part(to, "closure", true, simulation->base.comm, &group, err));
    if (group != NULL) {
      code = simulation->closure->ops->save(simulation->closure, group, err);
      marl_store_close(&group);
    }
    MARL_TRY(marl_comm_agree(simulation->base.comm, code, err));
  }
  if (simulation->statistics != NULL) {
    MARL_TRY(part(to, "statistics", true, simulation->base.comm, &group, err));
    if (group != NULL) {
      code = marl_statistics_save(simulation->statistics, group, err);
      marl_store_close(&group);
    }
    MARL_TRY(marl_comm_agree(simulation->base.comm, code, err));
  }
  return marl_flow_series_save(&simulation->series, to, err);
}

static MarlCode load_own_closure(void *state, MarlStore *from, MarlError *err) {
  MarlClosure *closure = state;
  return closure->ops->load(closure, from, err);
}

/* A closure's state is the same on every rank. */
static MarlCode load_closure(const MarlSimulation *simulation, MarlStore *from, MarlError *err) {
  MarlStore *group;
  MARL_TRY(part(from, "closure", false, simulation->base.comm, &group, err));
  const MarlCode code = marl_run_checkpoint_each(group, simulation->base.comm, load_own_closure,
                                                 simulation->closure, err);
  if (group != NULL) marl_store_close(&group);
  return code;
}

MarlCode marl_simulation_load(MarlSimulation *simulation, MarlStore *from, MarlError *err) {
  MarlStore *group;
  MARL_TRY(part(from, "solver", false, simulation->base.comm, &group, err));
  MarlCode code = marl_solver_load(simulation->solver, group, err);
  if (group != NULL) marl_store_close(&group);
  MARL_TRY(code);
  if (simulation->closure->ops->load != NULL) MARL_TRY(load_closure(simulation, from, err));
  if (simulation->statistics != NULL) {
    MARL_TRY(part(from, "statistics", false, simulation->base.comm, &group, err));
    code = marl_statistics_load(simulation->statistics, group, err);
    if (group != NULL) marl_store_close(&group);
    MARL_TRY(code);
  }
  return marl_flow_series_load(&simulation->series, from, err);
}
