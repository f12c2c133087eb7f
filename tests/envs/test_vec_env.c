#include <string.h>

#include "envs/env_table.h"
#include "marl/learn/vec_env.h"
#include "tests/unit.h"

static MarlVecEnv *make(int num_envs, int first_env) {
  const MarlEnvOps *ops;
  MarlSection *config;
  MarlVecEnv *vec = NULL;
  MarlError err;
  UNIT_OK(marl_env_find(marl_env_table, "lqr", &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  UNIT_OK(marl_section_set(config, "max_steps", "5", "test", &err));
  UNIT_OK(marl_vec_env_create(ops, config, num_envs, first_env, marl_key(7, MARL_STREAM_ENV),
                              MPI_COMM_SELF, &vec, &err));
  marl_section_destroy(&config);
  return vec;
}

static void walk(MarlVecEnv *vec, int steps) {
  MarlError err;
  MarlBatch *b = marl_vec_env_batch(vec);
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i < b->num_envs * b->num_agents; ++i) b->act[i] = -0.5f * b->obs[i];
    UNIT_OK(marl_vec_env_step(vec, &err));
  }
}

static void run(MarlVecEnv *vec, int steps) {
  MarlError err;
  UNIT_OK(marl_vec_env_reset(vec, &err));
  walk(vec, steps);
}

static void test_time_limit_truncates_and_keeps_final_obs(void) {
  MarlVecEnv *vec = make(1, 0);
  MarlBatch *b = marl_vec_env_batch(vec);
  run(vec, 4);
  const float x4 = b->obs[0];
  CU_ASSERT_EQUAL(b->truncated[0], 0);
  MarlError err;
  b->act[0] = b->act[1] = 0.0f;
  UNIT_OK(marl_vec_env_step(vec, &err));
  CU_ASSERT_EQUAL(b->truncated[0], 1);
  CU_ASSERT_EQUAL(b->terminated[0], 0);
  UNIT_NEAR(b->final_obs[0], 0.9 * x4, 1e-6);      /* x' = .9 x without action, one rounding */
  CU_ASSERT_NOT_EQUAL(b->obs[0], b->final_obs[0]); /* already the next episode */
  marl_vec_env_destroy(&vec);
}

static void test_results_do_not_depend_on_the_split(void) {
  MarlVecEnv *all = make(4, 0);
  run(all, 13);
  const MarlBatch *whole = marl_vec_env_batch(all);
  for (int e = 0; e < 4; ++e) {
    MarlVecEnv *one = make(1, e);
    run(one, 13);
    const MarlBatch *b = marl_vec_env_batch(one);
    UNIT_BITS_EQUAL(b->obs, whole->obs + (ptrdiff_t)e * 2, 2 * sizeof(float));
    UNIT_BITS_EQUAL(b->reward, whole->reward + (ptrdiff_t)e * 2, 2 * sizeof(float));
    marl_vec_env_destroy(&one);
  }
  marl_vec_env_destroy(&all);
}

static void test_environments_and_episodes_differ(void) {
  MarlVecEnv *vec = make(2, 0);
  const MarlBatch *b = marl_vec_env_batch(vec);
  run(vec, 0);
  const float first = b->obs[0];
  CU_ASSERT_NOT_EQUAL(first, b->obs[2]);
  walk(vec, 5);
  CU_ASSERT_NOT_EQUAL(first, b->obs[0]);
  marl_vec_env_destroy(&vec);
}

static void test_save_and_load_in_mid_episode(void) {
  MarlError err;
  MarlVecEnv *vec = make(3, 2), *copy = make(3, 2);
  run(vec, 8);
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
  walk(vec, 9);
  walk(copy, 9);
  const MarlBatch *a = marl_vec_env_batch(vec), *b = marl_vec_env_batch(copy);
  UNIT_BITS_EQUAL(b->obs, a->obs, 6 * sizeof(float));
  UNIT_BITS_EQUAL(b->reward, a->reward, 6 * sizeof(float));
  UNIT_BITS_EQUAL(b->metrics, a->metrics, 3 * sizeof(float));
  marl_vec_env_destroy(&vec);
  marl_vec_env_destroy(&copy);
}

