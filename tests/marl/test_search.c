#include "marl/learn/search.h"

#include "tests/unit.h"

enum { MAX_DIM = 10, MAX_POINTS = 32 };

static const double SQRT_HALF = 0.70710678118654752440;

typedef double (*Function)(int n, const double *x);

static double sphere(int n, const double *x) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += (x[i] - 1) * (x[i] - 1);
  return sum;
}

/* Condition number 1e6, rotated by 45 degrees in each pair of variables. */
static double ellipsoid(int n, const double *x) {
  double sum = 0;
  for (int i = 0; i < n; i += 2) {
    const double a = (x[i] + x[i + 1]) * SQRT_HALF, b = (x[i] - x[i + 1]) * SQRT_HALF;
    sum += pow(1e6, i / (n - 1.0)) * a * a + pow(1e6, (i + 1) / (n - 1.0)) * b * b;
  }
  return sum;
}

static double rosenbrock(int n, const double *x) {
  double sum = 0;
  for (int i = 0; i + 1 < n; ++i) sum += 100 * pow(x[i + 1] - x[i] * x[i], 2) + pow(1 - x[i], 2);
  return sum;
}

static double quartic(int n, const double *x) {
  (void)n;
  return pow(x[0] - 0.3, 4) + pow(x[0] - 0.3, 2);
}

static int evaluate(MarlSearch *search, Function f) {
  double points[MAX_POINTS * MAX_DIM], values[MAX_POINTS];
  const int count = marl_search_ask(search, points);
  for (int k = 0; k < count; ++k) values[k] = f(search->dim, points + k * search->dim);
  marl_search_tell(search, values);
  return count;
}

static MarlSearch *begin(const char *name, int dim, double start, double scale, uint64_t seed) {
  MarlError err;
  double starts[MAX_DIM], scales[MAX_DIM];
  for (int i = 0; i < dim; ++i) starts[i] = start, scales[i] = scale;
  const MarlSearchParams params = {.dim = dim,
                                   .start = starts,
                                   .scale = scales,
                                   .population = strcmp(name, "grid") == 0 ? 30 : 0,
                                   .key = marl_key(seed, MARL_STREAM_SEARCH)};
  const MarlSearchOps *ops = NULL;
  MarlSearch *search = NULL;
  UNIT_OK(marl_search_find(name, &ops, &err));
  UNIT_OK(marl_search_create(ops, &params, &search, &err));
  return search;
}

/* The value at the estimate falls below `target` within `budget` evaluations. */
static void reaches(const char *name, Function f, int dim, double start, double scale,
                    double target, int budget) {
  MarlSearch *search = begin(name, dim, start, scale, 1);
  double best[MAX_DIM];
  int used = 0;
  do {
    used += evaluate(search, f);
    marl_search_estimate(search, best);
  } while (!(f(dim, best) <= target) && used < budget);
  UNIT_NEAR(f(dim, best), 0, target);
  marl_search_destroy(&search);
}

/* Budgets: one and a half times what Hansen's published experiments (Hansen and Ostermeier 2001,
 * Hansen 2016) need for the same accuracy, which leaves room for the seed but not for a missing
 * covariance update: without it the ellipsoid and Rosenbrock take a hundred times more. */
static void cmaes_finds_known_optima(void) {
  reaches("cmaes", sphere, 10, 3, 0.5, 1e-10, 3000);
  reaches("cmaes", ellipsoid, 8, 3, 1, 1e-10, 6000);
  reaches("cmaes", rosenbrock, 5, 0, 0.5, 1e-10, 6000);
  reaches("cmaes", sphere, 1, 3, 0.5, 1e-10, 1000);
}

static void nelder_mead_finds_known_optima(void) {
  reaches("nelder_mead", sphere, 3, 3, 0.5, 1e-12, 500);
  reaches("nelder_mead", rosenbrock, 2, -1, 0.5, 1e-12, 500);
}

/* Quadratic convergence near a simple minimum: 1e-8 of the interval in a few tens of values; the
 * value there is flat to round-off below |x - x*| = sqrt(eps), so 1e-7 is what can be asked. */
static void brent_finds_a_minimum_inside_its_interval(void) {
  MarlSearch *search = begin("brent", 1, 0, 2, 1);
  for (int i = 0; i < 30; ++i) evaluate(search, quartic);
  double x;
  marl_search_estimate(search, &x);
  UNIT_NEAR(x, 0.3, 1e-7);
  marl_search_destroy(&search);
}

/* The minimum of a monotone function is the end of the interval, reached to the tolerance. */
static double falling(int n, const double *x) {
  (void)n;
  return -x[0];
}
static void brent_reaches_the_end_of_its_interval(void) {
  MarlSearch *search = begin("brent", 1, 5, 2, 1);
  for (int i = 0; i < 60; ++i) evaluate(search, falling);
  double x;
  marl_search_estimate(search, &x);
  UNIT_NEAR(x, 7, 1e-6);
  marl_search_destroy(&search);
}

