/* ctest: label=verification */
#include "tests/physics/flow_fields.h"

enum { N = 32 };

/* Modes (9, 0) and (10, 1): their product has the sum (19, 1), which a grid of 32 points sees as
 * (-13, 1), and the difference (1, 1), which it sees as it is. */
static double two_modes(double x, double y, const double *unused) {
  (void)unused;
  return cos(9 * x) + cos(10 * x + y);
}

static double mode(const MarlSolver *s, int kx, int ky) {
  return cabs(marl_solver_w_hat(s)[kx * N + (ky + N) % N]);
}

static MarlSolver *one_small_step(MarlDealias dealias) {
  MarlSolverParams p = quiet_params(N, MARL_AB2CN, 1e-3);
  p.dealias = dealias;
  MarlSolver *s = make_solver(&p);
  start_from(s, two_modes, NULL);
  take_steps(s, 1);
  return s;
}

/* The interaction coefficient of p and q is (p x q) (1/q^2 - 1/p^2) |w_p| |w_q|, here
 * 9 (1/81 - 1/101) / 4 a unit time. The image has the products of the sum, a_hat = 20/3636 and
 * b_hat = 2/3636, but the derivatives of (-13, 1): kx ky a_hat + (ky^2 - kx^2) b_hat / 2 =
 * -(260 + 168) / 3636. Zero means round-off of O(1) products. */
static void an_image_appears_without_dealiasing(void) {
  MarlSolver *s = one_small_step(MARL_DEALIAS_NONE);
  const double expected = 1e-3 * 9 * (1.0 / 81 - 1.0 / 101) / 4;
  UNIT_NEAR(mode(s, 1, 1), expected, 1e-15);
  UNIT_NEAR(mode(s, 13, -1), 1e-3 * 428 / 3636, 1e-15);
  marl_solver_destroy(&s);
}

static void no_image_with_two_thirds_or_padding(void) {
  for (int i = 0; i < 2; ++i) {
    MarlSolver *s = one_small_step(i == 0 ? MARL_DEALIAS_TWO_THIRDS : MARL_DEALIAS_PADDING);
    UNIT_NEAR(mode(s, 1, 1), 1e-3 * 9 * (1.0 / 81 - 1.0 / 101) / 4, 1e-15);
    double stray = 0;
    for (int kx = 0; kx <= N / 2; ++kx)
      for (int ky = -N / 2; ky < N / 2; ++ky) {
        const bool known = (kx == 9 && ky == 0) || (kx == 10 && ky == 1) || (kx == 1 && ky == 1);
        if (!known) stray = fmax(stray, mode(s, kx, ky));
      }
    UNIT_NEAR(stray, 0, 1e-15);
    marl_solver_destroy(&s);
  }
}

/* The 2/3 rule keeps |k| < 32/3, padding and none all but the Nyquist modes. */
static void the_masks_keep_what_they_say(void) {
  const int kept[3] = {10, 15, 15};
  for (int i = 0; i < 3; ++i) {
    MarlError err;
    MarlSolverParams p = quiet_params(N, MARL_AB2CN, 1e-3);
    p.dealias = (MarlDealias)i;
    MarlSolver *s = make_solver(&p);
    MarlComplex *w = marl_fft_alloc_spectral(marl_solver_grid(s));
    for (size_t j = 0; j < marl_solver_grid(s)->num_spectral; ++j) w[j] = 1;
    UNIT_OK(marl_solver_set_w_hat(s, w, &err));
    for (int k = 1; k <= N / 2; ++k) {
      CU_ASSERT(mode(s, k, 0) == (k <= kept[i] ? 1 : 0));
      CU_ASSERT(mode(s, 0, -k) == (k <= kept[i] ? 1 : 0));
    }
    CU_ASSERT(mode(s, 0, 0) == 0);
    marl_fft_free(w);
    marl_solver_destroy(&s);
  }
}

static CU_TestInfo tests[] = {
    {"an image appears without dealiasing", an_image_appears_without_dealiasing},
    {"no image with two thirds or padding", no_image_with_two_thirds_or_padding},
    {"the masks keep what they say", the_masks_keep_what_they_say},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"aliasing", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
