#include "marl/core/rng.h"

#include "tests/unit.h"

/* Known answers of Philox4x32-10 (Random123 kat_vectors): key 0, counter 0. */
static void known_answer(void) {
  const MarlKey zero = {{0, 0}};
  uint32_t out[4];
  marl_philox(zero, 0, out);
  const uint32_t expected[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  UNIT_BITS_EQUAL(out, expected, sizeof out);
}

/* The mean of n uniform draws is 1/2 with standard deviation 1/sqrt(12 n); the normals have mean
 * 0 and variance 1. Four standard deviations; the draws are fixed by the key. */
static void moments(void) {
  enum { N = 200000 };
  const MarlKey key = marl_key(7, MARL_STREAM_ENV);
  double mean = 0, m1 = 0, m2 = 0;
  for (uint64_t i = 0; i < N; ++i) {
    mean += marl_uniform(key, i) / N;
    const double x = marl_normal(key, i);
    m1 += x / N;
    m2 += x * x / N;
  }
  UNIT_NEAR(mean, 0.5, 4 / sqrt(12.0 * N));
  UNIT_NEAR(m1, 0, 4 / sqrt((double)N));
  UNIT_NEAR(m2, 1, 4 * sqrt(2.0 / N));
}

static void filling_in_blocks_gives_the_same_bits(void) {
  const MarlKey key = marl_key(3, MARL_STREAM_POLICY);
  float whole[64], parts[64];
  marl_normal_fill(key, 0, 64, whole);
  marl_normal_fill(key, 0, 5, parts);
  marl_normal_fill(key, 5, 59, parts + 5);
  UNIT_BITS_EQUAL(whole, parts, sizeof whole);
}

/* Across the border of 32 bits too, where the second counter word starts to count. */
static void lanes_are_the_blocks(void) {
  const MarlKey key = marl_key(5, MARL_STREAM_POLICY);
  const uint64_t firsts[] = {0, 48, 0xfffffff8u};
  for (int f = 0; f < 3; ++f) {
    uint32_t lanes[4 * MARL_PHILOX_LANES], block[4];
    marl_philox_lanes(key, firsts[f], lanes);
    for (int i = 0; i < MARL_PHILOX_LANES; ++i) {
      marl_philox(key, firsts[f] + (uint64_t)i, block);
      for (int w = 0; w < 4; ++w) CU_ASSERT(lanes[w * MARL_PHILOX_LANES + i] == block[w]);
    }
  }
}

static void streams_and_children_differ(void) {
  const MarlKey a = marl_key(1, MARL_STREAM_ENV), b = marl_key(1, MARL_STREAM_POLICY);
  CU_ASSERT(memcmp(&a, &b, sizeof a) != 0);
  const MarlKey c = marl_key_fold(a, 0), d = marl_key_fold(a, 1);
  CU_ASSERT(memcmp(&c, &d, sizeof c) != 0);
}

/* Letters are bytes from 0 to 255, also where a char has a sign. */
static void a_text_is_its_bytes(void) {
  const MarlKey key = marl_key(1, MARL_STREAM_ENV);
  const MarlKey a = marl_key_fold_text(key, "\xc3\xa9"); /* e with an acute accent */
  const MarlKey b = marl_key_fold(marl_key_fold(key, 0xc3), 0xa9);
  CU_ASSERT(memcmp(&a, &b, sizeof a) == 0);
}

/* Each of 5 values of marl_below has probability 1/5: chi-square with 4 degrees of freedom below
 * its 99.99 % point, 23.5. A permutation holds each number once. */
static void integers_and_permutations(void) {
  enum { N = 50000 };
  const MarlKey key = marl_key(11, MARL_STREAM_SHUFFLE);
  double count[5] = {0};
  for (uint64_t i = 0; i < N; ++i) count[marl_below(key, i, 5)] += 1;
  double chi2 = 0;
  for (int i = 0; i < 5; ++i) chi2 += (count[i] - N / 5.0) * (count[i] - N / 5.0) / (N / 5.0);
  CU_ASSERT(chi2 < 23.5);
  uint32_t order[100];
  int seen[100] = {0};
  marl_permutation(key, 100, order);
  for (int i = 0; i < 100; ++i) seen[order[i]] += 1;
  for (int i = 0; i < 100; ++i) CU_ASSERT(seen[i] == 1);
}

static CU_TestInfo tests[] = {
    {"Philox gives its known answer", known_answer},
    {"moments of uniform and normal draws", moments},
    {"filling in blocks gives the same bits", filling_in_blocks_gives_the_same_bits},
    {"lanes are the blocks", lanes_are_the_blocks},
    {"streams and children differ", streams_and_children_differ},
    {"a text is its bytes", a_text_is_its_bytes},
    {"integers are uniform, permutations are whole", integers_and_permutations},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"rng", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
