#include "marl/compare/sobol.h"

enum { BITS = 32, MAX_DEGREE = 6 };

/* A primitive polynomial x^degree + a_1 x^(degree-1) + ... + 1, its inner coefficients as bits, and the
 * first direction numbers. The first dimension has none: it is van der Corput's sequence. */
typedef struct Direction {
  int degree;
  uint32_t inner, first[MAX_DEGREE];
} Direction;

static const Direction directions[MARL_SOBOL_DIMENSIONS] = {
    {0, 0, {0}},
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
};

/* v[bit], eq. (2) and (3) of the paper. */
static void fill(const Direction *d, uint32_t v[BITS]) {
  for (int k = 0; k < BITS; ++k) {
    if (d->degree == 0)
      v[k] = 1u << (BITS - 1 - k);
    else if (k < d->degree)
      v[k] = d->first[k] << (BITS - 1 - k);
    else {
      v[k] = v[k - d->degree] ^ (v[k - d->degree] >> d->degree);
      for (int i = 1; i < d->degree; ++i)
        if ((d->inner >> (d->degree - 1 - i) & 1u) != 0) v[k] ^= v[k - i];
    }
  }
}

uint32_t marl_sobol(int dimension, uint32_t index) {
  uint32_t v[BITS], x = 0;
  fill(&directions[dimension], v);
  const uint32_t gray = index ^ (index >> 1);
  for (int k = 0; k < BITS; ++k)
    if ((gray >> k & 1u) != 0) x ^= v[k];
  return x;
}
