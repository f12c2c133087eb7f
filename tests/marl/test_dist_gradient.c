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

/* d entropy / d log_std = 1 for each component; the value is that of the normal distribution. */
static void gaussian_entropy(void) {
  const float log_std[2] = {-0.3f, 0.9f}, shifted[2] = {-0.3f, 1.9f};
  const double normal = 0.5 * log(2 * acos(-1) * exp(1));
  UNIT_NEAR(marl_gaussian_entropy(2, log_std), 2 * normal + 0.6, 1e-6);
  UNIT_NEAR(marl_gaussian_entropy(2, shifted) - marl_gaussian_entropy(2, log_std), 1, 1e-6);
}

static void categorical_values_and_gradients(void) {
  float logits[ROWS * CHOICES], log_prob[ROWS], entropy[ROWS], probs[ROWS * CHOICES],
      grad[ROWS * CHOICES], log_prob_weight[ROWS], entropy_weight[ROWS];
  int32_t choice[ROWS];
  marl_normal_fill(marl_key(3, MARL_STREAM_POLICY), 0, ROWS * CHOICES, logits);
  for (int r = 0; r < ROWS; ++r) {
    choice[r] = r % CHOICES;
    log_prob_weight[r] = 0.5f * (float)r - 2;
    entropy_weight[r] = 1.5f - 0.25f * (float)r;
  }
  marl_categorical_log_prob(ROWS, CHOICES, logits, choice, log_prob, entropy, probs);
  marl_categorical_grad(ROWS, CHOICES, logits, choice, log_prob_weight, entropy_weight, grad);
  for (int r = 0; r < ROWS; ++r) {
    double row[CHOICES];
    for (int i = 0; i < CHOICES; ++i) row[i] = logits[r * CHOICES + i];
    UNIT_NEAR(log_prob[r], log(categorical_probability(CHOICES, row, choice[r])), tolerance);
    UNIT_NEAR(entropy[r], categorical_entropy(CHOICES, row), tolerance);
    for (int i = 0; i < CHOICES; ++i) {
      UNIT_NEAR(probs[r * CHOICES + i], categorical_probability(CHOICES, row, i), tolerance);
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
  const int32_t choice[2] = {0, 2};
  const float ones[2] = {1, 1};
  float log_prob[2], entropy[2], probs[6], grad[6];
  marl_categorical_log_prob(2, 3, logits, choice, log_prob, entropy, probs);
  marl_categorical_grad(2, 3, logits, choice, ones, ones, grad);
  for (int r = 0; r < 2; ++r) {
    UNIT_NEAR(log_prob[r], -log(2.0), 1e-4); /* half an ulp of 1000 is 3e-5 */
    UNIT_NEAR(entropy[r], log(2.0), 1e-4);
  }
  CU_ASSERT(probs[2] == 0 && probs[4] == 0 && grad[2] == 0 && grad[4] == 0);
  for (int i = 0; i < 6; ++i) CU_ASSERT(isfinite(grad[i]));
}

/* log |da/dx| against a difference of the squash in double; and x from a from x. */
static void squash_jacobian_and_inverse(void) {
  enum { N = 41 };
  const float low = -0.5f, high = 2.5f;
  float x[N], a[N], back[N], log_jacobian[N];
  for (int i = 0; i < N; ++i) x[i] = 0.15f * (float)(i - N / 2);
  marl_squash(N, low, high, x, a);
  marl_unsquash(N, low, high, a, back);
  marl_squash_log_jacobian(N, 1, low, high, x, log_jacobian);
  for (int i = 0; i < N; ++i) {
    const double half = 0.5 * (high - low), t = tanh((double)x[i]);
    UNIT_NEAR(a[i], 1 + half * t, 1e-6);
    UNIT_NEAR(log_jacobian[i], log(half / (cosh((double)x[i]) * cosh((double)x[i]))), 2e-6);
    /* the error of a, 1e-6, divided by the slope */
    UNIT_NEAR(back[i], x[i], 1e-6 / (half * (1 - t * t)) + 1e-6);
  }
  const float edges[4] = {low, high, -100, 100};
  marl_unsquash(4, low, high, edges, back);
  for (int i = 0; i < 4; ++i) UNIT_NEAR(fabs((double)back[i]), atanh(1 - 1e-6), 1e-5);
}

static void jacobian_far_outside_does_not_cancel(void) {
  const float x[2] = {50, -50};
  float log_jacobian[1];
  marl_squash_log_jacobian(1, 2, -1, 1, x, log_jacobian);
  UNIT_NEAR(log_jacobian[0], 2 * (2 * log(2.0) - 100), 1e-4); /* ulps of 200 */
}

static CU_TestInfo tests[] = {
    {"a Gaussian with one log_std matches differences", gaussian_with_one_log_std_for_all_rows},
    {"a Gaussian with a log_std a row matches differences", gaussian_with_a_log_std_for_each_row},
    {"the Gaussian's entropy grows by one with log_std", gaussian_entropy},
    {"a categorical matches differences", categorical_values_and_gradients},
    {"extreme logits stay finite", extreme_logits_stay_finite},
    {"the squash has its Jacobian and its inverse", squash_jacobian_and_inverse},
    {"the Jacobian far outside does not cancel", jacobian_far_outside_does_not_cancel},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"dist_gradient", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
