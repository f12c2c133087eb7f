#include "physics/budget.h"

#include <math.h>
#include <string.h>

#include "physics/forcing.h"
#include "physics/in_turn.h"

enum { NUM_TERMS = sizeof(MarlBudget) / sizeof(double) };

MarlCode marl_budget_meter_init(MarlBudgetMeter *meter, const MarlGrid *grid, MarlError *err) {
  meter->forcing = marl_fft_alloc_spectral(grid);
  meter->tendency = marl_fft_alloc_spectral(grid);
  meter->stress = marl_fft_alloc_spectral(grid);
  if (meter->forcing != NULL && meter->tendency != NULL && meter->stress != NULL) return MARL_OK;
  marl_budget_meter_clear(meter);
  return MARL_FAIL(err, MARL_EMEMORY, "no memory for the budget of a %d x %d flow", grid->nx,
                   grid->ny);
}

void marl_budget_meter_clear(MarlBudgetMeter *meter) {
  marl_fft_free(meter->forcing);
  marl_fft_free(meter->tendency);
  marl_fft_free(meter->stress);
  *meter = (MarlBudgetMeter){.forcing = NULL};
}

/* -PI_hat = -(2 kx ky tau11^ + (ky^2 - kx^2) tau12^), one of the two stresses at a time */
static void add_stress(MarlBudgetMeter *meter, const MarlGrid *grid, MarlFft *fft,
                       const double *stress, bool diagonal) {
  marl_fft_forward(fft, stress, meter->stress);
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      const double kx = grid->kx[i], ky = grid->ky[j];
      const double factor = diagonal ? 2.0 * kx * ky : ky * ky - kx * kx;
      meter->tendency[at] -= factor * meter->stress[at];
    }
}

/* What the closure adds, but for its uniform coefficients. */
static void gather_tendency(MarlBudgetMeter *meter, MarlSolver *solver,
                            const MarlSubgrid *subgrid) {
  const MarlGrid *grid = marl_solver_grid(solver);
  if (subgrid->has_tendency)
    memcpy(meter->tendency, subgrid->tendency, grid->num_spectral * sizeof *meter->tendency);
  else
    memset(meter->tendency, 0, grid->num_spectral * sizeof *meter->tendency);
  if (!subgrid->has_stress) return;
  add_stress(meter, grid, marl_solver_fft(solver), subgrid->tau11, true);
  add_stress(meter, grid, marl_solver_fft(solver), subgrid->tau12, false);
}

/* Mean work of white noise: every mode gets the same share of the energy. */
static void add_noise(const MarlForcing *forcing, const MarlGrid *grid, MarlBudget *budget) {
  double sums[2] = {0.0, 0.0};
  marl_in_turn_begin(grid->comm, 2, sums);
  for (size_t at = 0; at < grid->num_spectral; ++at) {
    if (!marl_forcing_in_noise(forcing, grid->k2[at])) continue;
    const int column = grid->k0 + (int)(at / (size_t)grid->ny);
    const double weight = column == 0 ? 1.0 : 2.0;
    sums[0] += weight;
    sums[1] += weight * grid->k2[at];
  }
  marl_in_turn_end(grid->comm, 2, sums);
  budget->energy.forcing += forcing->injection;
  budget->enstrophy.forcing += forcing->injection * sums[1] / sums[0];
}

/* Rates of the enstrophy of one mode, with the weight of its mirror mode. */
static MarlBudgetTerms mode_terms(const MarlSolverParams *params, MarlDamping damping, double k2,
                                  double edge, double rim, MarlComplex w, MarlComplex forcing,
                                  MarlComplex tendency, double weight) {
  const double square = weight * (creal(w) * creal(w) + cimag(w) * cimag(w));
  const double eddy = marl_damping_rate(damping, k2, edge, rim);
  return (MarlBudgetTerms){
      .total = 0.5 * square,
      .forcing = -weight * (creal(w) * creal(forcing) + cimag(w) * cimag(forcing)),
      .viscosity = -params->viscosity * k2 * square,
      .drag = -params->linear_drag * square,
      .subgrid = weight * (creal(w) * creal(tendency) + cimag(w) * cimag(tendency)) - eddy * square,
  };
}

static void add_terms(MarlBudgetTerms *sum, const MarlBudgetTerms *terms, double factor) {
  sum->total += factor * terms->total;
  sum->forcing += factor * terms->forcing;
  sum->viscosity += factor * terms->viscosity;
  sum->drag += factor * terms->drag;
  sum->subgrid += factor * terms->subgrid;
}

MarlCode marl_budget_measure(MarlBudgetMeter *meter, MarlSolver *solver, MarlBudget *out,
                             MarlError *err) {
  const MarlSolverParams *params = marl_solver_params(solver);
  const MarlGrid *grid = marl_solver_grid(solver);
  const MarlSubgrid *subgrid;
  MARL_TRY(marl_solver_subgrid(solver, &subgrid, err));
  const MarlDamping uniform = subgrid->uniform;
  gather_tendency(meter, solver, subgrid);
  memset(meter->forcing, 0, grid->num_spectral * sizeof *meter->forcing);
  for (int i = 0; i < grid->nk_local; ++i)
    marl_forcing_add(&params->forcing, grid, i, meter->forcing + (size_t)i * (size_t)grid->ny);

  *out = (MarlBudget){.energy = {.total = 0.0}};
  marl_in_turn_begin(grid->comm, NUM_TERMS, (double *)out);
  const MarlComplex *w_hat = marl_solver_w_hat(solver);
  for (int i = 0; i < grid->nk_local; ++i) {
    const int column = grid->k0 + i;
    const double weight = column == 0 || column == grid->nx / 2 ? 1.0 : 2.0;
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      const double k2 = grid->k2[at];
      if (!(k2 > 0.0)) continue;
      const MarlBudgetTerms terms = mode_terms(
          params, uniform, k2, grid->edge_x[i] + grid->edge_y[j], grid->rim_x[i] + grid->rim_y[j],
          w_hat[at], meter->forcing[at], meter->tendency[at], weight);
      add_terms(&out->enstrophy, &terms, 1.0);
      add_terms(&out->energy, &terms, 1.0 / k2);
    }
  }
  marl_in_turn_end(grid->comm, NUM_TERMS, (double *)out);
  if (marl_forcing_has_noise(&params->forcing)) add_noise(&params->forcing, grid, out);
  return MARL_OK;
}
