#include "physics/exponential.h"

#include <stdint.h>
#include <string.h>

/* 1/13!, 1/12!, ... 1/0! */
static const double taylor[] = {1.0 / 6227020800,
                                1.0 / 479001600,
                                1.0 / 39916800,
                                1.0 / 3628800,
                                1.0 / 362880,
                                1.0 / 40320,
                                1.0 / 5040,
                                1.0 / 720,
                                1.0 / 120,
                                1.0 / 24,
                                1.0 / 6,
                                0.5,
                                1,
                                1};

/* Without branches and calls, so that the compiler makes vectors of the loop that it is in. */
static inline double exponential(double x) {
  const double inverse_log2 = 0x1.71547652b82fep+0;
  const double log2_high = 0x1.62e42fefa3800p-1, log2_low = 0x1.ef35793c76730p-45;
  const double rounds = 0x1.8p52; /* a sum with it is rounded to an integer, its last bits */
  x = x < -708 ? -708 : x;
  x = x > 708 ? 708 : x;
  const double shifted = x * inverse_log2 + rounds, m = shifted - rounds;
  const double r = (x - m * log2_high) - m * log2_low;
  double sum = taylor[0];
  for (int i = 1; i < 14; ++i) sum = sum * r + taylor[i];
  uint64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 1023) << 52; /* the exponent of 2^m */
  double power;
  memcpy(&power, &bits, sizeof power);
  return sum * power;
}

void marl_exponentials(int n, double *x) {
  for (int i = 0; i < n; ++i) x[i] = exponential(x[i]);
}
