#include "marl/learn/refer.h"
#include "marl/learn/sequences.h"
#include "tests/unit.h"

enum { CAPACITY = 6, ROWS = 2 };

typedef struct Step {
  float reward, value, ratio;
  int end;
  float final_value; /* of a truncated step */
} Step;

/* Row 0: an episode of three steps that terminates, one of two that is truncated, a third. */
static const Step row0[] = {
    {1, 0, 2, MARL_SEQUENCE_GOES_ON, 0},        {2, 1, 0.5f, MARL_SEQUENCE_GOES_ON, 0},
    {3, 2, 1, MARL_SEQUENCE_TERMINATED, 0},     {1, 1, 0.25f, MARL_SEQUENCE_GOES_ON, 0},
    {-1, 1, 3, MARL_SEQUENCE_TRUNCATED, 4},     {1, 8, 1, MARL_SEQUENCE_GOES_ON, 0},
    {5, 0.5f, 0.125f, MARL_SEQUENCE_GOES_ON, 0}};
/* Row 1: gone in its second step while the environment goes on for one more. */
static const Step row1[] = {
    {1, 1, 1, MARL_SEQUENCE_GOES_ON, 0},    {1, 1, 1, MARL_SEQUENCE_TERMINATED, 0},
    {7, 7, 9, MARL_SEQUENCE_ABSENT, 0},     {1, 2, 1, MARL_SEQUENCE_GOES_ON, 0},
    {0, 4, 0.5f, MARL_SEQUENCE_GOES_ON, 0}, {1, 6, 1, MARL_SEQUENCE_GOES_ON, 0},
    {1, 1, 1, MARL_SEQUENCE_GOES_ON, 0}};

static void record(MarlSequences *s, size_t row, const Step *step) {
  const size_t slot = marl_sequences_next_layer(s) + row;
  s->reward[slot] = step->reward;
  s->value[slot] = step->value;
  s->ratio[slot] = step->ratio;
  s->end[slot] = (uint8_t)step->end;
  if (step->end == MARL_SEQUENCE_TRUNCATED)
    s->final_value[marl_sequences_truncate(s, row)] = step->final_value;
}

static MarlSequences *remember(int first, int count) {
  MarlError err;
  MarlSequences *s = NULL;
  const MarlSequenceShape shape = {
      .rows = ROWS, .capacity = CAPACITY, .obs_dim = 1, .act_dim = 1, .max_steps = 2};
  UNIT_OK(marl_sequences_create(&shape, &s, &err));
  for (int t = first; t < first + count; ++t) {
    record(s, 0, &row0[t]);
    record(s, 1, &row1[t]);
    marl_sequences_advance(s);
  }
  return s;
}

/* By hand, gamma = 1/2, rewards doubled:
 *   row 0  step 4: q = -2 + 4/2 = 0, v = 1 + 1 (0 - 1) = 0    (truncated, V(final) = 4)
 *          step 3: q = 2 + 0/2 = 2,  v = 1 + 1/4 (2 - 1) = 1.25
 *          step 2: q = 6,            v = 2 + 1 (6 - 2) = 6    (terminated)
 *          step 1: q = 4 + 6/2 = 7,  v = 1 + 1/2 (7 - 1) = 4
 *          step 0: q = 2 + 4/2 = 4
 *   row 1  step 4: q = 0 + 6/2 = 3,  v = 4 + 1/2 (3 - 4) = 3.5 (6 is the newest step's value)
 *          step 3: q = 2 + 3.5/2 = 3.75
 *          step 1: q = 2,            v = 1 + 1 (2 - 1) = 2    (terminated)
 *          step 0: q = 2 + 2/2 = 3
 * A ratio above 1 counts as 1. All are exact in binary. */
static void test_targets_by_hand(void) {
  MarlSequences *s = remember(0, 6);
  marl_sequences_retrace(s, 0.5f, 2);
  const float q0[] = {4, 7, 6, 2, 0}, q1[] = {3, 2, 0, 3.75f, 3};
  for (size_t t = 0; t < 5; ++t) {
    const size_t layer = marl_sequences_layer(s, 5 - t);
    UNIT_NEAR(s->target[layer], q0[t], 0);
    if (t != 2) UNIT_NEAR(s->target[layer + 1], q1[t], 0);
  }
  marl_sequences_destroy(&s);
}

/* The seventh step takes the place of the first; step 5 of row 0 now has a successor:
 * q = 2 + 0.5/2, and step 4, whose episode ended, does not see it. */
