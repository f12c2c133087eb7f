/* ctest: label=slow timeout=180 */
#include "marl/learn/dqn.h"
#include "tests/unit.h"

/* Barto, Sutton, Anderson 1983 with the usual constants: gravity 9.8, cart 1.0, pole 0.1 of half
 * length 0.5, force +-10, Euler steps of 0.02; over when |x| > 2.4 or |angle| > 12 degrees, cut at
 * 500 steps. */
enum { STEPS_MAX = 500 };
static const double angle_limit = 12 * 3.14159265358979323846 / 180;

static void begin(MarlKey key, float s[4]) {
  for (int i = 0; i < 4; ++i) s[i] = (float)(0.1 * marl_uniform(key, (uint64_t)i) - 0.05);
}

/* True when the pole has fallen. */
static bool push(float s[4], int choice) {
  const double x = s[0], v = s[1], angle = s[2], spin = s[3];
  const double force = choice == 1 ? 10.0 : -10.0;
  const double pull = (force + 0.05 * spin * spin * sin(angle)) / 1.1;
  const double turn = (9.8 * sin(angle) - cos(angle) * pull) /
                      (0.5 * (4.0 / 3 - 0.1 * cos(angle) * cos(angle) / 1.1));
  const double acceleration = pull - 0.05 * turn * cos(angle) / 1.1;
  s[0] = (float)(x + 0.02 * v);
  s[1] = (float)(v + 0.02 * acceleration);
  s[2] = (float)(angle + 0.02 * spin);
  s[3] = (float)(spin + 0.02 * turn);
  return fabs((double)s[0]) > 2.4 || fabs((double)s[2]) > angle_limit;
}

/* Mean greedy return over 100 episodes that depend on `key` alone. */
static double evaluate(const MarlDqn *dqn, MarlKey key) {
  double sum = 0;
  for (uint64_t episode = 0; episode < 100; ++episode) {
    float s[4];
    begin(marl_key_fold(key, episode), s);
    for (int t = 0; t < STEPS_MAX; ++t) {
      ++sum;
      if (push(s, marl_dqn_greedy(dqn, s))) break;
    }
  }
  return sum / 100;
}

/* Train until 100 greedy episodes reach the mark, at most `budget` steps; returns steps taken. */
static int train(MarlDqn *dqn, MarlKey key, int budget) {
  float s[4], next[4];
  int length = 0;
  uint64_t episode = 0;
  begin(marl_key_fold(key, episode), s);
  for (int step = 1; step <= budget; ++step) {
    const int choice = marl_dqn_explore(dqn, s);
    memcpy(next, s, sizeof next);
    const bool fell = push(next, choice);
    marl_dqn_store(dqn, s, choice, 1, next, fell); /* the cut at 500 steps is not a fall */
    marl_dqn_learn(dqn);
    memcpy(s, next, sizeof s);
    if (fell || ++length == STEPS_MAX) {
      begin(marl_key_fold(key, ++episode), s);
      length = 0;
    }
    if (step % 2000 == 0 && evaluate(dqn, marl_key_fold(key, UINT64_MAX)) >= 490) return step;
  }
  return budget + 1;
}

static void test_the_learner_balances_a_pole(void) {
  MarlError err;
  const MarlDqnParams params = {.hidden = 128,
                                .batch = 64,
                                .capacity = 50000,
                                .warmup = 1000,
                                .copy_every = 500,
                                .double_q = true,
                                .learning_rate = 1e-3f,
                                .gamma = 0.99f,
                                .huber = 1.0f,
                                .epsilon_max = 1.0f,
                                .epsilon_min = 0.05f,
                                .epsilon_decay = 1e-4f};
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    MarlDqn *dqn = NULL;
    const MarlKey key = marl_key(seed, MARL_STREAM_POLICY);
    UNIT_OK(marl_dqn_create(&params, 4, 2, key, &dqn, &err));
    const int steps = train(dqn, marl_key(seed, MARL_STREAM_ENV), 150000);
    /* 475 of 500 is where the task counts as solved; fresh episodes, not those that chose when to
     * stop */
    const double mean = evaluate(dqn, marl_key(100 + seed, MARL_STREAM_ENV));
    printf("\n    seed %d: %d steps, mean of 100 fresh greedy episodes %.1f", (int)seed, steps,
           mean);
    CU_ASSERT(steps <= 150000);
    CU_ASSERT(mean >= 475);
    marl_dqn_destroy(&dqn);
  }
}

static CU_TestInfo tests[] = {
    {"the learner balances a pole", test_the_learner_balances_a_pole},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"cart pole", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
