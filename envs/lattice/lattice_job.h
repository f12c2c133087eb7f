/* One large society on a lattice, its rows dealt to all ranks, from a configuration into a run folder:
 * series.csv, a row a cycle; pattern.h5; checkpoints. A job (marl/run/job.h). */
#ifndef MARL_ENVS_LATTICE_JOB_H
#define MARL_ENVS_LATTICE_JOB_H

#include "envs/lattice/lattice_config.h"
#include "marl/run/job.h"
#include "marl/run/rows.h"

/* Base first. */
typedef struct MarlLatticeJob {
  MarlJob base;
  MarlLatticeParams params;
  MarlLattice *lattice; /* owned */
  MarlRunRows series;   /* rank 0: "step" and the metrics of each cycle */
  const char *columns[1 + MARL_LATTICE_NUM_METRICS];
  int cycle, cycles, steps; /* done; in all; of a cycle */
  MarlLatticeCounts part;   /* of the cycle that is under way: a signal may fall into it */
  int stretch;              /* steps between two looks at signals and the clock */
  int checkpoint_every;     /* cycles; 0: at the end only */
  int frames_every;         /* cycles between pictures that stay; 0: none */
} MarlLatticeJob;

extern const MarlJobOps marl_lattice_job;
extern const char *const marl_lattice_changeable[];
void marl_lattice_job_init(MarlLatticeJob *job, MPI_Comm comm);
/* Claim every section that a lattice may read. */
MarlCode marl_lattice_claim(MarlConfig *config, MarlError *err) MARL_NODISCARD;

#endif
