/* ctest: timeout=180 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* marl simulate and marl reference: killed at any moment and resumed they leave the same files. */
#include "marl/core/store.h"
#include "tests/cli/program.h"

static Program p;

static const char flow[] =
    "grid: {n: 32}\n"
    "flow: {reynolds: 2000}\n"
    "time: {dt: 2e-3, spinup: 2, end: 12}\n"
    "closure: {name: leith, coefficient: 0.2}\n"
    "statistics: {sizes: [16]}\n"
    "output: {fields_every: 4, series_every: 0.5, statistics_every: 0.5, checkpoint_every: 0.5}\n";

static const char reference[] =
    "grid: {n: 32}\n"
    "flow: {reynolds: 2000}\n"
    "integrator: {name: ifrk4, cfl: 0.9}\n"
    "time: {dt: 1e-2, spinup: 2, end: 12}\n"
    "statistics: {sizes: [16]}\n"
    "output: {statistics_every: 0.5, checkpoint_every: 0.5}\n"
    "reference: {coarse_n: 16, coarse_time: 4, initial_sizes: [16], initial_samples: 4}\n";

/* Runs `command` whole in a, and in b with SIGKILL after each of the first four checkpoints. */
static void kill_until_done(const char *command, const char *compare) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "killed() {\n"
           "  before=$(cat b/latest 2>/dev/null)\n"
           "  \"$MARL\" %s \"$@\" --quiet 2>/dev/null & pid=$!\n"
           "  while [ \"$(cat b/latest 2>/dev/null)\" = \"$before\" ] && kill -0 $pid 2>/dev/null\n"
           "  do sleep 0.01; done\n"
           "  kill -KILL $pid 2>/dev/null; wait $pid 2>/dev/null\n"
           "}\n"
           "marl %s config.yaml --out a --quiet || exit 1\n"
           "killed config.yaml --out b\n"
           "for i in 1 2 3; do killed --resume b; done\n"
           "marl %s --resume b --quiet || exit 1\n"
           "for file in %s; do cmp a/$file b/$file || exit 1; done\n"
           "echo same",
           command, command, command, compare);
  PROGRAM_SAYS(&p, line, 0, "same");
  PROGRAM_SAYS(&p, "rm -r a b", 0, "");
}

static void a_killed_simulation_leaves_the_same_files(void) {
  program_write(&p, "config.yaml", flow);
  kill_until_done("simulate", "series.h5 statistics.h5 fields_0000002000.h5 fields_0000006000.h5");
}

static void a_killed_reference_run_leaves_the_same_file(void) {
  program_write(&p, "config.yaml", reference);
  kill_until_done("reference", "reference.h5");
}

/* Runs `command` whole in a, and in b to time 7 first; files of both are the same in the end. */
static void prolong(const char *command, const char *compare) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "marl %s config.yaml --out a --quiet || exit 1\n"
           "marl %s config.yaml --out b --quiet --set time.end=7 || exit 1\n"
           "for file in %s; do cmp -s a/$file b/$file && exit 1; done\n"
           "marl %s --resume b --quiet --set time.end=12 || exit 1\n"
           "for file in %s; do cmp a/$file b/$file || exit 1; done\n"
           "echo same",
           command, command, compare, command, compare);
  PROGRAM_SAYS(&p, line, 0, "same");
}

static void a_finished_simulation_is_prolonged(void) {
  program_write(&p, "config.yaml", flow);
  prolong("simulate", "series.h5 statistics.h5");
  PROGRAM_SAYS(&p, "rm -r a b", 0, "");
}

static void a_finished_reference_run_is_prolonged(void) {
  program_write(&p, "config.yaml", reference);
  prolong("reference", "reference.h5");
  PROGRAM_SAYS(&p, "marl reference --resume b --quiet --set time.end=7", 2, "(time.end)");
  PROGRAM_SAYS(&p, "rm -r a b", 0, "");
}

static void a_reference_run_keeps_fields(void) {
  program_write(&p, "config.yaml", reference);
  PROGRAM_SAYS(&p,
               "marl reference config.yaml --out a --quiet --set output.fields_every=4 || exit 1\n"
               "ls a/fields_*.h5 | wc -l",
               0, "3"); /* at 4, 8 and 12, not in the spin-ups */
  PROGRAM_SAYS(&p, "rm -r a", 0, "");
}

/* A table that is shifted by a column is worse than none. */
static void scores_have_a_column_for_each_head(void) {
  program_write(&p, "config.yaml", reference);
  PROGRAM_SAYS(&p,
               "marl reference config.yaml --out r --quiet || exit 1\n"
               "marl evaluate --closures none --against r/reference.h5 --out e --quiet"
               " --set evaluate.resolution=16 --set evaluate.spinup=0 --set evaluate.time=1"
               " --set evaluate.block=0.5 >/dev/null || exit 1\n"
               "sed 's/reference, truncated/cut/' e/scores.csv |\n"
               " awk -F, 'NR == 1 {n = NF; for (i = 1; i <= NF; ++i) at[$i] = i}\n"
               "  NF != n {exit 1}\n"
               "  NR == 2 && $at[\"blow_ups\"] != 0 {exit 1}\n"
               "  END {print NR \" lines\"}'",
               0, "4 lines");
}

