#include "marl/learn/kalman_inversion.h"

#include <math.h>
#include <string.h>

#include "marl/core/rng.h"
#include "tests/unit.h"

/* G(u) = A u with three weights and four outputs, none of which fit the target together. */
enum { DIM = 3, OUTPUTS = 4, MOST = 12, SCRATCH = 1024 };
static const double a[OUTPUTS][DIM] = {{1, 2, 0}, {0, 1, -1}, {3, 0, 1}, {-1, 1, 2}};
static const double target[OUTPUTS] = {1, -2, 0.5, 3};
static const double noise = 0.7;

static void draw(size_t members, double *u) {
  for (size_t i = 0; i < members * DIM; ++i)
    u[i] = 1 + 2 * marl_normal(marl_key(5, MARL_STREAM_SEARCH), i);
}

static void steps(int count, size_t members, double scale, double *u) {
  double g[MOST * OUTPUTS], scratch[SCRATCH];
  CU_ASSERT_FATAL(marl_kalman_scratch(members, OUTPUTS) <= SCRATCH);
  for (int s = 0; s < count; ++s) {
    for (size_t j = 0; j < members; ++j)
      for (size_t o = 0; o < OUTPUTS; ++o) {
        g[j * OUTPUTS + o] = 0;
        for (size_t d = 0; d < DIM; ++d) g[j * OUTPUTS + o] += a[o][d] * u[j * DIM + d];
      }
    marl_kalman_step(members, DIM, OUTPUTS, u, g, target, noise * scale, scratch);
  }
}

/* Mean, and covariance with members - 1. */
static void moments(size_t members, const double *u, double mean[DIM],
                    double covariance[DIM][DIM]) {
  memset(mean, 0, DIM * sizeof *mean);
  memset(covariance, 0, DIM * sizeof *covariance);
  for (size_t j = 0; j < members; ++j)
    for (size_t d = 0; d < DIM; ++d) mean[d] += u[j * DIM + d] / (double)members;
  for (size_t j = 0; j < members; ++j)
    for (size_t d = 0; d < DIM; ++d)
      for (size_t e = 0; e < DIM; ++e)
        covariance[d][e] +=
            (u[j * DIM + d] - mean[d]) * (u[j * DIM + e] - mean[e]) / ((double)members - 1);
}

/* By Cramer's rule: m becomes its inverse. */
static void invert(double m[DIM][DIM]) {
  double inverse[DIM][DIM], det = 0;
  for (int i = 0; i < DIM; ++i)
    for (int j = 0; j < DIM; ++j) {
      const int p = (j + 1) % 3, q = (j + 2) % 3, r = (i + 1) % 3, s = (i + 2) % 3;
      inverse[i][j] = m[p][r] * m[q][s] - m[p][s] * m[q][r];
    }
  for (int j = 0; j < DIM; ++j) det += m[0][j] * inverse[j][0];
  for (int i = 0; i < DIM; ++i)
    for (int j = 0; j < DIM; ++j) m[i][j] = inverse[i][j] / det;
}

/* Of k observations: covariance (C0^-1 + k A^T A/noise^2)^-1, mean m0 + covariance k A^T (y - A m0)/noise^2. */
static void posterior(double k, double mean[DIM], double covariance[DIM][DIM]) {
  double pull[DIM] = {0}, prior[DIM];
  memcpy(prior, mean, sizeof prior);
  invert(covariance);
  for (int o = 0; o < OUTPUTS; ++o) {
    double misfit = target[o];
    for (int d = 0; d < DIM; ++d) misfit -= a[o][d] * prior[d];
    for (int d = 0; d < DIM; ++d) {
      pull[d] += k * a[o][d] * misfit / (noise * noise);
      for (int e = 0; e < DIM; ++e) covariance[d][e] += k * a[o][d] * a[o][e] / (noise * noise);
    }
  }
  invert(covariance);
  for (int d = 0; d < DIM; ++d)
    for (int e = 0; e < DIM; ++e) mean[d] += covariance[d][e] * pull[e];
}

