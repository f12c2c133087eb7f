/* Learners and imitators on a lattice: learned agent-decisions a second of one core, and memory,
 * and what a checkpoint takes: elapsed seconds with fsync, and back again.
 *
 *   bench_lattice [SIDE] [STEPS]
 *
 * A decision of a learner is one draw, one choice, its payoff with fines, one update of its table.
 * Its rates are of processor time. */
#define _POSIX_C_SOURCE 200809L
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "benchmarks/bench.h"
#include "envs/lattice/lattice.h"

enum { TURNS = 5 };

static MarlLattice *make(int side, MarlLatticeUpdate update) {
  MarlLatticeParams p = {.side = side,
                         .game = marl_game_make(1, 0, 1.05, 0),
                         .update = update,
                         .punish = 0.5,
                         .fine = 0.5,
                         .cost = 0.1,
                         .initial = {0.5, 0.5, 0, 0},
                         .learning_rate = 0.1,
                         .gamma = 0.9,
                         .epsilon = 0.01,
                         .temperature = 0.1};
  if (update == MARL_LATTICE_IMITATE)
    for (int k = 0; k < MARL_NUM_LATTICE_KINDS; ++k) p.initial[k] = 0.25;
  MarlLattice *lattice = NULL;
  if (marl_lattice_create(&p, marl_key(1, MARL_STREAM_ENV), MPI_COMM_SELF, &lattice, NULL) !=
      MARL_OK)
    exit(EXIT_FAILURE);
  return lattice;
}

static double rate(MarlLattice *lattice, int steps) {
  MarlLatticeCounts counts;
  const double start = bench_clock(CLOCK_PROCESS_CPUTIME_ID);
  if (marl_lattice_run(lattice, steps, &counts, NULL) != MARL_OK) exit(EXIT_FAILURE);
  return (double)counts.sites / (bench_clock(CLOCK_PROCESS_CPUTIME_ID) - start);
}

/* Seconds of writing the checkpoint (fsync and all) and of reading it. */
static void checkpoint(MarlLattice *lattice, const char *path, double *save, double *load) {
  MarlStore *store;
  double start = bench_seconds();
  if (marl_store_create(path, &store, NULL) != MARL_OK ||
      marl_lattice_save(lattice, store, NULL) != MARL_OK ||
      marl_store_commit(&store, NULL) != MARL_OK)
    exit(EXIT_FAILURE);
  *save = bench_seconds() - start;
  start = bench_seconds();
  if (marl_store_open(path, &store, NULL) != MARL_OK ||
      marl_lattice_load(lattice, store, NULL) != MARL_OK)
    exit(EXIT_FAILURE);
  marl_store_close(&store);
  *load = bench_seconds() - start;
}

int main(int argc, char **argv) {
  const int side = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1000;
  const int steps = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 10;
  static const char path[] = "bench_lattice.h5";
  double learned[TURNS], imitated[TURNS], saved[TURNS], loaded[TURNS];
  struct rusage usage;
  struct stat file;
  MPI_Init(&argc, &argv);
  MarlLattice *learners = make(side, MARL_LATTICE_LEARN);
  MarlLattice *imitators = make(side, MARL_LATTICE_IMITATE);
  for (int i = 0; i < TURNS; ++i) {
    learned[i] = rate(learners, steps);
    imitated[i] = rate(imitators, steps);
    checkpoint(learners, path, &saved[i], &loaded[i]);
  }
  getrusage(RUSAGE_SELF, &usage);
  if (stat(path, &file) != 0 || unlink(path) != 0) exit(EXIT_FAILURE);
  bench_begin("lattice");
  printf(
      " side=%d learned_decisions_per_s=%.4g imitations_per_s=%.4g bytes_per_learner=%.1f "
      "resident_mb=%.0f checkpoint_mb=%.1f save_s=%.3f load_s=%.3f",
      side, bench_median(learned, TURNS), bench_median(imitated, TURNS),
      (double)marl_lattice_bytes(learners) / ((double)side * side), (double)usage.ru_maxrss / 1024,
      1e-6 * (double)file.st_size, bench_median(saved, TURNS), bench_median(loaded, TURNS));
  bench_end();
  marl_lattice_destroy(&learners);
  marl_lattice_destroy(&imitators);
  MPI_Finalize();
  return 0;
}
