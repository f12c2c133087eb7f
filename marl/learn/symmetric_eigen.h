/* Eigenvectors and eigenvalues of a small symmetric matrix, by cyclic Jacobi rotations (Golub and Van Loan, Matrix
 * Computations, algorithm 8.5.1): the same bits whatever library of linear algebra there is. */
#ifndef MARL_LEARN_SYMMETRIC_EIGEN_H
#define MARL_LEARN_SYMMETRIC_EIGEN_H

#include <stddef.h>

/* a [n, n] becomes diagonal up to round-off, its diagonal the eigenvalues in no order; columns of
 * vectors [n, n] become the eigenvectors, of length 1. They may not alias. */
void marl_symmetric_eigen(size_t n, double *a, double *vectors);

#endif