/* 5 x 5 = 25 of at most 30 points over 1 +- 2: the minimum (1, 1) is one of them, as are the ends;
 * then the search is over. */
static void a_grid_tries_all_its_points_once(void) {
  MarlSearch *search = begin("grid", 2, 1, 2, 1);
  double points[MAX_POINTS * MAX_DIM], x[2];
  CU_ASSERT_EQUAL_FATAL(marl_search_ask(search, points), 25);
  UNIT_NEAR(points[0], -1, 0);
  UNIT_NEAR(points[2 * 24 + 1], 3, 0);
  UNIT_NEAR(marl_search_spread(search), 1, 0);
  evaluate(search, sphere);
  marl_search_estimate(search, x);
  UNIT_NEAR(x[0], 1, 0);
  UNIT_NEAR(x[1], 1, 0);
  UNIT_NEAR(marl_search_spread(search), 0, 0);
  marl_search_destroy(&search);
}

/* A region that blows up (NaN) is left, whatever the method. */
static double half_broken(int n, const double *x) {
  return x[0] > 2.5 ? (double)NAN : sphere(n, x);
}
static void undefined_values_are_avoided(void) {
  reaches("cmaes", half_broken, 4, 2, 0.5, 1e-6, 3000);
  reaches("nelder_mead", half_broken, 2, 2, 1, 1e-6, 500);
  reaches("grid", half_broken, 2, 2, 1, 1e-6, 500);
}

static void a_saved_search_continues_bit_for_bit(void) {
  static const char *const names[] = {"cmaes", "nelder_mead", "grid", "brent"};
  for (int m = 0; m < 4; ++m) {
    MarlError err;
    const int dim = m == 3 ? 1 : 3;
    MarlSearch *whole = begin(names[m], dim, 3, 0.5, 4), *resumed = begin(names[m], dim, 3, 0.5, 4);
    for (int i = 0; i < 7; ++i) evaluate(whole, sphere);
    MarlStore *store = NULL, *from = NULL;
    void *bytes = NULL;
    size_t size = 0;
    UNIT_OK(marl_store_create_memory(&store, &err));
    UNIT_OK(marl_search_save(whole, store, &err));
    UNIT_OK(marl_store_image(store, &bytes, &size, &err));
    UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
    UNIT_OK(marl_search_load(resumed, from, &err));
    for (int i = 0; i < 7; ++i) evaluate(whole, sphere), evaluate(resumed, sphere);
    UNIT_BITS_EQUAL(whole->state, resumed->state, whole->num_state * sizeof(double));
    marl_store_close(&store), marl_store_close(&from);
    free(bytes);
    marl_search_destroy(&whole), marl_search_destroy(&resumed);
  }
}

static void asking_twice_gives_the_same_points(void) {
  double once[MAX_POINTS * MAX_DIM], twice[MAX_POINTS * MAX_DIM];
  MarlSearch *search = begin("cmaes", 5, 0, 1, 2);
  const int count = marl_search_ask(search, once);
  CU_ASSERT(marl_search_ask(search, twice) == count);
  UNIT_BITS_EQUAL(once, twice, (size_t)(count * 5) * sizeof(double));
  marl_search_destroy(&search);
}

static void mistakes_are_explained(void) {
  MarlError err;
  const MarlSearchOps *ops;
  UNIT_ERROR(marl_search_find("cmae", &ops, &err), MARL_ECONFIG, "cmaes");
  const double start[2] = {0, 0}, scale[2] = {1, 0};
  MarlSearchParams params = {.dim = 2, .start = start, .scale = scale};
  MarlSearch *search = NULL;
  UNIT_OK(marl_search_find("brent", &ops, &err));
  UNIT_ERROR(marl_search_create(ops, &params, &search, &err), MARL_EARG, "scale of variable 1");
  const double ones[2] = {1, 1};
  params.scale = ones;
  UNIT_ERROR(marl_search_create(ops, &params, &search, &err), MARL_EARG, "one variable");
}

static CU_TestInfo tests[] = {
    {"CMA-ES finds known optima", cmaes_finds_known_optima},
    {"Nelder-Mead finds known optima", nelder_mead_finds_known_optima},
    {"Brent finds a minimum inside its interval", brent_finds_a_minimum_inside_its_interval},
    {"Brent reaches the end of its interval", brent_reaches_the_end_of_its_interval},
    {"a grid tries all its points once", a_grid_tries_all_its_points_once},
    {"undefined values are avoided", undefined_values_are_avoided},
    {"a saved search continues bit for bit", a_saved_search_continues_bit_for_bit},
    {"asking twice gives the same points", asking_twice_gives_the_same_points},
    {"mistakes are explained", mistakes_are_explained},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"search", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
