/* ctest: label=verification */
#include "physics/changing_flow.h"

#include "tests/physics/flow_fields.h"

static const double NU = 0.02, K = 3;

/* One wave decays by itself: advection of a parallel flow vanishes. */
static double wave(double x, double y, const double *size) {
  (void)x;
  return size[0] * cos(K * y);
}

static MarlSolverParams damped(MarlIntegrator integrator, double drag) {
  MarlSolverParams p = quiet_params(16, integrator, 1e-2);
  p.viscosity = NU;
  p.linear_drag = drag;
  return p;
}

/* Linear terms are exact in time, so with drags mu_p for times t_p the wave is exp(-sum (mu_p + nu k^2) t_p) to
 * round-off: 600 steps, each a few eps. A factor of the phase before would be off by a percent a step. */
static void drag_is_that_of_the_phase(void) {
  for (int i = 0; i < 2; ++i) {
    const MarlIntegrator integrator = i == 0 ? MARL_IFAB2 : MARL_IFRK4;
    const double drag[3] = {0.1, 0.9, 0.3}, one = 1;
    MarlChangingFlow flow = {.num_phases = 3, .start = {0, 2, 4}};
    for (int p = 0; p < 3; ++p) flow.phase[p] = damped(integrator, drag[p]);
    MarlSolver *s = make_solver(&flow.phase[0]);
    MarlError err;
    int phase = 0;
    start_from(s, wave, &one);
    for (int t = 1; t <= 6; ++t) UNIT_OK(marl_changing_flow_step_until(&flow, s, &phase, t, &err));
    const double left = exp(-2 * (drag[0] + drag[1] + drag[2]) - 6 * NU * K * K);
    CU_ASSERT(phase == 2);
    UNIT_NEAR(distance_to(s, wave, &left), 0, 1e-13);
    marl_solver_destroy(&s);
  }
}

/* After a change the laminar flow relaxes to the fixed point of its new forcing: here the old wave is gone and
 * the new one grown after 40 e-foldings, up to the scheme's 2e-9 (test_kolmogorov_laminar.c). */
static double laminar(double x, double y, const double *kf) {
  (void)x;
  return -kf[0] * cos(kf[0] * y) / (NU * kf[0] * kf[0] + 0.5);
}

static void forcing_is_that_of_the_phase(void) {
  MarlChangingFlow flow = {.num_phases = 2, .start = {0, 20}};
  const double kf[2] = {2, 4};
  for (int p = 0; p < 2; ++p) {
    flow.phase[p] = damped(MARL_IFRK4, 0.5);
    flow.phase[p].forcing = (MarlForcing){
        .ops = &marl_forcing_kolmogorov, .wavenumber = kf[p], .amplitude = 1, .in_y = true};
  }
  MarlSolver *s = make_solver(&flow.phase[0]);
  MarlError err;
  int phase = 0;
  UNIT_OK(marl_changing_flow_step_until(&flow, s, &phase, 80, &err));
  UNIT_NEAR(distance_to(s, laminar, &kf[1]), 0, 1e-8);
  marl_solver_destroy(&s);
}

/* Where the calls end changes no step, and a change that changes nothing only drops the older tendency. */
static void calls_do_not_matter(void) {
  MarlChangingFlow flow = {.num_phases = 2, .start = {0, 0.5}};
  for (int p = 0; p < 2; ++p) {
    flow.phase[p] = damped(MARL_IFAB2, p == 0 ? 0.1 : 0.2);
    flow.phase[p].forcing = (MarlForcing){.ops = &marl_forcing_kolmogorov,
                                          .wavenumber = 3,
                                          .amplitude = 1,
                                          .in_x = true,
                                          .in_y = true};
  }
  MarlSolver *s[2];
  for (int i = 0; i < 2; ++i) {
    MarlError err;
    int phase = 0;
    s[i] = make_solver(&flow.phase[0]);
    for (int t = 1; i == 0 && t < 10; ++t)
      UNIT_OK(marl_changing_flow_step_until(&flow, s[i], &phase, 0.1 * t, &err));
    UNIT_OK(marl_changing_flow_step_until(&flow, s[i], &phase, 1, &err));
  }
  UNIT_BITS_EQUAL(marl_solver_w_hat(s[0]), marl_solver_w_hat(s[1]),
                  marl_solver_grid(s[0])->num_spectral * sizeof(MarlComplex));
  for (int i = 0; i < 2; ++i) marl_solver_destroy(&s[i]);
}

/* Waves of beta that begins in mid-run: phase speed -beta/k^2 from there on. */
static double rossby(double x, double y, const double *shift) {
  (void)y;
  return cos(K * (x - shift[0]));
}

