/* Population-based training: who follows whom with which settings, and whether a population finds settings
 * that have to change. */
#include "marl/compare/hyper_population.h"

#include <math.h>
#include <stdlib.h>

#include "tests/unit.h"

static MarlError err;

static MarlPoints *points_of(const char *const *over, size_t count, int members, uint64_t seed) {
  MarlPoints *points;
  UNIT_OK(
      marl_points_create("sweep", over, count, MARL_SAMPLER_RANDOM, members, seed, &points, &err));
  return points;
}

static double value(const MarlHyperPopulation *p, int round, int member, int axis) {
  return strtod(marl_hyper_population_value(p, round, member, axis), NULL);
}

/* Ten members, scores 0 .. 9 in a shuffled order: 1 and 8 are the worst, 0 and 5 the best. */
static const double scores[10] = {9, 0, 4, 3, 7, 8, 5, 6, 1, 2};

static void the_worst_follow_the_best_and_all_others_stay(void) {
  static const char *const over[] = {"a.rate = 1e-4..1 log", "a.share = 0..2"};
  MarlPoints *points = points_of(over, 2, 10, 3);
  MarlHyperPopulation *p;
  UNIT_OK(marl_hyper_population_create(points, 2, 0.2, 1.2, 3, &p, &err));
  for (int m = 0; m < 10; ++m) {
    CU_ASSERT_EQUAL(marl_hyper_population_parent(p, 0, m), -1);
    CU_ASSERT_EQUAL(marl_hyper_population_origin(p, 0, m), m);
  }
  CU_ASSERT(marl_hyper_population_step(p, 0, scores));
  for (int m = 0; m < 10; ++m) {
    const int parent = marl_hyper_population_parent(p, 1, m);
    const double rate = value(p, 1, m, 0), share = value(p, 1, m, 1);
    CU_ASSERT_EQUAL(marl_hyper_population_origin(p, 1, m), parent);
    if (m != 1 && m != 8) {
      CU_ASSERT_EQUAL(parent, m);
      UNIT_NEAR(rate, value(p, 0, m, 0), 0);
      UNIT_NEAR(share, value(p, 0, m, 1), 0);
      continue;
    }
    CU_ASSERT(parent == 0 || parent == 5);
    /* times or divided by 1.2, plus or minus (1.2 - 1) / 2 of the width 2; six digits are kept */
    const double ratio = rate / value(p, 0, parent, 0), step = share - value(p, 0, parent, 1);
    CU_ASSERT(fabs(ratio - 1.2) < 1e-5 || fabs(ratio - 1 / 1.2) < 1e-5 || rate == 1 ||
              rate == 1e-4);
    CU_ASSERT(fabs(fabs(step) - 0.2) < 1e-5 || share == 0 || share == 2);
  }
  marl_hyper_population_destroy(&p);
  marl_points_destroy(&points);
}

/* Over 2,000 populations both directions and both parents are drawn half of the time: 4 sigma of 4,000 fair
 * draws are 4 * sqrt(4000) / 2 = 126. */
static void parents_and_directions_are_fair(void) {
  static const char *const over[] = {"a.rate = 1e-9..1e9 log"};
  int first = 0, up = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    MarlPoints *points = points_of(over, 1, 10, seed);
    MarlHyperPopulation *p;
    UNIT_OK(marl_hyper_population_create(points, 2, 0.2, 2, seed, &p, &err));
    CU_ASSERT(marl_hyper_population_step(p, 0, scores));
    for (int m = 1; m < 9; m += 7) {
      const int parent = marl_hyper_population_parent(p, 1, m);
      first += parent == 0;
      up += value(p, 1, m, 0) > value(p, 0, parent, 0);
    }
    marl_hyper_population_destroy(&p);
    marl_points_destroy(&points);
  }
  UNIT_NEAR(first, 2000, 126);
  UNIT_NEAR(up, 2000, 126);
}

/* What has no state to go on from moves, however many they are; nobody follows it; what has no score yet
 * stays unless it is among the worst. */
