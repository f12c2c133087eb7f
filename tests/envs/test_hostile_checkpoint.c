/* ctest: timeout=120 */
/* What a damaged or a made-up checkpoint can do: nothing but be refused. */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include <hdf5.h>

#include "marl/run/checkpoint.h"
#include "tests/envs/run_folder.h"
#include "tests/envs/training.h"
#include "tests/fuzz/tasks.h"

enum { FLIPS = 30, LIES = 10, MAX_DATASETS = 400 };

static RunFolder trained_folder(int task, int updates) {
  MarlError err;
  char yaml[HOSTILE_YAML];
  RunFolder folder = run_folder_make();
  hostile_yaml(task, updates, yaml);
  Training t = training_begin(yaml, folder.path, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  training_end(&t);
  return folder;
}

typedef struct Listener {
  MarlTrainerWatch base;
  char told[4096];
} Listener;

static void listen(MarlTrainerWatch *watch, const char *sentence) {
  Listener *listener = (Listener *)watch;
  const size_t used = strlen(listener->told);
  snprintf(listener->told + used, sizeof listener->told - used, "%s\n", sentence);
}

/* Some byte at all after another: the whole file is covered. */
static size_t place_of(int flip, size_t size) {
  const MarlKey key = marl_key(7, MARL_STREAM_ENV);
  return (size_t)marl_below(key, (uint64_t)flip, size);
}

static void a_damaged_checkpoint_gives_way_to_the_one_before(void) {
  MarlError err;
  char yaml[HOSTILE_YAML];
  RunFolder folder = trained_folder(0, 2);
  size_t size;
  char *bytes = run_folder_read(&folder, "checkpoint_000002.h5", &size);
  hostile_yaml(0, 2, yaml);
  Training t = training_begin(yaml, folder.path, MPI_COMM_SELF);
  for (int flip = 0; flip < FLIPS; ++flip) {
    char *byte = &bytes[place_of(flip, size)], before = *byte;
    *byte ^= (char)(1 << flip % 8);
    run_folder_write(&folder, "checkpoint_000002.h5", bytes, size);
    *byte = before;
    Listener listener = {.base = {.note = listen}};
    UNIT_OK(marl_trainer_resume(t.trainer, &listener.base, &err));
    const char *first = strstr(listener.told, "falling back to the checkpoint before");
    CU_ASSERT(first != NULL && strstr(listener.told, "checkpoint_000002.h5") != NULL);
    CU_ASSERT(strstr(listener.told, "resumed from update 1") != NULL);
    CU_ASSERT(first != NULL && strstr(first + 1, "falling back") == NULL); /* one line */
  }
  training_end(&t);
  free(bytes);
  run_folder_remove(&folder);
}

static void export_policy(const MarlTrainer *trainer, const char *path) {
  MarlError err;
  MarlStore *store;
  UNIT_OK(marl_policy_export(marl_trainer_policy(trainer, 0), path, &store, &err));
  UNIT_OK(marl_store_commit(&store, &err));
}

static void a_damaged_policy_is_refused_by_name(void) {
  MarlError err;
  RunFolder folder = run_folder_make();
  MarlPolicy *policy;
  char path[128];
  snprintf(path, sizeof path, "%s/policy.h5", folder.path);
  char yaml[HOSTILE_YAML];
  hostile_yaml(0, 1, yaml);
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  export_policy(t.trainer, path);
  UNIT_OK(marl_policy_open(path, 0, &policy, &err));
  marl_policy_destroy(&policy);
  size_t size;
  char *bytes = run_folder_read(&folder, "policy.h5", &size);
  for (int flip = 0; flip < FLIPS; ++flip) {
    char *byte = &bytes[place_of(flip, size)], before = *byte;
    *byte ^= (char)(1 << flip % 8);
    run_folder_write(&folder, "policy.h5", bytes, size);
    *byte = before;
    UNIT_ERROR(marl_policy_open(path, 0, &policy, &err), MARL_EIO, path);
  }
  free(bytes);
  training_end(&t);
  run_folder_remove(&folder);
}

static void a_policy_that_is_not_finite_is_refused(void) {
  MarlError err;
  RunFolder folder = run_folder_make();
  MarlPolicy *policy;
  char path[128];
  snprintf(path, sizeof path, "%s/policy.h5", folder.path);
  const float bad[] = {NAN, INFINITY, -INFINITY};
  char yaml[HOSTILE_YAML];
  hostile_yaml(0, 1, yaml);
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  float *params = marl_policy_params(marl_trainer_policy(t.trainer, 0), 1, 0);
  for (int i = 0; i < 3; ++i) {
    params[3] = bad[i];
    export_policy(t.trainer, path);
    UNIT_ERROR(marl_policy_open(path, 0, &policy, &err), MARL_EIO, "not a finite number");
    CU_ASSERT(strstr(err.message, path) != NULL);
  }
  training_end(&t);
  run_folder_remove(&folder);
}

/* Names of the datasets of a file. */
typedef struct Names {
  int count;
  char name[MAX_DATASETS][160];
} Names;

static herr_t add_name(hid_t group, const char *name, const H5O_info_t *info, void *data) {
  Names *names = data;
  (void)group;
  if (info->type == H5O_TYPE_DATASET && names->count < MAX_DATASETS)
    snprintf(names->name[names->count++], sizeof names->name[0], "%s", name);
  return 0;
}

/* One number of one dataset becomes another; the checksum's promise is taken back, as somebody who
 * forges a file would. */
static void lie(const char *path, int number) {
  static const double lies[] = {-1, 1, 2, 7, 255, 65536, 2147483647, -2147483648.0, 1e30, NAN};
  enum { NUM_LIES = sizeof lies / sizeof lies[0] };
  static Names names;
  names.count = 0;
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  CU_ASSERT_FATAL(file >= 0);
  CU_ASSERT(H5Adelete_by_name(file, "/", "checksum", H5P_DEFAULT) >= 0);
  H5Ovisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, add_name, &names);
  const MarlKey key = marl_key_fold(marl_key(11, MARL_STREAM_ENV), (uint64_t)number);
  const char *name = names.name[marl_below(key, 0, (uint64_t)names.count)];
  const double value = lies[marl_below(key, 1, NUM_LIES)];
  const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
  hsize_t shape[4] = {0}, at[4] = {0};
  const int rank = H5Sget_simple_extent_dims(space, shape, NULL);
  for (int axis = 0; axis < rank; ++axis)
    at[axis] = shape[axis] == 0 ? 0 : marl_below(key, 2 + (uint64_t)axis, shape[axis]);
  if (rank > 0) H5Sselect_elements(space, H5S_SELECT_SET, 1, at);
  const hid_t one = H5Screate(H5S_SCALAR);
  CU_ASSERT(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, one, space, H5P_DEFAULT, &value) >= 0);
  H5Sclose(one);
  H5Sclose(space);
  H5Dclose(dataset);
  H5Fclose(file);
}

