#include "envs/lattice/lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/lattice/lattice_internal.h"
#include "marl/core/arena.h"
#include "marl/core/comm.h"

const char *const marl_lattice_update_names[] = {"learn", "imitate", NULL};

MarlCode marl_lattice_check(const MarlLatticeParams *p, MarlError *err) {
  if (p->side < 4 || p->side > MARL_LATTICE_MAX_SIDE)
    return MARL_FAIL(err, MARL_ECONFIG, "a lattice of side %d; expected 4 .. %d", p->side,
                     MARL_LATTICE_MAX_SIDE);
  double total = 0.0;
  for (int k = 0; k < MARL_NUM_LATTICE_KINDS; ++k) {
    if (!(p->initial[k] >= 0.0 && p->initial[k] <= 1.0))
      return MARL_FAIL(err, MARL_ECONFIG, "an initial share of %g; expected 0 .. 1", p->initial[k]);
    total += p->initial[k];
  }
  if (fabs(total - 1.0) > 1e-9) /* shares are typed with few digits */
    return MARL_FAIL(err, MARL_ECONFIG, "initial shares sum to %g; expected 1", total);
  if (p->update == MARL_LATTICE_LEARN &&
      p->initial[MARL_LATTICE_P] + p->initial[MARL_LATTICE_IP] > 0.0)
    return MARL_FAIL(err, MARL_ECONFIG, "learners start as C or D; P and IP are for imitation");
  if (!(p->punish >= 0.0 && p->punish <= 1.0))
    return MARL_FAIL(err, MARL_ECONFIG, "punish = %g; expected a probability", p->punish);
  if (p->update == MARL_LATTICE_IMITATE && !(p->temperature > 0.0))
    return MARL_FAIL(err, MARL_ECONFIG, "temperature = %g; expected more than 0", p->temperature);
  return MARL_OK;
}

static size_t lay_out(MarlLattice *l, char *block) {
  const size_t side = (size_t)l->params.side, rows = (size_t)l->rows, halo = (size_t)l->halo;
  const bool learn = l->params.update == MARL_LATTICE_LEARN;
  const size_t words = (size_t)l->chunks * LATTICE_CHUNK;
  size_t n = 0;
  l->now = marl_carve(block, &n, (rows + 2 * halo) * side, 1);
  l->next = marl_carve(block, &n, (rows + 2 * halo) * side, 1);
  l->payoff = marl_carve(block, &n, (rows + 2) * side, sizeof(float));
  l->choose = marl_carve(block, &n, 2 * words, sizeof(uint32_t));
  if (learn) {
    l->state = marl_carve(block, &n, rows * side, 1);
    l->table = marl_carve(block, &n, rows * side * MARL_LATTICE_STATES * 2, sizeof(float));
    l->edge = marl_carve(block, &n, 2 * words, sizeof(uint32_t));
    l->cooperators = marl_carve(block, &n, side, 1);
    l->fines = marl_carve(block, &n, side, 1);
  } else {
    l->defectors = marl_carve(block, &n, (rows + 4) * side, 1);
    l->protectors = marl_carve(block, &n, (rows + 4) * side, 1);
  }
  return n;
}

void marl_lattice_exchange(const MarlLattice *l, uint8_t *array) {
  const int side = l->params.side, halo = l->halo, size = marl_comm_size(l->comm);
  const int rank = marl_comm_rank(l->comm);
  uint8_t *above = marl_lattice_row(array, halo, -halo, side);
  uint8_t *first = marl_lattice_row(array, halo, 0, side);
  uint8_t *last = marl_lattice_row(array, halo, l->rows - halo, side);
  uint8_t *below = marl_lattice_row(array, halo, l->rows, side);
  if (size == 1) {
    memcpy(above, last, (size_t)halo * (size_t)side);
    memcpy(below, first, (size_t)halo * (size_t)side);
    return;
  }
  const int up = (rank + size - 1) % size, down = (rank + 1) % size, count = halo * side;
  MPI_Sendrecv(first, count, MPI_UINT8_T, up, 0, below, count, MPI_UINT8_T, down, 0, l->comm,
               MPI_STATUS_IGNORE);
  MPI_Sendrecv(last, count, MPI_UINT8_T, down, 1, above, count, MPI_UINT8_T, up, 1, l->comm,
               MPI_STATUS_IGNORE);
}

