/* The largest |q| of a field at successive samples: a series that grows. */
#ifndef MARL_PHYSICS_MAXIMA_H
#define MARL_PHYSICS_MAXIMA_H

#include <mpi.h>
#include <stddef.h>

#include "marl/core/store.h"

/* Zero-initialized: empty. */
typedef struct MarlMaxima {
  size_t count, room;
  double *largest; /* [count], owned */
} MarlMaxima;

void marl_maxima_clear(MarlMaxima *maxima);

/* Collective over comm: every rank brings its own n values; all hold the series. */
MarlCode marl_maxima_add(MarlMaxima *maxima, MPI_Comm comm, size_t n, const double *values,
                         MarlError *err) MARL_NODISCARD;

/* Exact state as dataset `name`. Serial. */
MarlCode marl_maxima_save(const MarlMaxima *maxima, const char *name, MarlStore *to,
                          MarlError *err) MARL_NODISCARD;
/* Empty where there is no such dataset: checkpoints of older versions have none. */
MarlCode marl_maxima_load(MarlMaxima *maxima, const char *name, MarlStore *from,
                          MarlError *err) MARL_NODISCARD;
/* Rank 0's series to all. Collective. */
MarlCode marl_maxima_broadcast(MarlMaxima *maxima, MPI_Comm comm, MarlError *err) MARL_NODISCARD;

#endif
