/* ctest: ranks=1,2 */
/* The forcing of half a box against its formula at the points, and where it does not fit. */
#include "tests/physics/flow_fields.h"

enum { N = 32, KF = 8 };
static const double AMPLITUDE = 0.7;

static double window(double x) {
  return 0.5 + 9.0 / 16 * cos(x) - 1.0 / 16 * cos(3 * x);
}

static double field(double x, double y, const double *in) {
  return AMPLITUDE * KF * window(x) * (in[0] * cos(KF * x) + in[1] * cos(KF * y));
}

static MarlForcing half(bool in_x, bool in_y, double kf) {
  return (MarlForcing){.ops = &marl_forcing_kolmogorov_half,
                       .wavenumber = kf,
                       .amplitude = AMPLITUDE,
                       .in_x = in_x,
                       .in_y = in_y};
}

/* Largest difference of f to its formula. A few modes of size KF: some eps KF. */
static void the_field_is_its_formula(void) {
  for (int d = 1; d <= 3; ++d) {
    const double in[2] = {d & 1, d >> 1};
    MarlSolverParams p = quiet_params(N, MARL_IFAB2, 1e-3);
    MarlError err;
    p.dealias = MARL_DEALIAS_PADDING;
    p.forcing = half(d & 1, d >> 1, KF);
    MarlSolver *s = make_solver(&p);
    const MarlGrid *g = marl_solver_grid(s);
    MarlComplex *hat = marl_fft_alloc_spectral(g);
    for (int i = 0; i < g->nk_local; ++i) marl_forcing_add(&p.forcing, g, i, hat + i * g->ny);
    UNIT_OK(marl_solver_set_w_hat(s, hat, &err)); /* its mean is dropped: field() has none */
    UNIT_NEAR(distance_to(s, field, in), 0, 1e-13);
    marl_fft_free(hat);
    marl_solver_destroy(&s);
  }
}

/* The window is a partition of the box: the field and its half shifted make the forcing of the whole box. */
static void the_window_is_one_and_none(void) {
  UNIT_NEAR(window(0), 1, 1e-15);
  UNIT_NEAR(window(TWO_PI / 2), 0, 1e-15);
  for (double x = 0; x < TWO_PI; x += 0.1)
    UNIT_NEAR(window(x) + window(x + TWO_PI / 2), 1, 1e-15); /* a sum of four terms of one */
}

static void what_does_not_fit_is_named(void) {
  static const struct {
    double kf;
    bool in_x, in_y;
    const char *words;
  } wrong[] = {{2, true, true, "too small for half of the box"},
               {14, true, false, "reaches the wavenumber 17"},
               {100, false, true, "cut away"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    MarlSolverParams p = quiet_params(N, MARL_IFAB2, 1e-3);
    MarlSolver *s = NULL;
    MarlError err;
    p.dealias = MARL_DEALIAS_PADDING;
    p.forcing = half(wrong[i].in_x, wrong[i].in_y, wrong[i].kf);
    UNIT_ERROR(marl_solver_create(&p, MPI_COMM_WORLD, &s, &err), MARL_ECONFIG, wrong[i].words);
  }
}

static CU_TestInfo tests[] = {
    {"the field is its formula", the_field_is_its_formula},
    {"the window is one, and none", the_window_is_one_and_none},
    {"what does not fit is named", what_does_not_fit_is_named},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"forcing of half the box", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
