/* The Gini coefficient of n incomes of any sign: shifted so that the least is 0,
 * sum_{i<j} |x_i - x_j| / (n sum_i x_i); 0 when all are equal. Takes n^2 steps. */
#ifndef MARL_ENVS_DILEMMA_GINI_H
#define MARL_ENVS_DILEMMA_GINI_H

double marl_gini(const double *income, int n);

#endif
