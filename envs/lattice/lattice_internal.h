/* The inside of envs/lattice, shared by its sources. */
#ifndef MARL_ENVS_LATTICE_LATTICE_INTERNAL_H
#define MARL_ENVS_LATTICE_LATTICE_INTERNAL_H

#include "envs/lattice/lattice.h"

enum { LATTICE_CHUNK = 2 * MARL_PHILOX_LANES }; /* learners that one call of Philox serves */

struct MarlLattice {
  MarlLatticeParams params;
  MarlKey key;
  int64_t step;
  MPI_Comm comm;       /* borrowed */
  int halo;            /* rows of neighbors kept on each side */
  int first_row, rows; /* own */
  int chunks;          /* of a row */
  size_t bytes;
  uint8_t *now, *next; /* [halo + rows + halo, L] kinds */
  float *payoff;       /* [1 + rows + 1, L], the outer two when imitating only */
  /* learning */
  uint8_t *state;       /* [rows, L] in which the actions of now were chosen */
  float *table;         /* [rows, L, MARL_LATTICE_STATES, 2] */
  uint32_t *choose;     /* [chunks LATTICE_CHUNK] words of one row: the next action */
  uint32_t *edge;       /* [2, chunks LATTICE_CHUNK] fines to the right and down: row above, row */
  uint8_t *cooperators; /* [L] of one row: neighbors that cooperate */
  uint8_t *fines;       /* [L] of one row: fines given or received */
  /* imitation */
  uint8_t *defectors, *protectors; /* [2 + rows + 2, L] neighbors that are D, IP */
  MarlLatticeCounts counts;
  char *memory;
};

/* Row `row` of an array with `halo` extra rows in front; own rows are 0 .. rows - 1. */
static inline uint8_t *marl_lattice_row(uint8_t *array, int halo, int row, int side) {
  return array + (ptrdiff_t)(halo + row) * side;
}

MarlKey marl_lattice_step_key(const MarlLattice *lattice); /* of this step's draws */

/* Halo rows of `array` from the ranks that own them. Collective. */
void marl_lattice_exchange(const MarlLattice *lattice, uint8_t *array);

/* lattice_learn.c, lattice_imitate.c: from now to next, counting. */
void marl_lattice_learn_step(MarlLattice *lattice);
void marl_lattice_imitate_step(MarlLattice *lattice);
/* States of the pattern that the lattice starts with, and the values that go with it. */
void marl_lattice_learn_begin(MarlLattice *lattice);

/* counts[x] of the four neighbors of site x of `row` are of `kind`; all rows [L]. */
void marl_lattice_count_neighbors(const uint8_t *above, const uint8_t *row, const uint8_t *below,
                                  int side, uint8_t kind, uint8_t *restrict counts);

#endif
