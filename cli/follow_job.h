/* Closures on a flow that changes, as a job (marl/run/job.h): first the direct simulations, then the LES, each a
 * checkpoint; phases.csv, windows.csv and spectra.h5 in the end. */
#ifndef MARL_CLI_FOLLOW_JOB_H
#define MARL_CLI_FOLLOW_JOB_H

#include "envs/turbulence/follow.h"
#include "marl/run/job.h"

/* Base first. */
typedef struct MarlFollowJob {
  MarlJob base;
  MarlFollowPlan plan;
  const MarlSection *section;
  int num_closures;
  MarlScoreRow *rows; /* [num_closures], owned */
  /* Runs: the members' direct simulations, then the LES of closure 0, ...; done of them, in this order. */
  int done, total;
  size_t unit;   /* doubles of a run: spectra, field at time 0, time of the blow-up */
  double *units; /* [total, unit], owned */
} MarlFollowJob;

extern const char *const marl_follow_changeable[];
MarlCode marl_follow_claim(MarlConfig *config, MarlError *err) MARL_NODISCARD;
void marl_follow_job_init(MarlFollowJob *job, MPI_Comm comm);

/* The results, from the runs of a job that is finished. Rank 0. */
void marl_follow_print(const MarlFollowJob *f);
MarlCode marl_follow_write(const MarlFollowJob *f, MarlError *err) MARL_NODISCARD;

#endif
