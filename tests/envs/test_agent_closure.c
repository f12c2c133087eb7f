#include "envs/turbulence/agent_closure.h"

#include "physics/closure_table.h"
#include "physics/spectrum.h"
#include "tests/envs/turbulence_names.h"

enum { N = 32, AGENTS = 4 };
static const double TWO_PI = 6.28318530717958647692;

/* psi = A sin 2x cos 3y unless said otherwise: one |k|^2 = 13, so that every operator is a number. */
static const double A = 0.7;

typedef struct Case {
  MarlGrid *grid;
  MarlFft *fft;
  MarlComplex *psi_hat, *w_hat;
  double *field[2];
  MarlFlow flow;
  MarlSubgrid subgrid;
} Case;

static Case begin_mode(double amplitude, int kx, int ky) {
  MarlError err;
  Case c = {0};
  UNIT_OK(marl_grid_create(N, N, TWO_PI, TWO_PI, MPI_COMM_SELF, &c.grid, &err));
  UNIT_OK(marl_fft_create(c.grid, &c.fft, &err));
  c.psi_hat = marl_fft_alloc_spectral(c.grid);
  c.w_hat = marl_fft_alloc_spectral(c.grid);
  for (int f = 0; f < 2; ++f) c.field[f] = marl_fft_alloc_physical(c.grid);
  for (int y = 0; y < N; ++y)
    for (int x = 0; x < N; ++x)
      c.field[0][y * N + x] = amplitude * sin(kx * TWO_PI * x / N) * cos(ky * TWO_PI * y / N);
  marl_fft_forward(c.fft, c.field[0], c.psi_hat);
  for (size_t i = 0; i < c.grid->num_spectral; ++i) c.w_hat[i] = c.grid->k2[i] * c.psi_hat[i];
  c.flow = (MarlFlow){
      .grid = c.grid, .fft = c.fft, .viscosity = 5e-5, .w_hat = c.w_hat, .psi_hat = c.psi_hat};
  c.subgrid = (MarlSubgrid){.tau11 = c.field[0], .tau12 = c.field[1]};
  return c;
}

static Case begin(double amplitude) {
  return begin_mode(amplitude, 2, 3);
}

static void end(Case *c) {
  marl_fft_free(c->psi_hat), marl_fft_free(c->w_hat);
  for (int f = 0; f < 2; ++f) marl_fft_free(c->field[f]);
  marl_fft_destroy(&c->fft);
  marl_grid_destroy(&c->grid);
}

/* All but the bands, which are of the target, and the invariants, which have a test of their own. */
#define SEEN                                                                        \
  "velocity_gradient,okubo_weiss,vorticity_gradient,second_derivative_public_code," \
  "log_spectrum,dissipation"

static MarlTurbulenceParams params_of(const char *action, int coefficients) {
  MarlTurbulenceParams params = {
      .n = N,
      .agents = AGENTS,
      .interpolation = interpolation_named("spectral"),
      .action = action_named(action),
      .num_coefficients = coefficients,
      .center = {-0.004, 0.002, 0.0001},
      .scale = {0.01, 0.004, 0.0002},
  };
  agents_see(&params, SEEN ",band_ratios");
  return params;
}

static void make(const MarlTurbulenceParams *params, const Case *c, MarlAgentClosure **closure,
                 MarlObserver **observer) {
  MarlError err;
  double spectrum[N / 2];
  marl_spectrum(c->grid, c->w_hat, spectrum);
  UNIT_OK(marl_agent_closure_create(params, c->grid, closure, &err));
  UNIT_OK(marl_observer_create(params, c->grid, spectrum, observer, &err));
  marl_observer_look(*observer, &c->flow);
}

/* Round-off of transforms of fields of order one, and of k^2 = 13 and its square in them. */
static const double ROUND_OFF = 1e-11;

