/* ctest: label=unit ranks=1,2 */
#include "tests/physics/eddy_closures.h"

static MarlError err;

/* A step too large is refused at the first check that can see it, with what to do. */
static void a_large_step_is_an_error_that_says_what_to_change(void) {
  MarlSolverParams p = quiet_params(32, MARL_AB2CN, 0.5);
  MarlSolver *s = make_solver(&p);
  const double top = 5;
  start_from(s, smooth_field, &top);
  UNIT_ERROR(marl_solver_step(s, 100, &err), MARL_ENUMERIC, "set time.dt below");
  CU_ASSERT(strstr(err.message, "CFL number") != NULL);
  CU_ASSERT(strstr(err.message, "step 0, time 0") != NULL);
  CU_ASSERT(marl_solver_steps(s) == 0);
  marl_solver_destroy(&s);
}

/* What the check before the first step says is what the first step would say, on padded points as well
 * (they are finer, so that the check may only pass what they refuse), and it leaves no trace. */
static void a_large_step_is_known_before_it_is_taken(void) {
  MarlSolverParams p = quiet_params(32, MARL_IFAB2, 0.5);
  MarlSolver *s = make_solver(&p);
  const double top = 5;
  start_from(s, smooth_field, &top);
  UNIT_ERROR(marl_solver_check_dt(s, &err), MARL_ECONFIG, "dt = 0.5 is too long a step");
  double most = 0;
  CU_ASSERT_EQUAL_FATAL(sscanf(strstr(err.message, "take at most"), "take at most %lf", &most), 1);
  marl_solver_destroy(&s);
  p.dt = most;
  MarlSolver *asked = make_solver(&p), *other = make_solver(&p);
  start_from(asked, smooth_field, &top);
  start_from(other, smooth_field, &top);
  UNIT_OK(marl_solver_step(asked, 3, &err));
  UNIT_OK(marl_solver_step(other, 3, &err));
  UNIT_OK(marl_solver_check_dt(asked, &err));
  UNIT_OK(marl_solver_step(asked, 3, &err));
  UNIT_OK(marl_solver_step(other, 3, &err));
  UNIT_BITS_EQUAL(marl_solver_w_hat(asked), marl_solver_w_hat(other),
                  marl_solver_grid(asked)->num_spectral * sizeof(MarlComplex));
  marl_solver_destroy(&asked);
  marl_solver_destroy(&other);
}

/* Strong backscatter blows up: |w| grows a hundredfold a step and overflows; the error comes at
 * most 10 steps after the CFL number has passed its limit, and never as NaN in the next call. */
static void a_flow_that_blows_up_is_noticed_within_ten_steps(void) {
  MarlSolverParams p = quiet_params(32, MARL_IFRK4, 1e-2);
  MarlSolver *s = make_solver(&p);
  EddyClosure closure = {.base = {.ops = &eddy_uniform_ops}, .viscosity = -2};
  const double top = 5;
  start_from(s, smooth_field, &top);
  marl_solver_set_closure(s, &closure.base);
  UNIT_ERROR(marl_solver_step(s, 1000, &err), MARL_ENUMERIC,
             "lower time.dt, or weaken a closure that feeds energy");
  const int64_t noticed = marl_solver_steps(s);
  start_from(s, smooth_field, &top);
  int64_t good = 0;
  while (good < 1000 && marl_solver_step(s, 1, &err) == MARL_OK) ++good;
  CU_ASSERT(noticed <= good + 10);
  marl_solver_destroy(&s);
}

static void impossible_parameters_are_named(void) {
  MarlSolver *s = NULL;
  MarlSolverParams p = marl_solver_defaults(64);
  p.dealias = MARL_DEALIAS_TWO_THIRDS;
  p.forcing.wavenumber = 25;
  UNIT_ERROR(marl_solver_create(&p, MPI_COMM_WORLD, &s, &err), MARL_ECONFIG, "cut away");
  p.forcing.wavenumber = 4.5;
  UNIT_ERROR(marl_solver_create(&p, MPI_COMM_WORLD, &s, &err), MARL_ECONFIG, "does not fit");
  p = marl_solver_defaults(64);
  p.cfl = 0.5;
  UNIT_ERROR(marl_solver_create(&p, MPI_COMM_WORLD, &s, &err), MARL_ECONFIG, "ifrk4");
  p = marl_solver_defaults(64);
  p.dt = 0;
  UNIT_ERROR(marl_solver_create(&p, MPI_COMM_WORLD, &s, &err), MARL_ECONFIG, "time.dt");
  p = marl_solver_defaults(64);
  p.forcing = (MarlForcing){.ops = &marl_forcing_ring, .wavenumber = 3.3, .width = 0.01};
  UNIT_ERROR(marl_solver_create(&p, MPI_COMM_WORLD, &s, &err), MARL_ECONFIG, "forcing.width");
  CU_ASSERT(s == NULL);
}

