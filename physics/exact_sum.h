/* Sums that do not depend on the order of their terms, nor on which rank has which
 *
 * A double is an integer times 2^-1074. The sum is kept as an integer in limbs of 32 bits (Kulisch,
 * Computer Arithmetic and Validity, 2013), exact up to 2^30 terms; ranks add their limbs. So a
 * figure that is summed from parts of rows or columns has the same bits on any number of ranks. */
#ifndef MARL_PHYSICS_EXACT_SUM_H
#define MARL_PHYSICS_EXACT_SUM_H

#include <mpi.h>
#include <stdint.h>

enum { MARL_EXACT_LIMBS = 68 };

/* Zero-initialized: 0. */
typedef struct MarlExactSum {
  int64_t limb[MARL_EXACT_LIMBS]; /* times 2^(32 i - 1074) */
  int64_t not_finite;             /* how many terms were not finite: the sum is NaN */
} MarlExactSum;

void marl_exact_add(MarlExactSum *sum, double term);
/* Within some 2^-52 of the exact sum. */
double marl_exact_value(const MarlExactSum *sum);

/* n sums over all ranks, on every rank. Collective. */
void marl_exact_reduce(MarlExactSum *sums, int n, MPI_Comm comm);

#endif