/* Equal actions of `action` are free_constants with its `count` coefficients, called `keys` there. */
static void check_equal_actions(const char *action, int count, const char *const *keys) {
  static const float actions[] = {0.5f, 0.25f, -0.25f, 0.5f};
  MarlError err;
  Case c = begin(A);
  MarlTurbulenceParams params = params_of(action, count);
  if (count == 4) params.center[3] = 0.1, params.scale[3] = 0.2;
  MarlAgentClosure *closure = NULL;
  MarlObserver *observer = NULL;
  MarlSection *section = NULL;
  MarlClosure *constants = NULL;
  make(&params, &c, &closure, &observer);
  const MarlOptionTable table = {marl_closure_free_constants.options,
                                 marl_closure_free_constants.num_options};
  UNIT_OK(marl_section_create("closure", &table, 1, &section, &err));
  float act[AGENTS * AGENTS * MARL_MAX_COEFFICIENTS];
  for (int i = 0; i < count; ++i) {
    char text[32];
    for (int a = 0; a < AGENTS * AGENTS; ++a) act[count * a + i] = actions[i];
    snprintf(text, sizeof text, "%.17g", params.center[i] + params.scale[i] * (double)actions[i]);
    UNIT_OK(marl_section_set(section, keys[i], text, "test", &err));
  }
  marl_agent_closure_set(closure, observer, act);
  UNIT_OK(marl_agent_closure_evaluate(closure, &c.flow, &c.subgrid));
  CU_ASSERT(!c.subgrid.has_stress);
  UNIT_OK(marl_closure_free_constants.create(c.grid, section, &constants, &err));
  MarlSubgrid got = c.subgrid, expected = {0};
  UNIT_OK(constants->ops->evaluate(constants, &c.flow, &expected, &err));
  for (int t = 0; t < MARL_DAMPING_TERMS; ++t) {
    const MarlDampingTerm term = (MarlDampingTerm)t;
    const double nu = *marl_damping_coefficient(&expected.uniform, term); /* 0: in both */
    UNIT_NEAR(*marl_damping_coefficient(&got.uniform, term), nu, ROUND_OFF * fabs(nu));
  }
  /* K = 16 wavenumbers, <w^2> = (13 A)^2/4 of the one mode */
  if (count == 4) UNIT_NEAR(got.uniform.rim / (0.2 * 16 * 13 * A / 2), 1, ROUND_OFF);
  constants->ops->destroy(constants);
  marl_section_destroy(&section);
  marl_agent_closure_destroy(&closure);
  marl_observer_destroy(&observer);
  end(&c);
}

static void equal_actions_are_the_closure_of_free_constants(void) {
  static const char *const k6[] = {"laplacian", "biharmonic", "triharmonic", "rim"};
  static const char *const cutoff[] = {"laplacian", "biharmonic", "cutoff"};
  check_equal_actions("leith_biharmonic_k6", 3, k6);
  check_equal_actions("leith_biharmonic_cutoff", 3, cutoff);
  check_equal_actions("leith_biharmonic_k6_rim", 4, k6);
}

/* With C = C0 + C1 cos x the stress is -2 (nu - <nu>) 13^c S with s11 = -6 A cos 2x sin 3y and
 * s12 = -5/2 psi, and <|grad w|^2> = 13 <w^2> = 13 (13 A)^2 / 4. */
static void varying_actions_give_the_stress_of_one_mode(void) {
  MarlError err;
  Case c = begin(A);
  const MarlTurbulenceParams params = params_of("leith_biharmonic", 2);
  MarlAgentClosure *closure = NULL;
  MarlObserver *observer = NULL;
  make(&params, &c, &closure, &observer);
  float act[AGENTS * AGENTS * 2];
  static const float wave[AGENTS] = {1, 0, -1, 0};
  for (int a = 0; a < AGENTS * AGENTS; ++a)
    act[2 * a] = 0.5f * wave[a % AGENTS], act[2 * a + 1] = 0.25f * wave[a % AGENTS];
  marl_agent_closure_set(closure, observer, act);
  UNIT_OK(marl_agent_closure_evaluate(closure, &c.flow, &c.subgrid));
  CU_ASSERT(c.subgrid.has_stress);
  const double delta = TWO_PI / N, gradient = sqrt(13.0) * 13 * A / 2;
  const double unit2 = pow(delta, 3) * gradient, unit4 = pow(delta, 5) * gradient;
  UNIT_NEAR(c.subgrid.uniform.viscosity, -0.004 * unit2, ROUND_OFF);
  UNIT_NEAR(c.subgrid.uniform.biharmonic, 0.002 * unit4, ROUND_OFF);
  for (int y = 0; y < N; y += 3)
    for (int x = 0; x < N; ++x) {
      const double X = TWO_PI * x / N, Y = TWO_PI * y / N;
      const double nu = 0.005 * unit2 * cos(X) + 13 * 0.001 * unit4 * cos(X);
      const double s11 = -6 * A * cos(2 * X) * sin(3 * Y), s12 = -2.5 * A * sin(2 * X) * cos(3 * Y);
      UNIT_NEAR(c.subgrid.tau11[y * N + x], -2 * nu * s11, ROUND_OFF);
      UNIT_NEAR(c.subgrid.tau12[y * N + x], -2 * nu * s12, ROUND_OFF);
    }
  marl_agent_closure_destroy(&closure);
  marl_observer_destroy(&observer);
  end(&c);
}

