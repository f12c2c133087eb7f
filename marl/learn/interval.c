#include "marl/learn/interval.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "marl/learn/inference.h"

static const MarlInterval none = {NAN, NAN};

/* The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by Lentz'
 * method; converges within about sqrt(max(a, b)) steps for x below its turn. */
static double beta_fraction(double a, double b, double x) {
  const double least = 1e-300;
  double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
  d = 1.0 / (fabs(d) < least ? least : d);
  double product = d;
  for (int m = 1; m < 100000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    for (int half = 0; half < 2; ++half) {
      const double term = half == 0 ? even : odd;
      d = 1.0 + term * d, c = 1.0 + term / c;
      d = 1.0 / (fabs(d) < least ? least : d);
      c = fabs(c) < least ? least : c;
      product *= c * d;
    }
    if (fabs(c * d - 1.0) < 0x1p-51) break;
  }
  return product;
}

/* The regularized incomplete beta function I_x(a, b). */
static double incomplete_beta(double a, double b, double x) {
  if (x <= 0.0 || x >= 1.0) return x <= 0.0 ? 0.0 : 1.0;
  const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
  if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(a, b, x) / a;
  return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

/* P(|T| > t) */
static double student_tail(double t, double freedom) {
  return incomplete_beta(0.5 * freedom, 0.5, freedom / (freedom + t * t));
}

double marl_student_quantile(double level, double freedom) {
  double low = 0.0, high = 1.0;
  while (student_tail(high, freedom) > 1.0 - level) low = high, high *= 2.0;
  while (high - low > 1e-14 * high) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;
    if (student_tail(middle, freedom) > 1.0 - level)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

static MarlInterval around(double center, double half_width) {
  return (MarlInterval){center - half_width, center + half_width};
}

MarlInterval marl_mean_interval(const double *x, size_t n, double level) {
  if (n < 2) return none;
  const double error = marl_standard_deviation(x, n) / sqrt((double)n);
  return around(marl_mean(x, n), marl_student_quantile(level, (double)n - 1.0) * error);
}

MarlInterval marl_interquartile_interval(const double *x, size_t n, double level, double *scratch) {
  if (n < 2) return none;
  const double center = marl_interquartile_mean(x, n, scratch); /* leaves scratch sorted */
  const size_t cut = n / 4, left = n - 2 * cut;
  for (size_t i = 0; i < cut; ++i) {
    scratch[i] = scratch[cut];
    scratch[n - 1 - i] = scratch[n - 1 - cut];
  }
  const double error = marl_standard_deviation(scratch, n) * sqrt((double)n) / (double)left;
  return around(center, marl_student_quantile(level, (double)left - 1.0) * error);
}

MarlInterval marl_difference_interval(const double *x, size_t nx, const double *y, size_t ny,
                                      double level) {
  if (nx < 2 || ny < 2) return none;
  const double sx = marl_standard_deviation(x, nx), sy = marl_standard_deviation(y, ny);
  const double vx = sx * sx / (double)nx, vy = sy * sy / (double)ny, sum = vx + vy;
  const double center = marl_mean(x, nx) - marl_mean(y, ny);
  if (sum == 0.0) return around(center, 0.0);
  const double freedom = sum * sum / (vx * vx / ((double)nx - 1.0) + vy * vy / ((double)ny - 1.0));
  return around(center, marl_student_quantile(level, freedom) * sqrt(sum));
}

/* P(sum_i E_i w_i <= 0) for independent exponentials E_i of mean 1 and ascending w [n], by which of
 * the least and the largest term left is used up first: by the lack of memory, what is left of the
 * other is exponential again. All terms are positive: nothing cancels. row [n + 1] is scratch. */
static double race(const double *w, size_t n, double *row) {
  size_t below = 0, above = 0;
  for (size_t i = 0; i < n; ++i) below += w[i]<0.0, above += w[i]> 0.0;
  /* row[q]: the probability with p terms below and q above 0 left */
  row[0] = 1.0;
  for (size_t q = 1; q <= above; ++q) row[q] = 0.0;
  for (size_t p = 1; p <= below; ++p) {
    const double negative = -w[below - p];
    for (size_t q = 1; q <= above; ++q) {
      const double positive = w[n - above + q - 1];
      row[q] = (positive * row[q] + negative * row[q - 1]) / (positive + negative);
    }
  }
  return row[above];
}

/* s with sum_i w_i / (1 - s w_i) = 0 */
static double saddle(const double *w, size_t n) {
  double low = w[0] < 0.0 ? 1.0 / w[0] : -1e300, high = w[n - 1] > 0.0 ? 1.0 / w[n - 1] : 1e300;
  double s = 0.0;
  for (int step = 0; step < 200 && high - low > 1e-13 * (high - low + fabs(s)); ++step) {
    double first = 0.0, second = 0.0;
    for (size_t i = 0; i < n; ++i) {
      const double term = w[i] / (1.0 - s * w[i]);
      first += term, second += term * term;
    }
    if (first > 0.0)
      high = s;
    else
      low = s;
    const double newton = s - first / second;
    const double next = newton > low && newton < high ? newton : 0.5 * (low + high);
    if (fabs(next - s) <= 1e-12 * fabs(s)) return next;
    s = next;
  }
  return s;
}

/* The same probability for many terms: Lugannani and Rice 1980, relative error of order 1/n. */
static double saddlepoint(const double *w, size_t n) {
  const double s = saddle(w, n);
  double cumulant = 0.0, second = 0.0;
  for (size_t i = 0; i < n; ++i) {
    const double term = w[i] / (1.0 - s * w[i]);
    cumulant -= log1p(-s * w[i]), second += term * term;
  }
  const double r = copysign(sqrt(fmax(-2.0 * cumulant, 0.0)), s), v = s * sqrt(second);
  if (fabs(r) < 1e-5) return 0.5;
  return 0.5 * erfc(-r / sqrt(2.0)) +
         exp(-0.5 * r * r) / sqrt(2.0 * acos(-1.0)) * (1.0 / r - 1.0 / v);
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The `tail` quantile of sum_i D_i z_i, z = the values and `end`, which is their least. z [n + 1],
 * ascending; w, row [n + 2]. */
static double lower_end(const double *z, size_t n, double tail, double *w, double *row) {
  enum { MOST_EXACT = 512 };
  double low = z[0], high = z[n];
  /* 48 halvings of the range: below the rounding of a metric that is printed */
  for (int step = 0; step < 48 && high > low; ++step) {
    const double middle = 0.5 * (low + high);
    for (size_t i = 0; i <= n; ++i) w[i] = z[i] - middle;
    const double p = n <= MOST_EXACT ? race(w, n + 1, row) : saddlepoint(w, n + 1);
    if (p < tail)
      low = middle;
    else
      high = middle;
  }
  return low;
}

MarlInterval marl_bounded_mean_interval(const double *x, size_t n, double low, double high,
                                        double level, double *scratch) {
  if (n < 2) return none;
  const double tail = 0.5 * (1.0 - level);
  double *z = scratch, *w = scratch + n + 1, *row = scratch + 2 * (n + 1);
  for (size_t i = 0; i < n; ++i) {
    assert(x[i] >= low && x[i] <= high);
    z[i] = x[i];
  }
  z[n] = low;
  qsort(z, n + 1, sizeof *z, ascending);
  MarlInterval interval = {.low = lower_end(z, n, tail, w, row)};
  /* the upper end is the lower one of the mirrored values */
  for (size_t i = 0; i < n; ++i) z[i] = -x[i];
  z[n] = -high;
  qsort(z, n + 1, sizeof *z, ascending);
  interval.high = -lower_end(z, n, tail, w, row);
  return interval;
}
