/* A new environment is tested the moment it is in the table. */
#include "envs/env_table.h"
#include "marl/learn/vec_env.h"
#include "tests/envs/reference_case.h"
#include "tests/unit.h"

enum { ENVS = 2, STEPS = 10 };

static MarlVecEnv *make(const MarlEnvOps *ops) {
  MarlError err;
  MarlSection *config;
  MarlVecEnv *vec = NULL;
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  const char *file = NULL;
  if (strcmp(ops->name, "turbulence") == 0) { /* needs a reference file: a small one */
    file = case_reference();
    UNIT_OK(marl_section_set(config, "reference", file, "test", &err));
    UNIT_OK(marl_section_set(config, "resolution", "16", "test", &err));
    UNIT_OK(marl_section_set(config, "dt", "2e-3", "test", &err));
  }
  UNIT_OK(marl_vec_env_create(ops, config, ENVS, 3, marl_key(5, MARL_STREAM_ENV), MPI_COMM_SELF,
                              &vec, &err));
  if (file != NULL) unlink(file);
  marl_section_destroy(&config);
  return vec;
}

/* Any action of the next decision's role. */
static void choose(MarlVecEnv *vec, uint64_t step) {
  const MarlEnvSpec *spec = marl_vec_env_spec(vec);
  const MarlBatch *b = marl_vec_env_batch(vec);
  const MarlKey key = marl_key_fold(marl_key(1, MARL_STREAM_POLICY), step);
  const int act_dim = spec->act_dim;
  for (int row = 0; row < ENVS * spec->num_agents; ++row) {
    const MarlRole *role = &spec->roles[b->role[row]];
    for (int u = 0; u < role->act_dim; ++u) {
      const uint64_t index = (uint64_t)(row * act_dim + u);
      b->act[row * act_dim + u] =
          role->action_kind == MARL_ACTION_DISCRETE
              ? (float)marl_below(key, index, (uint64_t)role->num_choices)
              : role->act_low + (role->act_high - role->act_low) * (float)marl_uniform(key, index);
    }
  }
}

static bool all_finite(const float *x, int n) {
  for (int i = 0; i < n; ++i)
    if (!isfinite(x[i])) return false;
  return true;
}

static void check(const MarlVecEnv *vec, const char *name) {
  const MarlEnvSpec *spec = marl_vec_env_spec(vec);
  const MarlBatch *b = marl_vec_env_batch((MarlVecEnv *)vec);
  const int rows = ENVS * spec->num_agents;
  const bool good = all_finite(b->obs, rows * spec->obs_dim) &&
                    all_finite(b->reward, rows * spec->num_roles) &&
                    all_finite(b->state, ENVS * spec->state_dim) &&
                    all_finite(b->metrics, ENVS * spec->num_metrics);
  if (!good) printf("\n    %s writes a number that is not finite", name);
  CU_ASSERT_TRUE(good);
  for (int row = 0; row < rows; ++row) CU_ASSERT(b->role[row] < spec->num_roles);
}

static void walk(MarlVecEnv *vec, const char *name, uint64_t from, uint64_t to) {
  MarlError err;
  for (uint64_t t = from; t < to; ++t) {
    choose(vec, t);
    UNIT_OK(marl_vec_env_step(vec, &err));
    check(vec, name);
  }
}

static void copy_through_a_file(const MarlVecEnv *vec, MarlVecEnv *copy) {
  MarlError err;
  MarlStore *to, *from;
  void *bytes;
  size_t size;
  UNIT_OK(marl_store_create_memory(&to, &err));
  UNIT_OK(marl_vec_env_save(vec, to, &err));
  UNIT_OK(marl_store_image(to, &bytes, &size, &err));
  marl_store_close(&to);
  UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
  UNIT_OK(marl_vec_env_load(copy, from, &err));
  marl_store_close(&from);
  free(bytes);
}

static void test_runs_and_stays_finite(void) {
  MarlError err;
  for (int i = 0; marl_env_table[i] != NULL; ++i) {
    const MarlEnvOps *ops = marl_env_table[i];
    CU_ASSERT(ops->name != NULL && ops->summary != NULL && ops->source != NULL);
    MarlVecEnv *vec = make(ops);
    UNIT_OK(marl_vec_env_reset(vec, &err));
    walk(vec, ops->name, 0, STEPS);
    marl_vec_env_destroy(&vec);
  }
}

static void test_saves_and_loads_in_mid_episode(void) {
  MarlError err;
  for (int i = 0; marl_env_table[i] != NULL; ++i) {
    const MarlEnvOps *ops = marl_env_table[i];
    MarlVecEnv *vec = make(ops), *copy = make(ops);
    const MarlEnvSpec *spec = marl_vec_env_spec(vec);
    const size_t rows = (size_t)(ENVS * spec->num_agents);
    UNIT_OK(marl_vec_env_reset(vec, &err));
    walk(vec, ops->name, 0, 5);
    copy_through_a_file(vec, copy);
    walk(vec, ops->name, 5, 5 + STEPS);
    walk(copy, ops->name, 5, 5 + STEPS);
    const MarlBatch *a = marl_vec_env_batch(vec), *b = marl_vec_env_batch(copy);
    UNIT_BITS_EQUAL(b->obs, a->obs, rows * (size_t)spec->obs_dim * sizeof(float));
    UNIT_BITS_EQUAL(b->reward, a->reward, rows * (size_t)spec->num_roles * sizeof(float));
    UNIT_BITS_EQUAL(b->role, a->role, rows);
    UNIT_BITS_EQUAL(b->active, a->active, rows);
    marl_vec_env_destroy(&vec);
    marl_vec_env_destroy(&copy);
  }
}

/* Everything random follows from the key. */
static void test_repeats_with_its_key(void) {
  MarlError err;
  for (int i = 0; marl_env_table[i] != NULL; ++i) {
    const MarlEnvOps *ops = marl_env_table[i];
    MarlVecEnv *vec[2];
    for (int v = 0; v < 2; ++v) {
      vec[v] = make(ops);
      UNIT_OK(marl_vec_env_reset(vec[v], &err));
      walk(vec[v], ops->name, 0, STEPS);
    }
    const MarlEnvSpec *spec = marl_vec_env_spec(vec[0]);
    const size_t size = sizeof(float) * (size_t)(ENVS * spec->num_agents * spec->obs_dim);
    UNIT_BITS_EQUAL(marl_vec_env_batch(vec[0])->obs, marl_vec_env_batch(vec[1])->obs, size);
    for (int v = 0; v < 2; ++v) marl_vec_env_destroy(&vec[v]);
  }
}

static CU_TestInfo tests[] = {
    {"runs with its defaults and stays finite", test_runs_and_stays_finite},
    {"saves and loads in mid-episode", test_saves_and_loads_in_mid_episode},
    {"repeats with its key", test_repeats_with_its_key},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"every environment", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
