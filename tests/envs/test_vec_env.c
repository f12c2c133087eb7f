#include <string.h>

#include "envs/env_table.h"
#include "marl/learn/vec_env.h"
#include "tests/toy_env.h"
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

/* Two agents, one role; agent a leaves when its action is 1. The world then reports nonsense about
 * it, for the batch to overrule. */
static const MarlRole leave_role = {.name = "stay",
                                    .obs_dim = 1,
                                    .action_kind = MARL_ACTION_DISCRETE,
                                    .act_dim = 1,
                                    .num_choices = 2};
static const MarlEnvSpec leave_spec = {
    .num_agents = 2, .num_roles = 1, .roles = &leave_role, .obs_dim = 1, .act_dim = 1};

static void leave_reset(Toy *toy, const MarlEnvIo *io) {
  toy->x = 0; /* bit a: agent a has left */
  for (int a = 0; a < 2; ++a) io->obs[a] = 0, io->role[a] = 0, io->active[a] = 1;
}
static void leave_step(Toy *toy, const MarlEnvIo *io) {
  int left = (int)toy->x;
  for (int a = 0; a < 2; ++a) {
    io->obs[a] = 1, io->role[a] = 0, io->active[a] = 1;
    if ((left & 1 << a) == 0) io->reward[a] = 1;
    io->terminated[a] = io->act[a] > 0;
    if (io->act[a] > 0) left |= 1 << a;
  }
  toy->x = left;
}

static MarlVecEnv *make_toy(void) {
  MarlError err;
  MarlVecEnv *vec = NULL;
  UNIT_OK(marl_vec_env_create(&toy_ops, NULL, 1, 0, marl_key(1, MARL_STREAM_ENV), MPI_COMM_SELF,
                              &vec, &err));
  UNIT_OK(marl_vec_env_reset(vec, &err));
  return vec;
}

static MarlVecEnv *make_leave(int max_steps) {
  toy_spec = leave_spec;
  toy_spec.max_steps = max_steps;
  toy_reset = leave_reset;
  toy_step = leave_step;
  return make_toy();
}

static void test_who_terminates_early_stays_out_until_the_episode_ends(void) {
  MarlError err;
  MarlVecEnv *vec = make_leave(0);
  MarlBatch *b = marl_vec_env_batch(vec);
  b->act[0] = 1, b->act[1] = 0;
  UNIT_OK(marl_vec_env_step(vec, &err));
  CU_ASSERT(b->terminated[0] && !b->active[0] && b->gone[0]);
  CU_ASSERT(!b->terminated[1] && b->active[1] && !b->truncated[1] && !b->gone[1]);
  b->act[0] = 0; /* the environment takes agent 0 for alive again */
  UNIT_OK(marl_vec_env_step(vec, &err));
  CU_ASSERT(b->terminated[0] && !b->active[0]);
  b->act[1] = 1;
  UNIT_OK(marl_vec_env_step(vec, &err));
  CU_ASSERT(b->terminated[0] && b->terminated[1]);
  CU_ASSERT(b->active[0] && b->active[1]); /* the next episode */
  CU_ASSERT(!b->gone[0] && !b->gone[1]);
  UNIT_NEAR(b->obs[0], 0, 0);
  UNIT_NEAR(b->final_obs[0], 1, 0);
  marl_vec_env_destroy(&vec);
}

/* An end without a future is that, even when time is up in the same step: else a learner would see
 * a value behind it. Who left before is not truncated either. */
static void test_an_end_is_terminated_or_truncated_and_never_both(void) {
  for (int t = 0; t < 3; ++t) { /* agent 0 leaves in step t of 3, agent 1 never */
    MarlError err;
    MarlVecEnv *vec = make_leave(3);
    MarlBatch *b = marl_vec_env_batch(vec);
    for (int step = 0; step < 3; ++step) {
      b->act[0] = step == t, b->act[1] = 0;
      UNIT_OK(marl_vec_env_step(vec, &err));
      CU_ASSERT_EQUAL(b->terminated[0], step >= t);
      CU_ASSERT_EQUAL(b->truncated[0], 0);
      CU_ASSERT_EQUAL(b->terminated[1], 0);
      CU_ASSERT_EQUAL(b->truncated[1], step == 2);
    }
    CU_ASSERT(b->active[0] && b->active[1]); /* the next episode has begun */
    marl_vec_env_destroy(&vec);
  }
}

