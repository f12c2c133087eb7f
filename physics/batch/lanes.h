/* One block of flows as lanes: what the batch (flow_batch.c) prepares and the kernels work on
 *
 * A number of every flow of the block is one vector, and everything is done to whole vectors: flow l is
 * lane l, no operation mixes lanes, so that what happens to a flow does not depend on its neighbours.
 * Arrays are [.., lane]; complex ones [.., 2, lane], a vector of real parts before one of imaginary
 * parts. The precision of a number and the lanes of a vector are those of the kernel (MarlLanesOps).
 *
 * Spectral arrays hold the kept modes alone, [kept_x, modes]: kx = 0 .. kept_x-1, and ky = 0 ..
 * kept_y-1, -(kept_y-1) .. -1. Between the passes along y and x a pair of real fields a + i b (pencil.h
 * has the algebra) is [points along y, columns]: kx = 0 .. kept_x-1, -(kept_x-1) .. -1. */
#ifndef MARL_PHYSICS_BATCH_LANES_H
#define MARL_PHYSICS_BATCH_LANES_H

#include <stdbool.h>
#include <stddef.h>

#include "physics/closure.h"

enum { MARL_LANES_MAX = 16, MARL_LANES_SCALES = 5 };

/* One side of a transform: n complex numbers [.., 2, lane], `step` of them from one to the next. Only
 * 0 .. kept-1 and n-kept+1 .. n-1 are there, the latter `fold` places further down than n says; the others
 * are zero, and are not written. kept = n: all are there, and fold is 0. */
typedef struct MarlLanesModes {
  ptrdiff_t step;
  int kept, fold;
} MarlLanesModes;

/* X_k = sum_j x_j exp(2 pi i j k / n), from modes to points, or exp(-2 pi i j k / n), from points to modes;
 * the points are all there, `step` apart. `out` is not `in`. */
typedef void (*MarlLanesTransform)(const void *twiddles, const void *in, void *out,
                                   MarlLanesModes modes, ptrdiff_t step);

/* Transforms of one length. */
typedef struct MarlLanesLength {
  int n;
  MarlLanesTransform to_points, to_modes;
  void *twiddles; /* [first radix, second radix, 2] numbers */
} MarlLanesLength;

/* A set of points: those of the products of the advection, or the grid's own. */
typedef struct MarlLanesPoints {
  MarlLanesLength x, y;
  void *curl; /* [kept_x, modes, 2] numbers: N_hat = curl of a pair of products, scale included */
} MarlLanesPoints;

/* Two real fields that are linear in the vorticity: plus = (a + i c) w, minus = sign (a - i c) w. */
typedef struct MarlLanesPair {
  bool used;
  double sign;
  void *factors; /* [kept_x, modes, 2] numbers a, c */
  void *rows;    /* [points, columns] complex lanes */
} MarlLanesPair;

typedef struct MarlLanes MarlLanes;

/* What dynamic coefficients (germano.h) are made of beside the slope, at the grid's points. `kept` are the
 * wave indices that the test filter F leaves. */
typedef struct MarlLanesDynamic {
  unsigned rates; /* of MARL_SCALE_DYNAMIC_STRAIN, MARL_SCALE_DYNAMIC_GRADIENT; 0: there is none */
  int kept_x, kept_y;
  MarlLanesPair wind;       /* u, v */
  MarlLanesPair strain;     /* s11, s12; only for its rate */
  MarlLanesPair laplacian;  /* lap w, lap F[w] */
  MarlLanesPair test_wind;  /* F[u], F[v] */
  MarlLanesPair test_slope; /* F[w]_x, F[w]_y */
  void *advection;          /* [ny, nx] lanes: F[u].grad F[w] */
  void *test_laplacian;     /* [ny, nx] lanes: lap F[w] */
} MarlLanesDynamic;

/* What is done in vectors of one kind. All functions are of one block. */
typedef struct MarlLanesOps {
  const char *name;   /* "avx2", "avx512", "portable" */
  int width;          /* lanes */
  bool fused;         /* has fused multiply-add: all that have give the same bits */
  size_t size;        /* of a number: 8 or 4 */
  bool (*here)(void); /* can this machine run it? */
  /* Radices and transforms of a length; false: there are none. */
  bool (*find)(int n, int *first, int *second, MarlLanesTransform *to_points,
               MarlLanesTransform *to_modes);

  /* Columns: from w the pairs, before the pass along x. */
  void (*begin)(MarlLanes *lanes);
  /* Rows: products of the pairs, and the stresses. With `measure` speed becomes the largest |u|/dx +
   * |v|/dy of each lane, INFINITY if not finite. */
  void (*products)(MarlLanes *lanes, bool measure);
  /* Columns: N_hat, one step of w, and begin. */
  void (*advance)(MarlLanes *lanes);
  /* scales [MARL_LANES_SCALES, lane], those of closure.h in their order, of w. */
  void (*scales)(MarlLanes *lanes, unsigned which);

  /* `count` numbers of one lane, from and to doubles; `step` doubles from one to the next. */
  void (*put)(void *array, int lane, size_t count, const double *from, ptrdiff_t step);
  void (*get)(const void *array, int lane, size_t count, double *to, ptrdiff_t step);
} MarlLanesOps;

struct MarlLanes {
  const MarlLanesOps *ops;
  int kept_x, kept_y, modes, columns;
  double per_dx, per_dy; /* of the grid, 1/L */
  MarlLanesPoints product, grid;
  bool same_points;               /* the products are taken on the grid */
  MarlLanesPair velocity;         /* u, v at the products */
  MarlLanesPair strain, gradient; /* at the products, for a stress of points */
  MarlLanesPair slope;            /* w_x, w_y at the grid's points, for <|grad w|> */
  MarlLanesDynamic dynamic;
  int num_terms;                          /* of held coefficients */
  MarlLanesPair term[MARL_DAMPING_TERMS]; /* L s11, L s12 at the grid's points */
  void *field[MARL_DAMPING_TERMS];        /* [ny, nx] lanes: nu - mean */

  void *w, *old;         /* [kept_x, modes] complex lanes */
  void *decay;           /* [kept_x, kept_y] lanes: d of integrator_ifab2.c */
  void *rotation;        /* [kept_x, modes] complex lanes, NULL without beta */
  void *newest, *oldest; /* [1] lanes: weights of N and N_old, times dt */
  int num_forced;        /* modes with a steady force in any lane, rising */
  int *forced;           /* [num_forced] kx modes + ky position */
  void *force;           /* [num_forced] complex lanes */
  int num_noisy;
  int *noisy;  /* [num_noisy] likewise: modes with a kick at the end of this step */
  void *kicks; /* [num_noisy] complex lanes */
  void *k2;    /* [kept_x, modes] numbers */

  void *column, *row; /* scratch: complex lanes, 3 and 7 of the longest length */
  double *speed;      /* [lane] */
  double *scale;      /* [MARL_LANES_SCALES, lane] */

  /* A stress of points: closures by lane, NULL for lanes without a flow; doubles of a row: */
  const MarlClosure *closure[MARL_LANES_MAX];
  double *point; /* [3, 2 points along x]: strain, gradient, sum */
};

/* The kernels, NULL-terminated, the best first (lanes_table.c). */
extern const MarlLanesOps *const marl_lanes_double[], *const marl_lanes_float[];

#endif
