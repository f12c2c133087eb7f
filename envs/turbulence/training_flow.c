#include "envs/turbulence/training_flow.h"

#include <stdlib.h>
#include <string.h>

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

static MarlCode read_fields(const MarlReference *reference, MarlTrainingFlow *made,
                            MarlError *err) {
  const int n = made->params.n;
  made->num_fields = marl_reference_num_training(reference, n);
  if (made->num_fields == 0)
    return MARL_FAIL(err, MARL_ECONFIG, "%s has no training fields of %d x %d", reference->path, n,
                     n);
  made->fields = malloc((size_t)made->num_fields * (size_t)n * (size_t)n * sizeof *made->fields);
  if (made->fields == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %d initial fields", made->num_fields);
  return marl_reference_training(reference, n, made->fields, err);
}

/* Can every episode begin? A step that is too long would blow all of them up and say nothing else. */
static MarlCode check_dt(const MarlTrainingFlow *made, MarlError *err) {
  const MarlGrid *grid = marl_solver_grid(made->solver);
  double *w = marl_fft_alloc_physical(grid); /* a transform wants its own alignment */
  if (w == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for an initial field");
  MarlCode code = MARL_OK;
  for (int f = 0; f < made->num_fields && code == MARL_OK; ++f) {
    memcpy(w, made->fields + (size_t)f * grid->num_physical, grid->num_physical * sizeof *w);
    code = marl_solver_set_vorticity(made->solver, w, err);
    if (code == MARL_OK) code = marl_solver_check_dt(made->solver, err);
  }
  marl_fft_free(w);
  return code;
}

static MarlCode build(const MarlReference *reference, MarlTrainingFlow *made, MarlError *err) {
  const MarlTurbulenceParams *params = &made->params;
  MarlSolverParams les;
  MARL_TRY(marl_les_params(reference, params->n, params->dt, params->dealias, &les, err));
  les.advection = params->advection;
  made->sigma = reference->pdf.deviation;
  MARL_TRY(read_fields(reference, made, err));
  MARL_TRY(marl_solver_create(&les, MPI_COMM_SELF, &made->solver, err));
  const MarlGrid *grid = marl_solver_grid(made->solver);
  MARL_TRY(marl_agent_closure_create(params, grid, &made->closure, err));
  marl_solver_set_closure(made->solver, &made->closure->base);
  MARL_TRY(check_dt(made, err));
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
