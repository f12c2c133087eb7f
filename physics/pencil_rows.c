/* The row side of a pencil: stored columns <-> rows of z. */
#include <string.h>

#include "physics/pencil.h"

/* Columns k of [first, end) that have a mirror image -k: not kx = 0 and not kx = mx/2 */
static int mirrored_from(int first) {
  return first > 0 ? first : 1;
}
static int mirrored_to(const MarlPencil *p, int end) {
  const int half = (p->mx + 1) / 2;
  return end < half ? end : half;
}

/* row[k] = plus(k), row[-k] = conj(minus(k)); (re, im) pairs */
static void unfold(const MarlPencil *p, int first, int end, const double *restrict pair,
                   double *restrict row) {
  const int from = mirrored_from(first), to = mirrored_to(p, end);
  if (first == 0 && end > 0) memcpy(row, pair, 2 * sizeof *row);
  for (int k = from; k < to; ++k) {
    const double *source = pair + 4 * (k - first);
    double *mirror = row + 2 * (p->mx - k);
    row[2 * k] = source[0];
    row[2 * k + 1] = source[1];
    mirror[0] = source[2];
    mirror[1] = -source[3];
  }
  if (2 * (end - 1) == p->mx) memcpy(row + p->mx, pair + 4 * (end - 1 - first), 2 * sizeof *row);
}

/* plus(k) = row[k], minus(k) = conj(row[-k]) */
static void fold(const MarlPencil *p, int first, int end, const double *restrict row,
                 double *restrict pair) {
  for (int k = first; k < end; ++k) {
    const double *mirror = row + 2 * (k > 0 ? p->mx - k : 0);
    double *target = pair + 4 * (k - first);
    target[0] = row[2 * k];
    target[1] = row[2 * k + 1];
    target[2] = mirror[0];
    target[3] = -mirror[1];
  }
}

/* row = a + i b: row[k] = a(k) + i b(k), row[-k] = conj(a(k)) + i conj(b(k)) */
static void unfold_two(const MarlPencil *p, int first, int end, const double *restrict a,
                       const double *restrict b, double *restrict row) {
  const int from = mirrored_from(first), to = mirrored_to(p, end);
  for (int k = from; k < to; ++k) {
    const int at = 2 * (k - first);
    double *mirror = row + 2 * (p->mx - k);
    row[2 * k] = a[at] - b[at + 1];
    row[2 * k + 1] = a[at + 1] + b[at];
    mirror[0] = a[at] + b[at + 1];
    mirror[1] = b[at] - a[at + 1];
  }
  /* kx = 0 and kx = mx/2 are real in a real field */
  const int last = end - 1 - first;
  if (first == 0 && end > 0) {
    row[0] = a[0];
    row[1] = b[0];
  }
  if (2 * (end - 1) == p->mx) {
    row[p->mx] = a[2 * last];
    row[p->mx + 1] = b[2 * last];
  }
}

/* a(k) = (row[k] + conj(row[-k])) / 2, b(k) = (row[k] - conj(row[-k])) / 2i */
static void fold_two(const MarlPencil *p, int first, int end, const double *restrict row,
                     double *restrict a, double *restrict b) {
  for (int k = first; k < end; ++k) {
    const double *mirror = row + 2 * (k > 0 ? p->mx - k : 0);
    const int at = 2 * (k - first);
    a[at] = 0.5 * (row[2 * k] + mirror[0]);
    a[at + 1] = 0.5 * (row[2 * k + 1] - mirror[1]);
    b[at] = 0.5 * (row[2 * k + 1] + mirror[1]);
    b[at + 1] = 0.5 * (mirror[0] - row[2 * k]);
  }
}

double *marl_pencil_row(const MarlPencil *p, int s, int y) {
  return (double *)(p->segment[s] + y * p->stride_of[s]);
}

void marl_pencil_inverse(const MarlPencil *p, int n, MarlComplex *in, MarlComplex *z) {
  const fftw_plan rest = n == p->row_block ? NULL : p->row_inverse[1];
  fftw_execute_dft(rest != NULL ? rest : p->row_inverse[0], in, z);
}

void marl_pencil_rows_inverse(MarlPencil *p, int y, int n) {
  for (int r = 0; r < marl_pencil_z_rows(p, n); ++r)
    for (int s = 0; s < p->ranks; ++s) {
      const int first = p->first_of[s], end = first + p->columns_of[s];
      double *row = (double *)(p->row_in + (ptrdiff_t)r * p->mx);
      const int second = 2 * r + 1 < n ? 2 * r + 1 : 2 * r; /* an odd row is its own partner */
      if (p->width == 2)
        unfold(p, first, end, marl_pencil_row(p, s, y + r), row);
      else
        unfold_two(p, first, end, marl_pencil_row(p, s, y + 2 * r),
                   marl_pencil_row(p, s, y + second), row);
    }
  marl_pencil_inverse(p, n, p->row_in, p->row_z);
}

void marl_pencil_rows_forward(MarlPencil *p, int y, int n) {
  const fftw_plan rest = n == p->row_block ? NULL : p->row_forward[1];
  fftw_execute(rest != NULL ? rest : p->row_forward[0]);
  for (int r = 0; r < marl_pencil_z_rows(p, n); ++r)
    for (int s = 0; s < p->ranks; ++s) {
      const int first = p->first_of[s], end = first + p->columns_of[s];
      const double *row = (const double *)(p->row_out + (ptrdiff_t)r * p->mx);
      double *unused = (double *)p->row_z; /* transformed already */
      if (p->width == 2)
        fold(p, first, end, row, marl_pencil_row(p, s, y + r));
      else
        fold_two(p, first, end, row, marl_pencil_row(p, s, y + 2 * r),
                 2 * r + 1 < n ? marl_pencil_row(p, s, y + 2 * r + 1) : unused);
    }
}

void marl_pencil_rows_square(MarlPencil *p, MarlLineSpeed *speed) {
  const MarlLines *lines = p->row_lines;
  lines->ops->square(lines, p->ranks, p->line_segment, 0, p->rows, speed);
}
