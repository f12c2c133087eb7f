#include "marl/nn/dist.h"
#include "tests/unit.h"

/* The densities once more, in double, straight from their definitions. */
static double gaussian_log_density(int dim, const double *mean, const double *log_std,
                                   const double *x) {
  double sum = 0;
  for (int i = 0; i < dim; ++i) {
    const double std = exp(log_std[i]), z = (x[i] - mean[i]) / std;
    sum += log(exp(-0.5 * z * z) / (std * sqrt(2 * acos(-1))));
  }
  return sum;
}

static double categorical_probability(int n, const double *logits, int choice) {
  double total = 0;
  for (int i = 0; i < n; ++i) total += exp(logits[i]);
  return exp(logits[choice]) / total;
}

static double categorical_entropy(int n, const double *logits) {
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    const double p = categorical_probability(n, logits, i);
    sum -= p * log(p);
  }
  return sum;
}

enum { ROWS = 9, DIM = 3, CHOICES = 5 };

/* Central differences with this step are exact to about 1e-10; what remains is single precision:
 * values up to about 20 with a dozen roundings, 20 * 12 * 2^-24. */
static const double step = 1e-5, tolerance = 1.5e-5;

static void check_gaussian(const float *log_std, size_t stride) {
  float mean[ROWS * DIM], x[ROWS * DIM], log_prob[ROWS], mean_grad[ROWS * DIM],
      log_std_grad[ROWS * DIM];
  marl_normal_fill(marl_key(1, MARL_STREAM_POLICY), 0, ROWS * DIM, mean);
  marl_normal_fill(marl_key(2, MARL_STREAM_POLICY), 0, ROWS * DIM, x);
  marl_gaussian_log_prob(ROWS, DIM, mean, log_std, stride, x, log_prob);
  marl_gaussian_log_prob_grad(ROWS, DIM, mean, log_std, stride, x, mean_grad, log_std_grad);
  for (size_t r = 0; r < ROWS; ++r) {
    double m[DIM], s[DIM], at[DIM];
    for (size_t i = 0; i < DIM; ++i) {
      m[i] = mean[r * DIM + i];
      s[i] = log_std[r * stride + i];
      at[i] = x[r * DIM + i];
    }
    UNIT_NEAR(log_prob[r], gaussian_log_density(DIM, m, s, at), tolerance);
    for (size_t i = 0; i < DIM; ++i) {
      double *const values[2] = {&m[i], &s[i]};
      const float grads[2] = {mean_grad[r * DIM + i], log_std_grad[r * DIM + i]};
      for (int k = 0; k < 2; ++k) {
        const double kept = *values[k];
        *values[k] = kept + step;
        const double up = gaussian_log_density(DIM, m, s, at);
        *values[k] = kept - step;
        const double down = gaussian_log_density(DIM, m, s, at);
        *values[k] = kept;
        UNIT_NEAR(grads[k], (up - down) / (2 * step), tolerance);
      }
    }
  }
}

static void gaussian_with_one_log_std_for_all_rows(void) {
  const float log_std[DIM] = {-0.7f, 0.0f, 0.4f};
  check_gaussian(log_std, 0);
}

static void gaussian_with_a_log_std_for_each_row(void) {
  float log_std[ROWS * DIM];
  for (int i = 0; i < ROWS * DIM; ++i) log_std[i] = 0.05f * (float)(i % 11) - 0.5f;
  check_gaussian(log_std, DIM);
}

/* -int p log p of an action in [-1, 1], from its density: x = atanh a, squashed, or cut at the ends,
 * which then have the probabilities of the tails. Simpson's rule over the density's ten deviations
 * with 20000 steps is exact to far below single precision; a cut box gets steps of its own. */
