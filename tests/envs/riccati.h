/* The optimum of the environment lqr. */
#ifndef MARL_TESTS_RICCATI_H
#define MARL_TESTS_RICCATI_H

/* Fixed point of the discounted Riccati equation and its gain, u = -k x (Bertsekas, vol. I, 4.1):
 * p = q + g a^2 p - (g a b p)^2 / (r + g b^2 p), k = g a b p / (r + g b^2 p). */
static inline double riccati_gain(double a, double b, double q, double r, double g) {
  double p = q;
  for (int i = 0; i < 1000; ++i)
    p = q + g * a * a * p - g * a * b * p * g * a * b * p / (r + g * b * b * p);
  return g * a * b * p / (r + g * b * b * p);
}

#endif
