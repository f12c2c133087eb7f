#include "marl/learn/dqn.h"
#include "tests/unit.h"

static const MarlDqnParams small = {.hidden = 32,
                                    .batch = 32,
                                    .capacity = 500,
                                    .warmup = 32,
                                    .copy_every = 50,
                                    .learning_rate = 1e-3f,
                                    .gamma = 0.9f,
                                    .huber = 1.0f,
                                    .epsilon_max = 1.0f,
                                    .epsilon_min = 0.25f,
                                    .epsilon_decay = 0.5f};

static MarlDqn *make(const MarlDqnParams *params, int num_inputs, uint64_t seed) {
  MarlError err;
  MarlDqn *dqn = NULL;
  UNIT_OK(marl_dqn_create(params, num_inputs, 2, marl_key(seed, MARL_STREAM_POLICY), &dqn, &err));
  return dqn;
}

static void test_a_sample_has_different_rows_and_every_row_equally_often(void) {
  MarlError err;
  MarlReplay replay;
  UNIT_OK(marl_replay_create(1, 4, 50, &replay, &err));
  const float obs = 0;
  for (int i = 0; i < 40; ++i) marl_replay_add(&replay, &obs, 0, 0, &obs, false);
  int times[40] = {0};
  const int samples = 4000;
  for (int s = 0; s < samples; ++s) {
    uint32_t index[20];
    bool seen[40] = {false};
    marl_replay_sample(&replay, marl_key_fold(marl_key(1, MARL_STREAM_REPLAY), (uint64_t)s), 20,
                       index);
    for (int i = 0; i < 20; ++i) {
      CU_ASSERT_FATAL(index[i] < 40 && !seen[index[i]]);
      seen[index[i]] = true;
      ++times[index[i]];
    }
  }
  /* binomial(4000, 1/2): five standard deviations are 158 */
  for (int i = 0; i < 40; ++i) UNIT_NEAR(times[i], samples / 2, 158);
  marl_replay_clear(&replay);
}

static void test_a_full_memory_forgets_the_oldest(void) {
  MarlError err;
  MarlReplay replay;
  UNIT_OK(marl_replay_create(1, 4, 3, &replay, &err));
  const float obs = 0;
  for (int i = 0; i < 5; ++i) marl_replay_add(&replay, &obs, 0, (float)i, &obs, false);
  CU_ASSERT_EQUAL(replay.size, 3);
  UNIT_NEAR(replay.rows[0 * replay.stride + 2], 3, 0);
  UNIT_NEAR(replay.rows[1 * replay.stride + 2], 4, 0);
  UNIT_NEAR(replay.rows[2 * replay.stride + 2], 2, 0);
  marl_replay_clear(&replay);
}

static void test_exploration_falls_by_its_share_to_the_floor(void) {
  MarlDqn *dqn = make(&small, 1, 1);
  const float obs = 0;
  for (int i = 0; i < 31; ++i) marl_dqn_store(dqn, &obs, 0, 0, &obs, true);
  CU_ASSERT_FALSE(marl_dqn_learn(dqn)); /* warm-up */
  UNIT_NEAR(marl_dqn_epsilon(dqn), 1, 0);
  marl_dqn_store(dqn, &obs, 0, 0, &obs, true);
  CU_ASSERT_TRUE(marl_dqn_learn(dqn));
  UNIT_NEAR(marl_dqn_epsilon(dqn), 1 - 0.75 * 0.5, 0); /* exact in binary */
  marl_dqn_learn(dqn);
  UNIT_NEAR(marl_dqn_epsilon(dqn), 0.25, 0);
  marl_dqn_destroy(&dqn);
}

/* State 0: choice 1 pays 1 and stays, choice 0 pays 0 and ends. Q(1) = 1 / (1 - gamma) = 10 and
 * Q(0) = 0. The values climb to 10 with factor 0.9 a target copy: 200 copies leave 1e-9. */
static void self_loop(bool double_q) {
  MarlDqnParams params = small;
  params.double_q = double_q;
  params.learning_rate = 3e-3f;
  MarlDqn *dqn = make(&params, 1, 2);
  const float obs = 1;
  for (int i = 0; i < 100; ++i) marl_dqn_store(dqn, &obs, i % 2, (float)(i % 2), &obs, i % 2 == 0);
  for (int i = 0; i < 10000; ++i) marl_dqn_learn(dqn);
  float q[2];
  marl_dqn_values(dqn, &obs, q);
  /* Adam keeps moving by about the step times the slope of 32 units near the fixed point */
  UNIT_NEAR(q[0], 0, 0.1);
  UNIT_NEAR(q[1], 10, 0.1);
  CU_ASSERT_EQUAL(marl_dqn_greedy(dqn, &obs), 1);
  marl_dqn_destroy(&dqn);
}

