/* Exact state of a lattice as whole rows, in their order, whichever rank owns them. A row at a time is
 * in flight, so that no rank ever holds the whole. */
#include <stdlib.h>

#include "envs/lattice/lattice_internal.h"
#include "marl/core/comm.h"

/* The draws are functions of key, step and site, and payoffs are made anew in every step: kinds, and
 * of learners states and values, are all there is. */
enum { KINDS, STATES, TABLE, MAX_ARRAYS };

/* One value or more for each site. */
typedef struct SiteArray {
  const char *name;
  MarlArray array; /* [L, L, ...] */
  char *rows;      /* own rows */
  size_t values;   /* of a row */
  size_t bytes;    /* of a row */
} SiteArray;

static int list_arrays(const MarlLattice *l, SiteArray list[MAX_ARRAYS]) {
  const size_t side = (size_t)l->params.side, values = side * MARL_LATTICE_STATES * 2;
  const MarlArray bytes = {.type = MARL_U8, .rank = 2, .shape = {side, side}};
  const MarlArray floats = {
      .type = MARL_F32, .rank = 4, .shape = {side, side, MARL_LATTICE_STATES, 2}};
  uint8_t *now = marl_lattice_row(l->now, l->halo, 0, l->params.side);
  list[KINDS] = (SiteArray){"kind", bytes, (char *)now, side, side};
  if (l->params.update != MARL_LATTICE_LEARN) return STATES;
  list[STATES] = (SiteArray){"state", bytes, (char *)l->state, side, side};
  list[TABLE] = (SiteArray){"table", floats, (char *)l->table, values, values * sizeof(float)};
  return MAX_ARRAYS;
}

/* Row `row` from its owner to rank 0, where *at is where it lies. */
static MarlCode bring_row(const MarlLattice *l, const SiteArray *a, int row, char *buffer,
                          const char **at, MarlError *err) {
  const int owner = marl_comm_shard_owner(l->comm, l->params.side, row);
  const int rank = marl_comm_rank(l->comm), bytes = (int)a->bytes;
  int status = MPI_SUCCESS;
  *at = buffer;
  if (owner == rank) *at = a->rows + (size_t)(row - l->first_row) * a->bytes;
  if (rank == 0 && owner != 0)
    status = MPI_Recv(buffer, bytes, MPI_BYTE, owner, 0, l->comm, MPI_STATUS_IGNORE);
  else if (rank != 0 && owner == rank)
    status = MPI_Send(*at, bytes, MPI_BYTE, 0, 0, l->comm);
  return status == MPI_SUCCESS ? MARL_OK
                               : MARL_FAIL(err, MARL_EMPI, "row %d could not be sent", row);
}

/* All rows are brought even when one could not be written: the senders do not know. */
static MarlCode save_array(const MarlLattice *l, const SiteArray *a, char *buffer, MarlStore *to,
                           MarlError *err) {
  MarlCode code = MARL_OK;
  for (int row = 0; row < l->params.side; ++row) {
    const char *at;
    const MarlCode brought = bring_row(l, a, row, buffer, &at, code == MARL_OK ? err : NULL);
    if (code == MARL_OK) code = brought;
    if (code == MARL_OK && to != NULL) code = marl_store_append(to, a->name, &a->array, 1, at, err);
  }
  return marl_comm_agree(l->comm, code, err);
}

MarlCode marl_lattice_save(const MarlLattice *l, MarlStore *to, MarlError *err) {
  SiteArray list[MAX_ARRAYS];
  const int count = list_arrays(l, list);
  char *buffer = to != NULL ? malloc(list[count - 1].bytes) : NULL; /* the last is the largest */
  MarlCode code = MARL_OK;
  if (to != NULL && buffer == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for a row of the lattice");
  if (to != NULL && code == MARL_OK) code = marl_store_set_int(to, NULL, "step", l->step, err);
  code = marl_comm_agree(l->comm, code, err);
  for (int i = 0; i < count && code == MARL_OK; ++i)
    code = save_array(l, &list[i], buffer, to, err);
  free(buffer);
  return code;
}

static MarlCode load_array(const MarlLattice *l, const SiteArray *a, MarlStore *from,
                           MarlError *err) {
  int rank;
  size_t shape[MARL_STORE_MAX_RANK];
  MARL_TRY(marl_store_shape(from, a->name, &rank, shape, err));
  if (rank != a->array.rank || shape[0] != a->array.shape[0])
    return MARL_FAIL(err, MARL_EIO, "%s: '%s' holds %zu rows, expected the %zu of the lattice",
                     marl_store_path(from), a->name, rank == 0 ? 0 : shape[0], a->array.shape[0]);
  for (int r = 0; r < l->rows; ++r)
    MARL_TRY(marl_store_read_slab(from, a->name, (size_t)(l->first_row + r), a->array.type,
                                  a->values, a->rows + (size_t)r * a->bytes, err));
  return MARL_OK;
}

/* Bytes are indices of tables: none may point beyond. */
static MarlCode check_bytes(const MarlLattice *l, const SiteArray *a, int limit, MarlStore *from,
                            MarlError *err) {
  const uint8_t *values = (const uint8_t *)a->rows;
  for (size_t i = 0; i < (size_t)l->rows * a->values; ++i)
    if (values[i] >= limit)
      return MARL_FAIL(err, MARL_EIO, "%s: '%s' of row %zu is %d, expected less than %d",
                       marl_store_path(from), a->name, (size_t)l->first_row + i / a->values,
                       values[i], limit);
  return MARL_OK;
}

static MarlCode load_own(MarlLattice *l, MarlStore *from, MarlError *err) {
  SiteArray list[MAX_ARRAYS];
  const int count = list_arrays(l, list);
  const bool learn = l->params.update == MARL_LATTICE_LEARN;
  MARL_TRY(marl_store_get_int(from, NULL, "step", &l->step, err));
  for (int i = 0; i < count; ++i) MARL_TRY(load_array(l, &list[i], from, err));
  const int kinds = learn ? MARL_LATTICE_D + 1 : MARL_NUM_LATTICE_KINDS;
  MARL_TRY(check_bytes(l, &list[KINDS], kinds, from, err));
  return learn ? check_bytes(l, &list[STATES], MARL_LATTICE_STATES, from, err) : MARL_OK;
}

MarlCode marl_lattice_load(MarlLattice *lattice, MarlStore *from, MarlError *err) {
  MARL_TRY(marl_comm_agree(lattice->comm, load_own(lattice, from, err), err));
  marl_lattice_exchange(lattice, lattice->now);
  return MARL_OK;
}
