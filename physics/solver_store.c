/* Bit-exact save and load: whole columns on the root, slabs on the ranks. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "physics/solver_internal.h"

/* doubles of each rank's slab, and where they start */
typedef struct Slabs {
  int *count, *offset; /* one block */
} Slabs;

static MarlCode describe_slabs(const MarlGrid *grid, Slabs *slabs, MarlError *err) {
  const int ranks = marl_comm_size(grid->comm);
  slabs->count = calloc(2 * (size_t)ranks, sizeof(int));
  if (slabs->count == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for %d slabs", ranks);
  slabs->offset = slabs->count + ranks;
  for (int r = 0; r < ranks; ++r) {
    int first, count;
    marl_grid_split(grid->nx / 2 + 1, ranks, r, &first, &count);
    slabs->count[r] = 2 * count * grid->ny;
    slabs->offset[r] = 2 * first * grid->ny;
  }
  return MARL_OK;
}

static size_t whole_size(const MarlGrid *grid) {
  return ((size_t)grid->nx / 2 + 1) * (size_t)grid->ny;
}

static MarlArray whole_array(const MarlGrid *grid) {
  return (MarlArray){
      .type = MARL_F64, .rank = 3, .shape = {(size_t)grid->nx / 2 + 1, (size_t)grid->ny, 2}};
}

static MarlCode write_field(const MarlGrid *grid, const Slabs *slabs, const MarlComplex *field,
                            MarlComplex *whole, const char *name, MarlStore *to, MarlError *err) {
  MPI_Gatherv(field, 2 * (int)grid->num_spectral, MPI_DOUBLE, whole, slabs->count, slabs->offset,
              MPI_DOUBLE, 0, grid->comm);
  const MarlArray array = whole_array(grid);
  const MarlCode code = to != NULL ? marl_store_write(to, name, &array, whole, err) : MARL_OK;
  return marl_comm_agree(grid->comm, code, err);
}

static MarlCode read_field(const MarlGrid *grid, const Slabs *slabs, MarlComplex *field,
                           MarlComplex *whole, const char *name, MarlStore *from, MarlError *err) {
  MarlCode code = MARL_OK;
  if (from != NULL) code = marl_store_read(from, name, MARL_F64, 2 * whole_size(grid), whole, err);
  MARL_TRY(marl_comm_agree(grid->comm, code, err));
  MPI_Scatterv(whole, slabs->count, slabs->offset, MPI_DOUBLE, field, 2 * (int)grid->num_spectral,
               MPI_DOUBLE, 0, grid->comm);
  return MARL_OK;
}

enum { MAX_MEMORY = 3 };
static const char *const memory_names[MAX_MEMORY] = {"memory_0", "memory_1", "memory_2"};

typedef struct Counters {
  int64_t steps, nx, ny, has_memory, clock_steps;
  double time, dt, chosen_dt, clock_time;
} Counters;

static MarlCode write_counters(const MarlSolver *s, MarlStore *to, MarlError *err) {
  if (to == NULL) return MARL_OK;
  MARL_TRY(marl_store_set_text(to, NULL, "integrator", s->integrator->name, err));
  MARL_TRY(marl_store_set_int(to, NULL, "nx", s->params.nx, err));
  MARL_TRY(marl_store_set_int(to, NULL, "ny", s->params.ny, err));
  MARL_TRY(marl_store_set_int(to, NULL, "steps", s->steps, err));
  MARL_TRY(marl_store_set_int(to, NULL, "has_memory", s->has_memory, err));
  MARL_TRY(marl_store_set_real(to, NULL, "time", s->time, err));
  MARL_TRY(marl_store_set_real(to, NULL, "chosen_dt", s->chosen_dt, err));
  MARL_TRY(marl_store_set_real(to, NULL, "clock_time", s->clock_time, err));
  MARL_TRY(marl_store_set_int(to, NULL, "clock_steps", s->clock_steps, err));
  return marl_store_set_real(to, NULL, "dt", s->dt, err);
}

/* Checkpoints of older versions have no clock: theirs starts where they end. */
static void read_clock(MarlStore *from, Counters *c) {
  c->chosen_dt = c->dt;
  c->clock_time = c->time;
  c->clock_steps = c->steps;
  double chosen_dt, time;
  int64_t steps;
  if (marl_store_get_real(from, NULL, "chosen_dt", &chosen_dt, NULL) != MARL_OK ||
      marl_store_get_real(from, NULL, "clock_time", &time, NULL) != MARL_OK ||
      marl_store_get_int(from, NULL, "clock_steps", &steps, NULL) != MARL_OK)
    return;
  c->chosen_dt = chosen_dt;
  c->clock_time = time;
  c->clock_steps = steps;
}

static MarlCode read_counters(const MarlSolver *s, MarlStore *from, Counters *c, MarlError *err) {
  if (from == NULL) return MARL_OK;
  MARL_TRY(marl_store_get_int(from, NULL, "nx", &c->nx, err));
  MARL_TRY(marl_store_get_int(from, NULL, "ny", &c->ny, err));
  MARL_TRY(marl_store_get_int(from, NULL, "steps", &c->steps, err));
  MARL_TRY(marl_store_get_int(from, NULL, "has_memory", &c->has_memory, err));
  MARL_TRY(marl_store_get_real(from, NULL, "time", &c->time, err));
  MARL_TRY(marl_store_get_real(from, NULL, "dt", &c->dt, err));
  read_clock(from, c);
  char *name;
  MARL_TRY(marl_store_get_text(from, NULL, "integrator", &name, err));
  const bool same = strcmp(name, s->integrator->name) == 0;
  free(name);
  if (!same || c->nx != s->params.nx || c->ny != s->params.ny)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s holds a flow of %lld x %lld points or of another integrator than %s: "
                     "resume with the grid and the integrator it was saved with",
                     marl_store_path(from), (long long)c->nx, (long long)c->ny,
                     s->integrator->name);
  return MARL_OK;
}