static void who_failed_moves_and_is_followed_by_nobody(void) {
  static const char *const over[] = {"a.rate = 1e-4..1 log"};
  static const double some[6] = {-INFINITY, NAN, -INFINITY, -INFINITY, 2, -INFINITY};
  static const double none[6] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY};
  MarlPoints *points = points_of(over, 1, 6, 3);
  MarlHyperPopulation *p;
  UNIT_OK(marl_hyper_population_create(points, 3, 0.5, 1.2, 3, &p, &err));
  CU_ASSERT(marl_hyper_population_step(p, 0, some));
  for (int m = 0; m < 6; ++m) {
    const int parent = marl_hyper_population_parent(p, 1, m);
    CU_ASSERT(m == 1 || m == 4 ? parent == m : parent == 1 || parent == 4);
  }
  CU_ASSERT(!marl_hyper_population_step(p, 1, none));
  marl_hyper_population_destroy(&p);
  marl_points_destroy(&points);
}

/* A learner of one weight w follows a target that jumps between 1 and -1 at the start of every round, by
 * four steps of gradient descent on c (w - target)^2 / 2 with w <- w - rate c (w - target). The curvature c
 * rises by 8 % a round: the best rate is 1 / c, which falls from 1 to 1 / 101 in 60 rounds, and a rate above
 * 2 / c diverges. Error |w - target| after the last step of a round. */
enum { ROUNDS = 60, MEMBERS = 10 };

static double train(double *w, double rate, int round) {
  const double c = pow(1.08, round), target = round % 2 == 0 ? 1 : -1;
  for (int i = 0; i < 4; ++i) *w -= rate * c * (*w - target);
  *w = fmin(fmax(*w, -1e6), 1e6);
  return fabs(*w - target);
}

/* Mean error over all rounds with one rate; per round the fixed rates' best is not known beforehand. */
static double error_of_rate(double rate) {
  double w = 0, sum = 0;
  for (int round = 0; round < ROUNDS; ++round) sum += train(&w, rate, round);
  return sum / ROUNDS;
}

static void a_rate_that_has_to_fall_is_followed(void) {
  static const char *const over[] = {"a.rate = 1e-3..2 log"};
  double best_fixed = INFINITY;
  for (int i = 0; i <= 1000; ++i)
    best_fixed = fmin(best_fixed, error_of_rate(1e-3 * pow(2000, i / 1000.0)));
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    MarlPoints *points = points_of(over, 1, MEMBERS, seed);
    MarlHyperPopulation *p;
    double w[MEMBERS] = {0}, before[MEMBERS], score[MEMBERS], sum = 0, last = 0;
    UNIT_OK(marl_hyper_population_create(points, ROUNDS, 0.2, 1.2, seed, &p, &err));
    for (int round = 0; round < ROUNDS; ++round) {
      int best = 0;
      memcpy(before, w, sizeof w);
      for (int m = 0; m < MEMBERS; ++m) {
        const int parent = marl_hyper_population_parent(p, round, m);
        if (parent >= 0) w[m] = before[parent];
        score[m] = -train(&w[m], value(p, round, m, 0), round);
        if (score[m] > score[best]) best = m;
      }
      sum -= score[best];
      last = value(p, round, best, 0) * pow(1.08, round);
      CU_ASSERT(marl_hyper_population_step(p, round, score));
    }
    /* the best of ten after four steps; of all fixed rates the best there is, chosen afterwards */
    CU_ASSERT(sum / ROUNDS < best_fixed / 2);
    CU_ASSERT(last > 0.5 && last < 2); /* of 1 / c: within the region that converges fast */
    marl_hyper_population_destroy(&p);
    marl_points_destroy(&points);
  }
}

static CU_TestInfo tests[] = {
    {"the worst follow the best and all others stay",
     the_worst_follow_the_best_and_all_others_stay},
    {"parents and directions are fair", parents_and_directions_are_fair},
    {"who failed moves and is followed by nobody", who_failed_moves_and_is_followed_by_nobody},
    {"a rate that has to fall is followed", a_rate_that_has_to_fall_is_followed},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"hyper_population", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
