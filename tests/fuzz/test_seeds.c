/* ctest: label=slow */
/* The seed corpus of the HDF5 readers: whole small files without their checksum, written to
 * $MARL_BUILD/fuzz_seeds/TARGET. Each is accepted by its reader before it is damaged. */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include <hdf5.h>
#include <sys/stat.h>

#include "marl/run/checkpoint.h"
#include "physics/initial.h"
#include "physics/reference.h"
#include "tests/envs/reference_case.h"
#include "tests/envs/run_folder.h"
#include "tests/envs/training.h"
#include "tests/fuzz/tasks.h"

static char *folder_of(const char *target) {
  static char path[512];
  const char *build = getenv("MARL_BUILD");
  snprintf(path, sizeof path, "%s/fuzz_seeds", build != NULL ? build : ".");
  mkdir(path, 0777);
  const size_t used = strlen(path);
  snprintf(path + used, sizeof path - used, "/%s", target);
  mkdir(path, 0777);
  return path;
}

/* The file as seed `number` of a target: without the checksum behind its end and the promise of it,
 * and with `tail` (a byte) if it is not negative. */
static void keep(const char *file, const char *target, int number, int tail, char seed[600]) {
  const hid_t h5 = H5Fopen(file, H5F_ACC_RDWR, H5P_DEFAULT);
  CU_ASSERT_FATAL(h5 >= 0 && H5Adelete_by_name(h5, "/", "checksum", H5P_DEFAULT) >= 0);
  H5Fclose(h5); /* HDF5 cuts what is behind its end */
  snprintf(seed, 600, "%s/seed_%d", folder_of(target), number);
  FILE *in = fopen(file, "rb"), *out = fopen(seed, "wb");
  CU_ASSERT_FATAL(in != NULL && out != NULL);
  for (int c; (c = fgetc(in)) != EOF;) fputc(c, out);
  if (tail >= 0) fputc(tail, out);
  fclose(in);
  CU_ASSERT(fclose(out) == 0);
}

static void checkpoints_and_policies(void) {
  for (int task = 0; task < HOSTILE_TASKS; ++task) {
    MarlError err;
    MarlStore *store;
    MarlPolicy *policy;
    char yaml[HOSTILE_YAML], path[128], seed[600];
    RunFolder folder = run_folder_make();
    hostile_yaml(task, 2, yaml);
    Training t = training_begin(yaml, folder.path, MPI_COMM_SELF);
    UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
    snprintf(path, sizeof path, "%s/policy.h5", folder.path);
    UNIT_OK(marl_policy_export(marl_trainer_policy(t.trainer, 0), path, &store, &err));
    UNIT_OK(marl_store_commit(&store, &err));
    keep(path, "policy", task, -1, seed);
    UNIT_OK(marl_policy_open(seed, 0, &policy, &err));
    marl_policy_destroy(&policy);
    snprintf(path, sizeof path, "%s/checkpoint_000002.h5", folder.path);
    keep(path, "checkpoint", task, task, seed);
    UNIT_OK(marl_checkpoint_open(seed, &store, &err));
    marl_store_close(&store);
    training_end(&t);
    run_folder_remove(&folder);
  }
}

static void references(void) {
  MarlError err;
  MarlReference *reference;
  char seed[600];
  const char *path = case_reference();
  keep(path, "reference", 0, -1, seed);
  unlink(path);
  UNIT_OK(marl_reference_read(seed, &reference, &err));
  marl_reference_destroy(&reference);
}

static void initial_fields(void) {
  MarlError err;
  MarlStore *store;
  char seed[600];
  double field[2 * 16 * 16];
  for (int i = 0; i < 2 * 16 * 16; ++i) field[i] = sin(i);
  const MarlArray array = {.type = MARL_F64, .rank = 3, .shape = {2, 16, 16}};
  UNIT_OK(marl_store_create("seed_initial.h5", &store, &err));
  UNIT_OK(marl_store_write(store, "w", &array, field, &err));
  UNIT_OK(marl_store_commit(&store, &err));
  keep("seed_initial.h5", "initial", 0, -1, seed);
  unlink("seed_initial.h5");
  MarlSolver *solver;
  const MarlSolverParams params = marl_solver_defaults(16);
  const MarlInitial initial = {
      .ops = &marl_initial_file, .file = seed, .dataset = "w", .sample = 1};
  UNIT_OK(marl_solver_create(&params, MPI_COMM_SELF, &solver, &err));
  UNIT_OK(marl_initial_apply(&initial, solver, &err));
  marl_solver_destroy(&solver);
}

static CU_TestInfo tests[] = {
    {"checkpoints and policies", checkpoints_and_policies},
    {"references", references},
    {"initial fields", initial_fields},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"seeds of the fuzz targets", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