static void test_the_oldest_step_makes_room(void) {
  MarlSequences *s = remember(0, 7);
  marl_sequences_retrace(s, 0.5f, 2);
  CU_ASSERT_EQUAL(marl_sequences_num_layers(s), CAPACITY);
  CU_ASSERT_EQUAL(marl_sequences_layer(s, 0), 0);
  UNIT_NEAR(s->target[marl_sequences_layer(s, 1)], 2.25, 0);
  UNIT_NEAR(s->target[marl_sequences_layer(s, 2)], 0, 0);
  UNIT_NEAR(s->target[marl_sequences_layer(s, 5)], 7, 0);
  marl_sequences_destroy(&s);
}

/* A step truncated in every second of many: final observations never collide within the memory. */
static void test_final_observations_live_as_long_as_their_steps(void) {
  MarlSequences *s = remember(0, 1);
  for (int t = 1; t < 40; ++t) {
    const Step step = {0, 0, 1, t % 2 == 0 ? MARL_SEQUENCE_TRUNCATED : MARL_SEQUENCE_GOES_ON,
                       (float)t};
    record(s, 0, &step);
    record(s, 1, &row1[0]);
    marl_sequences_advance(s);
    for (size_t age = 0; age < marl_sequences_num_layers(s); ++age) {
      const size_t slot = marl_sequences_layer(s, age);
      if (s->end[slot] == MARL_SEQUENCE_TRUNCATED)
        UNIT_NEAR(s->final_value[s->final_slot[slot]], (double)t - (double)age, 0);
    }
  }
  marl_sequences_destroy(&s);
}

/* Ratios of row 0: 2, .5, 1, .25, 3, 1 and of row 1: 1, 1, -, 1, .5, 1. */
static void test_the_share_of_far_decisions(void) {
  MarlSequences *s = remember(0, 6);
  MarlSequenceSums sums = marl_sequences_sums(s, 3.5f); /* .25 alone */
  UNIT_NEAR(sums.decisions, 11, 0);
  UNIT_NEAR(sums.far, 1, 0);
  UNIT_NEAR(sums.squared_reward, 1 + 4 + 9 + 1 + 1 + 1 + 1 + 1 + 1 + 0 + 1, 0);
  sums = marl_sequences_sums(s, 1.5f); /* 2, .5, .25, 3, .5 */
  UNIT_NEAR(sums.far, 5, 0);
  marl_sequences_destroy(&s);
}

static void test_beta_moves_against_the_excess(void) {
  UNIT_NEAR(marl_refer_beta(0.4, 0.2, 0.1, 0.01), 0.4 * 0.99, 1e-15);
  UNIT_NEAR(marl_refer_beta(0.4, 0.05, 0.1, 0.01), 0.4 * 0.99 + 0.01, 1e-15);
  double low = 0.3, high = 0.3;
  for (int i = 0; i < 2000; ++i) {
    low = marl_refer_beta(low, 1, 0.1, 0.01);
    high = marl_refer_beta(high, 0, 0.1, 0.01);
  }
  UNIT_NEAR(low, 0, 1e-8); /* .99^2000 = 2e-9 */
  UNIT_NEAR(high, 1, 1e-8);
}

static void test_the_bound_falls_to_one(void) {
  UNIT_NEAR(marl_refer_bound(4, 0.01, 0), 5, 0);
  UNIT_NEAR(marl_refer_bound(4, 0.01, 300), 2, 1e-6); /* rounding of a float of order one */
  CU_ASSERT_TRUE(marl_refer_near(1.9f, 2) && marl_refer_near(0.51f, 2));
  CU_ASSERT_FALSE(marl_refer_near(2.1f, 2) || marl_refer_near(0.49f, 2));
  CU_ASSERT_FALSE(marl_refer_near((float)NAN, 2));
}

static CU_TestInfo tests[] = {
    {"Retrace targets equal hand calculation", test_targets_by_hand},
    {"the oldest step makes room for the newest", test_the_oldest_step_makes_room},
    {"final observations live as long as their steps",
     test_final_observations_live_as_long_as_their_steps},
    {"far decisions are counted, absent ones are not", test_the_share_of_far_decisions},
    {"beta falls while too many are far, else rises", test_beta_moves_against_the_excess},
    {"the bound of what is near falls to one", test_the_bound_falls_to_one},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/sequences", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
