/* Mean, standard deviation and standard error of a vector of figures over correlated samples
 *
 * The error of the mean comes from the scatter of the means of non-overlapping blocks
 * (Flyvbjerg and Petersen, J. Chem. Phys. 91, 1989): right as soon as a block is several
 * correlation times long. Online; samples are not kept. */
#ifndef MARL_PHYSICS_BLOCK_MEAN_H
#define MARL_PHYSICS_BLOCK_MEAN_H

#include <stdint.h>

#include "marl/core/error.h"
#include "marl/core/store.h"

enum { MARL_BLOCK_MEAN_SUMS = 4 };

typedef struct MarlBlockMean {
  int n;             /* figures */
  int block;         /* samples a block */
  int64_t count;     /* samples */
  double *sums;      /* [4, n], owned; the next four point into it */
  double *sum;       /* [n] */
  double *square;    /* [n] of the squares */
  double *block_sum; /* [n] of the block that is open */
  double *means;     /* [n] of the squared means of closed blocks */
} MarlBlockMean;

/* Zeroed. */
MarlCode marl_block_mean_init(MarlBlockMean *mean, int n, int block, MarlError *err) MARL_NODISCARD;
void marl_block_mean_clear(MarlBlockMean *mean);

void marl_block_mean_add(MarlBlockMean *mean, const double *figures); /* [n] */

/* NaN while unknown: no sample, one sample, fewer than two closed blocks. */
double marl_block_mean_value(const MarlBlockMean *mean, int i);
double marl_block_mean_deviation(const MarlBlockMean *mean, int i); /* over samples */
double marl_block_mean_error(const MarlBlockMean *mean, int i);     /* of the mean */

/* Exact state, as datasets `name` and `name`_count of a group. Serial. */
MarlCode marl_block_mean_save(const MarlBlockMean *mean, const char *name, MarlStore *to,
                              MarlError *err) MARL_NODISCARD;
MarlCode marl_block_mean_load(MarlBlockMean *mean, const char *name, MarlStore *from,
                              MarlError *err) MARL_NODISCARD;

#endif
