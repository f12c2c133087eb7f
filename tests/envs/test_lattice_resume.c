/* ctest: ranks=1,2,4 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include <unistd.h>

#include "envs/lattice/lattice.h"
#include "marl/core/comm.h"
#include "tests/unit.h"

enum {
  SIDE = 45,
  BEFORE = 11,
  AFTER = 14
}; /* no multiple of ranks; an odd number swaps patterns */

static MarlLatticeParams params(MarlLatticeUpdate update, int side) {
  MarlLatticeParams p = {.side = side,
                         .game = marl_game_make(2, -1, 3, 0),
                         .update = update,
                         .punish = 0.5,
                         .fine = 1,
                         .cost = 0.5,
                         .initial = {0.5, 0.5, 0, 0},
                         .learning_rate = 0.1,
                         .gamma = 0.9,
                         .epsilon = 0.02,
                         .temperature = 0.1};
  if (update == MARL_LATTICE_IMITATE)
    for (int k = 0; k < MARL_NUM_LATTICE_KINDS; ++k) p.initial[k] = 0.25;
  return p;
}

static MarlLattice *make(MarlLatticeUpdate update, int side, MPI_Comm comm) {
  MarlError err;
  MarlLattice *lattice = NULL;
  const MarlLatticeParams p = params(update, side);
  UNIT_OK(marl_lattice_create(&p, marl_key(1, MARL_STREAM_ENV), comm, &lattice, &err));
  return lattice;
}

static MarlLatticeCounts run(MarlLattice *lattice, int steps) {
  MarlError err;
  MarlLatticeCounts counts = {0};
  UNIT_OK(marl_lattice_run(lattice, steps, &counts, &err));
  return counts;
}

static char folder[32] = "/tmp/marl_lattice_XXXXXX", file[48]; /* the same on all ranks */

static int begin(void) {
  const bool made = marl_comm_rank(MPI_COMM_WORLD) != 0 || mkdtemp(folder) != NULL;
  MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, MPI_COMM_WORLD);
  snprintf(file, sizeof file, "%s/lattice.h5", folder);
  return !made;
}

static int end(void) {
  MPI_Barrier(MPI_COMM_WORLD);
  if (marl_comm_rank(MPI_COMM_WORLD) != 0) return 0;
  return unlink(file) != 0 || rmdir(folder) != 0;
}

/* The lattice's first rank writes it; all ranks of the world wait until it is there. */
static void save(const MarlLattice *lattice, bool writes) {
  MarlError err;
  MarlStore *store = NULL;
  if (writes) UNIT_OK(marl_store_create(file, &store, &err));
  UNIT_OK(marl_lattice_save(lattice, store, &err));
  if (writes) UNIT_OK(marl_store_commit(&store, &err));
  MPI_Barrier(MPI_COMM_WORLD);
}

static MarlCode load(MarlLattice *lattice, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_store_open(file, &store, err));
  const MarlCode code = marl_lattice_load(lattice, store, err);
  marl_store_close(&store);
  return code;
}

/* Both go on, and what they do and hold is the same; `part` may have some rows of `whole` only. */
static void go_on_alike(MarlLattice *whole, MarlLattice *part, MarlLatticeUpdate update) {
  const MarlLatticeCounts a = run(whole, AFTER), b = run(part, AFTER);
  UNIT_BITS_EQUAL(&a, &b, sizeof a);
  CU_ASSERT_EQUAL(marl_lattice_steps(whole), BEFORE + AFTER);
  CU_ASSERT_EQUAL(marl_lattice_steps(part), BEFORE + AFTER);
  int first, rows, zero, all;
  const uint8_t *some = marl_lattice_kinds(part, &first, &rows);
  const uint8_t *every = marl_lattice_kinds(whole, &zero, &all);
  CU_ASSERT(zero == 0 && all == SIDE);
  const size_t at = (size_t)first * SIDE, n = (size_t)rows * SIDE;
  UNIT_BITS_EQUAL(some, every + at, n);
  UNIT_BITS_EQUAL(marl_lattice_payoffs(part), marl_lattice_payoffs(whole) + at, n * sizeof(float));
  if (update == MARL_LATTICE_LEARN)
    UNIT_BITS_EQUAL(marl_lattice_table(part, first, 0), marl_lattice_table(whole, first, 0),
                    n * MARL_LATTICE_STATES * 2 * sizeof(float));
}

