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
  float *samples; /* [MARL_INITIAL_ROOM initial_samples, size, size] candidates, owned */
} MarlInitialFields;

/* Candidates kept for each initial field that is asked for. */
enum { MARL_INITIAL_ROOM = 2 };

struct MarlReferenceRun {
  MarlReferenceRunParams params;
  MPI_Comm comm;
  int64_t phase;      /* MarlReferencePhase */
  MarlSolver *coarse; /* NULL without a coarse phase */
  MarlSolver *solver; /* on the grid itself */
  MarlStatistics *statistics;
  MarlInitialFields initial[MARL_REFERENCE_MAX_INITIAL];
};

/* Of `samples` samples of the statistics, every stride-th is a candidate: the smallest power of two
 * that leaves at most MARL_INITIAL_ROOM candidates for each of `wanted` fields. A function of how
 * many samples there are, so that a prolonged run holds the candidates of one that was meant to be
 * that long. */
int64_t marl_initial_stride(int64_t samples, int wanted);

#endif