static double density(double x, double mean, double std) {
  const double z = (x - mean) / std;
  return exp(-0.5 * z * z) / (std * sqrt(2 * acos(-1)));
}
static double integrand(double x, double mean, double std, bool squashed) {
  const double p = density(x, mean, std);
  if (p == 0) return 0;
  const double slope = squashed ? 2 * (log(2) - fabs(x) - log1p(exp(-2 * fabs(x)))) : 0;
  return -p * (log(p) - slope);
}
static double simpson(double low, double high, double mean, double std, bool squashed) {
  enum { STEPS = 20000 };
  const double h = (high - low) / STEPS;
  double sum = 0;
  for (int i = 0; i <= STEPS; ++i) {
    const int weight = i == 0 || i == STEPS ? 1 : (i % 2 == 1 ? 4 : 2);
    sum += weight * integrand(low + i * h, mean, std, squashed);
  }
  return sum * h / 3;
}
static double box_entropy(double mean, double log_std, bool squashed) {
  const double std = exp(log_std), low = mean - 10 * std, high = mean + 10 * std;
  if (squashed) return simpson(low, high, mean, std, true);
  const double p = 0.5 * erfc((1 + mean) / std / sqrt(2));
  const double q = 0.5 * erfc((1 - mean) / std / sqrt(2));
  return simpson(fmax(low, -1), fmin(high, 1), mean, std, false) - (p > 0 ? p * log(p) : 0) -
         (q > 0 ? q * log(q) : 0);
}

/* `worst`: the largest error of the rule for this deviation. */
static void check_box_entropy(double mean, double log_std, bool squashed, double worst) {
  const float m = (float)mean, s = (float)log_std;
  float entropy, mean_grad, log_std_grad;
  if (squashed)
    marl_squashed_entropy(1, 1, &m, &s, 0, &entropy, &mean_grad, &log_std_grad);
  else
    marl_clipped_entropy(1, 1, &m, &s, 0, &entropy, &mean_grad, &log_std_grad);
  const double h = 1e-4; /* differences of a smooth function of order one: h^2 */
  UNIT_NEAR(entropy, box_entropy(mean, log_std, squashed), worst);
  UNIT_NEAR(mean_grad,
            (box_entropy(mean + h, log_std, squashed) - box_entropy(mean - h, log_std, squashed)) /
                (2 * h),
            4 * worst);
  UNIT_NEAR(log_std_grad,
            (box_entropy(mean, log_std + h, squashed) - box_entropy(mean, log_std - h, squashed)) /
                (2 * h),
            4 * worst);
}

static void entropy_is_that_of_the_action_in_its_box(void) {
  static const double means[] = {0, 0.4, -0.9, 1.7, -3};
  /* single precision, and the errors of a rule of nine points as dist.h states them */
  static const struct {
    double std, worst;
  } cases[] = {{0.05, 3e-6}, {0.5, 4e-5}, {1, 2.5e-4}, {2, 0.0125}};
  for (size_t i = 0; i < sizeof means / sizeof means[0]; ++i)
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; ++k) {
      check_box_entropy(means[i], log(cases[k].std), true, cases[k].worst);
      check_box_entropy(means[i], log(cases[k].std), false, 3e-5);
    }
}

/* A box is full once: with mean 0 the entropy grows with the deviation, to near log 2, that of a
 * uniform action, and falls again; a Gaussian's would be rewarded for ever. */
static void no_deviation_beyond_the_box_is_rewarded(void) {
  const float mean = 0;
  for (int squashed = 0; squashed < 2; ++squashed) {
    float top = -INFINITY, last = 0, log_std, by_mean, by_log_std;
    for (int i = 0; i <= 60; ++i) {
      log_std = -3 + 0.1f * (float)i;
      if (squashed)
        marl_squashed_entropy(1, 1, &mean, &log_std, 0, &last, &by_mean, &by_log_std);
      else
        marl_clipped_entropy(1, 1, &mean, &log_std, 0, &last, &by_mean, &by_log_std);
      top = fmaxf(top, last);
      UNIT_NEAR(by_mean, 0, 1e-6);
      if (log_std < -1) CU_ASSERT_TRUE(by_log_std > 0.5f);
      if (log_std > 1) CU_ASSERT_TRUE(by_log_std < 0);
    }
    CU_ASSERT_TRUE(last < top);
    if (squashed) CU_ASSERT_TRUE(top > 0.66f && top < logf(2)); /* no Gaussian fills a box evenly */
  }
}

