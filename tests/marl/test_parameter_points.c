/* The points of a sweep. */
#include "marl/compare/parameter_points.h"
#include "marl/compare/sobol.h"
#include "tests/unit.h"

static MarlError err;

/* Joe and Kuo's table, first points by hand: 0, 1/2, 3/4, 1/4 in the first dimension. */
static void sobol_begins_as_published(void) {
  static const double expected[4][3] = {
      {0, 0, 0}, {0.5, 0.5, 0.5}, {0.75, 0.25, 0.25}, {0.25, 0.75, 0.75}};
  for (uint32_t i = 0; i < 4; ++i)
    for (int d = 0; d < 3; ++d) UNIT_NEAR(marl_sobol(d, i) * 0x1p-32, expected[i][d], 0);
}

/* Point 511 in sixteen dimensions, from SciPy 1.17's table of Joe and Kuo (scipy.stats.qmc.Sobol, 32 bits,
 * unscrambled, times 2^32): other direction numbers would be a sequence all the same. */
static void sobol_is_that_of_scipy(void) {
  static const uint32_t expected[MARL_SOBOL_DIMENSIONS] = {
      8388608,    2155872256, 1753219072, 3632267264, 1518338048, 3766484992,
      3196059648, 1988100096, 947912704,  864026624,  1468006400, 3565158400,
      260046848,  4051697664, 511705088,  2776629248};
  for (int d = 0; d < MARL_SOBOL_DIMENSIONS; ++d) CU_ASSERT_EQUAL(marl_sobol(d, 511), expected[d]);
}

/* The first 2^k points have one in each of the 2^k equal parts of every coordinate, so that directions[]
 * has odd numbers below their powers; and the first two coordinates are a net: one point in each
 * rectangle of 2^-a by 2^(a - k), which a wrong second polynomial breaks. */
static void sobol_fills_every_part_once(void) {
  enum { K = 8, N = 1 << K };
  for (int d = 0; d < MARL_SOBOL_DIMENSIONS; ++d) {
    int seen[N] = {0};
    for (uint32_t i = 0; i < N; ++i) ++seen[marl_sobol(d, i) >> (32 - K)];
    for (int part = 0; part < N; ++part) CU_ASSERT_EQUAL(seen[part], 1);
  }
  for (int a = 1; a < K; ++a) {
    int seen[N] = {0};
    for (uint32_t i = 0; i < N; ++i)
      ++seen[(marl_sobol(0, i) >> (32 - a)) << (K - a) | marl_sobol(1, i) >> (32 - K + a)];
    for (int part = 0; part < N; ++part) CU_ASSERT_EQUAL(seen[part], 1);
  }
}

/* No two dimensions are one: the mean of (x - 1/2)(y - 1/2) over 1024 points is 0 within 1/12 x 5 %; it
 * is 1/12 for twins. */
static void sobol_dimensions_differ(void) {
  for (int d = 0; d < MARL_SOBOL_DIMENSIONS; ++d)
    for (int e = 0; e < d; ++e) {
      double sum = 0;
      for (uint32_t i = 0; i < 1024; ++i)
        sum += (marl_sobol(d, i) * 0x1p-32 - 0.5) * (marl_sobol(e, i) * 0x1p-32 - 0.5);
      UNIT_NEAR(sum / 1024, 0, 0.05 / 12);
    }
}

static void a_product_has_every_combination_once(void) {
  static const char *const over[] = {"a.x = 1 2 3", "a.y=[8;8] f(a=4)"};
  MarlPoints *p;
  char text[MARL_POINT_TEXT], all[256] = "";
  UNIT_OK(marl_points_create("sweep", over, 2, MARL_SAMPLER_PRODUCT, 0, 1, &p, &err));
  for (int i = 0; i < marl_points_count(p); ++i)
    for (int a = 0; a < 2; ++a) {
      marl_points_value(p, i, a, text);
      snprintf(all + strlen(all), sizeof all - strlen(all), "%s ", text);
    }
  CU_ASSERT_STRING_EQUAL(all, "1 [8,8] 1 f(a=4) 2 [8,8] 2 f(a=4) 3 [8,8] 3 f(a=4) ");
  marl_points_destroy(&p);
}

static double value(const MarlPoints *p, int point, int axis) {
  char text[MARL_POINT_TEXT];
  marl_points_value(p, point, axis, text);
  return strtod(text, NULL);
}

/* Of 64 Sobol points the shift by the seed keeps the balance: 8 in each eighth of the box's sides, on a
 * logarithmic axis of the logarithm, 16 on each of four whole numbers; of random ones not all parts are
 * full, but half lie in a half, within 4 sigma = 4 sqrt(1000) / 2. */
static void ranges_are_filled_evenly(void) {
  static const char *const over[] = {"a.x = 1e-4..1 log", "a.y = -1..3", "a.n = 2..5"};
  for (uint64_t seed = 1; seed < 4; ++seed) {
    MarlPoints *p;
    int eighth[2][8] = {{0}}, whole[6] = {0};
    UNIT_OK(marl_points_create("sweep", over, 3, MARL_SAMPLER_SOBOL, 64, seed, &p, &err));
    UNIT_OK(marl_points_make_whole(p, 2, &err));
    for (int i = 0; i < 64; ++i) {
      /* six digits: a value on the edge of a part is moved by 1e-6 of itself at most */
      ++eighth[0][(int)(8 * (log10(value(p, i, 0)) + 4) / 4 * (1 - 1e-6))];
      ++eighth[1][(int)(8 * (value(p, i, 1) + 1) / 4 * (1 - 1e-6))];
      ++whole[(int)value(p, i, 2)];
    }
    for (int k = 0; k < 8; ++k) {
      CU_ASSERT_EQUAL(eighth[0][k], 8);
      CU_ASSERT_EQUAL(eighth[1][k], 8);
    }
    for (int n = 2; n <= 5; ++n) CU_ASSERT_EQUAL(whole[n], 16);
    marl_points_destroy(&p);
    int low = 0;
    UNIT_OK(marl_points_create("sweep", over, 3, MARL_SAMPLER_RANDOM, 1000, seed, &p, &err));
    for (int i = 0; i < 1000; ++i) low += value(p, i, 0) < 1e-2;
    UNIT_NEAR(low, 500, 4 * sqrt(1000) / 2);
    marl_points_destroy(&p);
  }
}

