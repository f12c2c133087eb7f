/* ctest: timeout=180 */
/* marl export of a closure: a solver that knows the exported file alone goes where marl simulate goes. */
#include "envs/turbulence/action.h"
#include "envs/turbulence/interpolation.h"
#include "envs/turbulence/observation.h"
#include "marl/core/store.h"
#include "tests/cli/program.h"

static Program p;

enum { N = 32, POINTS = N * N };
#define STEPS "100"
#define DT "2e-3"
static double first[POINTS], last[POINTS];

/* Every block, agents closer than a wavelength, an interpolation that overshoots, a box that clips. */
static const char every_block[] =
    "run: {seed: 3, updates: 2, shards: 1}\n"
    "env:\n  name: turbulence\n  num_envs: 1\n  dt: 2e-3\n  agents: 8\n  action_interval: 7\n"
    "  interpolation: biquadratic\n  action: leith_biharmonic_k6_cutoff\n  max_steps: 10\n"
    "  observation: [velocity_gradient, okubo_weiss, vorticity_gradient,\n"
    "    second_derivative_invariants, second_derivative_public_code, log_spectrum, band_ratios,\n"
    "    dissipation, flow_regime, flow_shape, nothing]\n"
    "learner: {name: ppo, horizon: 10, learning_rate: 0.05}\n"
    "policy: {hidden: [8], action: clipped, activation: relu}\n";

static bool has(const char *what) {
  char line[256];
  snprintf(line, sizeof line, "%s >/dev/null 2>&1", what);
  const bool found = program_run(&p, line) == 0;
  if (!found) printf("\n    skipped, this fails: %s ", what);
  return found;
}

static void read_vorticity(const char *name, double *w) {
  MarlStore *store;
  MarlError err;
  char path[2 * PROGRAM_PATH];
  snprintf(path, sizeof path, "%s/%s", p.folder, name);
  UNIT_OK(marl_store_open(path, &store, &err));
  UNIT_OK(marl_store_read(store, "vorticity", MARL_F64, POINTS, w, &err));
  marl_store_close(&store);
}

