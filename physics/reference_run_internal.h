/* What reference_run.c advances and reference_run_store.c saves; private to them. */
#ifndef MARL_PHYSICS_REFERENCE_RUN_INTERNAL_H
#define MARL_PHYSICS_REFERENCE_RUN_INTERNAL_H

#include "physics/reference_run.h"

/* Initial fields of one size. */
typedef struct MarlInitialFields {
  MarlGrid *grid; /* of one rank, owned */
  MarlFft *fft;   /* owned */
  MarlComplex *w_hat;
  double *w;
  float *samples; /* [initial_samples, size, size], owned */
} MarlInitialFields;

struct MarlReferenceRun {
  MarlReferenceRunParams params;
  MPI_Comm comm;
  int64_t phase;      /* MarlReferencePhase */
  int64_t taken;      /* initial samples so far */
  MarlSolver *coarse; /* NULL without a coarse phase */
  MarlSolver *solver; /* on the grid itself */
  MarlStatistics *statistics;
  MarlInitialFields initial[MARL_REFERENCE_MAX_INITIAL];
};

#endif
