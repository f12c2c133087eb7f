/* ctest: label=verification */
#include "tests/physics/flow_fields.h"

enum { SEEDS = 24, STEPS = 40 };
static const double EPSILON = 0.7;

/* Modes of the ring 5 <= |k| <= 7. */
static int ring_modes(void) {
  int count = 0;
  for (int kx = -7; kx <= 7; ++kx)
    for (int ky = -7; ky <= 7; ++ky) count += kx * kx + ky * ky >= 25 && kx * kx + ky * ky <= 49;
  return count;
}

/* From rest and without losses the mean energy is epsilon t; advection moves it and keeps it. A
 * field of M real Gaussians has energy of relative standard deviation sqrt(2 / M), the mean over
 * SEEDS runs sqrt(SEEDS) less. Four of them; the draws are fixed by the seeds. */
static void check_injection(MarlIntegrator integrator) {
  double mean = 0;
  for (uint64_t seed = 0; seed < SEEDS; ++seed) {
    MarlSolverParams p = quiet_params(32, integrator, 5e-3);
    p.forcing =
        (MarlForcing){.ops = &marl_forcing_ring, .wavenumber = 6, .width = 2, .injection = EPSILON};
    p.key = marl_key(seed, MARL_STREAM_FORCING);
    MarlSolver *s = make_solver(&p);
    take_steps(s, STEPS);
    mean += total_energy(s) / marl_solver_time(s) / SEEDS;
    marl_solver_destroy(&s);
  }
  const double four_sigma = 4 * EPSILON * sqrt(2.0 / ring_modes() / SEEDS);
  printf("\n    injection %.4f, expected %.4f within %.4f ", mean, EPSILON, four_sigma);
  UNIT_NEAR(mean, EPSILON, four_sigma);
}

static void the_ring_injects_epsilon(void) {
  check_injection(MARL_IFRK4);
  check_injection(MARL_IFAB2);
}

/* Draws belong to (step, kx, ky): one kick is the same field at two resolutions, and another
 * field with another seed. */
static void kicks_do_not_depend_on_resolution(void) {
  MarlSolver *s[3];
  for (int i = 0; i < 3; ++i) {
    MarlSolverParams p = quiet_params(i == 1 ? 64 : 32, MARL_IFRK4, 1e-3);
    p.forcing =
        (MarlForcing){.ops = &marl_forcing_ring, .wavenumber = 6, .width = 2, .injection = EPSILON};
    p.key = marl_key(i == 2 ? 8 : 7, MARL_STREAM_FORCING);
    s[i] = make_solver(&p);
    take_steps(s[i], 1);
  }
  double same = 0, other = 0;
  for (int kx = 0; kx <= 7; ++kx)
    for (int ky = -7; ky <= 7; ++ky) {
      const MarlComplex a = marl_solver_w_hat(s[0])[kx * 32 + (ky + 32) % 32];
      const MarlComplex b = marl_solver_w_hat(s[1])[kx * 64 + (ky + 64) % 64];
      const MarlComplex c = marl_solver_w_hat(s[2])[kx * 32 + (ky + 32) % 32];
      same = fmax(same, cabs(a - b));
      other = fmax(other, cabs(a - c));
    }
  CU_ASSERT(same == 0);
  CU_ASSERT(other > 1e-3);
  for (int i = 0; i < 3; ++i) marl_solver_destroy(&s[i]);
}

static CU_TestInfo tests[] = {
    {"the ring injects epsilon", the_ring_injects_epsilon},
    {"kicks do not depend on resolution", kicks_do_not_depend_on_resolution},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"forcing injection", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
