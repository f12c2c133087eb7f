/* ctest: label=verification */
/* Figures scale with the units of length and time as their `units` say: nothing in a flow or in its
 * statistics knows a metre or a second. */
#include <stdlib.h>
#include <string.h>

#include "physics/statistics.h"
#include "tests/physics/flow_fields.h"

static MarlError err;

/* Metres a unit of length and seconds a unit of time: box and times become length and time times as
 * large in numbers. */
typedef struct Units {
  double length, time;
} Units;

static MarlStore *statistics_in(Units u) {
  MarlSolverParams p = marl_solver_defaults(48);
  p.lx *= u.length;
  p.ly *= u.length;
  p.viscosity = 2e-3 * u.length * u.length / u.time;
  p.linear_drag = 0.3 / u.time;
  p.beta = 4 / (u.length * u.time);
  p.dt = 4e-3 * u.time;
  p.forcing.wavenumber = 4 / u.length;
  p.forcing.amplitude = 2 * u.length / (u.time * u.time);
  MarlSolver *s = make_solver(&p);
  const MarlGrid *g = marl_solver_grid(s);
  double *w = marl_fft_alloc_physical(g);
  for (int j = 0; j < g->ny; ++j)
    for (int i = 0; i < g->nx; ++i) {
      const double x = i * TWO_PI / g->nx, y = j * TWO_PI / g->ny, top = 4;
      w[(size_t)j * (size_t)g->nx + (size_t)i] = smooth_field(x, y, &top) / u.time;
    }
  UNIT_OK(marl_solver_set_vorticity(s, w, &err));
  marl_fft_free(w);
  const MarlStatisticsParams params = {
      .pdf_range = 40 / u.time, .pdf_bins = 1000, .block = 2, .num_sizes = 1, .sizes = {16}};
  MarlStatistics *statistics;
  UNIT_OK(marl_statistics_create(g, &params, &statistics, &err));
  for (int sample = 0; sample < 6; ++sample) {
    take_steps(s, 5);
    UNIT_OK(marl_statistics_add(statistics, s, &err));
  }
  MarlStore *store;
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(marl_statistics_write(statistics, store, &err));
  marl_statistics_destroy(&statistics);
  marl_solver_destroy(&s);
  return store;
}

/* "L^2/T^3" in the units u */
static double size_of(const char *units, Units u) {
  double size = 1, sign = 1;
  for (const char *c = units; *c != '\0'; ++c) {
    if (*c == '/') sign = -1;
    if (*c != 'L' && *c != 'T') continue;
    const double power = c[1] == '^' ? atof(c + 2) : 1;
    size *= pow(*c == 'L' ? u.length : u.time, sign * power);
  }
  return size;
}

enum { MAX_VALUES = 1024 };

/* Round-off of 30 steps and of sums: 1e-9 of the largest value. */
static void compare(MarlStore *here, MarlStore *there, const char *name, Units u) {
  size_t shape[MARL_STORE_MAX_RANK];
  int rank;
  char *units;
  static double a[MAX_VALUES], b[MAX_VALUES];
  double largest = 0;
  UNIT_OK(marl_store_shape(here, name, &rank, shape, &err));
  UNIT_OK(marl_store_get_text(here, name, "units", &units, &err));
  UNIT_OK(marl_store_read(here, name, MARL_F64, shape[0], a, &err));
  UNIT_OK(marl_store_read(there, name, MARL_F64, shape[0], b, &err));
  const double size = size_of(units, u);
  for (size_t i = 0; i < shape[0]; ++i) largest = fmax(largest, fabs(a[i]));
  for (size_t i = 0; i < shape[0]; ++i) UNIT_NEAR(b[i] / size, a[i], 1e-9 * largest);
  free(units);
}

static void compare_attribute(MarlStore *here, MarlStore *there, const char *of, const char *key,
                              double size) {
  double a, b;
  UNIT_OK(marl_store_get_real(here, of, key, &a, &err));
  UNIT_OK(marl_store_get_real(there, of, key, &b, &err));
  UNIT_NEAR(b / size, a, 1e-9 * fabs(a));
}

static void statistics_scale_with_the_units(void) {
  static const Units units[] = {{3.7, 1}, {1, 0.29}, {1e-3, 1e4}};
  static const char *const names[] = {"spectrum/enstrophy",
                                      "spectrum/energy",
                                      "spectrum/enstrophy_error",
                                      "spectrum/energy_std",
                                      "spectrum/enstrophy_x",
                                      "spectrum/energy_shells",
                                      "spectrum/energy_flux",
                                      "spectrum/enstrophy_flux",
                                      "spectrum/enstrophy_shells",
                                      "pdf/vorticity",
                                      "pdf/density",
                                      "spectrum_n16/energy_filtered",
                                      "maxima/full",
                                      "pdf_n16/density_filtered"};
  MarlStore *here = statistics_in((Units){1, 1});
  for (size_t i = 0; i < sizeof units / sizeof *units; ++i) {
    MarlStore *there = statistics_in(units[i]);
    for (size_t n = 0; n < sizeof names / sizeof *names; ++n)
      compare(here, there, names[n], units[i]);
    const double rate = size_of("1/T", units[i]);
    compare_attribute(here, there, "pdf/density", "standard_deviation", rate);
    compare_attribute(here, there, "pdf/density", "kurtosis", 1);
    compare_attribute(here, there, "pdf/density", "tail_2", 1);
    marl_store_close(&there);
  }
  marl_store_close(&here);
}

static CU_TestInfo tests[] = {
    {"statistics scale with the units", statistics_scale_with_the_units},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"units", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
