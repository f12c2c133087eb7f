/* The scoreboard of closures as a job (marl/run/job.h): each LES that has ended is kept in DIR/parts
 * until all have; scores.csv, scores.h5 and figures in the end. */
#ifndef MARL_CLI_EVALUATE_JOB_H
#define MARL_CLI_EVALUATE_JOB_H

#include "cli/les_parts.h"
#include "envs/turbulence/scoreboard.h"
#include "marl/run/job.h"

/* Base first. */
typedef struct MarlEvaluateJob {
  MarlJob base;
  bool interpreted; /* what learned closures do where is asked for too */
  const MarlSection *section;
  MarlScoreboard *board;
  MarlInterpretation *interpretation;
  MarlLesParts parts;
  bool was_done, done; /* by an earlier command; by now */
} MarlEvaluateJob;

void marl_evaluate_job_init(MarlEvaluateJob *job, bool interpreted, MPI_Comm comm);

#endif