/* So that a sweep can be prolonged. */
static void the_first_of_more_points_are_the_same(void) {
  static const char *const over[] = {"a.x = 0..1", "a.y = 0..1"};
  for (int sampler = MARL_SAMPLER_RANDOM; sampler <= MARL_SAMPLER_SOBOL; ++sampler) {
    MarlPoints *few, *many;
    UNIT_OK(marl_points_create("sweep", over, 2, (MarlSampler)sampler, 5, 3, &few, &err));
    UNIT_OK(marl_points_create("sweep", over, 2, (MarlSampler)sampler, 50, 3, &many, &err));
    for (int i = 0; i < 5; ++i) UNIT_NEAR(value(few, i, 1), value(many, i, 1), 0);
    CU_ASSERT(value(many, 6, 0) != value(many, 6, 1));
    marl_points_destroy(&few);
    marl_points_destroy(&many);
  }
}

/* Those points that the condition holds for, in order, as many as were asked for. */
static void a_condition_keeps_the_points_that_it_holds_for(void) {
  static const char *const over[] = {"a.n = 2..20", "a.r = 0.06..0.7"};
  MarlPoints *all, *kept;
  UNIT_OK(marl_points_create("sweep", over, 2, MARL_SAMPLER_SOBOL, 200, 3, &all, &err));
  UNIT_OK(marl_points_create("sweep", over, 2, MARL_SAMPLER_SOBOL, 100, 3, &kept, &err));
  UNIT_OK(marl_points_keep(kept, "a.n * a.r > 3", &err));
  CU_ASSERT_EQUAL(marl_points_count(kept), 100);
  int found = 0;
  for (int i = 0; i < 200 && found < 100; ++i) {
    if (!(value(all, i, 0) * value(all, i, 1) > 3)) continue;
    UNIT_NEAR(value(kept, found, 0), value(all, i, 0), 0);
    UNIT_NEAR(value(kept, found++, 1), value(all, i, 1), 0);
  }
  CU_ASSERT(found > 80); /* it is about half of the box, and no more of it than all */
  marl_points_destroy(&kept);
  UNIT_ERROR(marl_points_keep(all, "a.n * b.r > 3", &err), MARL_ECONFIG, "sweep.where");
  UNIT_ERROR(marl_points_keep(all, "a.n > ", &err), MARL_ECONFIG, "expected 'KEY");
  UNIT_ERROR(marl_points_keep(all, "a.n > 21", &err), MARL_ECONFIG, "holds for 0");
  marl_points_destroy(&all);
}

static void mistakes_are_told(void) {
  static const struct {
    const char *entry, *words;
    MarlSampler sampler;
    int number;
  } bad[] = {
      {"gamma = 1", "expected 'section.key", MARL_SAMPLER_PRODUCT, 0},
      {"a.x =", "expected 'section.key", MARL_SAMPLER_PRODUCT, 0},
      {"a.x = 0..1", "sweep.sampler=sobol", MARL_SAMPLER_PRODUCT, 0},
      {"a.x = 1..0", "low < high", MARL_SAMPLER_SOBOL, 4},
      {"a.x = 0..1 log", "begins above 0", MARL_SAMPLER_SOBOL, 4},
      {"a.x = 0..1 5", "one range", MARL_SAMPLER_SOBOL, 4},
      {"a.x = 1 2", "has all of its 2", MARL_SAMPLER_PRODUCT, 4},
      {"a.x = 0..1", "is not set", MARL_SAMPLER_RANDOM, 0},
  };
  MarlPoints *p;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i)
    UNIT_ERROR(
        marl_points_create("sweep", &bad[i].entry, 1, bad[i].sampler, bad[i].number, 1, &p, &err),
        MARL_ECONFIG, bad[i].words);
  static const char *const narrow[] = {"a.n = 1.2..1.8"};
  UNIT_OK(marl_points_create("sweep", narrow, 1, MARL_SAMPLER_SOBOL, 4, 1, &p, &err));
  UNIT_ERROR(marl_points_make_whole(p, 0, &err), MARL_ECONFIG, "no whole number");
  marl_points_destroy(&p);
}

static CU_TestInfo tests[] = {
    {"Sobol's sequence begins as published", sobol_begins_as_published},
    {"Sobol's sequence is that of SciPy", sobol_is_that_of_scipy},
    {"Sobol's sequence fills every part once", sobol_fills_every_part_once},
    {"Sobol's dimensions differ", sobol_dimensions_differ},
    {"a condition keeps the points that it holds for",
     a_condition_keeps_the_points_that_it_holds_for},
    {"a product has every combination once", a_product_has_every_combination_once},
    {"ranges are filled evenly", ranges_are_filled_evenly},
    {"the first of more points are the same", the_first_of_more_points_are_the_same},
    {"mistakes are told", mistakes_are_told},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"points", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
