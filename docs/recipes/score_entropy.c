/* recipe: envs/turbulence/score_entropy.c, ENTRY(entropy) in envs/turbulence/score_table.c */
/* Score `entropy`: how spread the vorticity is, in units of the reference's deviation. */
#include <math.h>

#include "envs/turbulence/score.h"

static double value(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  if (means->density == NULL) return (double)NAN;
  double sum = 0;
  for (int b = 0; b < target->num_bins; ++b) {
    const double p = means->density[b];
    if (p > 0) sum -= p * log(p * target->sigma) * target->width;
  }
  return sum;
}

const MarlScoreOps marl_score_entropy = {
    .name = "entropy",
    .summary = "entropy of the vorticity density",
    .source = "the recipe of docs/plugins.md",
    .formula = "-sum p log(p sigma) dw, sigma of the reference",
    .unit = "1",
    .value = value,
};
