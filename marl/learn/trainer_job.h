/* A training as a job (marl/run/job.h): a folder with a lock and a record, signals, progress. */
#ifndef MARL_LEARN_TRAINER_JOB_H
#define MARL_LEARN_TRAINER_JOB_H

#include "marl/learn/trainer.h"
#include "marl/run/job.h"

/* Base first. */
typedef struct MarlTrainerJob {
  MarlJob base;
  const MarlEnvOps *const *env_table; /* borrowed, NULL-terminated */
  MarlConfig *config;                 /* borrowed */
  MarlTrainer *trainer;               /* owned, unless it was given (marl_trainer_run) */
  MarlTrainerWatch *watch;            /* borrowed, or NULL */
} MarlTrainerJob;

extern const MarlJobOps marl_trainer_job;
extern const char *const marl_trainer_changeable[];
void marl_trainer_job_init(MarlTrainerJob *job, const MarlEnvOps *const *env_table, MPI_Comm comm);

#endif
