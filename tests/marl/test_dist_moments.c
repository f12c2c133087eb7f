#include "marl/nn/dist.h"
#include "tests/unit.h"

enum { ROWS = 100000, DIM = 2, CHOICES = 4 };
static const int counts[1] = {CHOICES};

static void row_keys(size_t rows, uint64_t seed, MarlKey *keys) {
  const MarlKey root = marl_key(seed, MARL_STREAM_POLICY);
  for (size_t r = 0; r < rows; ++r) keys[r] = marl_key_fold(root, r);
}

/* Mean, variance, and no correlation between components, within four standard deviations of
 * estimates from ROWS independent draws (the draws are fixed by the seed). */
static void gaussian_samples_have_their_moments(void) {
  static MarlKey keys[ROWS];
  static float mean[ROWS * DIM], x[ROWS * DIM];
  const float log_std[DIM] = {-1.0f, 0.5f}, centre[DIM] = {0.3f, -2.0f};
  row_keys(ROWS, 11, keys);
  for (int i = 0; i < ROWS * DIM; ++i) mean[i] = centre[i % DIM];
  marl_gaussian_sample(ROWS, DIM, mean, log_std, 0, keys, x);
  double m1[DIM] = {0}, m2[DIM] = {0}, cross = 0;
  for (size_t r = 0; r < ROWS; ++r) {
    double z[DIM];
    for (size_t i = 0; i < DIM; ++i) {
      z[i] = (x[r * DIM + i] - centre[i]) / exp((double)log_std[i]);
      m1[i] += z[i] / ROWS;
      m2[i] += z[i] * z[i] / ROWS;
    }
    cross += z[0] * z[1] / ROWS;
  }
  for (int i = 0; i < DIM; ++i) {
    UNIT_NEAR(m1[i], 0, 4 / sqrt(ROWS));
    UNIT_NEAR(m2[i], 1, 4 * sqrt(2.0 / ROWS));
  }
  UNIT_NEAR(cross, 0, 4 / sqrt(ROWS));
}

/* The mean of -log p [ROWS] is `entropy`, within four deviations of a mean and `bias`. */
static void mean_surprise_is(const float *log_prob, double entropy, double bias) {
  double surprise = 0, square = 0;
  for (size_t r = 0; r < ROWS; ++r) {
    surprise -= log_prob[r] / (double)ROWS;
    square += log_prob[r] * log_prob[r] / (double)ROWS;
  }
  UNIT_NEAR(surprise, entropy, 4 * sqrt((square - surprise * surprise) / ROWS) + bias);
}

/* The mean of -log p over samples is the entropy, of any distribution: sampling, density and
 * entropy belong together. */
static void mean_surprise_is_the_entropy(void) {
  static MarlKey keys[ROWS];
  static float mean[ROWS * DIM], x[ROWS * DIM], log_prob[ROWS], logits[ROWS * CHOICES],
      entropy[ROWS];
  static int32_t choice[ROWS];
  const float log_std[DIM] = {-1.0f, 0.5f}, row[CHOICES] = {0.1f, -1.2f, 2.0f, 0.7f};
  row_keys(ROWS, 12, keys);
  for (int i = 0; i < ROWS * DIM; ++i) mean[i] = i % DIM == 0 ? 0.3f : -0.6f;
  marl_gaussian_sample(ROWS, DIM, mean, log_std, 0, keys, x);
  marl_gaussian_log_prob(ROWS, DIM, mean, log_std, 0, x, log_prob);
  for (size_t i = 0; i < ROWS * DIM; ++i) /* of the squashed action: less log(1 - tanh(x)^2) */
    log_prob[i / DIM] += (float)(2 * log(cosh((double)x[i])));
  marl_squashed_entropy(1, DIM, mean, log_std, 0, entropy, NULL, NULL);
  mean_surprise_is(log_prob, entropy[0], 0.005); /* the rule's error at a deviation of 1.6 */

  marl_gaussian_log_prob(ROWS, DIM, mean, log_std, 0, x, log_prob);
  for (size_t r = 0; r < ROWS; ++r) { /* component by component: an end has a probability */
    log_prob[r] = 0;
    for (size_t i = 0; i < DIM; ++i) {
      const double std = exp((double)log_std[i]), m = (double)mean[r * DIM + i];
      const double at = (double)x[r * DIM + i], z = (at - m) / std;
      log_prob[r] += (float)(at <= -1  ? log(0.5 * erfc((1 + m) / std / sqrt(2)))
                             : at >= 1 ? log(0.5 * erfc((1 - m) / std / sqrt(2)))
                                       : -0.5 * z * z - log(std * sqrt(2 * acos(-1))));
    }
  }
  marl_clipped_entropy(1, DIM, mean, log_std, 0, entropy, NULL, NULL);
  mean_surprise_is(log_prob, entropy[0], 0);

  for (int i = 0; i < ROWS * CHOICES; ++i) logits[i] = row[i % CHOICES];
  marl_categorical_sample(ROWS, 1, counts, logits, keys, choice);
  marl_categorical_log_prob(ROWS, 1, counts, logits, choice, log_prob, entropy);
  mean_surprise_is(log_prob, entropy[0], 0);
}