static MarlLatticeKind drawn_kind(const MarlLatticeParams *p, double uniform) {
  int kind = 0, last = 0;
  for (int k = 0; k < MARL_NUM_LATTICE_KINDS; ++k)
    if (p->initial[k] > 0.0) last = k; /* where rounding of the sum ends */
  while (kind < last && uniform >= p->initial[kind]) uniform -= p->initial[kind++];
  return (MarlLatticeKind)kind;
}

static void begin(MarlLattice *l) {
  const int side = l->params.side;
  const MarlKey key = marl_key_fold(l->key, MARL_STREAM_INIT);
  for (int row = 0; row < l->rows; ++row)
    for (int x = 0; x < side; ++x) {
      const uint64_t site = (uint64_t)(l->first_row + row) * (uint64_t)side + (uint64_t)x;
      marl_lattice_row(l->now, l->halo, row, side)[x] =
          (uint8_t)drawn_kind(&l->params, marl_uniform(key, site));
    }
  marl_lattice_exchange(l, l->now);
  if (l->params.update == MARL_LATTICE_LEARN) marl_lattice_learn_begin(l);
}

MarlCode marl_lattice_create(const MarlLatticeParams *params, MarlKey key, MPI_Comm comm,
                             MarlLattice **out, MarlError *err) {
  MARL_TRY(marl_lattice_check(params, err));
  const int halo = params->update == MARL_LATTICE_LEARN ? 1 : 3, size = marl_comm_size(comm);
  if (params->side / size < halo)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%d rows on %d ranks; a rank needs at least %d: take at most %d ranks",
                     params->side, size, halo, params->side / halo);
  MarlLattice *l = calloc(1, sizeof *l);
  MarlCode code = l == NULL ? MARL_FAIL(err, MARL_EMEMORY, "lattice: no memory") : MARL_OK;
  if (l != NULL) {
    l->params = *params;
    l->key = key;
    l->comm = comm;
    l->halo = halo;
    l->chunks = (params->side + LATTICE_CHUNK - 1) / LATTICE_CHUNK;
    marl_comm_shards(comm, params->side, &l->first_row, &l->rows);
    l->bytes = lay_out(l, NULL);
    l->memory = marl_arena_alloc(l->bytes);
    if (l->memory == NULL)
      code = MARL_FAIL(err, MARL_EMEMORY, "lattice: no memory for %zu bytes", l->bytes);
  }
  code = marl_comm_agree(comm, code, err);
  if (code != MARL_OK) {
    marl_lattice_destroy(&l);
    return code;
  }
  lay_out(l, l->memory);
  begin(l);
  *out = l;
  return MARL_OK;
}

void marl_lattice_destroy(MarlLattice **lattice) {
  if (*lattice == NULL) return;
  free((*lattice)->memory);
  free(*lattice);
  *lattice = NULL;
}

MarlCode marl_lattice_run(MarlLattice *lattice, int steps, MarlLatticeCounts *counts,
                          MarlError *err) {
  lattice->counts = (MarlLatticeCounts){.steps = 0};
  for (int i = 0; i < steps; ++i) {
    if (lattice->params.update == MARL_LATTICE_LEARN)
      marl_lattice_learn_step(lattice);
    else
      marl_lattice_imitate_step(lattice);
    uint8_t *const before = lattice->now;
    lattice->now = lattice->next;
    lattice->next = before;
    marl_lattice_exchange(lattice, lattice->now);
    ++lattice->step;
  }
  const int64_t sites = (int64_t)lattice->params.side * lattice->params.side;
  *counts = lattice->counts;
  if (MPI_Allreduce(&lattice->counts, counts, sizeof *counts / sizeof(int64_t), MPI_INT64_T,
                    MPI_SUM, lattice->comm) != MPI_SUCCESS)
    return MARL_FAIL(err, MARL_EMPI, "the lattice's counts could not be summed");
  counts->steps = steps;
  counts->sites = steps * sites;
  return MARL_OK;
}