/* Two agents with one-hot actions: agent a leaves when its action is 1; it then reports nonsense. */
static const MarlRole leave_role = {.name = "stay",
                                    .obs_dim = 1,
                                    .action_kind = MARL_ACTION_DISCRETE,
                                    .act_dim = 1,
                                    .num_choices = 2};

static MarlCode leave_create(const MarlSection *config, MPI_Comm comm, MarlEnv **out,
                             MarlError *err) {
  (void)config, (void)comm;
  *out = calloc(1, sizeof **out);
  if (*out == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory");
  (*out)->spec = (MarlEnvSpec){
      .num_agents = 2, .num_roles = 1, .roles = &leave_role, .obs_dim = 1, .act_dim = 1};
  return MARL_OK;
}
static void leave_destroy(MarlEnv *env) {
  free(env);
}
static MarlCode leave_reset(MarlEnv *env, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)env, (void)key, (void)err;
  for (int a = 0; a < 2; ++a) io->obs[a] = 0, io->role[a] = 0, io->active[a] = 1;
  return MARL_OK;
}
static MarlCode leave_step(MarlEnv *env, const MarlEnvIo *io, MarlError *err) {
  (void)env, (void)err;
  for (int a = 0; a < 2; ++a) {
    io->obs[a] = 1, io->role[a] = 0, io->active[a] = 1, io->reward[a] = 1;
    io->terminated[a] = io->act[a] > 0;
  }
  return MARL_OK;
}
static const MarlEnvOps leave_ops = {.name = "leave",
                                     .create = leave_create,
                                     .destroy = leave_destroy,
                                     .reset = leave_reset,
                                     .step = leave_step};

static void test_who_terminates_early_stays_out_until_the_episode_ends(void) {
  MarlError err;
  MarlVecEnv *vec = NULL;
  UNIT_OK(marl_vec_env_create(&leave_ops, NULL, 1, 0, marl_key(1, MARL_STREAM_ENV), MPI_COMM_SELF,
                              &vec, &err));
  MarlBatch *b = marl_vec_env_batch(vec);
  UNIT_OK(marl_vec_env_reset(vec, &err));
  b->act[0] = 1, b->act[1] = 0;
  UNIT_OK(marl_vec_env_step(vec, &err));
  CU_ASSERT(b->terminated[0] && !b->active[0]);
  CU_ASSERT(!b->terminated[1] && b->active[1] && !b->truncated[1]);
  b->act[0] = 0; /* the environment takes agent 0 for alive again */
  UNIT_OK(marl_vec_env_step(vec, &err));
  CU_ASSERT(b->terminated[0] && !b->active[0]);
  b->act[1] = 1;
  UNIT_OK(marl_vec_env_step(vec, &err));
  CU_ASSERT(b->terminated[0] && b->terminated[1]);
  CU_ASSERT(b->active[0] && b->active[1]); /* the next episode */
  UNIT_NEAR(b->obs[0], 0, 0);
  UNIT_NEAR(b->final_obs[0], 1, 0);
  marl_vec_env_destroy(&vec);
}

static void test_unknown_name_lists_the_known(void) {
  const MarlEnvOps *ops;
  MarlError err;
  UNIT_ERROR(marl_env_find(marl_env_table, "lqrr", &ops, &err), MARL_ECONFIG, "lqr");
}

static CU_TestInfo tests[] = {
    {"time limit truncates and keeps final obs", test_time_limit_truncates_and_keeps_final_obs},
    {"results do not depend on the split", test_results_do_not_depend_on_the_split},
    {"environments and episodes differ", test_environments_and_episodes_differ},
    {"save and load in mid-episode", test_save_and_load_in_mid_episode},
    {"who terminates early stays out until the episode ends",
     test_who_terminates_early_stays_out_until_the_episode_ends},
    {"unknown name lists the known", test_unknown_name_lists_the_known},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/vec_env", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
