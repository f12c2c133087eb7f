#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "marl/run/checkpoint.h"
#include "tests/envs/run_folder.h"
#include "tests/envs/training.h"

static const char *const yaml =
    "run: {seed: 1, updates: 5, shards: 2, checkpoint_every: 1, keep: 3}\n"
    "env: {name: lqr, num_envs: 2}\n"
    "learner: {horizon: 8}\n"
    "policy: {hidden: [8]}\n";

static RunFolder trained_folder(void) {
  MarlError err;
  RunFolder folder = run_folder_make();
  Training t = training_begin(yaml, folder.path, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  training_end(&t);
  return folder;
}

/* Remembers what it was told. */
typedef struct Listener {
  MarlTrainerWatch base;
  char told[4096];
} Listener;

static void listen(MarlTrainerWatch *watch, const char *sentence) {
  Listener *listener = (Listener *)watch;
  const size_t used = strlen(listener->told);
  snprintf(listener->told + used, sizeof listener->told - used, "%s\n", sentence);
}

static MarlCode resume(const RunFolder *folder, const char *text, Listener *listener,
                       MarlError *err) {
  *listener = (Listener){.base = {.note = listen}};
  Training t = training_begin(text, folder->path, MPI_COMM_SELF);
  const MarlCode code = marl_trainer_resume(t.trainer, &listener->base, err);
  training_end(&t);
  return code;
}

static void cut(const RunFolder *folder, const char *name) {
  size_t size;
  char *bytes = run_folder_read(folder, name, &size);
  run_folder_write(folder, name, bytes, size / 2);
  free(bytes);
}

static void test_the_last_are_kept_and_latest_names_the_newest(void) {
  MarlError err;
  RunFolder folder = trained_folder();
  int64_t *updates;
  size_t count, size;
  UNIT_OK(marl_checkpoint_list(folder.path, &updates, &count, &err));
  CU_ASSERT_EQUAL_FATAL(count, 3);
  for (size_t i = 0; i < 3; ++i) CU_ASSERT_EQUAL(updates[i], 5 - (int64_t)i);
  free(updates);
  char *latest = run_folder_read(&folder, "latest", &size);
  CU_ASSERT_STRING_EQUAL(latest, "checkpoint_000005.h5\n");
  free(latest);
  run_folder_remove(&folder);
}

static void test_a_truncated_file_falls_back_and_says_so(void) {
  MarlError err;
  Listener listener;
  RunFolder folder = trained_folder();
  cut(&folder, "checkpoint_000005.h5");
  UNIT_OK(resume(&folder, yaml, &listener, &err));
  CU_ASSERT_PTR_NOT_NULL(strstr(listener.told, "checkpoint_000005.h5"));
  CU_ASSERT_PTR_NOT_NULL(strstr(listener.told, "falling back"));
  CU_ASSERT_PTR_NOT_NULL(strstr(listener.told, "resumed from update 4"));
  run_folder_remove(&folder);
}

static void test_without_latest_the_newest_is_taken(void) {
  MarlError err;
  Listener listener;
  RunFolder folder = trained_folder();
  char path[128];
  snprintf(path, sizeof path, "%s/latest", folder.path);
  CU_ASSERT_EQUAL(unlink(path), 0);
  UNIT_OK(resume(&folder, yaml, &listener, &err));
  CU_ASSERT_PTR_NOT_NULL(strstr(listener.told, "resumed from update 5"));
  run_folder_remove(&folder);
}

static void test_a_foreign_file_is_named(void) {
  MarlError err;
  MarlStore *store;
  RunFolder folder = run_folder_make();
  char path[128];
  snprintf(path, sizeof path, "%s/checkpoint_000009.h5", folder.path);
  run_folder_write(&folder, "checkpoint_000009.h5", "not HDF5", 8);
  UNIT_ERROR(marl_checkpoint_open(path, &store, &err), MARL_EIO, path);
  UNIT_OK(marl_store_create(path, &store, &err));
  UNIT_OK(marl_store_commit(&store, &err));
  UNIT_ERROR(marl_checkpoint_open(path, &store, &err), MARL_EIO, "not a checkpoint");
  Listener listener;
  UNIT_ERROR(resume(&folder, yaml, &listener, &err), MARL_EIO, path);
  run_folder_remove(&folder);
}

/* A run that was killed before its first checkpoint. */
static void test_an_empty_folder_begins_anew_and_says_so(void) {
  MarlError err;
  Listener listener;
  RunFolder folder = run_folder_make();
  UNIT_OK(resume(&folder, yaml, &listener, &err));
  CU_ASSERT_PTR_NOT_NULL(strstr(listener.told, "begins anew"));
  run_folder_remove(&folder);
}

static void test_another_configuration_is_refused(void) {
  MarlError err;
  Listener listener;
  RunFolder folder = trained_folder();
  const char *other =
      "run: {seed: 2, updates: 5, shards: 2}\nenv: {name: lqr, num_envs: 2}\n"
      "learner: {horizon: 8}\npolicy: {hidden: [8]}\n";
  UNIT_ERROR(resume(&folder, other, &listener, &err), MARL_ECONFIG, "seed = 1");
  other = "run: {seed: 1, updates: 5, shards: 2}\nenv: {name: matrix_game, num_envs: 2}\n";
  UNIT_ERROR(resume(&folder, other, &listener, &err), MARL_ECONFIG, "env 'lqr'");
  run_folder_remove(&folder);
}

static void test_a_policy_opens_from_the_folder(void) {
  MarlError err;
  RunFolder folder = run_folder_make();
  Training t = training_begin(yaml, folder.path, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  MarlPolicy *policy;
  UNIT_OK(marl_policy_open(folder.path, 0, &policy, &err));
  const float obs[3] = {-1, 0.25f, 2};
  float expected[3], got[3];
  MarlKey keys[3];
  for (uint64_t i = 0; i < 3; ++i) keys[i] = marl_key_fold(marl_key(1, MARL_STREAM_POLICY), i);
  const MarlKey *modes[] = {NULL, keys};
  for (int mode = 0; mode < 2; ++mode) {
    marl_policy_act(marl_trainer_policy(t.trainer, 0), 0, 0, 3, obs, modes[mode], expected);
    marl_policy_act(policy, 0, 0, 3, obs, modes[mode], got);
    UNIT_BITS_EQUAL(got, expected, sizeof got);
  }
  CU_ASSERT_STRING_EQUAL(policy->roles[0].name, "control");
  marl_policy_destroy(&policy);
  UNIT_ERROR(marl_policy_open(folder.path, 1, &policy, &err), MARL_EIO, "replica_1");
  training_end(&t);
  run_folder_remove(&folder);
}

static CU_TestInfo tests[] = {
    {"the last are kept and latest names the newest",
     test_the_last_are_kept_and_latest_names_the_newest},
    {"a truncated file falls back and says so", test_a_truncated_file_falls_back_and_says_so},
    {"without latest the newest is taken", test_without_latest_the_newest_is_taken},
    {"a foreign file is named", test_a_foreign_file_is_named},
    {"an empty folder begins anew and says so", test_an_empty_folder_begins_anew_and_says_so},
    {"another configuration is refused", test_another_configuration_is_refused},
    {"a policy opens from the folder", test_a_policy_opens_from_the_folder},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/checkpoint", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
