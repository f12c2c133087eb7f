#include "envs/turbulence/interpolation.h"

#include "tests/envs/turbulence_names.h"

enum { N = 32 };
static const char *const kinds[] = {"bilinear", "biquadratic", "spectral"};

/* Round-off of a sum of A^2 terms of order one. */
static const double ROUND_OFF = 1e-13;

static MarlInterpolation *make(const char *kind, int agents) {
  MarlError err;
  MarlInterpolation *made = NULL;
  UNIT_OK(marl_interpolation_create(interpolation_named(kind), N, agents, &made, &err));
  return made;
}

static const double PI = 3.14159265358979323846;

/* Values without any symmetry. */
static void fill(int agents, double *values) {
  for (int a = 0; a < agents * agents; ++a) values[a] = sin(1 + 2.7 * a) + 0.1 * (a % 3);
}

/* Of every kind that there is. */
static void values_return_at_their_agents(void) {
  static double values[N * N], field[N * N];
  const MarlPlugin *kind;
  for (size_t k = 0; (kind = marl_kind_at(&marl_kind_interpolations, k)) != NULL; ++k)
    for (int agents = 1; agents <= N; agents *= 2) {
      MarlInterpolation *map = make(kind->name, agents);
      fill(agents, values);
      marl_interpolation_apply(map, values, field);
      const int spacing = N / agents;
      for (int j = 0; j < agents; ++j)
        for (int i = 0; i < agents; ++i)
          UNIT_NEAR(field[j * spacing * N + i * spacing], values[j * agents + i], ROUND_OFF);
      marl_interpolation_destroy(&map);
    }
}

static void equal_values_give_a_constant_field(void) {
  double values[16], field[N * N];
  for (int a = 0; a < 16; ++a) values[a] = 0.7;
  for (int k = 0; k < 3; ++k) {
    MarlInterpolation *map = make(kinds[k], 4);
    marl_interpolation_apply(map, values, field);
    for (int p = 0; p < N * N; ++p) UNIT_NEAR(field[p], 0.7, ROUND_OFF);
    marl_interpolation_destroy(&map);
  }
}

/* Registration: values moved by one agent along x and two along y give the field moved by one
 * and two cells, across the periodic edges too. */
static void shifted_values_give_the_shifted_field(void) {
  double values[16], shifted[16], field[N * N], moved[N * N];
  fill(4, values);
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < 4; ++i) shifted[(j + 2) % 4 * 4 + (i + 1) % 4] = values[j * 4 + i];
  for (int k = 0; k < 3; ++k) {
    MarlInterpolation *map = make(kinds[k], 4);
    marl_interpolation_apply(map, values, field);
    marl_interpolation_apply(map, shifted, moved);
    for (int y = 0; y < N; ++y)
      for (int x = 0; x < N; ++x)
        UNIT_NEAR(moved[(y + 16) % N * N + (x + 8) % N], field[y * N + x], ROUND_OFF);
    marl_interpolation_destroy(&map);
  }
}

/* Each method is exact for what it is named after: the hat for straight lines between agents,
 * the trigonometric one for a resolved cosine at a phase off the lattice. */
static void methods_are_exact_for_their_functions(void) {
  double values[16], field[N * N];
  fill(4, values);
  MarlInterpolation *map = make("bilinear", 4);
  marl_interpolation_apply(map, values, field);
  UNIT_NEAR(field[3], values[0] + 3.0 / 8 * (values[1] - values[0]), ROUND_OFF);
  UNIT_NEAR(field[31], values[3] + 7.0 / 8 * (values[0] - values[3]), ROUND_OFF);
  marl_interpolation_destroy(&map);

  map = make("spectral", 4);
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < 4; ++i)
      values[j * 4 + i] = cos((PI / 2) * i + 0.4) * sin((PI / 2) * j + 0.1);
  marl_interpolation_apply(map, values, field);
  for (int y = 0; y < N; ++y)
    for (int x = 0; x < N; ++x)
      UNIT_NEAR(field[y * N + x], cos(2 * PI * x / N + 0.4) * sin(2 * PI * y / N + 0.1), ROUND_OFF);
  marl_interpolation_destroy(&map);
}

/* A quadratic spline has a continuous slope: second differences on the grid are of the order of
 * the curvature h^2 everywhere, while the hat has kinks of the order of the slope h. */
static void the_quadratic_spline_is_smooth(void) {
  double values[16] = {0}, field[N * N];
  values[0] = 1;
  double kink[2];
  for (int k = 0; k < 2; ++k) {
    MarlInterpolation *map = make(kinds[k], 4);
    marl_interpolation_apply(map, values, field);
    kink[k] = 0;
    for (int x = 0; x < N; ++x)
      kink[k] = fmax(kink[k], fabs(field[(x + 1) % N] - 2 * field[x] + field[(x + N - 1) % N]));
    marl_interpolation_destroy(&map);
  }
  UNIT_NEAR(kink[0], 2.0 / 8, ROUND_OFF);
  CU_ASSERT(kink[1] < 4.0 / 64); /* |f''| of the cardinal spline is below 4 per spacing squared */
}

static void agents_must_divide_the_grid(void) {
  MarlError err;
  MarlInterpolation *map = NULL;
  UNIT_ERROR(marl_interpolation_create(interpolation_named("spectral"), N, 5, &map, &err),
             MARL_ECONFIG, "must divide");
}

static CU_TestInfo tests[] = {
    {"values return at their agents", values_return_at_their_agents},
    {"equal values give a constant field", equal_values_give_a_constant_field},
    {"shifted values give the shifted field", shifted_values_give_the_shifted_field},
    {"methods are exact for their functions", methods_are_exact_for_their_functions},
    {"the quadratic spline is smooth", the_quadratic_spline_is_smooth},
    {"agents must divide the grid", agents_must_divide_the_grid},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"interpolation", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
