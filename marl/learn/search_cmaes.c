/* CMA-ES (Hansen, arXiv:1604.00772), positive recombination weights only. Equation numbers below
 * are those of the tutorial. Variables are scaled by `scale`: z = x / scale starts with unit
 * standard deviation. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/search.h"
#include "marl/learn/symmetric_eigen.h"

/* Layout of the state: head, then mean, scale, path_sigma, path_c, root, step, spare [n each],
 * covariance, basis, work [n, n each], points y [lambda, n], values, order [lambda each]. */
typedef struct Head {
  double generation, sigma;
} Head;

typedef struct Cmaes {
  size_t n, lambda, mu;
  Head *head;
  double *mean, *scale, *path_sigma, *path_c, *root, *step, *spare;
  double *covariance, *basis, *work;
  double *y;             /* [lambda, n] (z - mean) / sigma of the last ask */
  double *value, *order; /* [lambda] */
} Cmaes;

static size_t state_size(size_t n, size_t lambda) {
  return sizeof(Head) / sizeof(double) + 7 * n + 3 * n * n + lambda * n + 2 * lambda;
}

static Cmaes cmaes(const MarlSearch *search) {
  Cmaes s = {.n = (size_t)search->dim, .lambda = (size_t)search->max_points};
  s.mu = s.lambda / 2;
  s.head = (Head *)search->state;
  double *at = search->state + sizeof(Head) / sizeof(double);
  double **const vectors[] = {&s.mean, &s.scale, &s.path_sigma, &s.path_c,
                              &s.root, &s.step,  &s.spare};
  for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; ++i, at += s.n) *vectors[i] = at;
  double **const matrices[] = {&s.covariance, &s.basis, &s.work};
  for (size_t i = 0; i < 3; ++i, at += s.n * s.n) *matrices[i] = at;
  s.y = at;
  s.value = s.y + s.lambda * s.n;
  s.order = s.value + s.lambda;
  return s;
}

static MarlCode create(const MarlSearchParams *params, MarlSearch **out, MarlError *err) {
  extern const MarlSearchOps marl_search_cmaes;
  const size_t n = (size_t)params->dim;
  const int lambda =
      params->population > 0 ? params->population : 4 + (int)floor(3 * log((double)params->dim));
  if (lambda < 4) return MARL_FAIL(err, MARL_EARG, "cmaes needs a population of at least 4");
  MARL_TRY(marl_search_allocate(&marl_search_cmaes, params, lambda, state_size(n, (size_t)lambda),
                                out, err));
  Cmaes s = cmaes(*out);
  s.head->sigma = 1;
  for (size_t i = 0; i < n; ++i) {
    s.scale[i] = params->scale[i];
    s.mean[i] = params->start[i] / params->scale[i];
    s.covariance[i * n + i] = s.basis[i * n + i] = s.root[i] = 1;
  }
  return MARL_OK;
}

/* y = B D n: sample k of the generation, (39)-(40). */
static int ask(MarlSearch *search, double *points) {
  Cmaes s = cmaes(search);
  const MarlKey key = marl_key_fold(search->key, (uint64_t)s.head->generation);
  for (size_t k = 0; k < s.lambda; ++k) {
    double *y = s.y + k * s.n;
    for (size_t j = 0; j < s.n; ++j) s.spare[j] = s.root[j] * marl_normal(key, k * s.n + j);
    for (size_t i = 0; i < s.n; ++i) {
      double sum = 0;
      for (size_t j = 0; j < s.n; ++j) sum += s.basis[i * s.n + j] * s.spare[j];
      y[i] = sum;
      points[k * s.n + i] = s.scale[i] * (s.mean[i] + s.head->sigma * sum);
    }
  }
  return (int)s.lambda;
}

/* Eigenvectors of the covariance into basis (columns), roots of the eigenvalues into root. */
static void decompose(Cmaes s) {
  memcpy(s.work, s.covariance, s.n * s.n * sizeof(double));
  marl_symmetric_eigen(s.n, s.work, s.basis);
  for (size_t i = 0; i < s.n; ++i) s.root[i] = sqrt(fmax(s.work[i * s.n + i], 0));
}

/* order[r] = index of the r-th best value; equal values keep their order. */
static void rank_values(Cmaes s, const double *values) {
  for (size_t k = 0; k < s.lambda; ++k) {
    const double value = isnan(values[k]) ? HUGE_VAL : values[k];
    size_t j = k;
    for (; j > 0 && s.value[j - 1] > value; --j) {
      s.value[j] = s.value[j - 1];
      s.order[j] = s.order[j - 1];
    }
    s.value[j] = value;
    s.order[j] = (double)k;
  }
}

