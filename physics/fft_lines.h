/* Transforms of many lines at once by codelets: line l is lane l of vectors, as the flows of a batch
 * are (batch/lanes_transform.h), so that what happens to a line depends on nothing but its numbers: not
 * on its neighbours, nor on how many there are, nor on the vector's width.
 *
 * A length is the product of two or three radices, one pass each. The last two passes of three work
 * on a part that stays in the first-level cache.
 * Vectors of eight lanes were tried and left: on a processor with AVX-512 they made plain steps of 32 and
 * 64 points 6 % faster, those of 128 and 256 not, and FFTW, which does the other transforms of a flow,
 * a fifth slower, probably because the clock goes down.
 * Lines are columns of a pencil, one after another, or its rows (pencil.h). Complex numbers are (re, im). */
#ifndef MARL_PHYSICS_FFT_LINES_H
#define MARL_PHYSICS_FFT_LINES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct MarlLines MarlLines;

/* Columns first .. first+count-1 of kx in rows that belong to one rank: [.., stride] doubles of which
 * a row uses the first [count, 2 (plus, minus), 2 (re, im)]; the algebra is in pencil.h. */
typedef struct MarlLineSegment {
  int first, count;
  ptrdiff_t stride;
  double *rows;
} MarlLineSegment;

/* The largest |re| per_re + |im| per_im of points, and a sum that is not finite if one of them is not. */
typedef struct MarlLineSpeed {
  double per_re, per_im, largest, sum;
} MarlLineSpeed;

/* What is done in vectors of one kind. */
typedef struct MarlLinesOps {
  const char *name; /* "avx2", "fma", "portable" */
  int width;        /* lanes */
  bool fused;       /* has fused multiply-add: all that have give the same bits */
  bool (*here)(void);

  /* X_k = sum_j x_j exp(2 pi i j k / n) of columns [count, n], to column m of rows [n, stride] (doubles).
   * With an odd count rows must have room for one more: what is there is overwritten. */
  void (*columns_to_rows)(const MarlLines *lines, int count, const double *columns, double *rows,
                          ptrdiff_t stride);
  /* And back, by exp(-2 pi i j k / n). */
  void (*rows_to_columns)(const MarlLines *lines, int count, const double *rows, ptrdiff_t stride,
                          double *columns);
  /* Rows y .. y+count-1 of the segments, to points along x, z becomes z^2, and back, unscaled. `speed`
   * of z itself is raised, NULL: not asked for. */
  void (*square)(const MarlLines *lines, int num_segments, const MarlLineSegment *segments, int y,
                 int count, MarlLineSpeed *speed);
} MarlLinesOps;

enum { MARL_LINES_PASSES = 3 };

/* Radices of a length, and twiddle factors [radix, what is left, 2] after each pass but the last. */
typedef struct MarlLinesPlan {
  int passes, radix[MARL_LINES_PASSES];
  double *twiddles[MARL_LINES_PASSES - 1];
} MarlLinesPlan;

/* Read-only but for the scratch. */
struct MarlLines {
  const MarlLinesOps *ops;
  int n;
  int kept; /* |k| < kept exist: columns have zeros elsewhere, and get nothing there; n/2+1: all do */
  MarlLinesPlan plan, back; /* back: of squares, begins with the radix that the plan ends with */
  void *modes;              /* [n] complex lanes; what is not kept stays zero */
  void *between, *points;   /* [n + 16]: after the first pass, and at the other end */
  void *part;               /* [n] after the second of three */
  char *memory;
};

/* Are there codelets of this length? */
bool marl_lines_have(int n);
/* NULL: no memory. `ops` NULL: the best of this machine. A length that there is. */
MarlLines *marl_lines_create(int n, int kept, const MarlLinesOps *ops);
void marl_lines_destroy(MarlLines **lines);

/* NULL-terminated, the best first. */
extern const MarlLinesOps *const marl_lines_kinds[];

#endif
