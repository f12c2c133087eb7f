/* One LES under way, its flow and closure, and what a sample of it adds to a block */
#ifndef MARL_ENVS_TURBULENCE_LES_FLOW_H
#define MARL_ENVS_TURBULENCE_LES_FLOW_H

#include "envs/turbulence/les_plan.h"

typedef struct MarlLesFlow {
  const MarlLesPlan *plan; /* borrowed */
  int number;              /* of the job */
  bool blew_up;
  MarlSolver *solver;
  MarlClosure *closure;
  double *w;                    /* [n, n], scratch for the start */
  double *spectrum, *energy;    /* [n/2] */
  MarlComplex *pi_hat, *stress; /* [nk, n] */
} MarlLesFlow;

/* At the job's initial field; `number` is the job's. What could be made before a failure is the caller's to
 * end. Rank-local. */
MarlCode marl_les_flow_begin(const MarlLesPlan *plan, const MarlLesJob *job, int number,
                             MarlLesFlow *les, MarlError *err) MARL_NODISCARD;
void marl_les_flow_end(MarlLesFlow *les);

/* Adds the flow as it is now to a block (score.h); *largest becomes max |w| where that is more, 1/T. */
MarlCode marl_les_flow_sample(MarlLesFlow *les, double *block, double *largest,
                              MarlError *err) MARL_NODISCARD;

/* What a user may not know of a job. */
typedef struct MarlLesRemarks {
  const char *alone; /* why it cannot be a lane; NULL: it can */
  /* T of a policy's actions, here and in its training; 0: they agree, or it is said */
  double hold, hold_training;
} MarlLesRemarks;

/* Can this job begin? Builds its flow, closure and initial field and drops them. Rank-local. */
MarlCode marl_les_check(const MarlLesPlan *plan, const MarlLesJob *job, MarlLesRemarks *out,
                        MarlError *err) MARL_NODISCARD;

#endif
