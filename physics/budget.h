/* Energy and enstrophy budgets of a flow, term by term
 *
 *   dE/dt = -<psi f> + nu <psi lap w> - 2 mu E - <psi PI>,   E = <psi w>/2 = <u^2 + v^2>/2
 *   dZ/dt = -<w f>   + nu <w lap w>   - 2 mu Z - <w PI>,     Z = <w^2>/2
 *
 * Advection and beta do no work. The terms are rates of change: negative when they take. A
 * stochastic ring forcing enters with its mean work (injection, and the same times the mean k^2 of
 * the ring): between kicks it does none. */
#ifndef MARL_PHYSICS_BUDGET_H
#define MARL_PHYSICS_BUDGET_H

#include "physics/solver.h"

/* Each of energy [L^2/T^2 and L^2/T^3] and enstrophy [1/T^2 and 1/T^3]. */
typedef struct MarlBudgetTerms {
  double total; /* E or Z */
  double forcing, viscosity, drag, subgrid;
} MarlBudgetTerms;

typedef struct MarlBudget {
  MarlBudgetTerms energy, enstrophy;
} MarlBudget;

/* Scratch for a grid, so that measuring allocates nothing. */
typedef struct MarlBudgetMeter {
  MarlComplex *forcing;  /* [nk_local, ny] f_hat, owned */
  MarlComplex *tendency; /* [nk_local, ny] -PI_hat, owned */
  MarlComplex *stress;   /* [nk_local, ny], owned */
} MarlBudgetMeter;

MarlCode marl_budget_meter_init(MarlBudgetMeter *meter, const MarlGrid *grid,
                                MarlError *err) MARL_NODISCARD;
void marl_budget_meter_clear(MarlBudgetMeter *meter);

/* Budget of the solver's current flow. Collective. */
MarlCode marl_budget_measure(MarlBudgetMeter *meter, MarlSolver *solver, MarlBudget *out,
                             MarlError *err) MARL_NODISCARD;

#endif
