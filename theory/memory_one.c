#include "theory/memory_one.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { J = MARL_NUM_JOINT_ACTIONS };

typedef struct Chain {
  double first[J];   /* distribution of the first round */
  double step[J][J]; /* [from][to] */
} Chain;

static double noisy(double probability, double noise) {
  return probability * (1.0 - 2.0 * noise) + noise;
}

/* Of the joint action, when the two cooperate independently with p and q. */
static void joint(double p, double q, double out[J]) {
  out[0] = p * q;
  out[1] = p * (1.0 - q);
  out[2] = (1.0 - p) * q;
  out[3] = (1.0 - p) * (1.0 - q);
}

static Chain make_chain(const MarlMemoryOne *const pair[2], double noise) {
  Chain chain;
  joint(noisy(pair[0]->first, noise), noisy(pair[1]->first, noise), chain.first);
  for (int a = 0; a < 2; ++a)
    for (int b = 0; b < 2; ++b)
      joint(noisy(pair[0]->cooperate[a][b], noise), noisy(pair[1]->cooperate[b][a], noise),
            chain.step[2 * a + b]);
  return chain;
}

void marl_memory_one_expected(const MarlMemoryOne *const pair[2], double noise, int rounds,
                              double share[MARL_NUM_JOINT_ACTIONS]) {
  const Chain chain = make_chain(pair, noise);
  double now[J], next[J];
  memcpy(now, chain.first, sizeof now);
  for (int j = 0; j < J; ++j) share[j] = 0.0;
  for (int round = 0; round < rounds; ++round) {
    for (int j = 0; j < J; ++j) {
      share[j] += now[j] / rounds;
      next[j] = 0.0;
    }
    for (int i = 0; i < J; ++i)
      for (int j = 0; j < J; ++j) next[j] += now[i] * chain.step[i][j];
    memcpy(now, next, sizeof now);
  }
}

/* x = rows of (step^T - 1) with the last replaced by sum = 1, by elimination with pivots. */
static bool solve(const Chain *chain, double x[J]) {
  double m[J][J + 1] = {{0}};
  for (int i = 0; i < J; ++i)
    for (int j = 0; j < J; ++j)
      m[i][j] = i == J - 1 ? 1.0 : chain->step[j][i] - (i == j ? 1.0 : 0.0);
  m[J - 1][J] = 1.0;
  for (int k = 0; k < J; ++k) {
    int pivot = k;
    for (int i = k + 1; i < J; ++i)
      if (fabs(m[i][k]) > fabs(m[pivot][k])) pivot = i;
    if (fabs(m[pivot][k]) < 1e-14) return false; /* exact zero but for rounding of sums of four */
    for (int j = 0; j <= J; ++j) {
      const double swap = m[k][j];
      m[k][j] = m[pivot][j];
      m[pivot][j] = swap;
    }
    for (int i = 0; i < J; ++i) {
      const double factor = i == k ? 0.0 : m[i][k] / m[k][k];
      for (int j = k; j <= J && factor != 0.0; ++j) m[i][j] -= factor * m[k][j];
    }
  }
  for (int k = 0; k < J; ++k) x[k] = m[k][J] / m[k][k];
  return true;
}

MarlCode marl_memory_one_stationary(const MarlMemoryOne *const pair[2], double noise,
                                    double share[MARL_NUM_JOINT_ACTIONS], MarlError *err) {
  const Chain chain = make_chain(pair, noise);
  if (solve(&chain, share)) return MARL_OK;
  return MARL_FAIL(err, MARL_ENUMERIC,
                   "the long run depends on the first round; add noise or ask for a number of "
                   "rounds");
}

void marl_joint_payoffs(const double payoff[MARL_NUM_JOINT_ACTIONS],
                        const double share[MARL_NUM_JOINT_ACTIONS], double mean[2]) {
  static const int others[J] = {0, 2, 1, 3}; /* the second's view of CC, CD, DC, DD */
  mean[0] = mean[1] = 0.0;
  for (int j = 0; j < J; ++j) {
    mean[0] += share[j] * payoff[j];
    mean[1] += share[j] * payoff[others[j]];
  }
}
