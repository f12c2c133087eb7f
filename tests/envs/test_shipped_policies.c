/* ctest: timeout=120 */
/* Each policy of configs/closure/policies is a closure that runs, and says where it comes from. */
#define _POSIX_C_SOURCE 200809L /* opendir */
#include <dirent.h>

#include "envs/turbulence/closures.h"
#include "envs/turbulence/params.h"
#include "envs/turbulence/trained_policy.h"
#include "marl/core/store.h"
#include "marl/run/checkpoint.h"
#include "tests/unit.h"

enum { MAX_PATH = 1024, MAX_POLICIES = 64 };

static const char *root(void) {
  const char *source = getenv("MARL_SOURCE");
  CU_ASSERT_FATAL(source != NULL);
  return source;
}

/* Paths of all shipped policies; the number of them. */
static int list(char paths[MAX_POLICIES][MAX_PATH]) {
  char folder[MAX_PATH - 300];
  snprintf(folder, sizeof folder, "%.600s/configs/closure/policies", root());
  DIR *dir = opendir(folder);
  CU_ASSERT_FATAL(dir != NULL);
  int count = 0;
  for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
    const size_t length = strlen(entry->d_name);
    if (length < 3 || strcmp(entry->d_name + length - 3, ".h5") != 0) continue;
    CU_ASSERT_FATAL(count < MAX_POLICIES);
    snprintf(paths[count++], MAX_PATH, "%s/%s", folder, entry->d_name);
  }
  closedir(dir);
  return count;
}

static void each_policy_says_where_it_comes_from(void) {
  static char paths[MAX_POLICIES][MAX_PATH];
  const int count = list(paths);
  CU_ASSERT(count > 0);
  for (int i = 0; i < count; ++i) {
    MarlError err;
    MarlStore *store = NULL;
    char *origin = NULL, *config = NULL;
    UNIT_OK(marl_checkpoint_open(paths[i], &store, &err));
    /* files of before 0.2.0 have it under other names */
    const bool old = marl_store_get_text(store, NULL, "meta", &origin, NULL) == MARL_OK;
    if (!old) UNIT_OK(marl_store_get_text(store, NULL, "sessions", &origin, &err));
    UNIT_OK(marl_store_get_text(store, NULL, old ? "config" : "configuration", &config, &err));
    CU_ASSERT(strstr(origin, old ? "command=" : "\"command\"") != NULL);
    CU_ASSERT(strstr(origin, old ? "commit=" : "\"commit\"") != NULL);
    CU_ASSERT(strstr(config, "seed:") != NULL);
    free(origin), free(config);
    marl_store_close(&store);
  }
}

/* The flow, the grid and the time step of the policy's training. */
typedef struct Training {
  char reference[MAX_PATH];
  int n;
  double dt;
} Training;

static Training training_of(const char *path) {
  MarlError err;
  MarlConfig *config = NULL;
  UNIT_OK(marl_trained_policy_config(path, &config, &err));
  Training made = {.n = atoi(marl_config_peek(config, "env", "resolution", "32")),
                   .dt = atof(marl_config_peek(config, "env", "dt", "5e-4"))};
  snprintf(made.reference, sizeof made.reference, "%.500s/%.400s", root(),
           marl_config_peek(config, "env", "reference", ""));
  marl_config_destroy(&config);
  return made;
}

/* <w^2> of a field. */
static double variance(const double *w, size_t points) {
  double sum = 0;
  for (size_t i = 0; i < points; ++i) sum += w[i] * w[i];
  return sum / (double)points;
}

/* Steps from the first held-out field, no more than a second or so of them. The variance of
 * vorticity varies by some ten per cent in time; a flow that dies or runs away leaves a factor of
 * two behind within a unit of time. */
static void run_policy(const char *path) {
  enum { STEPS = 500 };

  MarlError err;
  const Training training = training_of(path);
  MarlReference *reference = NULL;
  MarlSolver *solver = NULL;
  MarlClosure *closure = NULL;
  MarlSection *section = NULL;
  const MarlOptionTable table = {marl_closure_learned.options, marl_closure_learned.num_options};
  UNIT_OK(marl_reference_read(training.reference, &reference, &err));
  MarlSolverParams params;
  UNIT_OK(marl_les_params(reference, training.n, training.dt, MARL_DEALIAS_PADDING, &params, &err));
  UNIT_OK(marl_solver_create(&params, MPI_COMM_SELF, &solver, &err));
  UNIT_OK(marl_section_create("closure", &table, 1, &section, &err));
  UNIT_OK(marl_section_set(section, "policy", path, "test", &err));
  UNIT_OK(marl_section_set(section, "reference", training.reference, "test", &err));
  UNIT_OK(marl_closure_learned.create(marl_solver_grid(solver), section, &closure, &err));
  marl_solver_set_closure(solver, closure);
  const int field = marl_reference_num_training(reference, training.n);
  const size_t points = (size_t)training.n * (size_t)training.n;
  double *w = marl_fft_alloc_physical(marl_solver_grid(solver));
  UNIT_OK(marl_reference_initial(reference, training.n, field, w, &err));
  const double before = variance(w, points);
  UNIT_OK(marl_solver_set_vorticity(solver, w, &err));
  UNIT_OK(marl_solver_step(solver, STEPS, &err));
  const double after = variance(marl_solver_flow(solver, MARL_NEED_VORTICITY)->w, points);
  CU_ASSERT(after > before / 2 && after < before * 2);
  marl_fft_free(w);
  marl_solver_destroy(&solver);
  closure->ops->destroy(closure);
  marl_section_destroy(&section);
  marl_reference_destroy(&reference);
}

static void each_policy_runs_stably(void) {
  static char paths[MAX_POLICIES][MAX_PATH];
  const int count = list(paths);
  for (int i = 0; i < count; ++i) run_policy(paths[i]);
}

static CU_TestInfo tests[] = {
    {"each policy says where it comes from", each_policy_says_where_it_comes_from},
    {"each policy runs stably", each_policy_runs_stably},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"shipped_policies", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