static void categorical_values_and_gradients(void) {
  float logits[ROWS * CHOICES], log_prob[ROWS], entropy[ROWS], grad[ROWS * CHOICES],
      log_prob_weight[ROWS], entropy_weight[ROWS];
  int32_t choice[ROWS];
  marl_normal_fill(marl_key(3, MARL_STREAM_POLICY), 0, ROWS * CHOICES, logits);
  for (int r = 0; r < ROWS; ++r) {
    choice[r] = r % CHOICES;
    log_prob_weight[r] = 0.5f * (float)r - 2;
    entropy_weight[r] = 1.5f - 0.25f * (float)r;
  }
  const int counts[1] = {CHOICES};
  marl_categorical_log_prob(ROWS, 1, counts, logits, choice, log_prob, entropy);
  marl_categorical_grad(ROWS, 1, counts, logits, choice, log_prob_weight, entropy_weight, grad);
  for (int r = 0; r < ROWS; ++r) {
    double row[CHOICES];
    for (int i = 0; i < CHOICES; ++i) row[i] = logits[r * CHOICES + i];
    UNIT_NEAR(log_prob[r], log(categorical_probability(CHOICES, row, choice[r])), tolerance);
    UNIT_NEAR(entropy[r], categorical_entropy(CHOICES, row), tolerance);
    for (int i = 0; i < CHOICES; ++i) {
      double value[2];
      for (int side = 0; side < 2; ++side) {
        row[i] = logits[r * CHOICES + i] + (side == 0 ? step : -step);
        value[side] = log_prob_weight[r] * log(categorical_probability(CHOICES, row, choice[r])) +
                      entropy_weight[r] * categorical_entropy(CHOICES, row);
      }
      row[i] = logits[r * CHOICES + i];
      UNIT_NEAR(grad[r * CHOICES + i], (value[0] - value[1]) / (2 * step), tolerance);
    }
  }
}

/* A choice that a mask forbids (logit -infinity) has probability 0 and disturbs nothing; logits
 * that are all large do not overflow. */
static void extreme_logits_stay_finite(void) {
  const float logits[2 * 3] = {1000, 1000, -INFINITY, -1000, -2000, -1000};
  const int counts[1] = {3};
  const int32_t choice[2] = {0, 2};
  const float ones[2] = {1, 1};
  float log_prob[2], entropy[2], grad[6];
  marl_categorical_log_prob(2, 1, counts, logits, choice, log_prob, entropy);
  marl_categorical_grad(2, 1, counts, logits, choice, ones, ones, grad);
  for (int r = 0; r < 2; ++r) {
    UNIT_NEAR(log_prob[r], -log(2.0), 1e-4); /* half an ulp of 1000 is 3e-5 */
    UNIT_NEAR(entropy[r], log(2.0), 1e-4);
  }
  CU_ASSERT(grad[2] == 0 && grad[4] == 0);
  for (int i = 0; i < 6; ++i) CU_ASSERT(isfinite(grad[i]));
}

/* Several components are independent: log-probabilities and entropies add, and a gradient is that of
 * its component alone, whatever the others are. */
enum { PARTS = 3, TOTAL = 2 + 4 + 3 };
static const int parts[PARTS] = {2, 4, 3};

static void a_product_is_its_components(void) {
  float logits[ROWS * TOTAL], log_prob[ROWS], entropy[ROWS], grad[ROWS * TOTAL], w[ROWS], v[ROWS];
  int32_t choice[ROWS * PARTS];
  marl_normal_fill(marl_key(4, MARL_STREAM_POLICY), 0, ROWS * TOTAL, logits);
  for (int r = 0; r < ROWS; ++r) {
    w[r] = 0.5f * (float)r - 2, v[r] = 1 - 0.25f * (float)r;
    for (int i = 0; i < PARTS; ++i) choice[r * PARTS + i] = (r + i) % parts[i];
  }
  marl_categorical_log_prob(ROWS, PARTS, parts, logits, choice, log_prob, entropy);
  marl_categorical_grad(ROWS, PARTS, parts, logits, choice, w, v, grad);
  for (int r = 0; r < ROWS; ++r) {
    double sum = 0, uncertainty = 0;
    for (int i = 0, at = r * TOTAL; i < PARTS; at += parts[i++]) {
      double row[4];
      float alone[4];
      for (int k = 0; k < parts[i]; ++k) row[k] = logits[at + k];
      sum += log(categorical_probability(parts[i], row, choice[r * PARTS + i]));
      uncertainty += categorical_entropy(parts[i], row);
      marl_categorical_grad(1, 1, &parts[i], logits + at, &choice[r * PARTS + i], &w[r], &v[r],
                            alone);
      UNIT_BITS_EQUAL(grad + at, alone, (size_t)parts[i] * sizeof(float));
    }
    UNIT_NEAR(log_prob[r], sum, tolerance);
    UNIT_NEAR(entropy[r], uncertainty, tolerance);
  }
}

