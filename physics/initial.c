#include "physics/initial.h"

#include "marl/core/comm.h"

static MarlCode apply_formula(const MarlInitial *in, MarlSolver *solver, MarlError *err) {
  const MarlGrid *g = marl_solver_grid(solver);
  double *w = marl_fft_alloc_physical(g);
  MarlCode code = w != NULL ? MARL_OK : MARL_FAIL(err, MARL_EMEMORY, "no memory for a field");
  code = marl_comm_agree(g->comm, code, err);
  if (code == MARL_OK) {
    for (int j = 0; j < g->ny_local; ++j)
      for (int i = 0; i < g->nx; ++i)
        w[(size_t)j * (size_t)g->nx + (size_t)i] =
            in->ops->vorticity(in, g, i * g->lx / g->nx, (g->y0 + j) * g->ly / g->ny);
    code = marl_solver_set_vorticity(solver, w, err);
  }
  marl_fft_free(w);
  return code;
}

static MarlCode apply_spectral(const MarlInitial *in, MarlSolver *solver, MarlError *err) {
  const MarlGrid *g = marl_solver_grid(solver);
  MarlComplex *w_hat = marl_fft_alloc_spectral(g);
  MarlCode code = w_hat != NULL ? MARL_OK : MARL_FAIL(err, MARL_EMEMORY, "no memory for a field");
  code = marl_comm_agree(g->comm, code, err);
  if (code == MARL_OK) {
    if (in->ops->fill != NULL) in->ops->fill(in, g, w_hat);
    code = marl_solver_set_w_hat(solver, w_hat, err);
  }
  marl_fft_free(w_hat);
  return code;
}

MarlCode marl_initial_apply(const MarlInitial *in, MarlSolver *solver, MarlError *err) {
  if (in->ops->apply != NULL) return in->ops->apply(in, solver, err);
  return in->ops->vorticity != NULL ? apply_formula(in, solver, err)
                                    : apply_spectral(in, solver, err);
}
