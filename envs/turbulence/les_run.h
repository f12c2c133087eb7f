/* One long LES with a closure, summed into blocks for score.h
 *
 * The flow starts from an initial field of the reference, runs `spinup` under the closure, and is
 * then sampled every `every` time units for `blocks` blocks of `block` time units each. Several
 * runs are dealt to the ranks by their number; the sums do not depend on how many ranks there
 * are.
 *
 * With lanes the runs of a rank advance together, as many at a time as are lanes of a vector
 * (physics/batch/flow_batch.h). What a run gives depends neither on which others it is stepped with nor
 * on how many there are, so that runs that were kept, or another number of ranks, change nothing. A run
 * whose closure has no form for lanes is stepped by its solver. */
#ifndef MARL_ENVS_TURBULENCE_LES_RUN_H
#define MARL_ENVS_TURBULENCE_LES_RUN_H

#include "envs/turbulence/les_plan.h"
#include "marl/core/store.h"

/* What runs give, on every rank. */
typedef struct MarlLesOutput {
  double *blocks;         /* [num_jobs, num_blocks, block_size], zeros once a flow has blown up */
  MarlLesResult *results; /* [num_jobs] */
  double *maxima;         /* [num_jobs, num_samples] max |w| of each sample, 1/T; zeros likewise */
  double *last;           /* [num_jobs, n, n] last sampled vorticity; zeros likewise */
} MarlLesOutput;

/* Collective over comm: fills the output, whose arrays are the caller's. A blow-up is a result, not
 * an error. `watch` may be NULL; its members may be, too. All are called on the rank that runs the
 * job: progress after each block, sampled at each sample
 * of job `job`, in which it may look at the flow (with lanes several jobs are under way at once); stop often: when it answers true the run ends with
 * MARL_ESTOPPED. A caller who can keep finished jobs gets each by keep; recall fills the part of the
 * output of a job that was kept earlier, or answers false, and the job runs. */
typedef struct MarlLesProgress {
  double done;         /* share of the rank's own jobs */
  const char *closure; /* of the job under way */
  const char *score;   /* "e_trunc", or "e_log" where the reference has no truncated spectrum */
  double value;        /* of that job so far */
} MarlLesProgress;

typedef struct MarlLesWatch MarlLesWatch;
struct MarlLesWatch {
  void (*progress)(MarlLesWatch *watch, const MarlLesProgress *progress);
  MarlCode (*sampled)(MarlLesWatch *watch, int job, MarlSolver *solver, const MarlClosure *closure,
                      MarlError *err);
  bool (*stop)(MarlLesWatch *watch);
  MarlCode (*keep)(MarlLesWatch *watch, const MarlLesPlan *plan, int job, const MarlLesOutput *part,
                   MarlError *err);
  bool (*recall)(MarlLesWatch *watch, const MarlLesPlan *plan, int job, const MarlLesOutput *part);
};
MarlCode marl_les_run(const MarlLesPlan *plan, const MarlLesJob *jobs, int num_jobs, MPI_Comm comm,
                      MarlLesWatch *watch, const MarlLesOutput *output,
                      MarlError *err) MARL_NODISCARD;

/* The part of an output that is one job's, exactly. */
MarlCode marl_les_save(const MarlLesPlan *plan, const MarlLesOutput *part, MarlStore *to,
                       MarlError *err) MARL_NODISCARD;
MarlCode marl_les_load(const MarlLesPlan *plan, const MarlLesOutput *part, MarlStore *from,
                       MarlError *err) MARL_NODISCARD;

/* Blocks that hold samples, those before a blow-up, moved to the front of blocks [num_runs,
 * num_blocks, block_size]; lengths [num_runs] becomes how many each run has. Their sum. */
size_t marl_les_compact(const MarlScoreTarget *target, double *blocks, size_t num_runs,
                        size_t num_blocks, size_t *lengths);

#endif
