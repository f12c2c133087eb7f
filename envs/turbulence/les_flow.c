#include "envs/turbulence/les_flow.h"

#include <math.h>
#include <stdlib.h>

#include "envs/turbulence/closures.h"
#include "physics/spectrum.h"

void marl_les_flow_end(MarlLesFlow *les) {
  marl_solver_destroy(&les->solver);
  if (les->closure != NULL) les->closure->ops->destroy(les->closure);
  marl_fft_free(les->w);
  marl_fft_free(les->pi_hat);
  marl_fft_free(les->stress);
  free(les->spectrum);
}

MarlCode marl_les_flow_begin(const MarlLesPlan *plan, const MarlLesJob *job, int number,
                             MarlLesFlow *les, MarlError *err) {
  *les = (MarlLesFlow){.plan = plan, .number = number};
  MarlSolverParams params;
  MARL_TRY(marl_les_params(plan->reference, plan->n, plan->dt, plan->dealias, &params, err));
  params.advection = plan->advection;
  params.key = marl_key_fold(plan->key, (uint64_t)job->sample);
  MARL_TRY(marl_solver_create(&params, MPI_COMM_SELF, &les->solver, err));
  const MarlGrid *grid = marl_solver_grid(les->solver);
  les->w = marl_fft_alloc_physical(grid);
  les->pi_hat = marl_fft_alloc_spectral(grid);
  les->stress = marl_fft_alloc_spectral(grid);
  les->spectrum = calloc((size_t)plan->n, sizeof *les->spectrum);
  if (les->w == NULL || les->pi_hat == NULL || les->stress == NULL || les->spectrum == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for an LES of %d x %d", plan->n, plan->n);
  les->energy = les->spectrum + plan->n / 2;
  MARL_TRY(job->closure->create(grid, job->options, &les->closure, err));
  marl_solver_set_closure(les->solver, les->closure);
  MARL_TRY(marl_reference_initial(plan->reference, plan->n, job->sample, les->w, err));
  MARL_TRY(marl_solver_set_vorticity(les->solver, les->w, err));
  return marl_solver_check_dt(les->solver, err);
}

static MarlLesRemarks remarks(const MarlLesFlow *les) {
  int steps = 0;
  MarlLesRemarks out = {.alone = marl_flow_batch_alone(les->solver),
                        .hold_training = marl_closure_trained_hold(les->closure, &steps)};
  out.hold = steps * les->plan->dt;
  if (out.hold_training == 0 || fabs(out.hold - out.hold_training) < 1e-9 * out.hold)
    out.hold = out.hold_training = 0;
  return out;
}

MarlCode marl_les_check(const MarlLesPlan *plan, const MarlLesJob *job, MarlLesRemarks *out,
                        MarlError *err) {
  MarlLesFlow les;
  const MarlCode code = marl_les_flow_begin(plan, job, 0, &les, err);
  *out = code == MARL_OK ? remarks(&les) : (MarlLesRemarks){.alone = NULL};
  marl_les_flow_end(&les);
  return code;
}

/* PI_hat of what the closure gives now (closure.h has the forms). */
static MarlCode subgrid_term(MarlLesFlow *les, MarlError *err) {
  const MarlSubgrid *sub = NULL;
  MARL_TRY(marl_solver_subgrid(les->solver, &sub, err));
  const MarlGrid *grid = marl_solver_grid(les->solver);
  const MarlComplex *w_hat = marl_solver_w_hat(les->solver);
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      const double edge = grid->edge_x[i] + grid->edge_y[j], rim = grid->rim_x[i] + grid->rim_y[j];
      les->pi_hat[at] = marl_damping_rate(sub->uniform, grid->k2[at], edge, rim) * w_hat[at];
      if (sub->has_tendency) les->pi_hat[at] -= sub->tendency[at];
    }
  for (int t = 0; t < 2 && sub->has_stress; ++t) {
    marl_fft_forward(marl_solver_fft(les->solver), t == 0 ? sub->tau11 : sub->tau12, les->stress);
    for (int i = 0; i < grid->nk_local; ++i)
      for (int j = 0; j < grid->ny; ++j) {
        const double kx = grid->kx[i], ky = grid->ky[j];
        const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
        les->pi_hat[at] += (t == 0 ? 2 * kx * ky : ky * ky - kx * kx) * les->stress[at];
      }
  }
  return MARL_OK;
}

/* <psi PI> and <w PI>: sums over modes, those of kx > 0 twice. */
static void subgrid_flux(const MarlLesFlow *les, double *energy, double *enstrophy) {
  const MarlGrid *grid = marl_solver_grid(les->solver);
  const MarlComplex *w_hat = marl_solver_w_hat(les->solver);
  *energy = *enstrophy = 0;
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      const double product = (grid->kx[i] > 0 ? 2 : 1) * creal(conj(w_hat[at]) * les->pi_hat[at]);
      *enstrophy += product;
      if (grid->k2[at] > 0) *energy += product / grid->k2[at];
    }
}

MarlCode marl_les_flow_sample(MarlLesFlow *les, double *block, double *largest, MarlError *err) {
  const MarlLesPlan *plan = les->plan;
  MarlScoreSample s = {.spectrum = les->spectrum};
  MARL_TRY(subgrid_term(les, err));
  subgrid_flux(les, &s.energy_flux, &s.enstrophy_flux);
  const MarlFlow *flow = marl_solver_flow(les->solver, MARL_NEED_VORTICITY);
  marl_spectrum_enstrophy_energy(flow->grid, flow->w_hat, les->spectrum, les->energy);
  s.energy = les->energy[0];
  for (int k = 1; k < plan->n / 2; ++k) s.energy += 2 * les->energy[k];
  s.vorticity = flow->w;
  marl_score_block_add(plan->target, &s, block);
  for (size_t i = 0; i < flow->grid->num_physical; ++i) *largest = fmax(*largest, fabs(flow->w[i]));
  return MARL_OK;
}