static void a_field_that_is_not_finite_is_refused(void) {
  MarlSolverParams p = quiet_params(32, MARL_AB2CN, 1e-3);
  MarlSolver *s = make_solver(&p);
  double *w = marl_fft_alloc_physical(marl_solver_grid(s));
  w[0] = NAN;
  UNIT_ERROR(marl_solver_set_vorticity(s, w, &err), MARL_ENUMERIC, "not finite");
  marl_fft_free(w);
  marl_solver_destroy(&s);
}

/* With integrator.cfl the step follows the flow: dt max(|u|/dx + |v|/dy) is the number asked for. */
static void adaptive_steps_keep_the_cfl_number(void) {
  MarlSolverParams p = quiet_params(32, MARL_IFRK4, 10);
  p.cfl = 0.4;
  MarlSolver *s = make_solver(&p);
  const double top = 5;
  start_from(s, smooth_field, &top);
  const MarlGrid *g = marl_solver_grid(s);
  const MarlFlow *flow = marl_solver_flow(s, MARL_NEED_VELOCITY);
  double speed = 0;
  for (size_t i = 0; i < g->num_physical; ++i)
    speed = fmax(speed, (fabs(flow->u[i]) + fabs(flow->v[i])) * g->nx / g->lx);
  MPI_Allreduce(MPI_IN_PLACE, &speed, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  take_steps(s, 1);
  UNIT_NEAR(marl_solver_dt(s) * speed, 0.4, 1e-12);
  marl_solver_destroy(&s);
}

/* RK4's region of stability reaches 2.83 on the imaginary axis, and the largest wavenumber that is kept is
 * 2/3 pi/dx under the 2/3 rule, pi/dx otherwise: 1.35 and .9. */
static void the_largest_cfl_number_is_that_of_the_kept_wavenumbers(void) {
  static const MarlDealias all[] = {MARL_DEALIAS_TWO_THIRDS, MARL_DEALIAS_PADDING,
                                    MARL_DEALIAS_NONE};
  for (int i = 0; i < 3; ++i) {
    MarlSolverParams p = quiet_params(32, MARL_IFRK4, 1e-3);
    MarlSolver *s = NULL;
    p.dealias = all[i];
    if (all[i] == MARL_DEALIAS_NONE) p.advection = MARL_ADVECTION_SKEW_SYMMETRIC;
    p.cfl = i == 0 ? 1.34 : 0.89;
    UNIT_OK(marl_solver_create(&p, MPI_COMM_WORLD, &s, &err));
    marl_solver_destroy(&s);
    p.cfl = i == 0 ? 1.36 : 0.91;
    UNIT_ERROR(marl_solver_create(&p, MPI_COMM_WORLD, &s, &err), MARL_ECONFIG,
               i == 0 ? "take at most 1.35" : "take at most 0.9");
  }
}

static CU_TestInfo tests[] = {
    {"a large step is an error that says what to change",
     a_large_step_is_an_error_that_says_what_to_change},
    {"a large step is known before it is taken", a_large_step_is_known_before_it_is_taken},
    {"a flow that blows up is noticed within ten steps",
     a_flow_that_blows_up_is_noticed_within_ten_steps},
    {"impossible parameters are named", impossible_parameters_are_named},
    {"a field that is not finite is refused", a_field_that_is_not_finite_is_refused},
    {"adaptive steps keep the CFL number", adaptive_steps_keep_the_cfl_number},
    {"the largest CFL number is that of the kept wavenumbers",
     the_largest_cfl_number_is_that_of_the_kept_wavenumbers},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"solver errors", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
