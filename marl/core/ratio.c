#include "marl/core/ratio.h"

#include <math.h>
#include <stddef.h>

void marl_ratio(double part, double whole, int at, double *metrics, double *wholes) {
  if (wholes != NULL)
    metrics[at] = part, wholes[at] = whole;
  else
    metrics[at] = whole > 0.0 ? part / whole : (double)NAN;
}
