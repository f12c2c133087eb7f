#include "marl/learn/symmetric_eigen.h"

#include <math.h>
#include <string.h>

/* One rotation that makes a[p][q] zero. */
static void rotate(size_t n, size_t p, size_t q, double *a, double *v) {
  const double tau = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
  const double t = copysign(1, tau) / (fabs(tau) + sqrt(1 + tau * tau));
  const double c = 1 / sqrt(1 + t * t), sn = t * c;
  for (size_t i = 0; i < n; ++i) {
    const double x = a[i * n + p], y = a[i * n + q];
    a[i * n + p] = c * x - sn * y, a[i * n + q] = sn * x + c * y;
  }
  for (size_t i = 0; i < n; ++i) {
    const double x = a[p * n + i], y = a[q * n + i];
    a[p * n + i] = c * x - sn * y, a[q * n + i] = sn * x + c * y;
    const double vx = v[i * n + p], vy = v[i * n + q];
    v[i * n + p] = c * vx - sn * vy, v[i * n + q] = sn * vx + c * vy;
  }
}

void marl_symmetric_eigen(size_t n, double *a, double *vectors) {
  memset(vectors, 0, n * n * sizeof *vectors);
  for (size_t i = 0; i < n; ++i) vectors[i * n + i] = 1;
  enum { SWEEPS = 50 }; /* cyclic Jacobi converges quadratically; 6 to 10 are usual */
  for (int sweep = 0; sweep < SWEEPS; ++sweep) {
    double off = 0, diagonal = 0;
    for (size_t p = 0; p < n; ++p) {
      diagonal += a[p * n + p] * a[p * n + p];
      for (size_t q = p + 1; q < n; ++q) off += a[p * n + q] * a[p * n + q];
    }
    if (off <= 1e-30 * diagonal) return;
    for (size_t p = 0; p < n; ++p)
      for (size_t q = p + 1; q < n; ++q)
        if (a[p * n + q] != 0) rotate(n, p, q, a, vectors);
  }
}