/* With masks everything is that of the distribution over the legal choices alone, as if the illegal
 * ones did not exist (Huang and Ontanon 2022); to those no gradient flows, exactly. */
static void a_masked_distribution_is_that_of_the_legal_choices(void) {
  enum { MASKS = 1 << CHOICES };
  const int counts[1] = {CHOICES};
  const float w = 1.5f, v = -0.75f;
  for (int legal = 1; legal < MASKS; ++legal) {
    float logits[CHOICES], few[CHOICES], grad[CHOICES], few_grad[CHOICES];
    float log_prob, entropy, few_log_prob, few_entropy;
    uint8_t mask[CHOICES];
    int32_t choice = 0, few_choice = 0;
    int n = 0;
    marl_normal_fill(marl_key((uint64_t)legal, MARL_STREAM_POLICY), 0, CHOICES, logits);
    for (int k = 0; k < CHOICES; ++k) {
      mask[k] = (uint8_t)(legal >> k & 1);
      if (mask[k]) choice = k, few_choice = n, few[n++] = logits[k];
    }
    marl_categorical_mask(1, CHOICES, mask, logits);
    marl_categorical_log_prob(1, 1, counts, logits, &choice, &log_prob, &entropy);
    marl_categorical_grad(1, 1, counts, logits, &choice, &w, &v, grad);
    marl_categorical_log_prob(1, 1, &n, few, &few_choice, &few_log_prob, &few_entropy);
    marl_categorical_grad(1, 1, &n, few, &few_choice, &w, &v, few_grad);
    UNIT_BITS_EQUAL(&log_prob, &few_log_prob, sizeof log_prob);
    UNIT_BITS_EQUAL(&entropy, &few_entropy, sizeof entropy);
    for (int k = 0, i = 0; k < CHOICES; ++k) {
      if (!mask[k]) CU_ASSERT(grad[k] == 0);
      if (mask[k]) UNIT_NEAR(grad[k], few_grad[i++], 0);
    }
    for (uint64_t draw = 0; draw < 50; ++draw) {
      const MarlKey key = marl_key(draw, MARL_STREAM_ENV);
      int32_t drawn, best;
      marl_categorical_sample(1, 1, counts, logits, &key, &drawn);
      marl_categorical_greedy(1, 1, counts, logits, &best);
      CU_ASSERT(mask[drawn] && mask[best]);
    }
  }
}

static void squash_fills_the_box(void) {
  enum { N = 41 };
  float x[N], a[N];
  for (int i = 0; i < N; ++i) x[i] = 0.15f * (float)(i - N / 2);
  marl_squash(N, -0.5f, 2.5f, x, a);
  for (int i = 0; i < N; ++i) UNIT_NEAR(a[i], 1 + 1.5 * tanh((double)x[i]), 1e-6);
}

static CU_TestInfo tests[] = {
    {"a Gaussian with one log_std matches differences", gaussian_with_one_log_std_for_all_rows},
    {"a Gaussian with a log_std a row matches differences", gaussian_with_a_log_std_for_each_row},
    {"entropy is that of the action in its box", entropy_is_that_of_the_action_in_its_box},
    {"no deviation beyond the box is rewarded", no_deviation_beyond_the_box_is_rewarded},
    {"a categorical matches differences", categorical_values_and_gradients},
    {"extreme logits stay finite", extreme_logits_stay_finite},
    {"a product is its components", a_product_is_its_components},
    {"a masked distribution is that of the legal choices",
     a_masked_distribution_is_that_of_the_legal_choices},
    {"the squash fills the box", squash_fills_the_box},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"dist_gradient", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
