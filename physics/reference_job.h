/* A reference run from a configuration into a run folder: reference.h5, fields, checkpoints. A job
 * (marl/run/job.h); a run that has ended is prolonged by a later time.end and gives the file of one
 * that was that long from the start. */
#ifndef MARL_PHYSICS_REFERENCE_JOB_H
#define MARL_PHYSICS_REFERENCE_JOB_H

#include "marl/core/config.h"
#include "marl/run/job.h"
#include "physics/initial.h"
#include "physics/reference_run.h"

/* What the configuration says; times in T. */
typedef struct MarlReferencePlan {
  uint64_t seed;
  MarlReferenceRunParams params;
  MarlInitial initial;
  double fields_every, checkpoint_every, checkpoint_minutes; /* the last of the clock */
  double frame_seconds;                                      /* likewise */
  unsigned fields;                                           /* MARL_FIELD_ bits */
  const char *title;
} MarlReferencePlan;

/* Claim every section that a reference run may read. */
MarlCode marl_reference_claim(MarlConfig *config, MarlError *err) MARL_NODISCARD;
/* Claim, check and read. Texts are borrowed from the config. */
MarlCode marl_reference_plan(MarlConfig *config, MarlReferencePlan *plan,
                             MarlError *err) MARL_NODISCARD;

/* Base first. */
typedef struct MarlReferenceJob {
  MarlJob base;
  MarlReferencePlan plan;
  MarlReferenceRun *run; /* owned */
} MarlReferenceJob;

extern const MarlJobOps marl_reference_job;
extern const char *const marl_reference_changeable[];
void marl_reference_job_init(MarlReferenceJob *job, MPI_Comm comm);

#endif
