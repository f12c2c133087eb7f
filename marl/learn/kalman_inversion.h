/* Ensemble Kalman inversion (Iglesias, Law and Stuart, Inverse Problems 29, 2013, arXiv:1209.2736): find u with
 * G(u) = y from G of an ensemble of members alone
 *
 * One step, with C the ensemble's covariances and noise gamma:
 *   m <- m + C^{uG} (C^{GG} + gamma^2 I)^{-1} (y - mean of G)
 * and members about it by the symmetric square root in place of perturbed observations (ensemble transform filter;
 * Bishop, Etherton and Majumdar, Mon. Weather Rev. 129, 2001; for inversion Huang, Huang, Reich and Stuart,
 * arXiv:2204.04386), so that nothing is drawn. For G linear, k steps give exactly the mean and covariance of the
 * Gaussian posterior with prior the first ensemble's and noise gamma/sqrt(k): Tikhonov's solution, and for k to infinity
 * that of least squares. Members never leave the affine space that the first ones span. */
#ifndef MARL_LEARN_KALMAN_INVERSION_H
#define MARL_LEARN_KALMAN_INVERSION_H

#include <stddef.h>

/* Doubles of scratch for a step of `members` members with `outputs` outputs. */
size_t marl_kalman_scratch(size_t members, size_t outputs);

/* u [members, dim] becomes the next ensemble; g [members, outputs] its finite outputs, target [outputs], noise > 0 the
 * standard deviation of each; members > 1. */
void marl_kalman_step(size_t members, size_t dim, size_t outputs, double *u, const double *g,
                      const double *target, double noise, double *scratch);

#endif
