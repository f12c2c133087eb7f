/* A society on an L x L periodic lattice: everybody plays a 2 x 2 game with its four neighbors.
 *
 * Learning (after arXiv:2401.16073): each agent chooses C or D by tabular Q-learning,
 *   state = own last action x number of neighbors that cooperated (10 states),
 *   Q(s, a) += rate (r + gamma max_b Q(s', b) - Q(s, a)),  epsilon-greedy, ties by a coin,
 * and a cooperator fines each defecting neighbor with probability `punish`:
 *   r = sum over neighbors of payoff[own][other] - fine (fines received) - cost (fines given).
 *
 * Imitation (after arXiv:2409.19880): strategies C, D, P (cooperates, fines its defecting neighbors)
 * and IP (cooperates, fines its neighbors' defecting neighbors: once for each neighbor it protects).
 * An agent looks at a random neighbor and takes over its strategy with probability
 *   1 / (1 + exp(-(pi_other - pi_own) / temperature))          (Szabo and Toke 1998),
 * pi with the expected fines, fine punish and cost punish each.
 *
 * Updates are synchronous: all act at once, then all learn or imitate at once. Rows are dealt to the
 * ranks; what happens at a site is a function of (key, step, site), so any number of ranks gives the
 * same bits. Probabilities of fines are multiples of 2^-16. */
#ifndef MARL_ENVS_LATTICE_LATTICE_H
#define MARL_ENVS_LATTICE_LATTICE_H

#include <mpi.h>

#include "envs/game/game.h"
#include "marl/core/rng.h"
#include "marl/core/store.h"

typedef enum MarlLatticeUpdate { MARL_LATTICE_LEARN, MARL_LATTICE_IMITATE } MarlLatticeUpdate;

/* What is at a site; a learner is C or D by its last action. */
typedef enum MarlLatticeKind {
  MARL_LATTICE_C,
  MARL_LATTICE_D,
  MARL_LATTICE_P,
  MARL_LATTICE_IP,
  MARL_NUM_LATTICE_KINDS,
} MarlLatticeKind;

extern const char *const marl_lattice_update_names[]; /* NULL-terminated */

enum { MARL_LATTICE_NEIGHBORS = 4, MARL_LATTICE_STATES = 10, MARL_LATTICE_MAX_SIDE = 32768 };

typedef struct MarlLatticeParams {
  int side; /* L, 4 .. MARL_LATTICE_MAX_SIDE */
  MarlGame game;
  MarlLatticeUpdate update;
  double punish, fine, cost;              /* probability, beta, gamma_c */
  double initial[MARL_NUM_LATTICE_KINDS]; /* shares at the start, sum 1; learners: C and D */
  /* learning */
  double learning_rate, gamma, epsilon;
  double preference; /* value of the initial action in every state; all others start at 0 */
  /* imitation */
  double temperature; /* K > 0 */
} MarlLatticeParams;

/* Whole-lattice sums over the steps of a run: integers, so that their order does not matter. */
typedef struct MarlLatticeCounts {
  int64_t steps, sites;                              /* sites = steps L^2 */
  int64_t kinds[MARL_NUM_LATTICE_KINDS];             /* sites by kind */
  int64_t pairs[MARL_NUM_ACTIONS][MARL_NUM_ACTIONS]; /* ordered neighbors (own, other) */
  int64_t fines;                                     /* learning: fines that happened */
  int64_t fine_chances; /* fines that were possible: imitation, both kinds */
} MarlLatticeCounts;

typedef struct MarlLattice MarlLattice;

/* MARL_ECONFIG when a value is out of range. */
MarlCode marl_lattice_check(const MarlLatticeParams *params, MarlError *err) MARL_NODISCARD;

/* Collective over comm, which is borrowed until destroy. MARL_ECONFIG if a value is out of range or
 * a rank would own fewer rows than a neighbor needs (1 when learning, 3 when imitating). */
MarlCode marl_lattice_create(const MarlLatticeParams *params, MarlKey key, MPI_Comm comm,
                             MarlLattice **out, MarlError *err) MARL_NODISCARD;
void marl_lattice_destroy(MarlLattice **lattice);

/* Collective: `steps` steps; the sums of this run on every rank. */
MarlCode marl_lattice_run(MarlLattice *lattice, int steps, MarlLatticeCounts *counts,
                          MarlError *err) MARL_NODISCARD;

int64_t marl_lattice_steps(const MarlLattice *lattice); /* that it has lived, of all runs */

/* `steps` steps of a copy whose agents neither explore nor learn; collective. */
MarlCode marl_lattice_greedy(const MarlLattice *lattice, int steps, MarlLatticeCounts *counts,
                             MarlError *err) MARL_NODISCARD;

/* Means over the agents and steps of a run. */
double marl_lattice_cooperation(const MarlLatticeCounts *counts);
double marl_lattice_gross_welfare(const MarlLatticeParams *params, const MarlLatticeCounts *counts);
double marl_lattice_welfare(const MarlLatticeParams *params, const MarlLatticeCounts *counts);

/* This rank's rows: *num_rows of them from *first_row, [num_rows, L]. Borrowed until the next run. */
const uint8_t *marl_lattice_kinds(const MarlLattice *lattice, int *first_row, int *num_rows);
/* Action values [MARL_LATTICE_STATES][2] of a learner of this rank: state 5 own + cooperators. */
float *marl_lattice_table(MarlLattice *lattice, int row, int column);
/* What the agents of this rank's rows earned in the last step, [num_rows, L]; imitation: expected.
 * Not part of what is saved: there is none between a load and the next step. */
const float *marl_lattice_payoffs(const MarlLattice *lattice);

/* Exact state, collective, on any number of ranks whatever number saved it. `to` is an open file on
 * rank 0 and NULL on the others; of `from`, open on every rank, each reads its own rows. The lattice
 * that loads was created with the parameters and the key of the one that was saved; if loading fails
 * its state is undefined, and another file may be loaded. */
MarlCode marl_lattice_save(const MarlLattice *lattice, MarlStore *to,
                           MarlError *err) MARL_NODISCARD;
MarlCode marl_lattice_load(MarlLattice *lattice, MarlStore *from, MarlError *err) MARL_NODISCARD;

size_t marl_lattice_bytes(const MarlLattice *lattice); /* memory of this rank */

#endif