int64_t marl_lattice_steps(const MarlLattice *lattice) {
  return lattice->step;
}

MarlCode marl_lattice_greedy(const MarlLattice *lattice, int steps, MarlLatticeCounts *counts,
                             MarlError *err) {
  MarlLattice copy = *lattice;
  copy.memory = marl_arena_alloc(copy.bytes);
  MarlCode code =
      copy.memory != NULL
          ? MARL_OK
          : MARL_FAIL(err, MARL_EMEMORY, "lattice: no memory for a copy of %zu bytes", copy.bytes);
  code = marl_comm_agree(copy.comm, code, err);
  if (code == MARL_OK && copy.memory != NULL) {
    memcpy(copy.memory, lattice->memory, copy.bytes);
    lay_out(&copy, copy.memory);
    if (lattice->now > lattice->next) { /* an odd number of steps has swapped them */
      uint8_t *const swap = copy.now;
      copy.now = copy.next;
      copy.next = swap;
    }
    copy.params.epsilon = copy.params.learning_rate = 0.0;
    code = marl_lattice_run(&copy, steps, counts, err);
  }
  free(copy.memory);
  return code;
}

MarlKey marl_lattice_step_key(const MarlLattice *lattice) {
  return marl_key_fold(marl_key_fold(lattice->key, MARL_STREAM_POLICY), (uint64_t)lattice->step);
}

void marl_lattice_count_neighbors(const uint8_t *above, const uint8_t *row, const uint8_t *below,
                                  int side, uint8_t kind, uint8_t *restrict counts) {
  for (int x = 0; x < side; ++x) counts[x] = (uint8_t)((above[x] == kind) + (below[x] == kind));
  for (int x = 1; x < side; ++x) counts[x] = (uint8_t)(counts[x] + (row[x - 1] == kind));
  for (int x = 0; x < side - 1; ++x) counts[x] = (uint8_t)(counts[x] + (row[x + 1] == kind));
  counts[0] = (uint8_t)(counts[0] + (row[side - 1] == kind));
  counts[side - 1] = (uint8_t)(counts[side - 1] + (row[0] == kind));
}

double marl_lattice_cooperation(const MarlLatticeCounts *counts) {
  return 1.0 - (double)counts->kinds[MARL_LATTICE_D] / (double)counts->sites;
}

double marl_lattice_gross_welfare(const MarlLatticeParams *params,
                                  const MarlLatticeCounts *counts) {
  double sum = 0.0;
  for (int a = 0; a < MARL_NUM_ACTIONS; ++a)
    for (int b = 0; b < MARL_NUM_ACTIONS; ++b)
      sum += (double)counts->pairs[a][b] * (double)params->game.payoff[a][b];
  return sum / (double)counts->sites;
}

double marl_lattice_welfare(const MarlLatticeParams *params, const MarlLatticeCounts *counts) {
  const double fines = params->update == MARL_LATTICE_LEARN
                           ? (double)counts->fines
                           : params->punish * (double)counts->fine_chances;
  return marl_lattice_gross_welfare(params, counts) -
         fines * (params->fine + params->cost) / (double)counts->sites;
}

const uint8_t *marl_lattice_kinds(const MarlLattice *lattice, int *first_row, int *num_rows) {
  *first_row = lattice->first_row;
  *num_rows = lattice->rows;
  return marl_lattice_row(lattice->now, lattice->halo, 0, lattice->params.side);
}

float *marl_lattice_table(MarlLattice *lattice, int row, int column) {
  const size_t site = (size_t)(row - lattice->first_row) * (size_t)lattice->params.side;
  return lattice->table + (site + (size_t)column) * MARL_LATTICE_STATES * 2;
}

const float *marl_lattice_payoffs(const MarlLattice *lattice) {
  return lattice->payoff + lattice->params.side;
}

size_t marl_lattice_bytes(const MarlLattice *lattice) {
  return lattice->bytes;
}
