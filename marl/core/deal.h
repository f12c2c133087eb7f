/* Numbers 0, 1, 2, ... handed to ranks as they get free, in order. Rank 0 has work of its own and answers
 * the others in between: it calls marl_deal_serve often. Which rank gets a number depends on how fast each
 * is; what is done with it must not. */
#ifndef MARL_CORE_DEAL_H
#define MARL_CORE_DEAL_H

#include <mpi.h>

typedef struct MarlDeal {
  MPI_Comm comm;         /* of its own */
  int rank, next, count; /* rank 0: the next number of `count` */
  int present;           /* rank 0: others that may still ask */
} MarlDeal;

void marl_deal_begin(MarlDeal *deal, int count, MPI_Comm comm); /* collective */
/* The next number for this rank; -1: there is none. */
int marl_deal_next(MarlDeal *deal);
/* Rank 0: answer who has asked. Elsewhere: nothing. */
void marl_deal_serve(MarlDeal *deal);
/* This rank takes no more. Rank 0 hands out no more, and waits until all others have ended. Collective. */
void marl_deal_end(MarlDeal *deal);

#endif
