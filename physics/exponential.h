/* Exponentials of many numbers, several at a time
 *
 * x = m log 2 + r, |r| <= log(2)/2, exp x = 2^m exp r, and exp r is its Taylor polynomial of degree
 * 13, whose rest is below 5e-18. Relative error below 4 2^-53; exp(0) is 1. x beyond +-708 is taken
 * as +-708, NaN stays NaN. */
#ifndef MARL_PHYSICS_EXPONENTIAL_H
#define MARL_PHYSICS_EXPONENTIAL_H

/* x[0 .. n-1] = exp(x) */
void marl_exponentials(int n, double *x);

#endif
