/* One complex transform for two real fields, or for two rows of one, in column and row passes
 *
 * Two real fields a and b travel as z = a + i b. Its coefficients for kx = k and kx = -k come from
 * those of a and b at k >= 0 alone: with plus = a_hat + i b_hat and minus = a_hat - i b_hat,
 *   z_hat(k) = plus(k),  z_hat(-k) = conj(minus(k)) after the transform along y.
 * So a pencil of width 2 keeps a pair (plus, minus) for each of the retained columns kx = 0 ..
 * columns-1, transforms pairs along y, exchanges columns for rows, and transforms rows of z along
 * x. A pencil of width 1 keeps the columns of one field and makes z of two neighbouring rows. Columns
 * cut by truncation are neither stored nor transformed. Complex transforms of length n are about
 * twice as fast in FFTW as the real ones they replace (docs/solver.md has the figures).
 *
 * All passes work on blocks that stay in the second-level cache: a large field crosses memory
 * once per pass. Columns, and rows that are squared, are done by codelets (fft_lines.h) where the grid's
 * `transform` and the pencil's shape ask for it and there are some of that length, everything else by
 * FFTW with plans that are FFTW_ESTIMATE with stored wisdom (wisdom.h): the same on every run.
 *
 * A transform has the same bits on any number of ranks. With codelets nothing that happens to a line
 * depends on the others. With FFTW it is that of a full block of columns or rows on
 * one rank: FFTW may choose another algorithm for another number of columns or another stride, so
 * every other plan is tried on numbers when it is made, and if it differs in a bit the block's plan
 * does its work, through a scratch array (pencil_plan.c).
 * Lengths are those of the transforms, mx and my, which padding makes larger than the grid's. */
#ifndef MARL_PHYSICS_PENCIL_H
#define MARL_PHYSICS_PENCIL_H

#include <complex.h> /* before fftw3.h: fftw_complex is then double complex */

#include <fftw3.h>
#include <stdbool.h>

#include "physics/fft_lines.h"
#include "physics/grid.h"

typedef struct MarlPencil {
  MPI_Comm comm;                   /* borrowed */
  int ranks;                       /* of comm */
  int width;                       /* complex numbers a column and row: 2 or 1 */
  int mx, my;                      /* transform lengths */
  bool borrows;                    /* pairs and segments are the lender's */
  int row0, rows;                  /* own rows of z */
  int first, columns;              /* own columns: kx index first .. first+columns-1; may be 0 */
  int *first_of, *columns_of;      /* [ranks] the same of every rank */
  ptrdiff_t stride;                /* complex numbers a row of `pairs` */
  MarlComplex *pairs;              /* [my, stride] column side: `width` numbers of own columns */
  ptrdiff_t *stride_of;            /* [ranks] */
  MarlComplex **segment;           /* [ranks] of [rows, stride_of]: row side, one per source rank;
                                      on one rank the same memory as pairs */
  int *pairs_count, *pairs_offset; /* [ranks] doubles exchanged, for MPI */
  int *segment_count, *segment_offset;
  int block;               /* most columns of one call; of any width and rank the same */
  MarlComplex *column_in;  /* [width block, my] e.g. (plus, minus) of each column */
  MarlComplex *column_out; /* [width block, my] */
  MarlLines *column_lines, *row_lines; /* NULL: this side is FFTW's, and the plans below are made */
  MarlLineSegment *line_segment;       /* [ranks] the row side again; strides in doubles */
  fftw_plan scatter[2], gather[2]; /* of `block` columns and of the rest; NULL: by the two below */
  fftw_plan common_scatter, common_gather; /* of a block on one rank, with whole_pairs as pairs */
  ptrdiff_t whole_stride;
  MarlComplex *whole_pairs; /* [my, whole_stride] scratch, NULL if it is not needed */
  int row_block;            /* field rows of one call, even; of any width and rank the same */
  MarlComplex *row_in;      /* [z rows of a block, mx]; the truncated middle stays zero */
  MarlComplex *row_z;       /* [z rows, mx] z in physical space */
  MarlComplex *row_out;     /* [z rows, mx] */
  fftw_plan row_inverse[2], row_forward[2]; /* of row_block rows and of the rest; NULL: as a block
                                               of which some rows count for nothing */
} MarlPencil;

/* Make the plans of the sides that have no lines. false if FFTW or memory fails. */
bool marl_pencil_plan(MarlPencil *pencil, unsigned flags);

/* Modes of a pencil: columns kx index 0 .. kept_x-1 (at most mx/2+1) are retained, and a rank has those
 * that lie within the columns the grid gives it. Of a column |ky| < kept_y exist (my/2+1: all); the
 * rest of column_in is zero, and the rest of column_out means nothing. */
typedef struct MarlPencilShape {
  int width, mx, my, kept_x, kept_y;
  bool squares; /* of width 2, and its rows are mostly squared: codelets pay */
  /* NULL, or a pencil of the same grid and lengths with no less width and kept_x, whose `pairs` and segments
   * this one uses, too: they hold nothing between the passes of one transform. It is destroyed later. */
  const struct MarlPencil *lender;
} MarlPencilShape;

/* Collective over grid->comm. */
MarlCode marl_pencil_create(const MarlGrid *grid, MarlPencilShape shape, MarlPencil **out,
                            MarlError *err) MARL_NODISCARD;
/* The same by FFTW with plans of another rigor (FFTW_MEASURE, FFTW_PATIENT) and without stored wisdom:
 * for measuring what to store. */
MarlCode marl_pencil_create_planned(const MarlGrid *grid, MarlPencilShape shape, unsigned rigor,
                                    MarlPencil **out, MarlError *err) MARL_NODISCARD;
void marl_pencil_destroy(MarlPencil **pencil);

/* Inverse along y: column_in (preserved) -> pairs of own columns c .. c+n-1, n = block or what
 * is left. */
void marl_pencil_scatter(MarlPencil *pencil, int c, int n);
/* Forward along y: pairs -> column_out, unscaled. */
void marl_pencil_gather(MarlPencil *pencil, int c, int n);

/* Exchange column side and row side; nothing to do on one rank. Collective. */
void marl_pencil_to_rows(MarlPencil *pencil);
void marl_pencil_to_columns(MarlPencil *pencil);

/* Inverse along x of own rows y .. y+n-1, n = row_block or what is left: segments -> row_z, where
 * row r of z is row y+r (width 2), or row y+2r in its real and y+2r+1 in its imaginary part; the
 * last imaginary part counts for nothing if n is odd. */
void marl_pencil_rows_inverse(MarlPencil *pencil, int y, int n);
/* Forward along x: row_z -> segments, unscaled. */
void marl_pencil_rows_forward(MarlPencil *pencil, int y, int n);

/* Of all own rows at once: inverse, z becomes z^2, forward. `speed` of z is raised, if it is not NULL. Only
 * with row_lines and width 2. */
void marl_pencil_rows_square(MarlPencil *pencil, MarlLineSpeed *speed);

/* Parts of the inverse and forward above, for rows of z that the caller makes: how many rows of z hold n field
 * rows; the columns of rank s in own row y, [columns_of[s], width] (re, im) pairs; the inverse of
 * n field rows of width 2 on other arrays of marl_arena_alloc. */
int marl_pencil_z_rows(const MarlPencil *pencil, int n);
double *marl_pencil_row(const MarlPencil *pencil, int s, int y);
void marl_pencil_inverse(const MarlPencil *pencil, int n, MarlComplex *in, MarlComplex *z);

#endif
