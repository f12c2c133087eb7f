/* Sums over the columns or rows of all ranks, added in their global order
 *
 *   marl_in_turn_begin(comm, n, sums);     the sums of lower ranks so far; sums stay on rank 0
 *   ... add the terms of own columns to sums, in order ...
 *   marl_in_turn_end(comm, n, sums);       pass on; then every rank has the whole sums
 *
 * Two arrays at once: begin both, add, pass both on, share both.
 * Ranks add one after the other, so the bits are those of one rank. For statistics, which are taken
 * now and then; in a step, see exact_sum.h. All are collective. */
#ifndef MARL_PHYSICS_IN_TURN_H
#define MARL_PHYSICS_IN_TURN_H

#include <mpi.h>

void marl_in_turn_begin(MPI_Comm comm, int n, double *sums);
void marl_in_turn_pass_on(MPI_Comm comm, int n, double *sums);
void marl_in_turn_share(MPI_Comm comm, int n, double *sums);
/* pass on and share */
void marl_in_turn_end(MPI_Comm comm, int n, double *sums);

#endif
