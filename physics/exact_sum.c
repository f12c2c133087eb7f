#include "physics/exact_sum.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

void marl_exact_add(MarlExactSum *sum, double term) {
  uint64_t bits;
  memcpy(&bits, &term, sizeof bits);
  const int exponent = (int)(bits >> 52 & 0x7ff);
  uint64_t mantissa = bits & 0xfffffffffffffu;
  if (exponent == 0x7ff) {
    ++sum->not_finite;
    return;
  }
  /* subnormal numbers have the exponent of the smallest normal ones */
  if (exponent > 0) mantissa |= (uint64_t)1 << 52;
  const int place = exponent > 0 ? exponent - 1 : 0, limb = place / 32, shift = place % 32;
  const int64_t sign = bits >> 63 != 0 ? -1 : 1;
  const uint64_t low = (mantissa & 0xffffffffu) << shift, high = (mantissa >> 32) << shift;
  sum->limb[limb] += sign * (int64_t)(low & 0xffffffffu);
  sum->limb[limb + 1] += sign * (int64_t)((low >> 32) + (high & 0xffffffffu));
  sum->limb[limb + 2] += sign * (int64_t)(high >> 32);
}

/* Digits in [0, 2^32), the highest one with the sign of the sum */
static void carry(int64_t *limb) {
  for (int i = 0; i + 1 < MARL_EXACT_LIMBS; ++i) {
    const int64_t over = limb[i] >> 32; /* rounds down */
    limb[i] -= over * 0x100000000;
    limb[i + 1] += over;
  }
}

double marl_exact_value(const MarlExactSum *sum) {
  if (sum->not_finite > 0) return (double)NAN;
  int64_t limb[MARL_EXACT_LIMBS];
  memcpy(limb, sum->limb, sizeof limb);
  carry(limb);
  const bool negative = limb[MARL_EXACT_LIMBS - 1] < 0;
  if (negative) {
    for (int i = 0; i < MARL_EXACT_LIMBS; ++i) limb[i] = -limb[i];
    carry(limb);
  }
  double value = 0;
  for (int i = MARL_EXACT_LIMBS; i-- > 0;)
    if (limb[i] != 0) value += ldexp((double)limb[i], 32 * i - 1074);
  return negative ? -value : value;
}

void marl_exact_reduce(MarlExactSum *sums, int n, MPI_Comm comm) {
  const int words = (int)(sizeof *sums / sizeof(int64_t));
  MPI_Allreduce(MPI_IN_PLACE, sums, n * words, MPI_INT64_T, MPI_SUM, comm);
}
