#include "marl/learn/rollout.h"
#include "tests/unit.h"

/* a few rounding errors of numbers of order one in single precision */
static const double ROUND = 4e-7;

static MarlRollout *make(size_t rows, int num_roles, int horizon) {
  MarlError err;
  MarlRollout *rollout = NULL;
  const MarlRolloutShape shape = {
      .rows = rows, .num_roles = num_roles, .horizon = horizon, .obs_dim = 1, .act_dim = 1};
  UNIT_OK(marl_rollout_create(&shape, &rollout, &err));
  return rollout;
}

static void decide(MarlRollout *rollout, size_t row, int role, float value) {
  marl_rollout_decide(rollout, row, role, value);
  rollout->obs[marl_rollout_slot(rollout, row)] = value;
}

/* gamma .9, lambda .5. Row 0 terminates at the second step; row 1 is truncated there, its final
 * observation being worth 2; both go on with a new episode, and the rollout ends after four steps
 * at observations worth 1. */
static void test_terminated_and_truncated_by_hand(void) {
  MarlRollout *r = make(2, 1, 4);
  const float value[2][4] = {{1, 2, 3, 4}, {1, 2, 3, 4}};
  const float reward[4] = {1, 2, 3, 4};
  for (; r->step < 4; ++r->step) {
    for (size_t row = 0; row < 2; ++row) {
      decide(r, row, 0, value[row][r->step]);
      marl_rollout_reward(r, row, 0, reward[r->step]);
    }
    if (r->step == 1) {
      marl_rollout_close(r, 0, 0, 0);
      marl_rollout_close(r, 1, 0, 2);
    }
  }
  marl_rollout_close(r, 0, 0, 1);
  marl_rollout_close(r, 1, 0, 1);
  marl_rollout_advantages(r, 0.9f, 0.5f);

  /* step 3: 4 + .9 - 4 = .9; step 2: 3 + 3.6 - 3 + .45 * .9 = 4.005, the same in both rows */
  const double terminated[4] = {1 + 1.8 - 1 + 0.45 * 0.0, 2 - 2.0, 4.005, 0.9};
  const double truncated[4] = {1 + 1.8 - 1 + 0.45 * 1.8, 2 + 1.8 - 2, 4.005, 0.9};
  for (size_t t = 0; t < 4; ++t) {
    UNIT_NEAR(r->advantage[(1 + t) * 2], terminated[t], 10 * ROUND);
    UNIT_NEAR(r->advantage[(1 + t) * 2 + 1], truncated[t], 10 * ROUND);
  }
  marl_rollout_destroy(&r);
}

/* With lambda = 1 the advantage is the discounted return minus the value. */
static void test_lambda_one_is_the_return(void) {
  MarlRollout *r = make(1, 1, 3);
  for (; r->step < 3; ++r->step) {
    decide(r, 0, 0, 0.5f);
    marl_rollout_reward(r, 0, 0, 1);
  }
  marl_rollout_close(r, 0, 0, 0);
  marl_rollout_advantages(r, 0.5f, 1);
  UNIT_NEAR(r->advantage[1], 1 + 0.5 + 0.25 - 0.5, ROUND);
  UNIT_NEAR(r->advantage[2], 1 + 0.5 - 0.5, ROUND);
  UNIT_NEAR(r->advantage[3], 1 - 0.5, ROUND);
  marl_rollout_destroy(&r);
}

/* play, punish, play: the reward of the punish step to the play stream is the first play's, and
 * the play stream's next value is that of the second play. */
static void test_role_streams_do_not_mix(void) {
  MarlRollout *r = make(1, 2, 3);
  const int role[3] = {0, 1, 0};
  const float value[3] = {1, 10, 2};
  for (; r->step < 3; ++r->step) {
    decide(r, 0, role[r->step], value[r->step]);
    marl_rollout_reward(r, 0, 0, 1);
    marl_rollout_reward(r, 0, 1, -3);
  }
  marl_rollout_close(r, 0, 0, 0);
  marl_rollout_close(r, 0, 1, 0);
  marl_rollout_advantages(r, 0.9f, 0);
  UNIT_NEAR(r->advantage[2], 2 + 0.9 * 2 - 1, 2 * ROUND); /* two steps' rewards of role 0 */
  UNIT_NEAR(r->advantage[3], -6 - 10, ROUND);
  UNIT_NEAR(r->advantage[4], 1 - 2, ROUND);
  marl_rollout_destroy(&r);
}