/* A third coefficient C0 + C1 cos x alone, on psi = A sin px cos qy near the cut: the stress is
 * -2 (nu_c - <nu_c>) E/k^2 S with the bracket E of physics/damping.h, s11 = -p q A cos px sin qy and
 * s12 = (p^2 - q^2)/2 psi. */
static void varying_damping_at_the_cut_gives_its_stress(void) {
  MarlError err;
  enum { P = 15, Q = 13, K2 = P * P + Q * Q };
  Case c = begin_mode(A, P, Q);
  MarlTurbulenceParams params = params_of("leith_biharmonic_cutoff", 3);
  for (int i = 0; i < 3; ++i) params.center[i] = params.scale[i] = i < 2 ? 0 : 1;
  MarlAgentClosure *closure = NULL;
  MarlObserver *observer = NULL;
  make(&params, &c, &closure, &observer);
  float act[AGENTS * AGENTS * 3] = {0};
  static const float wave[AGENTS] = {1, 0, -1, 0};
  for (int a = 0; a < AGENTS * AGENTS; ++a) act[3 * a + 2] = 0.5f * wave[a % AGENTS];
  marl_agent_closure_set(closure, observer, act);
  UNIT_OK(marl_agent_closure_evaluate(closure, &c.flow, &c.subgrid));
  const double unit = TWO_PI / N * sqrt(K2) * K2 * A / 2; /* Delta <|grad w|^2>^(1/2) */
  const double edge = pow(P / 16.0, 24) + pow(Q / 16.0, 24);
  UNIT_NEAR(c.subgrid.uniform.cutoff / unit, 1, ROUND_OFF);
  for (int y = 0; y < N; y += 3)
    for (int x = 0; x < N; ++x) {
      const double X = TWO_PI * x / N, Y = TWO_PI * y / N, nu = 0.5 * unit * cos(X) * edge / K2;
      const double s11 = -P * Q * A * cos(P * X) * sin(Q * Y);
      const double s12 = 0.5 * (P * P - Q * Q) * A * sin(P * X) * cos(Q * Y);
      UNIT_NEAR(c.subgrid.tau11[y * N + x], -2 * nu * s11, ROUND_OFF * unit);
      UNIT_NEAR(c.subgrid.tau12[y * N + x], -2 * nu * s12, ROUND_OFF * unit);
    }
  marl_agent_closure_destroy(&closure);
  marl_observer_destroy(&observer);
  end(&c);
}

/* One agent of two a side at its top, the others at zero: quadratic splines and cosines go below
 * zero between them, damping must not. */
static void damping_is_not_negative_between_the_agents(void) {
  const MarlPlugin *kind;
  for (size_t k = 0; (kind = marl_kind_at(&marl_kind_interpolations, k)) != NULL; ++k) {
    Case c = begin(A);
    MarlTurbulenceParams params = params_of("leith_biharmonic_k6", 3);
    params.interpolation = interpolation_named(kind->name);
    params.agents = 8;
    for (int i = 0; i < 3; ++i) params.center[i] = 0, params.scale[i] = 1;
    MarlAgentClosure *closure = NULL;
    MarlObserver *observer = NULL;
    make(&params, &c, &closure, &observer);
    float act[8 * 8 * 3] = {0};
    for (int i = 0; i < 3; ++i) act[3 * 27 + i] = 1;
    marl_agent_closure_set(closure, observer, act);
    static double field[N * N];
    for (int i = 0; i < 3; ++i) {
      double lowest = 0, lowest_c = 0, sum = 0;
      marl_agent_closure_coefficient(closure, i, field);
      for (int p = 0; p < N * N; ++p) {
        lowest = fmin(lowest, closure->mean[i] + closure->rest[i * N * N + p]);
        lowest_c = fmin(lowest_c, field[p]);
        sum += closure->rest[i * N * N + p];
      }
      /* C_1 may be of either sign, and is as interpolated */
      CU_ASSERT(i > 0 || (lowest_c < -0.01) == (k > 0));
      CU_ASSERT(i == 0 || (lowest >= -1e-15 * closure->mean[i] && lowest_c == 0));
      UNIT_NEAR(sum, 0, 1e-10 * fabs(closure->mean[i]));
    }
    marl_agent_closure_destroy(&closure);
    marl_observer_destroy(&observer);
    end(&c);
  }
}

/* Equal actions C of the sets `leith` and `smagorinsky` are the closures of physics/ with the
 * coefficient C^(1/3) and C^(1/2), and for psi = A sin 2x cos 3y the numbers C Delta^3 <|grad w|> and
 * C Delta^2 13 A/2. */
