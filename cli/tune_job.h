/* A search for the constants of a closure as a job (marl/run/job.h): generation by generation, then the
 * judgement of what was found on held-out fields. The LES that have ended are kept in DIR/parts. */
#ifndef MARL_CLI_TUNE_JOB_H
#define MARL_CLI_TUNE_JOB_H

#include <stdio.h>

#include "cli/les_parts.h"
#include "envs/turbulence/tuning.h"
#include "marl/run/job.h"

typedef struct MarlTuneSections {
  const MarlSection *tune, *evaluate;
} MarlTuneSections;

/* Base first. */
typedef struct MarlTuneJob {
  MarlJob base;
  MarlTuneSections sections;
  MarlTuning *tuning;
  MarlLesParts parts;
  FILE *csv;   /* rank 0's tune.csv */
  bool judged; /* all is done */
} MarlTuneJob;

extern const char *const marl_tune_changeable[];
void marl_tune_job_init(MarlTuneJob *job, MPI_Comm comm);
/* Claim every section that a tuning may read. */
MarlCode marl_tune_claim(MarlConfig *config, MarlError *err) MARL_NODISCARD;

#endif