/* `whole` exists on the root only */
static MarlCode allocate_whole(const MarlSolver *s, bool root, MarlComplex **whole, Slabs *slabs,
                               MarlError *err) {
  *whole = root ? malloc(whole_size(s->grid) * sizeof **whole) : NULL;
  MarlCode code = describe_slabs(s->grid, slabs, err);
  if (root && *whole == NULL && code == MARL_OK)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory to gather %d x %d points", s->grid->nx,
                     s->grid->ny);
  return marl_comm_agree(s->grid->comm, code, err);
}

MarlCode marl_solver_save(const MarlSolver *s, MarlStore *to, MarlError *err) {
  Slabs slabs = {NULL, NULL};
  MarlComplex *whole = NULL;
  MarlCode code = allocate_whole(s, to != NULL, &whole, &slabs, err);
  if (code == MARL_OK) code = marl_comm_agree(s->grid->comm, write_counters(s, to, err), err);
  if (code == MARL_OK) code = write_field(s->grid, &slabs, s->w_hat, whole, "w_hat", to, err);
  assert(s->integrator->num_memory <= MAX_MEMORY);
  for (int i = 0; i < s->integrator->num_memory && code == MARL_OK; ++i)
    code = write_field(s->grid, &slabs, s->work[i], whole, memory_names[i], to, err);
  free(slabs.count);
  free(whole);
  return code;
}

MarlCode marl_solver_load(MarlSolver *s, MarlStore *from, MarlError *err) {
  Slabs slabs = {NULL, NULL};
  MarlComplex *whole = NULL;
  Counters c = {0};
  MarlCode code = allocate_whole(s, from != NULL, &whole, &slabs, err);
  if (code == MARL_OK) code = marl_comm_agree(s->grid->comm, read_counters(s, from, &c, err), err);
  if (code == MARL_OK) code = read_field(s->grid, &slabs, s->w_hat, whole, "w_hat", from, err);
  assert(s->integrator->num_memory <= MAX_MEMORY);
  for (int i = 0; i < s->integrator->num_memory && code == MARL_OK; ++i)
    code = read_field(s->grid, &slabs, s->work[i], whole, memory_names[i], from, err);
  free(slabs.count);
  free(whole);
  MARL_TRY(code);
  MPI_Bcast(&c, (int)sizeof c, MPI_BYTE, 0, s->grid->comm);
  s->steps = c.steps;
  s->time = c.time;
  s->dt = s->clock_dt = c.dt;
  s->chosen_dt = c.chosen_dt;
  s->clock_time = c.clock_time;
  s->clock_steps = c.clock_steps;
  s->has_memory = c.has_memory != 0;
  s->velocities_current = false;
  return MARL_OK;
}

bool marl_solver_take_dt(MarlSolver *s) {
  if (s->params.cfl > 0 || s->dt == s->params.dt) return false;
  s->dt = s->params.dt;
  s->has_memory = false;
  return true;
}
