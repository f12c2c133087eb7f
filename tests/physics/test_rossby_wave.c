/* ctest: label=verification */
#include "tests/physics/flow_fields.h"

enum { KX = 3, KY = 2 };
static const double BETA = 5;

/* One mode does not interact with itself, so a Rossby wave cos(k.x - omega t) of any amplitude is
 * an exact solution with omega = -beta kx / k^2: phase speed omega / kx = -beta / k^2. */
static double wave(double x, double y, const double *phase_and_size) {
  return 2 * phase_and_size[1] * cos(KX * x + KY * y - phase_and_size[0]);
}

static double omega(void) {
  return -BETA * KX / (double)(KX * KX + KY * KY);
}

static MarlSolver *wave_after(MarlIntegrator integrator, double dt, int64_t steps) {
  MarlSolverParams p = quiet_params(32, integrator, dt);
  p.beta = BETA;
  MarlSolver *s = make_solver(&p);
  const double start[2] = {0, 1};
  start_from(s, wave, start);
  take_steps(s, steps);
  return s;
}

/* The integrating factor holds beta exactly: round-off over 500 steps. */
static void the_wave_drifts_west_at_beta_over_k2(void) {
  MarlSolver *s = wave_after(MARL_IFRK4, 1e-2, 500);
  const double end[2] = {omega() * 5, 1};
  UNIT_NEAR(distance_to(s, wave, end), 0, 500 * 16 * 0x1p-52 * 2);
  marl_solver_destroy(&s);
}

/* Explicit Euler multiplies by 1 - i omega dt: the phase is atan(omega dt) a step, the amplitude
 * sqrt(1 + omega^2 dt^2). The scheme of the papers has exactly that error in beta. */
static void ab2cn_has_the_error_of_explicit_euler(void) {
  const double dt = 1e-2;
  MarlSolver *s = wave_after(MARL_AB2CN, dt, 500);
  const double end[2] = {500 * atan(omega() * dt), pow(1 + omega() * dt * omega() * dt, 250)};
  UNIT_NEAR(distance_to(s, wave, end), 0, 500 * 16 * 0x1p-52 * 2);
  marl_solver_destroy(&s);
}

static CU_TestInfo tests[] = {
    {"the wave drifts west at beta over k^2", the_wave_drifts_west_at_beta_over_k2},
    {"ab2cn has the error of explicit Euler", ab2cn_has_the_error_of_explicit_euler},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"rossby wave", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
