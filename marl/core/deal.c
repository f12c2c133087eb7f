#include "marl/core/deal.h"

enum { ASK = 1, LEAVE = 2, ANSWER = 3 };

void marl_deal_begin(MarlDeal *deal, int count, MPI_Comm comm) {
  int size;
  *deal = (MarlDeal){.count = count};
  MPI_Comm_dup(comm, &deal->comm);
  MPI_Comm_rank(comm, &deal->rank);
  MPI_Comm_size(comm, &size);
  deal->present = size - 1;
}

/* The message that `status` tells of. */
static void answer(MarlDeal *deal, const MPI_Status *status) {
  MPI_Recv(NULL, 0, MPI_INT, status->MPI_SOURCE, status->MPI_TAG, deal->comm, MPI_STATUS_IGNORE);
  if (status->MPI_TAG == LEAVE) {
    --deal->present;
    return;
  }
  const int number = deal->next < deal->count ? deal->next++ : -1;
  MPI_Send(&number, 1, MPI_INT, status->MPI_SOURCE, ANSWER, deal->comm);
}

void marl_deal_serve(MarlDeal *deal) {
  int waiting = deal->rank == 0 && deal->present > 0;
  while (waiting != 0) {
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, deal->comm, &waiting, &status);
    if (waiting != 0) answer(deal, &status);
  }
}

int marl_deal_next(MarlDeal *deal) {
  int number = -1;
  if (deal->rank == 0) {
    marl_deal_serve(deal);
    return deal->next < deal->count ? deal->next++ : -1;
  }
  MPI_Send(NULL, 0, MPI_INT, 0, ASK, deal->comm);
  MPI_Recv(&number, 1, MPI_INT, 0, ANSWER, deal->comm, MPI_STATUS_IGNORE);
  return number;
}

void marl_deal_end(MarlDeal *deal) {
  deal->count = deal->next;
  if (deal->rank != 0) MPI_Send(NULL, 0, MPI_INT, 0, LEAVE, deal->comm);
  while (deal->rank == 0 && deal->present > 0) {
    MPI_Status status;
    MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, deal->comm, &status);
    answer(deal, &status);
  }
  MPI_Comm_free(&deal->comm);
}
