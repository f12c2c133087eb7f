#include "physics/maxima.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "marl/core/comm.h"

enum { FIRST_ROOM = 256 };

void marl_maxima_clear(MarlMaxima *maxima) {
  free(maxima->largest);
  *maxima = (MarlMaxima){0};
}

static MarlCode reserve(MarlMaxima *maxima, size_t count, MarlError *err) {
  size_t room = maxima->room > 0 ? maxima->room : FIRST_ROOM;
  while (room < count) room *= 2;
  if (room == maxima->room) return MARL_OK;
  double *larger = realloc(maxima->largest, room * sizeof *larger);
  if (larger == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a series of maxima");
  maxima->largest = larger;
  maxima->room = room;
  return MARL_OK;
}

MarlCode marl_maxima_add(MarlMaxima *maxima, MPI_Comm comm, size_t n, const double *values,
                         MarlError *err) {
  double largest = 0;
  for (size_t i = 0; i < n; ++i) largest = fmax(largest, fabs(values[i]));
  MARL_TRY(reserve(maxima, maxima->count + 1, err));
  if (MPI_Allreduce(MPI_IN_PLACE, &largest, 1, MPI_DOUBLE, MPI_MAX, comm) != MPI_SUCCESS)
    return MARL_FAIL(err, MARL_EMPI, "MPI_Allreduce failed");
  maxima->largest[maxima->count++] = largest;
  return MARL_OK;
}

MarlCode marl_maxima_save(const MarlMaxima *maxima, const char *name, MarlStore *to,
                          MarlError *err) {
  if (maxima->count == 0) return MARL_OK;
  const MarlArray array = {.type = MARL_F64, .rank = 1, .shape = {maxima->count}};
  return marl_store_write(to, name, &array, maxima->largest, err);
}

MarlCode marl_maxima_load(MarlMaxima *maxima, const char *name, MarlStore *from, MarlError *err) {
  int rank;
  size_t shape[MARL_STORE_MAX_RANK];
  maxima->count = 0;
  if (!marl_store_has(from, name)) return MARL_OK;
  MARL_TRY(marl_store_shape(from, name, &rank, shape, err));
  if (rank != 1 || shape[0] > INT32_MAX)
    return MARL_FAIL(err, MARL_EIO, "%s: '%s' is not a series", marl_store_path(from), name);
  MARL_TRY(reserve(maxima, shape[0], err));
  MARL_TRY(marl_store_read(from, name, MARL_F64, shape[0], maxima->largest, err));
  maxima->count = shape[0];
  return MARL_OK;
}

MarlCode marl_maxima_broadcast(MarlMaxima *maxima, MPI_Comm comm, MarlError *err) {
  uint64_t count = maxima->count;
  MPI_Bcast(&count, 1, MPI_UINT64_T, 0, comm);
  MARL_TRY(marl_comm_agree(comm, reserve(maxima, (size_t)count, err), err));
  MPI_Bcast(maxima->largest, (int)count, MPI_DOUBLE, 0, comm);
  maxima->count = (size_t)count;
  return MARL_OK;
}
