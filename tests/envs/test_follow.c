/* Closures on a flow that changes: spectra of regions against what they add up to, and an LES that is the direct
 * simulation, which has no error. */
#include "envs/turbulence/follow.h"

#include "physics/spectrum.h"
#include "tests/physics/flow_fields.h"

enum { N = 16, K = N / 2, STRIPS = 4 };

static const char text[] =
    "follow:\n  changes: [\"1:forcing.wavenumber=2\"]\n  members: 2\n  resolution: 16\n  dt: 1e-2\n"
    "  sample_every: 0.25\n  window: 0.5\n  strips: 2\n"
    "grid:\n  n: 16\nflow:\n  reynolds: 200\n  dealias: padding\nforcing:\n  wavenumber: 3\n"
    "integrator:\n  name: ifab2\ntime:\n  dt: 1e-2\n  spinup: 0.5\n  end: 2\n";

static MarlConfig *plan_of(const char *yaml, size_t size, MarlFollowPlan *plan) {
  MarlConfig *config;
  const MarlSection *section;
  MarlError err;
  UNIT_OK(marl_config_parse(yaml, size, "test.yaml", &config, &err));
  UNIT_OK(marl_follow_plan(config, plan, &section, &err));
  return config;
}

static double some(double x, double y, const double *none) {
  (void)none;
  return cos(3 * x + y) + 2 * sin(x - 2 * y) * cos(x) + 0.5 * cos(5 * y) +
         0.8 * cos(x + 2 * y + 0.7) + 0.3 * sin(2 * x - y);
}

/* A strip's spectrum sums to its mean of w^2/2 (Parseval along y), and the mean over strips is the spectrum along y
 * of the whole. Both to round-off: sums of some 100 terms of size one. */
static void regions_add_up(void) {
  const double none = 0;
  MarlSolverParams p = quiet_params(N, MARL_IFAB2, 1e-2);
  p.dealias = MARL_DEALIAS_PADDING;
  MarlSolver *s = make_solver(&p);
  double out[(1 + STRIPS) * K] = {0}, along_y[K];
  start_from(s, some, &none);
  const MarlFlow *flow = marl_solver_flow(s, MARL_NEED_VORTICITY);
  marl_follow_regional(flow->grid, flow->w_hat, STRIPS, out);
  marl_spectrum_xy(flow->grid, flow->w_hat, NULL, along_y);
  for (int r = 0; r < STRIPS; ++r) {
    const double *strip = out + (1 + r) * K;
    double sum = strip[0], mean = 0;
    for (int k = 1; k < K; ++k) sum += 2 * strip[k];
    for (int y = 0; y < N; ++y)
      for (int i = 0; i < N / STRIPS; ++i) {
        const int x = (r * N / STRIPS + i - N / STRIPS / 2 + N) % N;
        mean += 0.5 * flow->w[y * N + x] * flow->w[y * N + x] * STRIPS / (N * N);
      }
    UNIT_NEAR(sum, mean, 1e-13);
  }
  for (int k = 0; k < K; ++k) {
    double mean = 0;
    for (int r = 0; r < STRIPS; ++r) mean += out[(1 + r) * K + k] / STRIPS;
    UNIT_NEAR(mean, along_y[k], 1e-13);
  }
  marl_solver_destroy(&s);
}

/* On the grid, with the scheme and the step of the direct simulation an LES without a closure is that simulation:
 * the transform of its field at time 0 and back leaves round-off alone, which two time units cannot grow to 1e-9. */
static void an_les_that_is_the_direct_simulation_has_no_error(void) {
  MarlFollowPlan plan;
  MarlConfig *config = plan_of(text, sizeof text - 1, &plan);
  MarlScoreRow none = {.closure = NULL};
  MarlError err;
  UNIT_OK(marl_closure_parse("none", &none, &err));
  const size_t size = marl_follow_size(&plan);
  CU_ASSERT_FATAL(size == 4u * 3u * K);
  double direct[2 * 4 * 3 * K], les[2 * 4 * 3 * K], start[N * N], blow_up, value, error;
  for (int m = 0; m < 2; ++m) {
    UNIT_OK(marl_follow_direct(&plan, m, NULL, direct + (size_t)m * size, start, &err));
    UNIT_OK(marl_follow_les(&plan, &none, m, start, NULL, les + (size_t)m * size, &blow_up, &err));
    CU_ASSERT(isnan(blow_up));
  }
  for (int p = 0; p < 2; ++p)
    for (int r = 0; r < 3; ++r) {
      marl_follow_phase_error(&plan, direct, les, p, r, &value, &error);
      UNIT_NEAR(value, 0, 1e-9);
    }
  CU_ASSERT(fabs(direct[0] - direct[size]) > 1e-6); /* members differ */
  marl_section_destroy(&none.options);
  marl_config_destroy(&config);
}

