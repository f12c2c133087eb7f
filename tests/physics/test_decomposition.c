/* ctest: label=verification ranks=1,2,4 */
#include "tests/physics/flow_fields.h"

/* The same flow on one rank (MPI_COMM_SELF) and on all: slabs only change the order of the two
 * passes' blocks, so 50 nonlinear steps differ by round-off that the flow has not yet amplified:
 * 50 steps of 16 eps log2(n^2) on a field of order 10. */
static void check_ranks_agree(MarlIntegrator integrator, MarlDealias dealias,
                              MarlAdvectionForm form, int nx, int ny) {
  MarlError err;
  MarlSolverParams p = marl_solver_defaults(nx);
  p.ny = ny;
  p.ly = p.lx * ny / nx;
  p.integrator = integrator;
  p.dealias = dealias;
  p.advection = form;
  p.beta = 2;
  p.dt = 2e-3;
  p.forcing = (MarlForcing){.kind = MARL_FORCING_RING, .wavenumber = 4, .width = 2, .injection = 1};
  MarlSolver *all = make_solver(&p), *one = NULL;
  UNIT_OK(marl_solver_create(&p, MPI_COMM_SELF, &one, &err));
  const double top = 5;
  start_from(all, smooth_field, &top);
  start_from(one, smooth_field, &top);
  take_steps(all, 50);
  UNIT_OK(marl_solver_step(one, 50, &err));
  const MarlGrid *slab = marl_solver_grid(all);
  const MarlFlow *mine = marl_solver_flow(all, MARL_NEED_VORTICITY | MARL_NEED_STRAIN);
  const MarlFlow *whole = marl_solver_flow(one, MARL_NEED_VORTICITY | MARL_NEED_STRAIN);
  double worst = 0;
  for (size_t i = 0; i < slab->num_physical; ++i) {
    const size_t at = (size_t)slab->y0 * (size_t)nx + i;
    worst = fmax(worst, fabs(mine->w[i] - whole->w[at]));
    worst = fmax(worst, fabs(mine->s11[i] - whole->s11[at]));
    worst = fmax(worst, fabs(mine->s12[i] - whole->s12[at]));
  }
  UNIT_NEAR(worst, 0, 50 * 16 * 0x1p-52 * log2((double)nx * ny) * 10);
  marl_solver_destroy(&all);
  marl_solver_destroy(&one);
}

static void any_number_of_ranks_gives_the_same_flow(void) {
  check_ranks_agree(MARL_IFAB2, MARL_DEALIAS_TWO_THIRDS, MARL_ADVECTION_BASDEVANT, 48, 48);
  check_ranks_agree(MARL_AB2CN, MARL_DEALIAS_NONE, MARL_ADVECTION_BASDEVANT, 32, 64);
  check_ranks_agree(MARL_IFRK4, MARL_DEALIAS_PADDING, MARL_ADVECTION_BASDEVANT, 64, 32);
  check_ranks_agree(MARL_AB2CN, MARL_DEALIAS_NONE, MARL_ADVECTION_SKEW_SYMMETRIC, 44, 30);
  check_ranks_agree(MARL_IFRK4, MARL_DEALIAS_PADDING, MARL_ADVECTION_SKEW_SYMMETRIC, 64, 32);
}

static CU_TestInfo tests[] = {
    {"any number of ranks gives the same flow", any_number_of_ranks_gives_the_same_flow},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"decomposition", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
