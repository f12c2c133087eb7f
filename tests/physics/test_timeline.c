/* ctest: label=verification */
#include "physics/timeline.h"

#include "tests/physics/flow_fields.h"

/* Samples every ten steps of .1, over 300,000 steps: each at its step and at step x dt. The running
 * sum of .1 is off by more than a millionth of a step from step 261,471 on. */
static void fixed_steps_are_sampled_at_multiples_of_dt(void) {
  MarlError err;
  MarlSolverParams p = quiet_params(8, MARL_IFAB2, 0.1);
  MarlSolver *s = make_solver(&p);
  int64_t late = 0;
  for (int64_t sample = 1; sample <= 30000; ++sample) {
    const double before = marl_solver_time(s), next = marl_timeline_next(before, 1);
    UNIT_OK(marl_solver_step_until(s, next, next, &err));
    late +=
        marl_solver_steps(s) != 10 * sample || !marl_timeline_due(before, marl_solver_time(s), 1);
  }
  CU_ASSERT_EQUAL(late, 0);
  CU_ASSERT_EQUAL(marl_solver_time(s), 300000 * 0.1);
  marl_solver_destroy(&s);
}

/* An interval of many steps counts when it is over, not ten steps before. */
static void a_multiple_is_not_counted_early(void) {
  CU_ASSERT_EQUAL(marl_timeline_count(999.9995, 1000), 0);
  CU_ASSERT_EQUAL(marl_timeline_count(1000 * (1 - 0x1p-52), 1000), 1);
  CU_ASSERT_EQUAL(marl_timeline_count(3 * 0.1, 0.1), 3); /* .1 + .1 + .1 is not .3 */
  CU_ASSERT_EQUAL(marl_timeline_count(123456 * 0.7, 0.7), 123456);
}

static MarlSolver *adaptive_flow(void) {
  MarlSolverParams p = quiet_params(32, MARL_IFRK4, 1);
  p.cfl = 0.7;
  MarlSolver *s = make_solver(&p);
  const double top = 4;
  start_from(s, smooth_field, &top);
  return s;
}

/* Adaptive steps hit every output time, none is a sliver, and pauses in between (checkpoints) leave
 * the bits of the flow alone. */
static void adaptive_steps_land_on_output_times(void) {
  MarlError err;
  MarlSolver *s = adaptive_flow(), *paused = adaptive_flow();
  double smallest = 1, largest = 0;
  for (int sample = 1; sample <= 20; ++sample) {
    const double output = sample * 0.13;
    while (marl_solver_time(s) < output) {
      UNIT_OK(marl_solver_step_until(s, marl_solver_time(s) + 1e-3, output, &err));
      smallest = fmin(smallest, marl_solver_dt(s));
      largest = fmax(largest, marl_solver_dt(s));
    }
    CU_ASSERT_EQUAL(marl_solver_time(s), output);
    const double pause = output - 0.05;
    UNIT_OK(marl_solver_step_until(paused, pause, output, &err));
    CU_ASSERT(marl_solver_time(paused) >= pause);
    UNIT_OK(marl_solver_step_until(paused, output, output, &err));
    CU_ASSERT_EQUAL(marl_solver_time(paused), output);
  }
  CU_ASSERT(smallest > 0.2 * largest); /* a half of a step, and the flow changes little */
  UNIT_BITS_EQUAL(marl_solver_w_hat(s), marl_solver_w_hat(paused),
                  marl_solver_grid(s)->num_spectral * sizeof(MarlComplex));
  marl_solver_destroy(&s);
  marl_solver_destroy(&paused);
}

static CU_TestInfo tests[] = {
    {"fixed steps are sampled at multiples of dt", fixed_steps_are_sampled_at_multiples_of_dt},
    {"a multiple is not counted early", a_multiple_is_not_counted_early},
    {"adaptive steps land on output times", adaptive_steps_land_on_output_times},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"timeline", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
