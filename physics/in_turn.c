#include "physics/in_turn.h"

enum { TAG = 0 };

void marl_in_turn_begin(MPI_Comm comm, int n, double *sums) {
  int rank;
  MPI_Comm_rank(comm, &rank);
  if (rank > 0) MPI_Recv(sums, n, MPI_DOUBLE, rank - 1, TAG, comm, MPI_STATUS_IGNORE);
}

void marl_in_turn_pass_on(MPI_Comm comm, int n, double *sums) {
  int rank, ranks;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  if (rank + 1 < ranks) MPI_Send(sums, n, MPI_DOUBLE, rank + 1, TAG, comm);
}

void marl_in_turn_share(MPI_Comm comm, int n, double *sums) {
  int ranks;
  MPI_Comm_size(comm, &ranks);
  if (ranks > 1) MPI_Bcast(sums, n, MPI_DOUBLE, ranks - 1, comm);
}

void marl_in_turn_end(MPI_Comm comm, int n, double *sums) {
  marl_in_turn_pass_on(comm, n, sums);
  marl_in_turn_share(comm, n, sums);
}