/* The run of marl, its first field as first.raw, and the exported files. `policy` is a run or a file. */
static void simulate(const char *policy) {
  char line[PROGRAM_COMMAND], path[2 * PROGRAM_PATH];
  snprintf(
      line, sizeof line,
      "rm -rf sim && marl simulate \"$MARL_SOURCE/configs/flow/forced_turbulence.yaml\" --out sim "
      "--quiet --set grid.n=32 --set time.spinup=0 --set time.dt=" DT
      " --set time.end=0.2 --set output.fields_every=0.2 --set initial.name=file "
      "--set initial.file=\"$MARL_SOURCE/configs/reference/data/re20k_kf4.h5\" "
      "--set initial.dataset=initial/n32 --set closure.name=learned "
      "--set closure.policy=\"%s\" && "
      "marl export \"%s\" --c closure.h --fortran closure.f90 --numpy closure.py && "
      "cp \"$MARL_SOURCE\"/docs/export/les.* .",
      policy, policy);
  if (program_run(&p, line) != 0) printf("\n    %s", p.err);
  CU_ASSERT_EQUAL_FATAL(p.code, 0);
  read_vorticity("sim/fields_0000000000.h5", first);
  read_vorticity("sim/fields_0000000100.h5", last);
  snprintf(path, sizeof path, "%s/first.raw", p.folder);
  FILE *file = fopen(path, "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT_EQUAL(fwrite(first, sizeof *first, POINTS, file), POINTS);
  CU_ASSERT_EQUAL(fclose(file), 0);
}

/* `line` leaves the field of the same time in `name`. Actions are single precision, summed in another order:
 * a few 6e-8 of coefficients that change the flow by one part in a hundred in that time, and a sign or a unit
 * that is wrong shows in the third digit. */
static void goes_where_marl_goes(const char *line, const char *name) {
  static double field[POINTS];
  char path[2 * PROGRAM_PATH];
  if (program_run(&p, line) != 0) printf("\n    %s", p.err);
  CU_ASSERT_EQUAL_FATAL(p.code, 0);
  snprintf(path, sizeof path, "%s/%s", p.folder, name);
  FILE *file = fopen(path, "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT_EQUAL(fread(field, sizeof *field, POINTS, file), POINTS);
  CU_ASSERT_EQUAL(fclose(file), 0);
  double largest = 0, change = 0, difference = 0;
  for (int i = 0; i < POINTS; ++i) {
    largest = fmax(largest, fabs(last[i]));
    change = fmax(change, fabs(last[i] - first[i]));
    difference = fmax(difference, fabs(field[i] - last[i]));
  }
  CU_ASSERT(change > 0.1 * largest);
  UNIT_NEAR(difference / largest, 0, 5e-9);
}

static void all_languages_go_where_marl_goes(void) {
  goes_where_marl_goes(
      "cc -O1 -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Werror les.c -o les -lm && "
      "./les " STEPS " " DT " 0.1 4 1 <first.raw >c.raw",
      "c.raw");
  if (has("command -v gfortran"))
    goes_where_marl_goes(
        "gfortran -O1 -std=f2008 -Wall -Wextra -Werror closure.f90 les.f90 -o les_f && "
        "./les_f " STEPS " " DT " 0.1 4 1 first.raw fortran.raw",
        "fortran.raw");
  if (has("python3 -c 'import numpy'"))
    goes_where_marl_goes("python3 les.py " STEPS " " DT " 0.1 4 1 <first.raw >numpy.raw",
                         "numpy.raw");
}

static void a_shipped_closure_goes_where_marl_goes(void) {
  simulate("$MARL_SOURCE/configs/closure/policies/kf4_n32_ppo.h5");
  all_languages_go_where_marl_goes();
}

static void every_observation_goes_where_marl_goes(void) {
  program_write(&p, "every.yaml", every_block);
  CU_ASSERT_EQUAL_FATAL(program_run(&p, "marl train every.yaml --out every --quiet"), 0);
  simulate("every");
  all_languages_go_where_marl_goes();
}

static void a_rim_goes_where_marl_goes(void) {
  PROGRAM_SAYS(&p,
               "sed s/k6_cutoff/k6_rim/ every.yaml >rim.yaml && "
               "marl train rim.yaml --out rim --quiet >/dev/null && echo trained",
               0, "trained");
  simulate("rim");
  all_languages_go_where_marl_goes();
  CU_ASSERT_EQUAL_FATAL(
      program_run(&p, "marl export every --c closure.h --fortran closure.f90 --numpy closure.py"),
      0);
}

/* The box in units of 1/a, time in units of 1/b: nu_e is a^2/b in them, nu_4 a^4/b, nu_c 1/b of what it was.
 * Logarithms of other numbers differ in their last bit, and so may a rounded observation: 1e-6. */
static void units_do_not_matter(void) {
  program_write(&p, "units.c",
                "#include \"closure.h\"\n#include <stdio.h>\n"
                "enum { N = closure_GRID, C = closure_COEFFICIENTS };\n"
                "int main(void) {\n"
                "  static double w[N * N], one[C * N * N], two[C * N * N];\n"
                "  const double a = 3, b = 0.125;\n"
                "  closure_flow flow = closure_trained_flow;\n"
                "  flow.length *= a;\n  flow.viscosity *= a * a / b;\n"
                "  for (int k = 0; k < 6; ++k) flow.band_target[k] /= b * b;\n"
                "  if (fread(w, sizeof *w, N * N, stdin) != N * N) return 1;\n"
                "  if (closure_coefficients(0, w, one) != 0) return 1;\n"
                "  for (int i = 0; i < N * N; ++i) w[i] /= b;\n"
                "  if (closure_coefficients(&flow, w, two) != 0) return 1;\n"
                "  for (int i = 0; i < C * N * N; ++i) {\n"
                "    const double unit = pow(a, 2 * closure_power[i / (N * N)]) / b;\n"
                "    const double most = fabs(one[i]) * unit + 1e-12;\n"
                "    if (fabs(two[i] - one[i] * unit) > 1e-6 * most + 1e-9) return 2;\n"
                "  }\n  puts(\"the same\");\n  return 0;\n}\n");
  PROGRAM_SAYS(&p, "cc -O1 units.c -o units -lm && ./units <first.raw", 0, "the same");
}

/* What its user must know stands in the file, in each language. */
static void the_file_is_its_own_manual(void) {
  PROGRAM_SAYS(
      &p,
      "for file in closure.h closure.f90 closure.py; do\n"
      "  for words in '|S| / <|S|^2>^(1/2) - 1' 'nu_4 = C_2 Delta^5 G' 'C_4 = 1 + 2 a_4' \\\n"
      "    'held for 7 steps of 0.002 T' 'sum_m b_m B_2(d - m)' 'nu = 5e-05 L^2/T' 'cut at +-10' "
      "\\\n"
      "    'log(sum eps(k) / sum eps_target(k))'; do\n"
      "    grep -qF \"$words\" $file || echo \"$file lacks $words\"\n  done\ndone\necho all",
      0, "all");
  CU_ASSERT_PTR_NULL(strstr(p.out, "lacks"));
}

static void a_kind_is_documented(const MarlKind *kind) {
  const MarlPlugin *plugin;
  char line[256], words[256];
  for (size_t i = 0; (plugin = marl_kind_at(kind, i)) != NULL; ++i) {
    snprintf(line, sizeof line, "grep -F '| %s |' \"$MARL_SOURCE/docs/closures.md\"", plugin->name);
    snprintf(words, sizeof words, "| %s |", plugin->name);
    PROGRAM_SAYS(&p, line, 0, words);
    CU_ASSERT_PTR_NOT_NULL(plugin->formula);
  }
}

static void every_formula_stands_in_the_documents(void) {
  a_kind_is_documented(&marl_kind_observations);
  a_kind_is_documented(&marl_kind_actions);
  a_kind_is_documented(&marl_kind_interpolations);
}

static int begin(void) {
  return program_begin(&p);
}
static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"a shipped closure goes where marl goes", a_shipped_closure_goes_where_marl_goes},
    {"every observation goes where marl goes", every_observation_goes_where_marl_goes},
    {"a rim goes where marl goes", a_rim_goes_where_marl_goes},
    {"units do not matter", units_do_not_matter},
    {"the file is its own manual", the_file_is_its_own_manual},
    {"every formula stands in the documents", every_formula_stands_in_the_documents},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"closure export", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