/* Spectra of one direct simulation that are e^a times another's: error a sqrt(num_k) in every window; the members
 * agree, so its standard error is zero up to round-off. A run that blew up has an infinite error from there on. */
static void errors_are_those_of_the_formula(void) {
  MarlFollowPlan plan;
  MarlConfig *config = plan_of(text, sizeof text - 1, &plan);
  const size_t size = marl_follow_size(&plan);
  double direct[2 * 4 * 3 * K], les[2 * 4 * 3 * K], value, error;
  for (size_t i = 0; i < 2 * size; ++i) {
    direct[i] = 1 + (double)(i % size);
    les[i] = exp(0.3) * direct[i];
  }
  marl_follow_error(&plan, direct, les, 1, 2, &value, &error);
  UNIT_NEAR(value, 0.3 * sqrt(K), 1e-13);
  UNIT_NEAR(error, 0, 1e-7); /* the root of a cancelled sum */
  marl_follow_phase_error(&plan, direct, les, 0, 0, &value, &error);
  UNIT_NEAR(value, 0.3 * sqrt(K), 1e-13);
  les[size - 1] = (double)NAN; /* last window of one member */
  marl_follow_phase_error(&plan, direct, les, 0, 2, &value, &error);
  CU_ASSERT(isfinite(value));
  marl_follow_phase_error(&plan, direct, les, 1, 2, &value, &error);
  CU_ASSERT(isinf(value));
  marl_config_destroy(&config);
}

/* Members whose log spectra are independent normal numbers of deviation s about a common one: the squared distance of
 * two ensembles of M is 2 K s^2/M in the mean, and that is what one ensemble says, of odd M too. */
static void a_perfect_closure_scores_what_a_second_ensemble_does(void) {
  enum { DRAWS = 2000, WINDOWS = 4, REGIONS = 3, MOST = 6 };
  static const double s = 0.01; /* small: the log of a mean is the mean of logs to s^2 */
  static double direct[MOST * WINDOWS * REGIONS * K];
  MarlFollowPlan plan;
  MarlConfig *config = plan_of(text, sizeof text - 1, &plan);
  const MarlKey key = marl_key(5, 6);
  for (plan.members = 4; plan.members <= MOST; ++plan.members) {
    const size_t numbers = (size_t)plan.members * marl_follow_size(&plan);
    double square = 0, value, error;
    for (uint64_t d = 0; d < DRAWS; ++d) {
      for (size_t i = 0; i < numbers; ++i) direct[i] = exp(s * marl_normal(key, d * numbers + i));
      for (int v = 0; v < WINDOWS; ++v)
        for (int r = 0; r < REGIONS; ++r) {
          marl_follow_error(&plan, direct, NULL, v, r, &value, &error);
          square += value * value / (DRAWS * WINDOWS * REGIONS);
        }
    }
    const double expected = 2 * K * s * s / plan.members; /* chi squared: 4 of its deviations */
    UNIT_NEAR(square / expected, 1, 4 * sqrt(2.0 / (K * DRAWS * WINDOWS * REGIONS)));
  }
  marl_config_destroy(&config);
}

static void mistakes_are_named(void) {
  static const struct {
    const char *setting, *words;
  } wrong[] = {{"follow.window=0.3", "no multiple"},
               {"follow.strips=3", "do not divide"},
               {"follow.resolution=32", "more wavenumbers than the direct simulation"},
               {"time.end=0.1", "leaves no window"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    MarlConfig *config;
    MarlFollowPlan plan;
    const MarlSection *section;
    MarlError err;
    UNIT_OK(marl_config_parse(text, sizeof text - 1, "test.yaml", &config, &err));
    UNIT_OK(marl_config_set(config, wrong[i].setting, &err));
    UNIT_ERROR(marl_follow_plan(config, &plan, &section, &err), MARL_ECONFIG, wrong[i].words);
    marl_config_destroy(&config);
  }
}

static CU_TestInfo tests[] = {
    {"regions add up", regions_add_up},
    {"an LES that is the direct simulation has no error",
     an_les_that_is_the_direct_simulation_has_no_error},
    {"errors are those of the formula", errors_are_those_of_the_formula},
    {"a perfect closure scores what a second ensemble does",
     a_perfect_closure_scores_what_a_second_ensemble_does},
    {"mistakes are named", mistakes_are_named},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"closures on a flow that changes", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
