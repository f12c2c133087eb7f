/* ctest: timeout=180 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* xarray opens every file of results, and each variable has its dimensions, unit and name. */
#include "tests/cli/program.h"

static Program p;

static const char flow[] =
    "grid: {n: 32}\n"
    "flow: {reynolds: 2000}\n"
    "time: {dt: 2e-3, spinup: 0.5, end: 1}\n"
    "statistics: {sizes: [16], block: 0.2}\n"
    "output: {fields_every: 0.5, statistics_every: 0.1, checkpoint_every: 1}\n";

/* Prints a line that begins with "bad" for what is missing, and "opened" after each file. */
static const char reader[] =
    "import sys, xarray\n"
    "for path in sys.argv[1:]:\n"
    "    tree = xarray.open_datatree(path, engine='h5netcdf')\n"
    "    for node in tree.subtree:\n"
    "        for name, variable in node.dataset.variables.items():\n"
    "            for key in ('units', 'long_name'):\n"
    "                if key not in variable.attrs: print('bad', path, node.path, name, key)\n"
    "            for axis in variable.dims:\n"
    "                if axis not in node.dataset.variables: print('bad', path, name, axis)\n"
    "    print('opened', path)\n";

/* Writes the configuration and the reader, if there is an xarray to ask. */
static bool has_xarray(void) {
  program_write(&p, "flow.yaml", flow);
  program_write(&p, "reader.py", reader);
  const bool has =
      program_run(&p, "python3 -c 'import xarray, h5netcdf, h5py; xarray.open_datatree'") == 0;
  if (!has) printf("skipped, python3 has no xarray with h5netcdf ");
  return has;
}

static void opens(const char *files) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "python3 reader.py %s >said || exit 1\n"
           "grep bad said && exit 1; grep -c opened said",
           files);
  PROGRAM_SAYS(&p, line, 0, "");
}

static void a_simulation_is_opened(void) {
  if (!has_xarray()) return;
  PROGRAM_SAYS(&p, "marl simulate flow.yaml --out a --quiet && echo done", 0, "done");
  opens("a/series.h5 a/statistics.h5 a/fields_*.h5");
}

static void a_reference_and_scores_against_it_are_opened(void) {
  if (!has_xarray()) return;
  PROGRAM_SAYS(&p,
               "marl reference flow.yaml --out r --quiet --set reference.initial_samples=2"
               " --set reference.initial_sizes='[16]' --set reference.held_out=1 || exit 1\n"
               "marl evaluate --closures none --against r/reference.h5 --out e --quiet"
               " --set evaluate.resolution=16 --set evaluate.spinup=0 --set evaluate.time=1"
               " --set evaluate.block=0.5 >table && echo done",
               0, "done");
  opens("r/reference.h5 r/fields_*.h5 e/scores.h5");
  program_write(&p, "choose.py",
                "import xarray\n"
                "scores = xarray.open_dataset('e/scores.h5', engine='h5netcdf')\n"
                "one = scores.sel(closure='none')\n"
                "assert float(one.score.sel(metric='u_rms')) == float(one.u_rms) > 0\n"
                "assert float(scores.score.sel(closure='reference', metric='e_log')) == 0\n"
                "print('selected')\n");
  PROGRAM_SAYS(&p, "python3 choose.py", 0, "selected");
}

/* Cells, metrics, seeds and cycles are chosen by name. */
static void a_comparison_is_opened_by_its_labels(void) {
  if (!has_xarray()) return;
  program_write(&p, "compare.yaml",
                "env: {name: dilemma, cycles: 40}\nlearner: {name: tabular_q}\n"
                "compare: {mechanisms: [none, DP], visibility: [hidden], "
                "seeds: 2, tail: 20,\n"
                "  window: 20}\n");
  program_write(
      &p, "labels.py",
      "import xarray\n"
      "ds = xarray.open_dataset('c/compare.h5', engine='h5netcdf')\n"
      "run = ds.runs.sel(cell='DP/hidden', metric='cooperation', seed=1)\n"
      "curve = ds.cooperation.sel(cell='DP/hidden', seed=1)\n"
      "assert abs(float(run) - float(curve.sel(cycle=40))) < 1e-6\n"
      "assert float(ds.runs.sel(cell='none/hidden', metric='just_share', seed=0).isnull())\n"
      "print('by name')\n");
  PROGRAM_SAYS(&p, "marl compare compare.yaml --out c --quiet >table && python3 labels.py", 0,
               "by name");
  opens("c/compare.h5");
}

static int begin(void) {
  return program_begin(&p);
}
static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"a simulation is opened", a_simulation_is_opened},
    {"a reference and scores against it are opened", a_reference_and_scores_against_it_are_opened},
    {"a comparison is opened by its labels", a_comparison_is_opened_by_its_labels},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"xarray", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
