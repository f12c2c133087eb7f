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

/* The factors hold beta exactly: round-off over 500 steps. */
static void the_wave_drifts_west_at_beta_over_k2(void) {
  for (int i = 0; i < 2; ++i) {
    MarlSolver *s = wave_after(i == 0 ? MARL_IFAB2 : MARL_IFRK4, 1e-2, 500);
    const double end[2] = {omega() * 5, 1};
    UNIT_NEAR(distance_to(s, wave, end), 0, 500 * 16 * 0x1p-52 * 2);
    marl_solver_destroy(&s);
  }
}

static double mode(double x, double y, const double *k) {
  return 2 * cos(k[0] * x + k[1] * y);
}

/* w_hat(k) after n steps, of a wave that starts with 1, on a beta-plane with drag .1 */
static MarlComplex mode_after(MarlIntegrator integrator, double viscosity, double dt, int64_t n,
                              const double *k) {
  MarlSolverParams p = quiet_params(32, integrator, dt);
  p.beta = 20;
  p.linear_drag = 0.1;
  p.viscosity = viscosity;
  MarlSolver *s = make_solver(&p);
  start_from(s, mode, k);
  take_steps(s, n);
  const int ky = (int)k[1];
  const MarlComplex w = marl_solver_w_hat(s)[(int)k[0] * 32 + (ky < 0 ? 32 + ky : ky)];
  marl_solver_destroy(&s);
  return w;
}

/* Every mode is exp(-(mu + nu k^2) t + i beta kx t / k^2), at every step in use: rate and phase to
 * the round-off of n steps, of some 20 operations each. */
static void every_scale_decays_and_drifts_at_its_rate(void) {
  enum { STEPS = 200 };
  static const MarlIntegrator exact[] = {MARL_IFAB2, MARL_IFRK4};
  static const double steps[] = {5e-4, 1e-3, 2e-3}, nu = 1.0 / 2000;
  static const double modes[][2] = {{1, 0},  {0, 1}, {1, 1},   {1, -3}, {2, 0},
                                    {4, -4}, {0, 4}, {1, -10}, {7, 5},  {10, 10}};
  for (int e = 0; e < 2; ++e)
    for (int d = 0; d < 3; ++d)
      for (size_t m = 0; m < sizeof modes / sizeof *modes; ++m) {
        const double kx = modes[m][0], k2 = kx * kx + modes[m][1] * modes[m][1];
        const double t = STEPS * steps[d];
        const MarlComplex w = mode_after(exact[e], nu, steps[d], STEPS, modes[m]);
        UNIT_NEAR(log(cabs(w)), -(0.1 + nu * k2) * t, STEPS * 20 * 0x1p-52);
        const double turn = 20 * kx / k2 * t;
        UNIT_NEAR(remainder(carg(w) - turn, TWO_PI), 0, STEPS * 20 * 0x1p-52);
      }
}

/* The largest wave under drag .1, by hand: omega = 20, explicit Euler adds omega^2 dt / 2 = .1 at
 * 5e-4 and more at larger steps (less omega^4 dt^3 / 4 < 4e-4); implicit Euler's drag is off by
 * mu^2 dt / 2 = 1e-5 at the most. */
static void ab2cn_lets_the_largest_wave_grow(void) {
  static const double steps[] = {5e-4, 1e-3, 2e-3}, rates[] = {0, 0.1, 0.3}, k[2] = {1, 0};
  for (int d = 0; d < 3; ++d) {
    const double rate = log(cabs(mode_after(MARL_AB2CN, 0, steps[d], 200, k))) / (200 * steps[d]);
    UNIT_NEAR(rate, rates[d], 4.1e-4);
  }
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
    {"every scale decays and drifts at its rate", every_scale_decays_and_drifts_at_its_rate},
    {"ab2cn lets the largest wave grow", ab2cn_lets_the_largest_wave_grow},
    {"ab2cn has the error of explicit Euler", ab2cn_has_the_error_of_explicit_euler},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"rossby wave", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