/* Fields, series with budgets, spectra, densities, a reference with its initial fields: byte for
 * byte. */
static void any_number_of_ranks_writes_the_same_files(void) {
  program_write(&p, "config.yaml", flow);
  program_write(&p, "reference.yaml", reference);
  PROGRAM_SAYS(&p,
               "common='--quiet --set time.spinup=0.05 --set time.end=0.2'\n"
               "short=\"$common --set output.statistics_every=0.05\"\n"
               "fields='--set output.fields_every=0.1 --set output.series_every=0.05'\n"
               "few='--set reference.initial_samples=2 --set reference.held_out=1"
               " --set reference.coarse_time=0.1'\n"
               "for n in 1 2 3 4 5; do\n"
               "  marl simulate config.yaml --out s$n $short $fields -n $n || exit 1\n"
               "  marl reference reference.yaml --out r$n $short $few -n $n || exit 1\n"
               "  for file in series.h5 statistics.h5 fields_0000000100.h5; do\n"
               "    cmp s1/$file s$n/$file || exit 1; done\n"
               "  cmp r1/reference.h5 r$n/reference.h5 || exit 1; done\n"
               "rm -r s? r?; echo same",
               0, "same");
}

/* u = psi_y, v = -psi_x and w = -lap psi of one wave, read from the file. */
static void fields_are_written_as_asked(void) {
  enum { N = 16 };
  MarlError err;
  MarlStore *store;
  char path[2 * PROGRAM_PATH];
  double w[N * N], u[N * N], v[N * N], psi[N * N];
  program_write(&p, "config.yaml",
                "grid: {n: 16}\nflow: {viscosity: 0.1}\nforcing: {name: none}\n"
                "initial: {name: taylor_green}\ntime: {dt: 1e-3, end: 0.01}\n"
                "output: {fields_every: 1, fields: [vorticity, velocity, streamfunction]}\n");
  PROGRAM_SAYS(&p, "marl simulate config.yaml --out a --quiet && echo done", 0, "done");
  snprintf(path, sizeof path, "%s/a/fields_0000000000.h5", p.folder);
  UNIT_OK(marl_store_open(path, &store, &err));
  UNIT_OK(marl_store_read(store, "vorticity", MARL_F64, (size_t)(N * N), w, &err));
  UNIT_OK(marl_store_read(store, "u", MARL_F64, (size_t)(N * N), u, &err));
  UNIT_OK(marl_store_read(store, "v", MARL_F64, (size_t)(N * N), v, &err));
  UNIT_OK(marl_store_read(store, "streamfunction", MARL_F64, (size_t)(N * N), psi, &err));
  marl_store_close(&store);
  for (int j = 0; j < N; ++j)
    for (int i = 0; i < N; ++i) {
      const double x = i * 2 * acos(-1) / N, y = j * 2 * acos(-1) / N;
      const int at = j * N + i;
      UNIT_NEAR(w[at], 2 * cos(x) * cos(y), 1e-14);
      UNIT_NEAR(psi[at], cos(x) * cos(y), 1e-14);
      UNIT_NEAR(u[at], -cos(x) * sin(y), 1e-14);
      UNIT_NEAR(v[at], sin(x) * cos(y), 1e-14);
    }
  PROGRAM_SAYS(&p, "marl simulate config.yaml --out b --set output.fields=[speed]", 2, "'speed'");
  PROGRAM_SAYS(&p, "rm -r a", 0, "");
}

static void an_unknown_closure_is_named_with_its_line(void) {
  program_write(&p, "config.yaml", "flow: {reynolds: 2000}\nclosure:\n  name: leeth\n");
  PROGRAM_SAYS(&p, "marl simulate config.yaml --out a", 2, "config.yaml:3");
  PROGRAM_SAYS(&p, "marl simulate config.yaml --out a", 2, "did you mean 'leith'?");
  CU_ASSERT(!program_exists(&p, "a"));
}

static void a_blow_up_says_what_to_change(void) {
  program_write(&p, "config.yaml", flow);
  PROGRAM_SAYS(&p, "marl simulate config.yaml --out a --quiet --set time.dt=0.5", 1, "dt");
  PROGRAM_SAYS(&p, "rm -r a", 0, "");
}

static int begin(void) {
  return program_begin(&p);
}
static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"a killed simulation leaves the same files", a_killed_simulation_leaves_the_same_files},
    {"a killed reference run leaves the same file", a_killed_reference_run_leaves_the_same_file},
    {"a finished simulation is prolonged", a_finished_simulation_is_prolonged},
    {"a finished reference run is prolonged", a_finished_reference_run_is_prolonged},
    {"a reference run keeps fields", a_reference_run_keeps_fields},
    {"scores have a column for each head", scores_have_a_column_for_each_head},
    {"any number of ranks writes the same files", any_number_of_ranks_writes_the_same_files},
    {"fields are written as asked", fields_are_written_as_asked},
    {"an unknown closure is named with its line", an_unknown_closure_is_named_with_its_line},
    {"a blow-up says what to change", a_blow_up_says_what_to_change},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"flow runs", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
