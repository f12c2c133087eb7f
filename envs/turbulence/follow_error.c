/* Errors of closures on a flow that changes; follow.h has the formulae. */
#include <math.h>

#include "envs/turbulence/follow.h"

/* Mean spectrum over the members first .. first + count - 1 but `without` (-1: all). */
static void mean(const MarlFollowPlan *plan, const double *runs, int first, int count, int without,
                 int v, int r, double *out) {
  const size_t size = marl_follow_size(plan);
  const size_t at =
      ((size_t)v * (size_t)marl_follow_regions(plan) + (size_t)r) * (size_t)plan->num_k;
  int used = 0;
  for (int k = 0; k < plan->num_k; ++k) out[k] = 0;
  for (int m = first; m < first + count; ++m) {
    if (m == without) continue;
    for (int k = 0; k < plan->num_k; ++k) out[k] += runs[(size_t)m * size + at + (size_t)k];
    ++used;
  }
  for (int k = 0; k < plan->num_k; ++k) out[k] /= used;
}

static double distance(const MarlFollowPlan *plan, const double *direct, const double *les, int v,
                       int r, int without) {
  double a[MARL_FOLLOW_MOST_K], b[MARL_FOLLOW_MOST_K];
  const int members = plan->members, half = members / 2, rest = members - half;
  mean(plan, direct, 0, les != NULL ? members : half, without, v, r, a);
  if (les != NULL)
    mean(plan, les, 0, members, without, v, r, b);
  else
    mean(plan, direct, half, rest, without, v, r, b);
  const double found = marl_score_log_distance(plan->num_k, a, b);
  if (!isfinite(found)) return INFINITY;
  /* the difference of the parts' means has the variance 1/half + 1/rest, that of two whole ensembles 2/members */
  return les != NULL ? found : found * sqrt(2.0 * half * rest) / members;
}

/* Mean distance over windows first .. last - 1. */
static double over(const MarlFollowPlan *plan, const double *direct, const double *les, int first,
                   int last, int r, int without) {
  double sum = 0;
  for (int v = first; v < last; ++v) sum += distance(plan, direct, les, v, r, without);
  return sum / (last - first);
}

/* The jackknife's standard error: sqrt((M-1)/M sum (e_-m - mean)^2). */
static void measure(const MarlFollowPlan *plan, const double *direct, const double *les, int first,
                    int last, int r, double *value, double *error) {
  const int members = plan->members;
  double sum = 0, square = 0;
  *value = *error = (double)NAN;
  if (last <= first) return;
  *value = over(plan, direct, les, first, last, r, -1);
  if (!isfinite(*value) || members < 2 || (les == NULL && members < 4)) return;
  for (int m = 0; m < members; ++m) {
    const double left = over(plan, direct, les, first, last, r, m);
    sum += left;
    square += left * left;
  }
  const double spread = square - sum * sum / members;
  *error = sqrt(fmax(spread, 0) * (members - 1) / members);
}

void marl_follow_error(const MarlFollowPlan *plan, const double *direct, const double *les, int v,
                       int r, double *value, double *error) {
  measure(plan, direct, les, v, v + 1, r, value, error);
}

void marl_follow_phase_error(const MarlFollowPlan *plan, const double *direct, const double *les,
                             int p, int r, double *value, double *error) {
  const double begins = plan->les.start[p] - 1e-6 * plan->window;
  const double ends =
      (p + 1 < plan->les.num_phases ? plan->les.start[p + 1] : plan->end) + 1e-6 * plan->window;
  int first = 0, last = plan->num_windows;
  while (first < last && first * plan->window < begins) ++first;
  while (last > first && last * plan->window > ends) --last;
  measure(plan, direct, les, first, last, r, value, error);
}
