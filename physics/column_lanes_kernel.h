/* Columns of a flow as lanes of one kind of vectors, for a file that has included fft_lines_kernel.h.
 * column_lanes.h says what the functions do. */
#ifndef MARL_PHYSICS_COLUMN_LANES_KERNEL_H
#define MARL_PHYSICS_COLUMN_LANES_KERNEL_H

#include "physics/column_lanes.h"
#include "physics/fft_lines_kernel.h"

/* z(kx, ky) = u_hat + i v_hat and z(-kx, -ky) = conj(u_hat - i v_hat), u_hat = i ky w_hat / k^2,
 * v_hat = -i kx w_hat / k^2 */
INLINE void velocity(V kx, REAL ky, V inverse, Z w, Z *plus, Z *minus) {
  const V a = kx * inverse, c = ky * inverse;
  *plus = (Z){a * w.re - c * w.im, c * w.re + a * w.im};
  *minus = (Z){-(a * w.re + c * w.im), a * w.im - c * w.re};
}

/* Column q (kx, -kx) of block b in `own`; `backward`: real for imaginary parts. */
INLINE Lanes column_side(const MarlColumnLanes *l, int b, int q, bool backward) {
  V *at = (V *)(l->own + (2 * b + q) * 2 * WIDTH);
  return (Lanes){backward ? at + 1 : at, backward ? at : at + 1, l->stride / (2 * WIDTH)};
}

static void begin_block(const MarlColumnLanes *l, int b) {
  const ptrdiff_t kept = l->kept, my = l->along_y->n;
  const V kx = ((const V *)l->kx)[b], *inverse = (const V *)l->inverse + b * kept;
  const Z *w = (const Z *)l->w + b * (2 * kept - 1);
  const double *ky = l->grid->ky;
  Z *plus = (Z *)l->plus, *minus = (Z *)l->minus;
  velocity(kx, 0, inverse[0], w[0], &plus[0], &minus[0]);
  for (ptrdiff_t j = 1; j < kept; ++j) {
    velocity(kx, ky[j], inverse[j], w[j], &plus[j], &minus[my - j]);
    velocity(kx, -ky[j], inverse[j], w[2 * kept - 1 - j], &plus[my - j], &minus[j]);
  }
  for (int q = 0; q < 2; ++q) {
    begin_lanes(l->along_y, q == 0 ? plus : minus);
    finish_lanes(l->along_y, &l->along_y->plan, l->along_y->between, column_side(l, b, q, false));
  }
}

/* N_hat = g z(kx, ky) + conj(g z(-kx, -ky)), g = scale [2 kx ky + i (kx^2 - ky^2)] / 4 */
INLINE Z curl(REAL scale, V kx, REAL ky, Z plus, Z minus) {
  const V re = (REAL)0.5 * scale * ky * kx, im = (REAL)0.25 * scale * (kx * kx - ky * ky);
  return (Z){re * (plus.re + minus.re) - im * (plus.im + minus.im),
             re * (plus.im - minus.im) + im * (plus.re - minus.re)};
}

static void finish_block(const MarlColumnLanes *l, int b) {
  const MarlLines *along = l->along_y;
  const ptrdiff_t kept = l->kept, my = along->n, r0 = along->plan.radix[0];
  Z *plus = (Z *)l->points_plus, *minus = (Z *)l->points_minus;
  for (int q = 0; q < 2; ++q) {
    first_of_lanes[r0 / 2](along->plan.twiddles[0], my / r0, column_side(l, b, q, true),
                           along->between);
    finish_lanes(along, &along->plan, along->between, side(q == 0 ? plus : minus, true));
  }
  const V kx = ((const V *)l->kx)[b];
  const double *ky = l->grid->ky;
  Z *now = (Z *)l->now + b * (2 * kept - 1);
  now[0] = curl(l->scale, kx, 0, plus[0], minus[0]);
  for (ptrdiff_t j = 1; j < kept; ++j) {
    now[j] = curl(l->scale, kx, ky[j], plus[j], minus[my - j]);
    now[2 * kept - 1 - j] = curl(l->scale, kx, -ky[j], plus[my - j], minus[j]);
  }
}

/* mode j of a block, of |ky| index `even` */
INLINE void update_mode(const MarlColumnLanes *l, ptrdiff_t j, ptrdiff_t even, REAL newest,
                        REAL oldest) {
  const V d = ((const V *)l->decay)[even];
  const Z now = ((const Z *)l->now)[j], old = ((const Z *)l->old)[j];
  Z *w = (Z *)l->w + j;
  w->re = d * (d * w->re - newest * now.re + oldest * old.re);
  w->im = d * (d * w->im - newest * now.im + oldest * old.im);
}

INLINE Z rotated(Z z, Z by) {
  return (Z){by.re * z.re - by.im * z.im, by.im * z.re + by.re * z.im};
}

