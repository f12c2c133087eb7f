#include "envs/turbulence/les_plan.h"

#include <math.h>

int64_t marl_les_steps(double time, double dt) {
  const int64_t steps = (int64_t)llround(time / dt);
  return steps > 0 ? steps : 1;
}

size_t marl_les_num_samples(const MarlLesPlan *plan) {
  const int64_t every = marl_les_steps(plan->every, plan->dt);
  return (size_t)plan->num_blocks * (size_t)marl_les_steps(plan->block, plan->dt * (double)every);
}

MarlLesSizes marl_les_sizes(const MarlLesPlan *plan) {
  return (MarlLesSizes){.blocks = (size_t)plan->num_blocks * plan->target->block_size,
                        .results = sizeof(MarlLesResult) / sizeof(double),
                        .maxima = marl_les_num_samples(plan),
                        .last = (size_t)plan->n * (size_t)plan->n};
}