static void equal_actions_are_the_eddy_viscosities_of_physics(void) {
  static const struct {
    const char *action;
    const MarlClosureOps *ops;
    double power;
  } sets[] = {{"leith", &marl_closure_leith, 3}, {"smagorinsky", &marl_closure_smagorinsky, 2}};
  MarlError err;
  Case c = begin(A);
  double gradient = 0, gradient_x[N * N], gradient_y[N * N], s11[N * N], s12[N * N];
  for (int i = 0; i < N * N; ++i) {
    const double x = TWO_PI * (i % N) / N, y = TWO_PI * (i / N) / N;
    gradient_x[i] = 26 * A * cos(2 * x) * cos(3 * y);
    gradient_y[i] = -39 * A * sin(2 * x) * sin(3 * y);
    s11[i] = -6 * A * cos(2 * x) * sin(3 * y);
    s12[i] = -2.5 * A * sin(2 * x) * cos(3 * y);
    gradient += hypot(gradient_x[i], gradient_y[i]) / (N * N);
  }
  c.flow.wx = gradient_x, c.flow.wy = gradient_y, c.flow.s11 = s11, c.flow.s12 = s12;
  for (int s = 0; s < 2; ++s) {
    MarlTurbulenceParams params = params_of(sets[s].action, 1);
    MarlAgentClosure *closure = NULL;
    MarlObserver *observer = NULL;
    make(&params, &c, &closure, &observer);
    float act[AGENTS * AGENTS];
    for (int a = 0; a < AGENTS * AGENTS; ++a) act[a] = 0.75f;
    marl_agent_closure_set(closure, observer, act);
    const double value = -0.004 + 0.75 * 0.01, delta = TWO_PI / N;
    const double by_hand = s == 0 ? pow(delta, 3) * gradient : delta * delta * 13 * A / 2;
    UNIT_NEAR(closure->mean[0] / (value * by_hand), 1, ROUND_OFF);

    char coefficient[32];
    const MarlOptionTable table = {sets[s].ops->options, sets[s].ops->num_options};
    MarlSection *section = NULL;
    MarlClosure *physics = NULL;
    MarlSubgrid expected = {0};
    snprintf(coefficient, sizeof coefficient, "%.17g", pow(value, 1 / sets[s].power));
    UNIT_OK(marl_section_create("closure", &table, 1, &section, &err));
    UNIT_OK(marl_section_set(section, "coefficient", coefficient, "test", &err));
    UNIT_OK(sets[s].ops->create(c.grid, section, &physics, &err));
    UNIT_OK(physics->ops->evaluate(physics, &c.flow, &expected, &err));
    UNIT_NEAR(closure->mean[0] / expected.uniform.viscosity, 1, ROUND_OFF);
    physics->ops->destroy(physics);
    marl_section_destroy(&section);
    marl_agent_closure_destroy(&closure);
    marl_observer_destroy(&observer);
  }
  end(&c);
}

static void a_biharmonic_viscosity_is_never_negative(void) {
  Case c = begin(A);
  const MarlTurbulenceParams params = params_of("leith_biharmonic", 2);
  MarlAgentClosure *closure = NULL;
  MarlObserver *observer = NULL;
  make(&params, &c, &closure, &observer);
  float act[AGENTS * AGENTS * 2];
  for (int a = 0; a < AGENTS * AGENTS * 2; ++a) act[a] = -1;
  marl_agent_closure_set(closure, observer, act);
  CU_ASSERT(closure->mean[0] < 0);
  UNIT_NEAR(closure->mean[1], 0, 0);
  marl_agent_closure_destroy(&closure);
  marl_observer_destroy(&observer);
  end(&c);
}

/* Values of one mode at node (0, 0), where psi = 0, u_x = s11 = 0, grad w = (26 A, 0),
 * s12 = 0, w = 0. */