INLINE void rotate_mode(const MarlColumnLanes *l, ptrdiff_t j, ptrdiff_t even, REAL newest,
                        REAL oldest) {
  const V d = ((const V *)l->decay)[even];
  const Z by = ((const Z *)l->rotation)[even], now = ((const Z *)l->now)[j];
  const Z old = rotated(((const Z *)l->old)[j], by);
  Z *w = (Z *)l->w + j;
  const Z next = {d * (d * w->re - newest * now.re + oldest * old.re),
                  d * (d * w->im - newest * now.im + oldest * old.im)};
  *w = rotated(next, by);
}

static void update_block(const MarlColumnLanes *l, int b, double newest, double oldest) {
  const ptrdiff_t kept = l->kept, modes = b * (2 * kept - 1), even = b * kept;
  if (l->rotation == NULL) {
    for (ptrdiff_t j = 0; j < kept; ++j) update_mode(l, modes + j, even + j, newest, oldest);
    for (ptrdiff_t j = kept; j < 2 * kept - 1; ++j)
      update_mode(l, modes + j, even + 2 * kept - 1 - j, newest, oldest);
    return;
  }
  for (ptrdiff_t j = 0; j < kept; ++j) rotate_mode(l, modes + j, even + j, newest, oldest);
  for (ptrdiff_t j = kept; j < 2 * kept - 1; ++j)
    rotate_mode(l, modes + j, even + 2 * kept - 1 - j, newest, oldest);
}

/* Numbers of WIDTH columns from k on, in WIDTH rows, to lanes that are rows: row[k], or row[-k]. */
INLINE void turn_to_rows(const V *const of[WIDTH], int k, int end, int q, int n, Z *row) {
  V re[WIDTH], im[WIDTH];
  for (int i = 0; i < WIDTH; ++i) {
    re[i] = of[i][0];
    im[i] = of[i][1];
  }
  transpose(re);
  transpose(im);
  for (int c = 0; c < WIDTH && k + c < end; ++c) {
    if (q == 0)
      row[k + c] = (Z){re[c], im[c]};
    else if (k + c > 0)
      row[n - k - c] = (Z){re[c], im[c]};
  }
}

INLINE void turn_to_columns(const Z *row, int k, int end, int q, int n, V *const of[WIDTH]) {
  V re[WIDTH] = {{0}}, im[WIDTH] = {{0}};
  for (int c = 0; c < WIDTH && k + c < end; ++c) {
    const Z *z = &row[q == 0 || k + c == 0 ? k + c : n - k - c];
    re[c] = z->re;
    im[c] = z->im;
  }
  transpose(re);
  transpose(im);
  for (int i = WIDTH - 1; i >= 0; --i) { /* where several lanes have one row, the first counts */
    of[i][0] = re[i];
    of[i][1] = im[i];
  }
}

/* Rows y .. y+WIDTH-1, of which `rows` are the last. */
INLINE void turn_rows(const MarlColumnLanes *l, int y, bool back, Z *row) {
  const int n = l->along_x->n;
  for (int s = 0; s < l->ranks; ++s) {
    const MarlLineSegment *segment = &l->segment[s];
    const int end = segment->first + segment->count;
    V *of[WIDTH];
    for (int i = 0; i < WIDTH; ++i)
      of[i] = (V *)(segment->rows + smaller(y + i, l->rows - 1) * segment->stride);
    for (int k = segment->first; k < end; k += WIDTH)
      for (int q = 0; q < 2; ++q) {
        if (back)
          turn_to_columns(row, k, end, q, n, of);
        else
          turn_to_rows((const V *const *)of, k, end, q, n, row);
        for (int i = 0; i < WIDTH; ++i) of[i] += 2;
      }
  }
}

static void square_rows(const MarlColumnLanes *lanes, MarlLineSpeed *speed) {
  const MarlLines *l = lanes->along_x;
  Speed found = {0};
  if (speed != NULL) found = (Speed){.per_re = speed->per_re, .per_im = speed->per_im};
  for (int y = 0; y < lanes->rows; y += WIDTH) {
    turn_rows(lanes, y, false, l->modes);
    begin_lanes(l, l->modes);
    finish_squares(l, speed != NULL ? &found : NULL);
    finish_lanes(l, &l->back, l->points, side(l->between, true));
    turn_rows(lanes, y, true, l->between);
  }
  if (speed != NULL) take_speed(&found, speed);
}

#define COLUMN_LANES_OF(kind) kind##_columns
#define COLUMN_LANES(kind) COLUMN_LANES_OF(kind)
extern const MarlColumnLanesOps COLUMN_LANES(KIND);
const MarlColumnLanesOps COLUMN_LANES(KIND) = {
    .lines = &KIND,
    .begin = begin_block,
    .square = square_rows,
    .finish = finish_block,
    .update = update_block,
};

#endif
