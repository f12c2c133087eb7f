/* ctest: label=verification timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* Every column of the series that marl simulate writes scales, in a change of the units of length and
 * time, as its `units` say (of the statistics: tests/physics/test_units.c). */
#include "marl/core/store.h"
#include "tests/cli/program.h"

enum { MAX_ROWS = 64 };

typedef struct Units {
  double length, time; /* how many of the new unit are one of the old */
} Units;

static Program p;
static MarlError err;

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static void simulate(const char *name, Units u) {
  char text[PROGRAM_COMMAND], line[PROGRAM_COMMAND];
  const double speed = u.length / u.time;
  snprintf(text, sizeof text,
           "grid: {n: 32, length: %.17g}\n"
           "flow: {viscosity: %.17g, linear_drag: %.17g, beta: %.17g}\n"
           "forcing: {wavenumber: %.17g, amplitude: %.17g}\n"
           "initial: {name: dipole, radius: %.17g, speed: %.17g}\n"
           "time: {dt: %.17g, end: %.17g}\nclosure: {name: leith, coefficient: 0.2}\n"
           "output: {series_every: %.17g, checkpoint_every: 0}\n",
           6.283185307179586 * u.length, 2e-3 * speed * u.length, 0.1 / u.time,
           4 / (u.length * u.time), 4 / u.length, 2 * speed / u.time, u.length, 3 * speed,
           4e-3 * u.time, 0.4 * u.time, 0.04 * u.time);
  program_write(&p, "flow.yaml", text);
  snprintf(line, sizeof line, "marl simulate flow.yaml --out %s --quiet && echo done", name);
  PROGRAM_SAYS(&p, line, 0, "done");
}

static MarlStore *series_of(const char *name) {
  char path[2 * PROGRAM_PATH];
  MarlStore *store = NULL;
  snprintf(path, sizeof path, "%s/%s/series.h5", p.folder, name);
  UNIT_OK(marl_store_open(path, &store, &err));
  CU_ASSERT_PTR_NOT_NULL_FATAL(store);
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

/* A hundred steps that differ by round-off: 1e-9 of the column's largest value. */
static void compare(MarlStore *here, MarlStore *there, const char *column, Units u) {
  size_t shape[MARL_STORE_MAX_RANK];
  int rank;
  char *units = NULL;
  double a[MAX_ROWS], b[MAX_ROWS], largest = 0;
  UNIT_OK(marl_store_shape(here, column, &rank, shape, &err));
  CU_ASSERT_FATAL(rank == 1 && shape[0] == 11 && shape[0] <= MAX_ROWS);
  UNIT_OK(marl_store_get_text(here, column, "units", &units, &err));
  UNIT_OK(marl_store_read(here, column, MARL_F64, shape[0], a, &err));
  UNIT_OK(marl_store_read(there, column, MARL_F64, shape[0], b, &err));
  const double size = size_of(units, u);
  for (size_t i = 0; i < shape[0]; ++i) largest = fmax(largest, fabs(a[i]));
  CU_ASSERT(largest > 0); /* or nothing is tested */
  for (size_t i = 0; i < shape[0]; ++i) UNIT_NEAR(b[i] / size, a[i], 1e-9 * largest);
  free(units);
}

static void the_series_scales_with_the_units(void) {
  static const Units units[] = {{3.7, 1}, {1, 0.29}, {1e-3, 1e4}};
  static const char *const columns[] = {"time",
                                        "dt",
                                        "step",
                                        "energy",
                                        "energy_forcing",
                                        "energy_drag",
                                        "energy_viscosity",
                                        "energy_subgrid",
                                        "enstrophy",
                                        "enstrophy_forcing",
                                        "enstrophy_drag",
                                        "enstrophy_viscosity",
                                        "enstrophy_subgrid"};
  simulate("here", (Units){1, 1});
  MarlStore *here = series_of("here");
  for (size_t i = 0; i < sizeof units / sizeof *units; ++i) {
    char name[32];
    snprintf(name, sizeof name, "there_%zu", i);
    simulate(name, units[i]);
    MarlStore *there = series_of(name);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; ++c)
      compare(here, there, columns[c], units[i]);
    marl_store_close(&there);
  }
  marl_store_close(&here);
}

static CU_TestInfo tests[] = {
    {"the series scales with the units", the_series_scales_with_the_units},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"series and units", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
