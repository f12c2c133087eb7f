#include "envs/turbulence/training_flow.h"

#include <stdlib.h>

void marl_training_flow_destroy(MarlTrainingFlow **flow) {
  MarlTrainingFlow *made = *flow;
  if (made == NULL) return;
  marl_observer_destroy(&made->observer);
  marl_reward_destroy(&made->reward);
  marl_agent_closure_destroy(&made->closure);
  marl_solver_destroy(&made->solver);
  free(made->fields);
  free(made);
  *flow = NULL;
}

static MarlCode build(const MarlReference *reference, MarlTrainingFlow *made, MarlError *err) {
  const MarlTurbulenceParams *params = &made->params;
  MarlSolverParams les;
  MARL_TRY(marl_les_params(reference, params->n, params->dt, params->dealias, &les, err));
  les.advection = params->advection;
  made->sigma = reference->pdf.deviation;
  MARL_TRY(marl_training_fields(reference, params->n, &made->num_fields, &made->fields, err));
  MARL_TRY(marl_solver_create(&les, MPI_COMM_SELF, &made->solver, err));
  const MarlGrid *grid = marl_solver_grid(made->solver);
  MARL_TRY(marl_agent_closure_create(params, grid, &made->closure, err));
  marl_solver_set_closure(made->solver, &made->closure->base);
  MARL_TRY(marl_check_dt_of_fields(made->solver, made->num_fields, made->fields, err));
  MARL_TRY(marl_reward_create(params, reference, &made->reward, err));
  return marl_observer_create(params, grid, made->reward->target, &made->observer, err);
}

MarlCode marl_training_flow_create(const MarlTurbulenceParams *params, int flow,
                                   MarlTrainingFlow **out, MarlError *err) {
  MarlReference *reference = NULL;
  MarlTrainingFlow *made = calloc(1, sizeof *made);
  *out = NULL;
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a flow");
  made->params = marl_turbulence_flow(params, flow);
  MarlCode code = marl_reference_read(made->params.reference, &reference, err);
  if (code == MARL_OK) code = build(reference, made, err);
  made->params.reference = NULL;
  marl_reference_destroy(&reference);
  if (code == MARL_OK)
    *out = made;
  else
    marl_training_flow_destroy(&made);
  return code;
}