/* Chi-square with 3 degrees of freedom below its 99.99 % point, 21.1; the greedy choice is the
 * most probable one. */
static void categorical_samples_have_their_frequencies(void) {
  static MarlKey keys[ROWS];
  static float logits[ROWS * CHOICES];
  static int32_t choice[ROWS];
  const float row[CHOICES] = {0.1f, -1.2f, 2.0f, 0.7f};
  row_keys(ROWS, 13, keys);
  for (int i = 0; i < ROWS * CHOICES; ++i) logits[i] = row[i % CHOICES];
  marl_categorical_sample(ROWS, 1, counts, logits, keys, choice);
  double count[CHOICES] = {0}, chi2 = 0, total = 0;
  for (int i = 0; i < CHOICES; ++i) total += exp((double)row[i]);
  for (size_t r = 0; r < ROWS; ++r) count[choice[r]] += 1;
  for (int i = 0; i < CHOICES; ++i) {
    const double expected = ROWS * exp((double)row[i]) / total;
    chi2 += (count[i] - expected) * (count[i] - expected) / expected;
  }
  CU_ASSERT(chi2 < 21.1);
  marl_categorical_greedy(1, 1, counts, row, choice);
  CU_ASSERT_EQUAL(choice[0], 2);
}

/* A row's draw depends on its key alone: not on the rows before it. */
static void draws_do_not_depend_on_layout(void) {
  MarlKey keys[10];
  float mean[10 * DIM] = {0}, whole[10 * DIM], parts[10 * DIM];
  const float log_std[DIM] = {0, 0};
  const int two = DIM;
  int32_t all[10], some[10];
  row_keys(10, 14, keys);
  marl_gaussian_sample(10, DIM, mean, log_std, 0, keys, whole);
  marl_gaussian_sample(3, DIM, mean, log_std, 0, keys, parts);
  marl_gaussian_sample(7, DIM, mean, log_std, 0, keys + 3, parts + 3 * DIM);
  UNIT_BITS_EQUAL(whole, parts, sizeof whole);
  marl_categorical_sample(10, 1, &two, mean, keys, all);
  marl_categorical_sample(3, 1, &two, mean, keys, some);
  marl_categorical_sample(7, 1, &two, mean, keys + 3, some + 3);
  UNIT_BITS_EQUAL(all, some, sizeof all);
}

/* A forbidden choice (logit -infinity) is never drawn, wherever it stands. */
static void forbidden_choices_are_never_drawn(void) {
  static MarlKey keys[1000];
  static float logits[1000 * 3];
  const int three = 3;
  static int32_t choice[1000];
  row_keys(1000, 15, keys);
  for (int forbidden = 0; forbidden < 3; ++forbidden) {
    for (int i = 0; i < 1000 * 3; ++i) logits[i] = i % 3 == forbidden ? -INFINITY : 0;
    marl_categorical_sample(1000, 1, &three, logits, keys, choice);
    bool drawn = false;
    for (int r = 0; r < 1000; ++r) drawn = drawn || choice[r] == forbidden;
    CU_ASSERT(!drawn);
  }
}

static CU_TestInfo tests[] = {
    {"Gaussian samples have their moments", gaussian_samples_have_their_moments},
    {"the mean surprise of samples is the entropy", mean_surprise_is_the_entropy},
    {"categorical samples have their frequencies", categorical_samples_have_their_frequencies},
    {"a row's draw depends on its key alone", draws_do_not_depend_on_layout},
    {"forbidden choices are never drawn", forbidden_choices_are_never_drawn},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"dist_moments", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