/* Writes rewards and ends only when there is something to write. */
static void sparse_step(Toy *toy, const MarlEnvIo *io) {
  for (int a = 0; a < 2; ++a) io->obs[a] = 1, io->role[a] = 0, io->active[a] = 1;
  if (toy->t == 1) io->reward[0] = 4.5f;
  if (toy->t == 3) io->reward[0] = 0.5f, io->terminated[0] = 1;
}

/* The episode's rewards are 4.5 and 0.5: 5.00, not 9.50 or 14 because a row kept its last reward. */
static void test_a_reward_that_is_not_written_is_zero(void) {
  MarlError err;
  MarlVecEnv *vec = make_leave(4);
  toy_step = sparse_step;
  const MarlBatch *b = marl_vec_env_batch(vec);
  double sum = 0;
  for (int t = 0; t < 4; ++t) {
    UNIT_OK(marl_vec_env_step(vec, &err));
    sum += (double)b->reward[0];
    CU_ASSERT_EQUAL(b->terminated[0], t >= 2);
  }
  UNIT_NEAR(sum, 5, 0);
  UNIT_OK(marl_vec_env_step(vec, &err)); /* nor does the next episode begin with an end */
  CU_ASSERT_EQUAL(b->terminated[0], 0);
  marl_vec_env_destroy(&vec);
}

static void nan_reward(Toy *toy, const MarlEnvIo *io) {
  leave_step(toy, io);
  io->reward[1] = NAN;
}
static void nan_obs(Toy *toy, const MarlEnvIo *io) {
  leave_step(toy, io);
  io->obs[1] = NAN;
}
static void silent_nan_obs(Toy *toy, const MarlEnvIo *io) {
  nan_obs(toy, io);
  io->active[1] = 0; /* nobody decides from it */
}
static void unknown_role(Toy *toy, const MarlEnvIo *io) {
  leave_step(toy, io);
  io->role[0] = 1;
}
static void ghost_earns(Toy *toy, const MarlEnvIo *io) {
  for (int a = 0; a < 2; ++a) {
    io->obs[a] = 1, io->role[a] = 0, io->active[a] = 1, io->reward[a] = 2;
    io->terminated[a] = a == 0 && toy->t == 1;
  }
}

static void test_what_would_be_learned_in_silence_is_an_error(void) {
  static const struct {
    void (*step)(Toy *toy, const MarlEnvIo *io);
    MarlCode code;
    int steps; /* until it is found */
    const char *words;
  } broken[] = {
      {nan_reward, MARL_ENUMERIC, 1,
       "the reward of agent 1 in role 'stay' is nan (number 0, "
       "episode 1, step 1)"},
      {nan_obs, MARL_ENUMERIC, 1, "observation 0 of agent 1 in role 'stay' is nan"},
      {unknown_role, MARL_EARG, 1, "agent 0 is to decide in role 1, there are roles 0 .. 0"},
      {ghost_earns, MARL_EARG, 2, "agent 0 has terminated and goes on earning, 2 in role 'stay'"},
  };
  MarlError err;
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; ++i) {
    MarlVecEnv *vec = make_leave(0);
    toy_step = broken[i].step;
    for (int t = 1; t < broken[i].steps; ++t) UNIT_OK(marl_vec_env_step(vec, &err));
    UNIT_ERROR(marl_vec_env_step(vec, &err), broken[i].code, broken[i].words);
    marl_vec_env_destroy(&vec);
  }
  MarlVecEnv *vec = make_leave(0);
  toy_step = silent_nan_obs;
  UNIT_OK(marl_vec_env_step(vec, &err));
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
    {"an end is terminated or truncated, never both",
     test_an_end_is_terminated_or_truncated_and_never_both},
    {"a reward that is not written is zero", test_a_reward_that_is_not_written_is_zero},
    {"what would be learned in silence is an error",
     test_what_would_be_learned_in_silence_is_an_error},
    {"unknown name lists the known", test_unknown_name_lists_the_known},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/vec_env", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