static void test_an_agent_that_does_not_decide_leaves_no_trace(void) {
  MarlRollout *r = make(2, 1, 2);
  for (; r->step < 2; ++r->step) decide(r, 1, 0, 1);
  marl_rollout_reward(r, 0, 0, 100); /* no decision of row 0 to give it to */
  marl_rollout_close(r, 0, 0, 100);
  marl_rollout_close(r, 1, 0, 0);
  marl_rollout_advantages(r, 1, 1);
  for (size_t layer = 1; layer < 3; ++layer) {
    CU_ASSERT_EQUAL(r->role[layer * 2], MARL_NO_ROLE);
    UNIT_NEAR(r->advantage[layer * 2], 0, 0);
  }
  UNIT_NEAR(r->advantage[3], -1, 0);
  marl_rollout_destroy(&r);
}

/* A decision whose reward is still to come is learned from in the rollout in which it closes. */
static void test_an_open_decision_is_carried(void) {
  MarlRollout *r = make(1, 2, 2);
  decide(r, 0, 1, 7);
  marl_rollout_reward(r, 0, 1, 1);
  ++r->step;
  decide(r, 0, 0, 1);
  ++r->step;
  marl_rollout_close(r, 0, 0, 0);
  marl_rollout_advantages(r, 0.5f, 1);
  UNIT_NEAR(r->advantage[2], 0, 0); /* open: not learned from yet */
  marl_rollout_restart(r);
  CU_ASSERT_EQUAL(r->role[1], 1); /* layer of role 1 */
  UNIT_NEAR(r->obs[1], 7, 0);
  decide(r, 0, 1, 3);
  marl_rollout_reward(r, 0, 1, 5);
  ++r->step;
  marl_rollout_close(r, 0, 1, 0);
  marl_rollout_advantages(r, 0.5f, 1);
  UNIT_NEAR(r->advantage[2], 5 - 3, ROUND);
  UNIT_NEAR(r->advantage[1], 1 + 0.5 * 3 - 7 + 0.5 * 2, ROUND);
  marl_rollout_restart(r);
  CU_ASSERT_EQUAL(r->role[1], MARL_NO_ROLE);
  marl_rollout_destroy(&r);
}

static void test_save_and_load_in_the_middle(void) {
  MarlError err;
  MarlRollout *r = make(2, 2, 3), *copy = make(2, 2, 3);
  decide(r, 0, 1, 7);
  decide(r, 1, 0, 3);
  marl_rollout_reward(r, 0, 1, 1);
  ++r->step;
  MarlStore *to, *from;
  void *bytes;
  size_t size;
  UNIT_OK(marl_store_create_memory(&to, &err));
  UNIT_OK(marl_rollout_save(r, to, &err));
  UNIT_OK(marl_store_image(to, &bytes, &size, &err));
  marl_store_close(&to);
  UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
  UNIT_OK(marl_rollout_load(copy, from, &err));
  marl_store_close(&from);
  free(bytes);
  MarlRollout *both[2] = {r, copy};
  for (int i = 0; i < 2; ++i) {
    decide(both[i], 0, 1, 2);
    marl_rollout_close(both[i], 0, 1, 0);
    marl_rollout_close(both[i], 1, 0, 1);
    marl_rollout_advantages(both[i], 0.9f, 0.9f);
  }
  UNIT_BITS_EQUAL(copy->advantage, r->advantage, sizeof(float) * marl_rollout_num_slots(r));
  marl_rollout_destroy(&r);
  marl_rollout_destroy(&copy);
}

static CU_TestInfo tests[] = {
    {"one terminated and one truncated episode by hand", test_terminated_and_truncated_by_hand},
    {"lambda one is the discounted return", test_lambda_one_is_the_return},
    {"role streams do not mix", test_role_streams_do_not_mix},
    {"an agent that does not decide leaves no trace",
     test_an_agent_that_does_not_decide_leaves_no_trace},
    {"an open decision is carried into the next rollout", test_an_open_decision_is_carried},
    {"save and load in the middle of a rollout", test_save_and_load_in_the_middle},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/gae", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