static void beta_may_begin(void) {
  MarlChangingFlow flow = {.num_phases = 2, .start = {0, 1}};
  for (int p = 0; p < 2; ++p) {
    flow.phase[p] = quiet_params(16, MARL_IFAB2, 1e-2);
    flow.phase[p].beta = 5 * p;
  }
  MarlSolver *s = make_solver(&flow.phase[0]);
  MarlError err;
  int phase = 0;
  const double none = 0, shift = -5 / (K * K) * 2;
  start_from(s, rossby, &none);
  UNIT_OK(marl_changing_flow_step_until(&flow, s, &phase, 3, &err));
  UNIT_NEAR(distance_to(s, rossby, &shift), 0,
            1e-13); /* exact in time: round-off of 200 rotations */
  marl_solver_destroy(&s);
}

static const char text[] =
    "grid:\n  n: 32\nflow:\n  reynolds: 100\nforcing:\n  wavenumber: 4\ntime:\n  dt: 1e-3\n";

static MarlCode read(const char *const *changes, size_t count, MarlChangingFlow *flow,
                     MarlError *err) {
  MarlConfig *config;
  MarlCode code = marl_config_parse(text, sizeof text - 1, "test.yaml", &config, err);
  if (code == MARL_OK) code = marl_changing_flow_read(config, changes, count, 1, flow, err);
  marl_config_destroy(&config);
  return code;
}

static void changes_are_read_and_stay(void) {
  static const char *const changes[] = {"10:forcing.wavenumber=6:flow.linear_drag=0.3",
                                        "20:flow.reynolds=50"};
  MarlChangingFlow flow;
  MarlError err;
  UNIT_OK(read(changes, 2, &flow, &err));
  CU_ASSERT(flow.num_phases == 3);
  UNIT_NEAR(flow.phase[0].forcing.wavenumber, 4, 0);
  UNIT_NEAR(flow.phase[2].forcing.wavenumber, 6, 0); /* as they were written */
  UNIT_NEAR(flow.phase[2].linear_drag, 0.3, 0);
  UNIT_NEAR(flow.phase[2].viscosity, 0.02, 0);
  UNIT_NEAR(flow.phase[1].viscosity, 0.01, 0);
  CU_ASSERT(marl_changing_flow_phase(&flow, 0) == 0);
  CU_ASSERT(marl_changing_flow_phase(&flow, 9.999) == 0);
  CU_ASSERT(marl_changing_flow_phase(&flow, 10 - 1e-14) == 1); /* a sum of rounded steps */
  CU_ASSERT(marl_changing_flow_phase(&flow, 1e9) == 2);
}

static void mistakes_are_named(void) {
  static const struct {
    const char *change, *words;
  } wrong[] = {{"forcing.wavenumber=4", "TIME:SECTION.KEY=VALUE"},
               {"10:grid.n=64", "no key of section flow or forcing"},
               {"0:flow.linear_drag=1", "order them by time"},
               {"10:flow.linear_drag=fast", "fast"},
               {"10:flow.drag=1", "drag"},
               {"10:flow.dealias=none", "cannot change"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    MarlChangingFlow flow;
    MarlError err;
    UNIT_ERROR(read(&wrong[i].change, 1, &flow, &err), MARL_ECONFIG, wrong[i].words);
  }
}

/* A forcing that does not fit is refused, and the flow stays as it was. */
static void a_forcing_that_does_not_fit_changes_nothing(void) {
  MarlSolverParams p = damped(MARL_IFAB2, 0.1), other = p;
  MarlSolver *s = make_solver(&p);
  MarlError err;
  other.linear_drag = 0.7;
  other.forcing = (MarlForcing){
      .ops = &marl_forcing_kolmogorov, .wavenumber = 100, .amplitude = 1, .in_x = true};
  UNIT_ERROR(marl_solver_change_flow(s, &other, &err), MARL_ECONFIG, "forcing.wavenumber 100");
  UNIT_NEAR(marl_solver_params(s)->linear_drag, 0.1, 0);
  marl_solver_destroy(&s);
}

static CU_TestInfo tests[] = {
    {"drag is that of the phase", drag_is_that_of_the_phase},
    {"forcing is that of the phase", forcing_is_that_of_the_phase},
    {"calls do not matter", calls_do_not_matter},
    {"beta may begin", beta_may_begin},
    {"changes are read, and stay", changes_are_read_and_stay},
    {"mistakes are named", mistakes_are_named},
    {"a forcing that does not fit changes nothing", a_forcing_that_does_not_fit_changes_nothing},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"a flow that changes", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