/* w_i of (49), normalised to sum 1. */
static double weight(Cmaes s, size_t i) {
  double sum = 0;
  const double top = log(0.5 * ((double)s.lambda + 1));
  for (size_t r = 0; r < s.mu; ++r) sum += top - log((double)r + 1);
  return (top - log((double)i + 1)) / sum;
}

/* path_sigma: (1 - c) p + sqrt(c (2 - c) mu_eff) C^-1/2 step, (43); returns its norm. */
static double update_sigma_path(Cmaes s, double c, double mu_eff) {
  const double gain = sqrt(c * (2 - c) * mu_eff);
  for (size_t j = 0; j < s.n; ++j) {
    double projection = 0;
    for (size_t i = 0; i < s.n; ++i) projection += s.basis[i * s.n + j] * s.step[i];
    s.spare[j] = s.root[j] > 0 ? projection / s.root[j] : 0;
  }
  double norm2 = 0;
  for (size_t i = 0; i < s.n; ++i) {
    double whitened = 0;
    for (size_t j = 0; j < s.n; ++j) whitened += s.basis[i * s.n + j] * s.spare[j];
    s.path_sigma[i] = (1 - c) * s.path_sigma[i] + gain * whitened;
    norm2 += s.path_sigma[i] * s.path_sigma[i];
  }
  return sqrt(norm2);
}

/* C of (47) with the paths' rates c1 and c_mu. */
static void update_covariance(Cmaes s, double c1, double c_mu, double keep) {
  for (size_t i = 0; i < s.n; ++i)
    for (size_t j = 0; j <= i; ++j) {
      double rank_mu = 0;
      for (size_t r = 0; r < s.mu; ++r) {
        const double *y = s.y + (size_t)s.order[r] * s.n;
        rank_mu += weight(s, r) * y[i] * y[j];
      }
      double *c = &s.covariance[i * s.n + j];
      *c = keep * *c + c1 * s.path_c[i] * s.path_c[j] + c_mu * rank_mu;
      s.covariance[j * s.n + i] = *c;
    }
}

static void tell(MarlSearch *search, const double *values) {
  Cmaes s = cmaes(search);
  const double n = (double)s.n;
  rank_values(s, values);
  double weight2 = 0;
  memset(s.step, 0, s.n * sizeof(double));
  for (size_t r = 0; r < s.mu; ++r) {
    const double w = weight(s, r), *y = s.y + (size_t)s.order[r] * s.n;
    weight2 += w * w;
    for (size_t i = 0; i < s.n; ++i) s.step[i] += w * y[i];
  }
  const double mu_eff = 1 / weight2;
  const double c_c = (4 + mu_eff / n) / (n + 4 + 2 * mu_eff / n);
  const double c_sigma = (mu_eff + 2) / (n + mu_eff + 5);
  const double c_1 = 2 / ((n + 1.3) * (n + 1.3) + mu_eff);
  const double c_mu =
      fmin(1 - c_1, 2 * (0.25 + mu_eff + 1 / mu_eff - 2) / ((n + 2) * (n + 2) + mu_eff));
  const double damping = 1 + 2 * fmax(0, sqrt((mu_eff - 1) / (n + 1)) - 1) + c_sigma;
  const double expected = sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)); /* E |N(0, I)| */

  for (size_t i = 0; i < s.n; ++i) s.mean[i] += s.head->sigma * s.step[i];
  const double norm = update_sigma_path(s, c_sigma, mu_eff);
  s.head->generation += 1;
  const double bias = sqrt(1 - pow(1 - c_sigma, 2 * s.head->generation));
  const double h = norm / bias < (1.4 + 2 / (n + 1)) * expected ? 1 : 0;
  const double gain = h * sqrt(c_c * (2 - c_c) * mu_eff);
  for (size_t i = 0; i < s.n; ++i) s.path_c[i] = (1 - c_c) * s.path_c[i] + gain * s.step[i];
  const double keep = 1 - c_1 - c_mu + (1 - h) * c_1 * c_c * (2 - c_c);
  update_covariance(s, c_1, c_mu, keep);
  s.head->sigma *= exp(fmin(1, c_sigma / damping * (norm / expected - 1)));
  decompose(s);
}

static void estimate(const MarlSearch *search, double *point) {
  const Cmaes s = cmaes(search);
  for (size_t i = 0; i < s.n; ++i) point[i] = s.scale[i] * s.mean[i];
}

static double spread(const MarlSearch *search) {
  const Cmaes s = cmaes(search);
  double widest = 0;
  for (size_t i = 0; i < s.n; ++i) widest = fmax(widest, s.root[i]);
  return s.head->sigma * widest;
}

const MarlSearchOps marl_search_cmaes = {
    .name = "cmaes",
    .summary = "covariance matrix adaptation, noisy values, up to some hundred variables",
    .source = "Hansen 2016, arXiv:1604.00772",
    .create = create,
    .ask = ask,
    .tell = tell,
    .estimate = estimate,
    .spread = spread,
};
