/* Environments that list whom a step touches (MarlEnvIo.touched). */
#include "tests/envs/life.h"

/* Every row that is not listed decides nothing, has earned nothing and goes on; the list is in order.
 * Returns the rows that were listed, per step. */
static double share_listed(const char *env, const char *settings, int steps) {
  Life life = life_begin(env, "tabular_q", settings, 1);
  const MarlEnvSpec *spec = marl_vec_env_spec(life.replica.vec[0]);
  const size_t A = (size_t)spec->num_agents, R = (size_t)spec->num_roles;
  double listed = 0;
  CU_ASSERT(spec->lists_touched);
  for (int step = 0; step < steps; ++step) {
    const MarlBatch *batch = life_step(&life);
    const size_t n = batch->first_touched[1];
    size_t next = 0;
    for (size_t row = 0; row < A; ++row) {
      if (next < n && batch->touched[next] == row) {
        ++next;
        continue;
      }
      bool blank = !batch->active[row] && !batch->terminated[row] && !batch->truncated[row];
      for (size_t r = 0; r < R; ++r) {
        blank = blank && batch->reward[row * R + r] == 0;
        blank = blank && (batch->ended == NULL || !batch->ended[row * R + r]);
      }
      CU_ASSERT(blank);
    }
    CU_ASSERT_EQUAL(next, n);
    listed += (double)n / (double)A / steps;
  }
  life_end(&life);
  return listed;
}

/* A cycle of 40 agents has a step of 40 who select, and 40 pairings of 10 rounds of a few. */
static void test_few_of_many_are_touched_and_all_that_changed(void) {
  static const char *const societies[] = {
      "num_agents=40 cycles=0 mechanism=TPPDP-S",
      "num_agents=40 cycles=0 mechanism=voluntary_pool pairings_end=true",
      "num_agents=40 cycles=0 mechanism=direct+metanorm policies=learner*30,punisher*10",
  };
  for (size_t i = 0; i < sizeof societies / sizeof *societies; ++i)
    CU_ASSERT(share_listed("dilemma", societies[i], 2000) < 0.25);
  CU_ASSERT(share_listed("reciprocity", "num_agents=40 assessment=bottom_up", 2000) < 0.25);
}

/* All die together: the step of the last cycle touches all, and life begins again. */
static void test_the_end_of_an_episode_touches_all(void) {
  Life life = life_begin("dilemma", "tabular_q", "num_agents=4 rounds=2 cycles=1", 1);
  const MarlBatch *batch = life_step(&life);
  while (!batch->episode_ended[0]) batch = life_step(&life);
  CU_ASSERT_EQUAL(batch->first_touched[1], 4);
  for (int a = 0; a < 4; ++a) CU_ASSERT(batch->terminated[a]);
  batch = life_step(&life);
  for (int a = 0; a < 4; ++a) CU_ASSERT(!batch->terminated[a]);
  CU_ASSERT(!batch->episode_ended[0]);
  life_end(&life);
}

static CU_TestInfo tests[] = {
    {"few of many are touched, and all that changed",
     test_few_of_many_are_touched_and_all_that_changed},
    {"the end of an episode touches all", test_the_end_of_an_episode_touches_all},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/touched", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
