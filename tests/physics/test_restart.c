/* ctest: label=verification ranks=1,2 */
#include "tests/physics/flow_fields.h"

static MarlSolverParams forced_params(MarlIntegrator integrator) {
  MarlSolverParams p = marl_solver_defaults(48);
  p.integrator = integrator;
  p.beta = 3;
  p.dt = 2e-3;
  p.forcing =
      (MarlForcing){.ops = &marl_forcing_ring, .wavenumber = 6, .width = 2, .injection = 0.5};
  if (integrator == MARL_IFRK4) p.cfl = 0.2; /* dt changes on the way */
  return p;
}

/* Stop after 13 of 40 steps (between two checks, and after the first steps of AB2), write a
 * file's image, load it into a new solver, go on: the bits of the uninterrupted run, the
 * random forcing and dt included. */
static void check_restart(MarlSolverParams p, MarlClosure *closure) {
  MarlError err;
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MarlSolver *whole = make_solver(&p), *first = make_solver(&p), *second = make_solver(&p);
  marl_solver_set_closure(whole, closure);
  marl_solver_set_closure(first, closure);
  marl_solver_set_closure(second, closure);
  const double top = 6;
  start_from(whole, smooth_field, &top);
  start_from(first, smooth_field, &top);
  take_steps(whole, 40);
  take_steps(first, 13);

  MarlStore *to = NULL, *from = NULL;
  void *bytes = NULL;
  size_t size = 0;
  if (rank == 0) UNIT_OK(marl_store_create_memory(&to, &err));
  UNIT_OK(marl_solver_save(first, to, &err));
  if (rank == 0) {
    UNIT_OK(marl_store_image(to, &bytes, &size, &err));
    UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
  }
  UNIT_OK(marl_solver_load(second, from, &err));
  take_steps(second, 27);
  UNIT_BITS_EQUAL(marl_solver_w_hat(whole), marl_solver_w_hat(second),
                  marl_solver_grid(whole)->num_spectral * sizeof(MarlComplex));
  CU_ASSERT(marl_solver_time(whole) == marl_solver_time(second));
  CU_ASSERT(marl_solver_dt(whole) == marl_solver_dt(second));
  CU_ASSERT(marl_solver_steps(whole) == marl_solver_steps(second));
  if (rank == 0) {
    marl_store_close(&to);
    marl_store_close(&from);
    free(bytes);
  }
  marl_solver_destroy(&whole);
  marl_solver_destroy(&first);
  marl_solver_destroy(&second);
}

static void a_resumed_run_has_the_bits_of_the_uninterrupted_one(void) {
  check_restart(forced_params(MARL_IFAB2), NULL);
  check_restart(forced_params(MARL_AB2CN), NULL);
  check_restart(forced_params(MARL_IFRK4), NULL);
  MarlSolverParams skew = forced_params(MARL_AB2CN);
  skew.advection = MARL_ADVECTION_SKEW_SYMMETRIC;
  skew.dealias = MARL_DEALIAS_NONE;
  check_restart(skew, NULL);
}

/* Strain and vorticity gradient wait in the transforms between steps, as velocities do; a resumed
 * run makes them anew. */
static void so_has_one_with_a_local_eddy_viscosity(void) {
  MarlError err;
  const MarlClosureOps *ops;
  UNIT_OK(marl_closure_find("leith", &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  const MarlSolverParams p = forced_params(MARL_AB2CN);
  MarlSolver *shape = make_solver(&p);
  MarlSection *section;
  MarlClosure *closure;
  UNIT_OK(marl_section_create("closure", &table, 1, &section, &err));
  UNIT_OK(marl_section_set(section, "local", "true", "test", &err));
  UNIT_OK(ops->create(marl_solver_grid(shape), section, &closure, &err));
  check_restart(p, closure);
  check_restart(forced_params(MARL_IFRK4), closure);
  closure->ops->destroy(closure);
  marl_section_destroy(&section);
  marl_solver_destroy(&shape);
}

static void a_file_of_another_grid_is_refused(void) {
  MarlError err;
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MarlSolverParams p = forced_params(MARL_AB2CN);
  MarlSolver *first = make_solver(&p);
  p.nx = p.ny = 64;
  MarlSolver *second = make_solver(&p);
  MarlStore *to = NULL;
  if (rank == 0) UNIT_OK(marl_store_create_memory(&to, &err));
  UNIT_OK(marl_solver_save(first, to, &err));
  UNIT_ERROR(marl_solver_load(second, to, &err), MARL_ECONFIG, "48 x 48");
  if (rank == 0) marl_store_close(&to);
  marl_solver_destroy(&first);
  marl_solver_destroy(&second);
}

static CU_TestInfo tests[] = {
    {"a resumed run has the bits of the uninterrupted one",
     a_resumed_run_has_the_bits_of_the_uninterrupted_one},
    {"so has one with a local eddy viscosity", so_has_one_with_a_local_eddy_viscosity},
    {"a file of another grid is refused", a_file_of_another_grid_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"restart", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
