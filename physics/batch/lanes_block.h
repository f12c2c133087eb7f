/* A block of lanes with its memory, for flows of one kind; inside of the batch. */
#ifndef MARL_PHYSICS_BATCH_LANES_BLOCK_H
#define MARL_PHYSICS_BATCH_LANES_BLOCK_H

#include "physics/batch/lanes.h"
#include "physics/solver_internal.h"

/* Flows with the same kind take the same operations in the same order. */
typedef struct MarlLanesKind {
  int nx, ny;
  double lx, ly;
  MarlDealias dealias;
  bool rotates;    /* beta */
  unsigned points; /* what a stress of points is made of; 0: none */
  int num_terms;   /* of held coefficients that vary */
  MarlDampingTerm term[MARL_DAMPING_TERMS];
} MarlLanesKind;

typedef struct MarlLanesBlock MarlLanesBlock;
struct MarlLanesBlock {
  MarlLanes lanes;
  MarlLanesKind kind;
  /* MarlLanesDynamic.rates: of any of its flows, as no two kinds of flow differ in them */
  unsigned dynamic;
  MarlLanesBlock *next;
  char *memory, *forces;
  double *zero;         /* one, to clear lanes with */
  MarlComplex *mode;    /* [ny] scratch: a column of a forcing */
  unsigned char *marks; /* [kept_x, modes] scratch */

  /* by lane; NULL: none, or one that has ended */
  MarlSolver *solver[MARL_LANES_MAX];
  MarlCode code[MARL_LANES_MAX];
  MarlError *error[MARL_LANES_MAX]; /* borrowed, may be NULL */
};

/* The kind of a solver that is no flow to be stepped alone. */
MarlLanesKind marl_lanes_kind(const MarlSolver *solver);
bool marl_lanes_same_kind(const MarlLanesKind *a, const MarlLanesKind *b);
/* MarlLanesDynamic.rates of its closure. */
unsigned marl_lanes_dynamic(const MarlSolver *solver);

MarlCode marl_lanes_block_create(const MarlLanesOps *ops, const MarlSolver *like, unsigned dynamic,
                                 MarlLanesBlock **out, MarlError *err) MARL_NODISCARD;
void marl_lanes_block_destroy(MarlLanesBlock **block);

/* lanes_move.c: the flows of block->solver into the lanes; those of no solver are cleared. A closure
 * whose coefficients are due is evaluated first; *steps becomes for how many steps all are held. */
MarlCode marl_lanes_block_load(MarlLanesBlock *block, int64_t *steps,
                               MarlError *err) MARL_NODISCARD;
/* One lane's flow back into its solver. */
void marl_lanes_block_store(const MarlLanesBlock *block, int lane);
void marl_lanes_block_clear_lane(MarlLanesBlock *block, int lane);
/* Decay factors of a lane's solver, and its rotation. */
void marl_lanes_block_put_factors(MarlLanesBlock *block, int lane);
/* The noise of the step that begins. */
void marl_lanes_block_put_kicks(MarlLanesBlock *block);

#endif
