/* Initial vorticity fields
 *
 * To add one: physics/initial_<name>.c, a line in initial_table.c, a test; or marl_register_initial from a
 * program of your own (docs/plugins.md). */
#ifndef MARL_PHYSICS_INITIAL_H
#define MARL_PHYSICS_INITIAL_H

#include "marl/core/plugin.h"
#include "physics/solver.h"

typedef struct MarlInitial MarlInitial;

typedef struct MarlInitialOps {
  MARL_PLUGIN; /* formula: of the vorticity, 1/T, or of the velocity */
  /* One of the three; none: at rest. The vorticity at a point, 1/T; */
  double (*vorticity)(const MarlInitial *initial, const MarlGrid *grid, double x, double y);
  /* its coefficients [nk_local, ny], zero on entry; */
  void (*fill)(const MarlInitial *initial, const MarlGrid *grid, MarlComplex *w_hat);
  /* all of marl_initial_apply. */
  MarlCode (*apply)(const MarlInitial *initial, MarlSolver *solver, MarlError *err);
} MarlInitialOps;

/* Those of this folder that need no name to be looked up. */
extern const MarlInitialOps marl_initial_rest, marl_initial_random, marl_initial_taylor_green,
    marl_initial_dipole, marl_initial_shear_layer, marl_initial_file;
/* The fields by name (initial_table.c) and those that a program has registered. */
extern MarlKind marl_kind_initials;
MarlCode marl_register_initial(const MarlInitialOps *ops, MarlError *err) MARL_NODISCARD;

enum { MARL_INITIAL_NOTE = 512 };

struct MarlInitial {
  const MarlInitialOps *ops;
  /* The section `initial`, borrowed: a field that is not of this folder reads its options here. NULL where a
   * program fills in the numbers below. */
  const MarlSection *options;
  double peak;         /* RANDOM, 1/L */
  MarlKey key;         /* RANDOM */
  int waves;           /* TAYLOR_GREEN: waves along each side */
  double radius;       /* DIPOLE: R, L */
  double speed;        /* DIPOLE: U, L/T */
  double thickness;    /* SHEAR_LAYER, L */
  const char *file;    /* FILE, borrowed */
  const char *dataset; /* FILE, borrowed; "initial/n64" */
  int sample;          /* FILE: index along the first axis of [sample, y, x] */
  char *note; /* FILE: NULL or [MARL_INITIAL_NOTE], borrowed; on rank 0 one line on what was
                          done to the field (cut, padded, transposed, unpacked, mean removed), or "" */
};

/* Start `solver` from the field: time 0, step 0. Collective. */
MarlCode marl_initial_apply(const MarlInitial *initial, MarlSolver *solver,
                            MarlError *err) MARL_NODISCARD;

#endif
