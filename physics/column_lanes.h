/* The columns of one flow as lanes of vectors: a step of ifab2 in which nothing is repacked
 *
 * Lane c of block b is own column b width + c of kx, and vorticity, older tendency and factors stay in that order
 * from step to step. A pass along y is then a transform of lanes (fft_lines.h), the update of a column is
 * arithmetic of lanes, and what remains to be turned round are blocks of width x width numbers between columns and
 * rows, in registers. Fields as in pencil.h, with (u, v) as z = u + i v, but of kx < 0 a column is kept as it is in
 * z, without its conjugate, so that a row needs no change of sign.
 *
 * For flows whose step is nothing but advection, forcing and a damping that does not change. The arithmetic of a
 * mode knows neither its lane nor the vector's width: the same bits on any number of ranks, in vectors of any
 * kind with fused multiply-add. */
#ifndef MARL_PHYSICS_COLUMN_LANES_H
#define MARL_PHYSICS_COLUMN_LANES_H

#include "physics/fft_lines.h"
#include "physics/grid.h"

typedef struct MarlColumnLanes MarlColumnLanes;

/* Work on lanes, by vectors of one kind. */
typedef struct MarlColumnLanesOps {
  const MarlLinesOps *lines;
  /* Velocities of the vorticity of block b, along y, into `own`. */
  void (*begin)(const MarlColumnLanes *lanes, int b);
  /* Own rows: along x, z becomes z^2, and back. `speed` of z is raised, NULL: not asked for. */
  void (*square)(const MarlColumnLanes *lanes, MarlLineSpeed *speed);
  /* The advection N_hat of block b, from `own`, into `now`. */
  void (*finish)(const MarlColumnLanes *lanes, int b);
  /* w' = R d [d w - newest now + oldest R old] of block b (integrator_ifab2.c). */
  void (*update)(const MarlColumnLanes *lanes, int b, double newest, double oldest);
} MarlColumnLanesOps;

/* One mode of a steady forcing: at[0] and at[width] are its place in an array of modes. */
typedef struct MarlLaneForce {
  int block;
  ptrdiff_t at;
  double re, im;
} MarlLaneForce;

/* Arrays of complex lanes are [.., 2 (re, im), width] doubles. Modes of a block are ky = 0 .. kept-1, then
 * -(kept-1) .. -1; what is even in ky has kept of them. Lanes beyond the own columns are zero. */
struct MarlColumnLanes {
  const MarlColumnLanesOps *ops;
  const MarlGrid *grid; /* borrowed */
  int blocks, first, columns, kept;
  MarlLines *along_y, *along_x;
  double scale;          /* of two transforms there and back */
  double *kx;            /* [blocks] lanes, 1/L */
  double *inverse;       /* [blocks, kept] lanes of 1/k^2; 0 at k = 0 */
  double *w, *now, *old; /* [blocks, 2 kept - 1] complex lanes */
  double *decay;         /* [blocks, kept] lanes */
  double *rotation;      /* [blocks, kept] complex lanes; NULL: there is none */
  double *plus, *minus; /* [my] complex lanes: kx and -kx of a block; what is not kept stays zero */
  double *points_plus, *points_minus; /* [my] complex lanes, on the other side of a transform */
  ptrdiff_t stride;                   /* doubles a row of `own` */
  double *own; /* [my, stride], of a row [blocks, 2 (kx, -kx)] complex lanes */
  MarlLineSegment
      *segment;    /* [ranks] own rows, of each rank's columns; of one rank: `own` itself */
  int ranks, rows; /* own rows */
  int *own_count, *own_offset, *row_count, *row_offset; /* [ranks] doubles exchanged, for MPI */
  MarlLaneForce *force;
  int num_forces;
  char *memory, *exchange;
};

/* The widest vectors that all ranks have. NULL-terminated, the widest first. */
extern const MarlColumnLanesOps *const marl_column_lanes_kinds[];

/* Are there codelets for a flow on this grid? */
bool marl_column_lanes_have(const MarlGrid *grid);
/* Collective. `ops` NULL: the widest that every rank can run. A grid that there are codelets for. */
MarlCode marl_column_lanes_create(const MarlGrid *grid, bool rotates, const MarlColumnLanesOps *ops,
                                  MarlColumnLanes **out, MarlError *err) MARL_NODISCARD;
void marl_column_lanes_destroy(MarlColumnLanes **lanes);

/* Own columns [columns, ny] of a spectral field to lanes [blocks, 2 kept - 1], or back; what is not kept is not
 * touched. */
void marl_column_lanes_load(const MarlColumnLanes *lanes, const MarlComplex *field, double *modes);
void marl_column_lanes_store(const MarlColumnLanes *lanes, const double *modes, MarlComplex *field);
/* What is even in ky, [columns, ny] and `parts` doubles each, to lanes [blocks, kept, parts]. */
void marl_column_lanes_load_even(const MarlColumnLanes *lanes, int parts, const double *field,
                                 double *modes);

/* Columns to rows between `begin` and `square`, rows to columns between `square` and `finish`. Collective. */
void marl_column_lanes_to_rows(const MarlColumnLanes *lanes);
void marl_column_lanes_to_columns(const MarlColumnLanes *lanes);

#endif
