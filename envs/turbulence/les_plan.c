#include "envs/turbulence/les_plan.h"

#include <math.h>

int64_t marl_les_steps(double time, double dt) {
  const int64_t steps = (int64_t)llround(time / dt);
  return steps > 0 ? steps : 1;
}

void marl_les_plan_time(MarlLesPlan *plan, double time) {
  plan->every = plan->dt * (double)marl_les_steps(plan->every, plan->dt);
  plan->block = plan->every * (double)marl_les_steps(fmin(plan->block, time), plan->every);
  plan->num_blocks = (int)fmax(1, floor(time / plan->block + 1e-9));
}

size_t marl_les_num_samples(const MarlLesPlan *plan) {
  return (size_t)plan->num_blocks * (size_t)marl_les_steps(plan->block, plan->every);
}

MarlLesSizes marl_les_sizes(const MarlLesPlan *plan) {
  return (MarlLesSizes){.blocks = (size_t)plan->num_blocks * plan->target->block_size,
                        .results = sizeof(MarlLesResult) / sizeof(double),
                        .maxima = marl_les_num_samples(plan),
                        .last = (size_t)plan->n * (size_t)plan->n};
}