/* The uninterrupted lattice lives on one rank; `saved` is stopped and `loaded` goes on. */
static void interrupt(MarlLatticeUpdate update, MPI_Comm saved_on, MPI_Comm loaded_on) {
  MarlError err;
  MarlLattice *whole = make(update, SIDE, MPI_COMM_SELF);
  MarlLattice *saved = make(update, SIDE, saved_on), *loaded = make(update, SIDE, loaded_on);
  run(whole, BEFORE);
  run(saved, BEFORE);
  run(loaded, 3); /* what it did is forgotten */
  const bool root = marl_comm_rank(MPI_COMM_WORLD) == 0;
  if (saved_on == MPI_COMM_WORLD || root)
    save(saved, root);
  else
    MPI_Barrier(MPI_COMM_WORLD);
  UNIT_OK(load(loaded, &err));
  go_on_alike(whole, loaded, update);
  MPI_Barrier(MPI_COMM_WORLD);
  marl_lattice_destroy(&whole);
  marl_lattice_destroy(&saved);
  marl_lattice_destroy(&loaded);
}

static void what_some_ranks_save_others_continue(void) {
  static const MarlLatticeUpdate updates[] = {MARL_LATTICE_LEARN, MARL_LATTICE_IMITATE};
  for (int u = 0; u < 2; ++u) {
    interrupt(updates[u], MPI_COMM_WORLD, MPI_COMM_WORLD);
    interrupt(updates[u], MPI_COMM_WORLD, MPI_COMM_SELF);
    interrupt(updates[u], MPI_COMM_SELF, MPI_COMM_WORLD);
  }
}

/* One bit in the middle of the file, most of which are values. */
static void a_damaged_byte_is_noticed(void) {
  MarlError err;
  MarlLattice *lattice = make(MARL_LATTICE_LEARN, SIDE, MPI_COMM_WORLD);
  run(lattice, BEFORE);
  const bool root = marl_comm_rank(MPI_COMM_WORLD) == 0;
  save(lattice, root);
  if (root) {
    FILE *damaged = fopen(file, "r+b");
    CU_ASSERT_PTR_NOT_NULL_FATAL(damaged);
    fseek(damaged, 0, SEEK_END);
    fseek(damaged, ftell(damaged) / 2, SEEK_SET);
    const int byte = fgetc(damaged);
    fseek(damaged, -1, SEEK_CUR);
    fputc(byte ^ 0x10, damaged);
    fclose(damaged);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  UNIT_ERROR(load(lattice, &err), MARL_EIO, "the file is damaged"); /* on every rank */
  marl_lattice_destroy(&lattice);
}

/* A file with a kind, made by hand. */
static void write_kinds(int side, uint8_t kind) {
  MarlError err;
  MarlStore *store;
  const size_t n = (size_t)side;
  const MarlArray array = {.type = MARL_U8, .rank = 2, .shape = {n, n}};
  if (marl_comm_rank(MPI_COMM_WORLD) == 0) {
    uint8_t *kinds = calloc(n * n, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(kinds);
    kinds[n * n - 1] = kind;
    UNIT_OK(marl_store_create(file, &store, &err));
    UNIT_OK(marl_store_set_int(store, NULL, "step", 5, &err));
    UNIT_OK(marl_store_append(store, "kind", &array, n, kinds, &err));
    UNIT_OK(marl_store_commit(&store, &err));
    free(kinds);
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

static void what_does_not_belong_is_refused(void) {
  MarlError err;
  MarlLattice *lattice = make(MARL_LATTICE_IMITATE, 16, MPI_COMM_WORLD);
  write_kinds(16, MARL_LATTICE_IP);
  UNIT_OK(load(lattice, &err));
  write_kinds(16, MARL_NUM_LATTICE_KINDS); /* tables would be read beyond their end */
  UNIT_ERROR(load(lattice, &err), MARL_EIO, "'kind' of row 15 is 4, expected less than 4");
  write_kinds(20, MARL_LATTICE_C);
  UNIT_ERROR(load(lattice, &err), MARL_EIO, "holds 20 rows, expected the 16");
  marl_lattice_destroy(&lattice);
}

static CU_TestInfo tests[] = {
    {"what some ranks save others continue", what_some_ranks_save_others_continue},
    {"a damaged byte is noticed", a_damaged_byte_is_noticed},
    {"what does not belong is refused", what_does_not_belong_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"a lattice goes on", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
