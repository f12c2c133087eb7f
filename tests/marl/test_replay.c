#include "marl/learn/replay.h"
#include "tests/unit.h"

static void test_a_sample_has_different_rows_and_every_row_equally_often(void) {
  MarlError err;
  MarlReplay replay;
  UNIT_OK(marl_replay_create(1, 4, false, 50, &replay, &err));
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
  UNIT_OK(marl_replay_create(1, 4, false, 3, &replay, &err));
  const float obs = 0;
  for (int i = 0; i < 5; ++i) marl_replay_add(&replay, &obs, 0, (float)i, &obs, false);
  CU_ASSERT_EQUAL(replay.size, 3);
  UNIT_NEAR(replay.rows[0 * replay.stride + 2], 3, 0);
  UNIT_NEAR(replay.rows[1 * replay.stride + 2], 4, 0);
  UNIT_NEAR(replay.rows[2 * replay.stride + 2], 2, 0);
  marl_replay_clear(&replay);
}

static CU_TestInfo tests[] = {
    {"a sample has different rows and every row equally often",
     test_a_sample_has_different_rows_and_every_row_equally_often},
    {"a full memory forgets the oldest", test_a_full_memory_forgets_the_oldest},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"replay", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
