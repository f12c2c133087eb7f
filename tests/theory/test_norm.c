#include "tests/unit.h"
#include "theory/norm.h"

/* Norm number `i` of 2^12 assessments x 3^4 action rules. */
static MarlNorm numbered(int i) {
  MarlNorm norm;
  int assess = i % 4096, act = i / 4096;
  for (int x = 0; x < 2; ++x) {
    for (int y = 0; y < 2; ++y) {
      for (int a = 0; a < 3; ++a, assess /= 2) norm.assess[x][y][a] = (uint8_t)(assess % 2);
      norm.act[x][y] = (uint8_t)(act % 3);
      act /= 3;
    }
  }
  return norm;
}

/* Class by acts toward (good by good), (good by bad), (bad by good): CDC CPC CDD CPD CDP CPP. */
static int class_of(const MarlNorm *norm) {
  static const uint8_t classes[6][3] = {{0, 1, 0}, {0, 2, 0}, {0, 1, 1},
                                        {0, 2, 1}, {0, 1, 2}, {0, 2, 2}};
  for (int k = 0; k < 6; ++k)
    if (norm->act[1][1] == classes[k][0] && norm->act[1][0] == classes[k][1] &&
        norm->act[0][1] == classes[k][2])
      return k;
  return -1;
}

static void count(const MarlDonation *donation, const int expected[6]) {
  int found[6] = {0}, outside = 0;
  for (int i = 0; i < 4096 * 81; ++i) {
    const MarlNorm norm = numbered(i);
    if (!marl_norm_is_stable(&norm, donation)) continue;
    const double good = marl_norm_good_share(&norm, donation);
    if (good < 0.5 || marl_norm_cooperation(&norm, good) <= 0.99) continue;
    const int k = class_of(&norm);
    if (k < 0)
      ++outside;
    else
      ++found[k];
  }
  CU_ASSERT_EQUAL(outside, 0);
  for (int k = 0; k < 6; ++k) UNIT_NEAR(found[k], expected[k], 0);
}

/* Counts of all stable, cooperative norms of the 331,776; exact. */
static void test_stable_cooperative_norms_with_punishment_are_as_many_as_published(void) {
  const MarlDonation generous = {3, 1, 0.7, 0.3, 0.001, 3};
  const MarlDonation meager = {1.5, 1, 0.7, 0.3, 0.001, 3};
  const MarlDonation dear = {1.5, 1, 0.2, 1.3, 0.001, 3};
  count(&generous, (const int[]){32, 16, 128, 64, 64, 32});
  count(&meager, (const int[]){32, 16, 0, 64, 0, 32});
  count(&dear, (const int[]){128, 32, 0, 0, 64, 16});
}

static void test_the_leading_eight_cooperate_and_are_stable(void) {
  const MarlDonation donation = {1, 0.1, 0, 0, 0.01, 2};
  for (int i = 0; i < 8; ++i) {
    const MarlNorm norm = marl_norm_leading_eight(i);
    CU_ASSERT(marl_norm_cooperation(&norm, marl_norm_good_share(&norm, &donation)) > 0.98);
    CU_ASSERT_TRUE(marl_norm_is_stable(&norm, &donation));
  }
}

static void test_image_scoring_is_not_stable(void) {
  const MarlDonation donation = {1, 0.1, 0, 0, 0.01, 2};
  const MarlNorm norm = marl_norm_image_scoring();
  /* refusing a bad recipient costs the good name: nobody strictly prefers to discriminate, and an
   * error is never forgotten: h = 1/2 */
  CU_ASSERT_FALSE(marl_norm_is_stable(&norm, &donation));
  UNIT_NEAR(marl_norm_good_share(&norm, &donation), 0.5, 1e-9); /* root of a quadratic */
}

static CU_TestInfo tests[] = {
    {"stable cooperative norms with punishment are as many as published",
     test_stable_cooperative_norms_with_punishment_are_as_many_as_published},
    {"the leading eight cooperate and are stable", test_the_leading_eight_cooperate_and_are_stable},
    {"image scoring is not stable", test_image_scoring_is_not_stable},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"norm", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