static void test_a_self_loop_is_worth_its_geometric_series(void) {
  self_loop(false);
  self_loop(true);
}

/* A batch of few distinct rows is summed by row, one of many row by row. A column of noise that no
 * weight reads (they are trained only through it when it is not 0) tells the two apart. */
static void test_equal_rows_are_summed_without_changing_the_gradient(void) {
  MarlDqnParams params = small;
  params.learning_rate = 1e-2f;
  MarlDqn *few = make(&params, 2, 3), *many = make(&params, 2, 3);
  for (int i = 0; i < 200; ++i) {
    /* the tiny part is below the rounding of a hidden sum, but makes the rows differ */
    const float a[2] = {(float)(i % 3), 0}, b[2] = {(float)(i % 3), 1e-12f * (float)(i + 1)};
    marl_dqn_store(few, a, i % 2, (float)(i % 5), a, false);
    marl_dqn_store(many, b, i % 2, (float)(i % 5), b, false);
  }
  for (int i = 0; i < 5; ++i) marl_dqn_learn(few), marl_dqn_learn(many);
  for (int s = 0; s < 3; ++s) {
    float x[2], y[2];
    const float obs[2] = {(float)s, 0};
    marl_dqn_values(few, obs, x), marl_dqn_values(many, obs, y);
    /* sums in another order: rounding of the gradient, amplified by Adam's first sign-like steps
     * only where a gradient is itself rounding */
    for (int k = 0; k < 2; ++k) UNIT_NEAR(x[k], y[k], 1e-3);
  }
  marl_dqn_destroy(&few), marl_dqn_destroy(&many);
}

static int live(MarlDqn *dqn, int from, int to) {
  int sum = 0;
  for (int t = from; t < to; ++t) {
    const float obs[2] = {(float)(t % 4), (float)(t % 7)};
    const float next[2] = {(float)((t + 1) % 4), (float)((t + 1) % 7)};
    const int choice = marl_dqn_explore(dqn, obs);
    marl_dqn_store(dqn, obs, choice, (float)(choice == t % 2), next, t % 11 == 0);
    marl_dqn_learn(dqn);
    sum = 2 * sum % 1000003 + choice;
  }
  return sum;
}

static void test_a_saved_learner_goes_on_with_the_same_bits(void) {
  MarlError err;
  MarlDqn *whole = make(&small, 2, 4), *restarted = make(&small, 2, 4);
  live(whole, 0, 321), live(restarted, 5, 100);
  MarlStore *memory = NULL, *copy = NULL;
  void *bytes = NULL;
  size_t size = 0;
  UNIT_OK(marl_store_create_memory(&memory, &err));
  UNIT_OK(marl_dqn_save(whole, memory, &err));
  UNIT_OK(marl_store_image(memory, &bytes, &size, &err));
  UNIT_OK(marl_store_open_image(bytes, size, &copy, &err));
  UNIT_OK(marl_dqn_load(restarted, copy, &err));
  marl_store_close(&memory), marl_store_close(&copy);
  free(bytes);
  CU_ASSERT_EQUAL(live(whole, 321, 700), live(restarted, 321, 700));
  UNIT_BITS_EQUAL(marl_dqn_network(whole), marl_dqn_network(restarted),
                  marl_value_net_num_params(marl_dqn_shape(whole)) * sizeof(float));
  marl_dqn_destroy(&whole), marl_dqn_destroy(&restarted);
}

static CU_TestInfo tests[] = {
    {"a sample has different rows and every row equally often",
     test_a_sample_has_different_rows_and_every_row_equally_often},
    {"a full memory forgets the oldest", test_a_full_memory_forgets_the_oldest},
    {"exploration falls by its share to the floor",
     test_exploration_falls_by_its_share_to_the_floor},
    {"a self loop is worth its geometric series", test_a_self_loop_is_worth_its_geometric_series},
    {"equal rows are summed without changing the gradient",
     test_equal_rows_are_summed_without_changing_the_gradient},
    {"a saved learner goes on with the same bits", test_a_saved_learner_goes_on_with_the_same_bits},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"dqn", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
