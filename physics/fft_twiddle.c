#include "physics/fft_twiddle.h"

#include <math.h>

void marl_twiddle(int r, int n, double *re, double *im) {
  const int quarter = 4 * r / n, rest = 4 * r - quarter * n;
  const double angle = rest * (1.57079632679489661923 / n);
  const double c = cos(angle), s = sin(angle);
  const double cosine[4] = {c, -s, -c, s}, sine[4] = {s, c, -s, -c};
  *re = rest == 0 ? (double[]){1, 0, -1, 0}[quarter] : cosine[quarter];
  *im = rest == 0 ? (double[]){0, 1, 0, -1}[quarter] : sine[quarter];
}
