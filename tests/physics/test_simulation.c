/* ctest: label=verification timeout=60 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* A simulation into a run folder by the library alone: nothing of cli or envs is included. */
#include "physics/simulation.h"

#include <unistd.h>

#include "tests/unit.h"

enum { PATH = 64, COMMAND = 256 };

static char folder[PATH];

static int begin(void) {
  snprintf(folder, sizeof folder, "/tmp/marl_simulation_XXXXXX");
  return mkdtemp(folder) == NULL;
}

static int end(void) {
  char command[COMMAND];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}

static void check_shell(const char *line) {
  char command[2 * COMMAND];
  snprintf(command, sizeof command, "cd %s && %s", folder, line);
  if (system(command) != 0) printf("\n    %s", line);
  CU_ASSERT_EQUAL(system(command), 0);
}

/* In folder/name, begun or continued, for `end` units of time. */
static MarlCode simulate(const char *name, double end_time, double row_every, bool resume,
                         MarlError *err) {
  char yaml[512], path[2 * PATH];
  snprintf(yaml, sizeof yaml,
           "grid: {n: 16}\nflow: {reynolds: 1000}\n"
           "time: {dt: 1e-2, end: %g}\nclosure: {name: leith}\n"
           "output: {series_every: %g, fields_every: 1, statistics_every: 0.1,\n"
           "  checkpoint_every: 0.5, checkpoint_minutes: 0}\nstatistics: {sizes: [], block: 1}\n",
           end_time, row_every);
  snprintf(path, sizeof path, "%s/%s", folder, name);
  char program[] = "test", *arguments[] = {program};
  const MarlRunRequest request = {.command = "simulate",
                                  .resume = resume ? path : NULL,
                                  .out = resume ? NULL : path,
                                  .quiet = true,
                                  .argc = 1,
                                  .argv = arguments};
  MarlConfig *config = NULL;
  MarlSimulation simulation;
  MARL_TRY(marl_config_parse(yaml, strlen(yaml), "test", &config, err));
  marl_simulation_init(&simulation, &marl_kind_closures, MPI_COMM_WORLD);
  const MarlCode code = marl_job_run(&simulation.base, config, NULL, &request, err);
  marl_config_destroy(&config);
  return code;
}

static void a_simulation_runs_without_cli(void) {
  MarlError err;
  UNIT_OK(simulate("whole", 2, 0.05, false, &err));
  UNIT_OK(simulate("part", 1, 0.05, false, &err));
  UNIT_OK(simulate("part", 2, 0.05, true, &err));
  check_shell(
      "for f in series.h5 series.csv statistics.h5 checkpoint_000200.h5\n"
      "do cmp whole/$f part/$f || exit 1; done");
  check_shell("test -e whole/fields_0000000100.h5");
  CU_ASSERT_EQUAL(simulate("whole", 1, 0.05, false, &err), MARL_ECONFIG); /* never overwritten */
}

/* Time of the flow 1/20 a row, from 0 on: both files say the same, to the last bit. */
static void the_series_are_those_of_the_rows(void) {
  char path[2 * PATH], line[1024];
  double energy[41];
  MarlError err;
  MarlStore *store = NULL;
  snprintf(path, sizeof path, "%s/whole/series.h5", folder);
  UNIT_OK(marl_store_open(path, &store, &err));
  UNIT_OK(marl_store_read(store, "energy", MARL_F64, 41, energy, &err));
  marl_store_close(&store);
  snprintf(path, sizeof path, "%s/whole/series.csv", folder);
  FILE *file = fopen(path, "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT(fgets(line, sizeof line, file) != NULL &&
            strncmp(line, "time,dt,step,energy,", 20) == 0);
  for (int row = 0; row < 41; ++row) {
    CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(line, sizeof line, file));
    char *at = line;
    double value[4];
    for (int c = 0; c < 4; ++c, ++at) value[c] = strtod(at, &at);
    UNIT_NEAR(value[0], 0.05 * row, 1e-12); /* a sum of 200 steps of 1e-2 */
    CU_ASSERT_EQUAL(value[3], energy[row]);
  }
  (void)fclose(file);
}

/* Bytes that this process has handed to write(2); the kernel counts them. */
static double bytes_written(void) {
  char line[128];
  double bytes = -1;
  FILE *io = fopen("/proc/self/io", "r");
  while (io != NULL && fgets(line, sizeof line, io) != NULL)
    if (strncmp(line, "wchar: ", 7) == 0) bytes = strtod(line + 7, NULL);
  if (io != NULL) (void)fclose(io);
  return bytes;
}

static double cost(const char *name, double length) {
  MarlError err;
  const double before = bytes_written();
  UNIT_OK(simulate(name, length, 0.01, false, &err));
  return bytes_written() - before;
}

static void ten_times_the_run_writes_ten_times_the_bytes(void) {
  if (bytes_written() < 0) return; /* no /proc here */
  const double once = cost("short", 2), ten_times = cost("long", 20);
  CU_ASSERT(once > 0 && ten_times < 12 * once);
  if (ten_times >= 12 * once) printf("\n    %g and %g bytes", once, ten_times);
}

static void lost_rows_are_told(void) {
  MarlError err;
  check_shell("sed -i 3d part/series.csv");
  CU_ASSERT_EQUAL(simulate("part", 3, 0.05, true, &err), MARL_EIO);
  CU_ASSERT_PTR_NOT_NULL(
      strstr(err.message, "part/series.csv: the first 41 rows are not those of"));
}

static CU_TestInfo tests[] = {
    {"a simulation runs without cli", a_simulation_runs_without_cli},
    {"the series are those of the rows", the_series_are_those_of_the_rows},
    {"ten times the run writes ten times the bytes", ten_times_the_run_writes_ten_times_the_bytes},
    {"lost rows are told", lost_rows_are_told},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"simulation", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