/* A linear-Gaussian problem is solved exactly, by any ensemble that spans the weights: the tolerance is round-off of
 * numbers up to 10 in some hundred operations a step. */
static void k_steps_are_the_posterior_of_k_observations(void) {
  static const int counts[] = {1, 2, 7};
  for (size_t c = 0; c < 3; ++c) {
    double u[MOST * DIM], mean[DIM], covariance[DIM][DIM], got[DIM], spread[DIM][DIM];
    draw(MOST, u);
    moments(MOST, u, mean, covariance);
    posterior(counts[c], mean, covariance);
    steps(counts[c], MOST, 1, u);
    moments(MOST, u, got, spread);
    for (int d = 0; d < DIM; ++d) {
      UNIT_NEAR(got[d], mean[d], 1e-11);
      for (int e = 0; e < DIM; ++e) UNIT_NEAR(spread[d][e], covariance[d][e], 1e-11);
    }
  }
}

/* k steps with noise sqrt(k) gamma are one with gamma. */
static void many_short_steps_are_one_long_one(void) {
  double once[MOST * DIM], often[MOST * DIM];
  draw(MOST, once), draw(MOST, often);
  steps(1, MOST, 1, once);
  steps(16, MOST, 4, often);
  double one[DIM], other[DIM], covariance[DIM][DIM];
  moments(MOST, once, one, covariance);
  moments(MOST, often, other, covariance);
  for (int d = 0; d < DIM; ++d) UNIT_NEAR(other[d], one[d], 1e-11);
}

/* The prior's part of Tikhonov's solution falls as 1/k: at k = 1e4 it is below 1e-4 of what it was, and a tenth of that
 * at 1e5. Least squares of the problem above by the normal equations, whose gradient is 0. */
static void the_mean_goes_to_least_squares(void) {
  double gradient[2];
  for (int c = 0; c < 2; ++c) {
    double u[MOST * DIM], mean[DIM], covariance[DIM][DIM];
    draw(MOST, u);
    steps(1, MOST, c == 0 ? 1e-2 : 1e-3, u); /* as 1e4 and 1e6 steps */
    moments(MOST, u, mean, covariance);
    gradient[c] = 0;
    for (int d = 0; d < DIM; ++d) {
      double sum = 0;
      for (int o = 0; o < OUTPUTS; ++o) {
        double misfit = target[o];
        for (int e = 0; e < DIM; ++e) misfit -= a[o][e] * mean[e];
        sum += a[o][d] * misfit;
      }
      gradient[c] = fmax(gradient[c], fabs(sum));
    }
  }
  CU_ASSERT(gradient[0] < 1e-3);
  UNIT_NEAR(gradient[1] / gradient[0], 1e-2, 1e-3); /* first order in noise^2: a part in 1e4 more */
}

/* Three members span a plane of the three weights; the normal of the plane stays as it is. */
static void members_stay_in_what_they_span(void) {
  double u[3 * DIM], normal[DIM], side[2][DIM];
  draw(3, u);
  for (int d = 0; d < DIM; ++d) side[0][d] = u[DIM + d] - u[d], side[1][d] = u[2 * DIM + d] - u[d];
  for (int d = 0; d < DIM; ++d) {
    const int e = (d + 1) % 3, f = (d + 2) % 3;
    normal[d] = side[0][e] * side[1][f] - side[0][f] * side[1][e];
  }
  double before = 0;
  for (int d = 0; d < DIM; ++d) before += normal[d] * u[d];
  steps(4, 3, 1, u);
  for (int j = 0; j < 3; ++j) {
    double after = 0;
    for (int d = 0; d < DIM; ++d) after += normal[d] * u[j * DIM + d];
    UNIT_NEAR(after, before, 1e-11); /* round-off of numbers of order 10 */
  }
}

static CU_TestInfo tests[] = {
    {"k steps are the posterior of k observations", k_steps_are_the_posterior_of_k_observations},
    {"many short steps are one long one", many_short_steps_are_one_long_one},
    {"the mean goes to least squares", the_mean_goes_to_least_squares},
    {"members stay in what they span", members_stay_in_what_they_span},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"kalman_inversion", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
