/* What the runs of one evaluation have in common, and sizes that follow; what an LES does with it is in
 * les_run.h. */
#ifndef MARL_ENVS_TURBULENCE_LES_PLAN_H
#define MARL_ENVS_TURBULENCE_LES_PLAN_H

#include "envs/turbulence/params.h"
#include "envs/turbulence/score.h"
#include "physics/closure.h"

typedef struct MarlLesPlan {
  const MarlReference *reference; /* borrowed, as all pointers here */
  const MarlScoreTarget *target;
  int n; /* grid points a side */
  double dt;
  MarlDealias dealias;
  MarlAdvectionForm advection;
  double spinup, every, block; /* T; see marl_les_plan_time */
  int num_blocks;
  MarlKey key; /* of the noise of a stochastic forcing; each initial field has its own */
  MarlLanesChoice lanes;
} MarlLesPlan;

/* `every` and `block` as they are asked for become whole steps and whole samples, the nearest, one at least, and
 * `time` whole blocks: what is said of a run is what was run. */
void marl_les_plan_time(MarlLesPlan *plan, double time);
/* Samples of a run. */
size_t marl_les_num_samples(const MarlLesPlan *plan);

/* One run of a plan. */
typedef struct MarlLesJob {
  const MarlClosureOps *closure;
  const MarlSection *options; /* of the closure */
  int sample;                 /* initial field */
} MarlLesJob;

/* Results of a run; plain numbers, so that ranks can gather them. */
typedef struct MarlLesResult {
  double blew_up;       /* 0 or 1 */
  double time;          /* T: reached, spin-up included */
  double steps;         /* taken */
  double seconds;       /* of this machine, for steps/s only; of a run beside others its part */
  double max_vorticity; /* max |w| over samples, 1/T */
} MarlLesResult;

/* Steps of a time, at least one. */
int64_t marl_les_steps(double time, double dt);

/* Doubles of one job's part of each array of an output. */
typedef struct MarlLesSizes {
  size_t blocks, results, maxima, last;
} MarlLesSizes;
MarlLesSizes marl_les_sizes(const MarlLesPlan *plan);

#endif