static void observations_of_one_mode_match_its_derivatives(void) {
  Case c = begin(A);
  const MarlTurbulenceParams params = params_of("leith", 1);
  MarlAgentClosure *closure = NULL;
  MarlObserver *observer = NULL;
  make(&params, &c, &closure, &observer);
  enum { DIM = 2 + 1 + 1 + 3 + N / 2 + 6 + 2 };
  CU_ASSERT_FATAL(observer->dim == DIM);
  float obs[AGENTS * AGENTS * DIM];
  marl_observer_write(observer, &c.flow, obs);
  const double single = 2e-6; /* observations are floats */
  UNIT_NEAR(observer->vorticity_rms, 13 * A / 2, ROUND_OFF);
  UNIT_NEAR(observer->gradient_rms, sqrt(13.0) * 13 * A / 2, ROUND_OFF);
  UNIT_NEAR(obs[0], -1, single);                     /* |S| = 0 */
  UNIT_NEAR(obs[1], -1, single);                     /* w = 0 */
  UNIT_NEAR(obs[2], 0, single);                      /* Okubo-Weiss */
  UNIT_NEAR(obs[3], 2 * 2 / sqrt(13.0) - 1, single); /* |grad w| = 26 A over 13 A sqrt(13)/2 */
  /* u = psi_y, v = -psi_x: at the node v_xx = 8 A, v_yy = 18 A, u_xx = u_yy = 0 */
  const double rms = sqrt(13.0) * 13 / 2;
  UNIT_NEAR(obs[4], 18 / rms, single);
  UNIT_NEAR(obs[5], sqrt(18 * 18 + 0.5 * 64) / rms, single);
  UNIT_NEAR(obs[6], sqrt(0.5 * 64) / rms, single);
  for (int b = 0; b < 6; ++b) UNIT_NEAR(obs[7 + N / 2 + b], 0, single); /* its own target */
  UNIT_NEAR(obs[DIM - 2], log(pow(TWO_PI / N, 2) * 13), single);
  marl_agent_closure_destroy(&closure);
  marl_observer_destroy(&observer);
  end(&c);
}

/* With agents every 4 points, agent (0, 1) is at x = pi/4, y = 0, the top of psi. */
static void strain_and_vorticity_at_an_agent(void) {
  Case c = begin(A);
  MarlTurbulenceParams params = params_of("leith", 1);
  params.agents = 8;
  agents_see(&params, "velocity_gradient,okubo_weiss");
  MarlAgentClosure *closure = NULL;
  MarlObserver *observer = NULL;
  make(&params, &c, &closure, &observer);
  float obs[64 * 3];
  marl_observer_write(observer, &c.flow, obs);
  const double w = 13 * A, strain = 2 * 2.5 * A, rms = 13 * A / 2; /* |S| = 2 |s12| */
  UNIT_NEAR(obs[3], strain / rms - 1, 2e-6);
  UNIT_NEAR(obs[4], w / rms - 1, 2e-6);
  UNIT_NEAR(obs[5], (strain * strain - w * w) / (strain * strain + w * w + rms * rms), 2e-6);
  marl_agent_closure_destroy(&closure);
  marl_observer_destroy(&observer);
  end(&c);
}

/* A flow three times as fast looks the same, but for its cell Reynolds number (the last). */
static void observations_are_dimensionless(void) {
  Case slow = begin(A), fast = begin(3 * A);
  MarlTurbulenceParams params = params_of("leith", 1);
  agents_see(&params, SEEN);
  MarlAgentClosure *closure[2] = {NULL, NULL};
  MarlObserver *observer[2] = {NULL, NULL};
  make(&params, &slow, &closure[0], &observer[0]);
  make(&params, &fast, &closure[1], &observer[1]);
  enum { DIM = 2 + 1 + 1 + 3 + N / 2 + 2 };
  float obs[2][AGENTS * AGENTS * DIM];
  marl_observer_write(observer[0], &slow.flow, obs[0]);
  marl_observer_write(observer[1], &fast.flow, obs[1]);
  for (int a = 0; a < AGENTS * AGENTS; ++a)
    for (int i = 0; i < 7; ++i) UNIT_NEAR(obs[1][a * DIM + i], obs[0][a * DIM + i], 1e-5);
  UNIT_NEAR(obs[1][DIM - 1] - obs[0][DIM - 1], log(3), 1e-5);
  for (int i = 0; i < 2; ++i)
    marl_agent_closure_destroy(&closure[i]), marl_observer_destroy(&observer[i]);
  end(&slow), end(&fast);
}

static CU_TestInfo tests[] = {
    {"equal actions are the closure of free constants",
     equal_actions_are_the_closure_of_free_constants},
    {"varying actions give the stress of one mode", varying_actions_give_the_stress_of_one_mode},
    {"varying damping at the cut gives its stress", varying_damping_at_the_cut_gives_its_stress},
    {"damping is not negative between the agents", damping_is_not_negative_between_the_agents},
    {"equal actions are the eddy viscosities of physics",
     equal_actions_are_the_eddy_viscosities_of_physics},
    {"a biharmonic viscosity is never negative", a_biharmonic_viscosity_is_never_negative},
    {"observations of one mode match its derivatives",
     observations_of_one_mode_match_its_derivatives},
    {"strain and vorticity at an agent", strain_and_vorticity_at_an_agent},
    {"observations are dimensionless", observations_are_dimensionless},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"agent_closure", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
