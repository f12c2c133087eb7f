#include "marl/learn/kalman_inversion.h"

#include <math.h>
#include <string.h>

#include "marl/learn/symmetric_eigen.h"

/* With S [members, outputs] the outputs' deviations over gamma sqrt(members - 1), d = (y - mean of G)/gamma and
 * M = I + S S^T, member j of the next ensemble is the mean of u plus the deviations' sum with the weights
 *   (M^-1 S d)_i / sqrt(members - 1) + (M^-1/2)_ij. */
typedef struct Scratch {
  double *s;       /* [members, outputs] */
  double *d;       /* [outputs] */
  double *m;       /* [members, members] */
  double *vectors; /* [members, members] */
  double *weight;  /* [members, members] of deviation i in member j */
  double *column;  /* [2, members] */
} Scratch;

size_t marl_kalman_scratch(size_t members, size_t outputs) {
  return members * (outputs + 3 * members + 2) + outputs;
}

static Scratch carve(size_t members, size_t outputs, double *at) {
  Scratch a;
  a.s = at, at += members * outputs;
  a.d = at, at += outputs;
  a.m = at, at += members * members;
  a.vectors = at, at += members * members;
  a.weight = at, at += members * members;
  a.column = at;
  return a;
}

static void deviations(size_t members, size_t outputs, const double *g, const double *target,
                       double noise, Scratch a) {
  const double scale = 1 / (noise * sqrt((double)members - 1));
  for (size_t o = 0; o < outputs; ++o) {
    double mean = 0;
    for (size_t j = 0; j < members; ++j) mean += g[j * outputs + o] / (double)members;
    for (size_t j = 0; j < members; ++j) a.s[j * outputs + o] = (g[j * outputs + o] - mean) * scale;
    a.d[o] = (target[o] - mean) / noise;
  }
}

static void fill_matrix(size_t members, size_t outputs, Scratch a) {
  for (size_t i = 0; i < members; ++i)
    for (size_t j = 0; j < members; ++j) {
      double sum = i == j ? 1 : 0;
      for (size_t o = 0; o < outputs; ++o) sum += a.s[i * outputs + o] * a.s[j * outputs + o];
      a.m[i * members + j] = sum;
    }
}

/* The weights from the eigenvalues, of which each is 1 at least, and eigenvectors of M. */
static void fill_weights(size_t members, size_t outputs, Scratch a) {
  double *gain = a.column, *shift = a.column + members;
  memset(shift, 0, members * sizeof *shift);
  for (size_t e = 0; e < members; ++e) {
    const double *v = a.vectors + e; /* v[i * members] */
    gain[e] = 0;
    for (size_t i = 0; i < members; ++i)
      for (size_t o = 0; o < outputs; ++o)
        gain[e] += v[i * members] * a.s[i * outputs + o] * a.d[o];
    gain[e] /= a.m[e * members + e] * sqrt((double)members - 1);
    for (size_t i = 0; i < members; ++i) shift[i] += v[i * members] * gain[e];
  }
  for (size_t i = 0; i < members; ++i)
    for (size_t j = 0; j < members; ++j) {
      double root = 0;
      for (size_t e = 0; e < members; ++e)
        root +=
            a.vectors[i * members + e] * a.vectors[j * members + e] / sqrt(a.m[e * members + e]);
      a.weight[i * members + j] = shift[i] + root;
    }
}

void marl_kalman_step(size_t members, size_t dim, size_t outputs, double *u, const double *g,
                      const double *target, double noise, double *scratch) {
  const Scratch a = carve(members, outputs, scratch);
  deviations(members, outputs, g, target, noise, a);
  fill_matrix(members, outputs, a);
  marl_symmetric_eigen(members, a.m, a.vectors);
  fill_weights(members, outputs, a);
  for (size_t d = 0; d < dim; ++d) {
    double mean = 0;
    for (size_t j = 0; j < members; ++j) mean += u[j * dim + d] / (double)members;
    for (size_t j = 0; j < members; ++j) a.column[j] = u[j * dim + d] - mean;
    for (size_t j = 0; j < members; ++j) {
      double sum = mean;
      for (size_t i = 0; i < members; ++i) sum += a.column[i] * a.weight[i * members + j];
      u[j * dim + d] = sum;
    }
  }
}
