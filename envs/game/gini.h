/* Inequality of n incomes x, in n log n steps: the Gini coefficient
 *   sum_ij |x_i - x_j| / (2 n sum_i x_i)
 * 0 when all are equal, (n - 1)/n when one has all. With debts among the incomes it may be above 1;
 * NaN where the incomes do not sum to more than 0, or n is 0. Equality as published (Perolat et al.
 * 2017) is 1 less it. `scratch` [n]. */
#ifndef MARL_ENVS_GAME_GINI_H
#define MARL_ENVS_GAME_GINI_H

double marl_gini(const double *income, int n, double *scratch);

#endif