/* Any answer is right but a crash: the file is refused, or it is a state like others and the run
 * goes on (or says what is wrong with it, as with rewards that are not finite). */
static void stored_numbers_do_not_become_wild_indices(void) {
  for (int task = 0; task < HOSTILE_TASKS; ++task) {
    MarlError err;
    char yaml[HOSTILE_YAML], path[128];
    RunFolder folder = trained_folder(task, 2);
    size_t size;
    char *bytes = run_folder_read(&folder, "checkpoint_000002.h5", &size);
    snprintf(path, sizeof path, "%s/checkpoint_000002.h5", folder.path);
    hostile_yaml(task, 4, yaml);
    for (int number = 0; number < LIES; ++number) {
      run_folder_write(&folder, "checkpoint_000002.h5", bytes, size);
      run_folder_write(&folder, "latest", "checkpoint_000002.h5\n", 21);
      lie(path, number);
      Training t = training_begin(yaml, folder.path, MPI_COMM_SELF);
      Listener listener = {.base = {.note = listen}};
      MarlCode code = marl_trainer_resume(t.trainer, &listener.base, &err);
      if (code == MARL_OK) code = marl_trainer_run(t.trainer, NULL, &err);
      CU_ASSERT(code == MARL_OK || err.message[0] != '\0');
      training_end(&t);
    }
    free(bytes);
    run_folder_remove(&folder);
  }
}

static CU_TestInfo tests[] = {
    {"a damaged checkpoint gives way to the one before",
     a_damaged_checkpoint_gives_way_to_the_one_before},
    {"a damaged policy is refused by name", a_damaged_policy_is_refused_by_name},
    {"a policy that is not finite is refused", a_policy_that_is_not_finite_is_refused},
    {"stored numbers do not become wild indices", stored_numbers_do_not_become_wild_indices},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"hostile checkpoints", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
