/* Transforms of lines in vectors of one kind: a source file defines REAL (double), WIDTH, KIND (the name
 * of its MarlLinesOps), KIND_NAME, FUSED and HERE (can this machine run it?) and includes this. fft_lines.h says
 * what the functions do. */
#ifndef MARL_PHYSICS_FFT_LINES_KERNEL_H
#define MARL_PHYSICS_FFT_LINES_KERNEL_H

#include "physics/fft_lines.h"
#include "physics/fft_lines_passes.h"

INLINE int smaller(int a, int b) {
  return a < b ? a : b;
}

/* `backward`: the other direction. */
INLINE Lanes side(void *lanes, bool backward) {
  V *re = lanes;
  return (Lanes){backward ? re + 1 : re, backward ? re : re + 1, 1};
}

/* The first pass, into `between`. */
static void begin_lanes(const MarlLines *l, void *in) {
  const ptrdiff_t r0 = l->plan.radix[0];
  first_of_lanes[r0 / 2](l->plan.twiddles[0], l->n / r0, side(in, false), l->between);
}

/* Part k of what the first pass gave, through the second of three, into l->part. */
static void second_pass(const MarlLines *l, const MarlLinesPlan *plan, Z *between, ptrdiff_t k) {
  const ptrdiff_t r1 = plan->radix[1], r2 = plan->radix[2];
  first_of_lanes[r1 / 2](plan->twiddles[1], r2, side(between + k * pitch(r1 * r2), false), l->part);
}

/* What follows the first pass. */
static void finish_lanes(const MarlLines *l, const MarlLinesPlan *plan, void *between, Lanes out) {
  const ptrdiff_t r0 = plan->radix[0], r1 = plan->radix[1], r2 = plan->radix[2];
  if (plan->passes == 2) {
    last_into_lanes[r1 / 2](between, r0, out);
    return;
  }
  for (ptrdiff_t k = 0; k < r0; ++k) {
    second_pass(l, plan, between, k);
    last_into_lanes[r2 / 2](
        l->part, r1, (Lanes){out.re + 2 * k * out.step, out.im + 2 * k * out.step, r0 * out.step});
  }
}

static void finish_rows(const MarlLines *l, Rows out) {
  const ptrdiff_t r0 = l->plan.radix[0], r1 = l->plan.radix[1], r2 = l->plan.radix[2];
  if (l->plan.passes == 2) {
    last_into_rows[r1 / 2](l->between, r0, out);
    return;
  }
  for (ptrdiff_t k = 0; k < r0; ++k) {
    second_pass(l, &l->plan, l->between, k);
    last_into_rows[r2 / 2](l->part, r1,
                           (Rows){out.at + k * out.stride, r0 * out.stride, out.second});
  }
}

/* From `between` through points and squares to the first pass back, in l->points. */
static void finish_squares(const MarlLines *l, Speed *speed) {
  const ptrdiff_t r0 = l->plan.radix[0], r1 = l->plan.radix[1], r2 = l->plan.radix[2];
  Squares squares = {.twiddles = l->back.twiddles[0],
                     .m = l->n / l->back.radix[0],
                     .step = 1,
                     .count = r0,
                     .out = l->points,
                     .speed = speed};
  if (l->plan.passes == 2) {
    last_into_squares[r1 / 2](l->between, &squares);
    return;
  }
  squares.step = r0;
  squares.count = r1;
  for (; squares.from < r0; ++squares.from) {
    second_pass(l, &l->plan, l->between, squares.from);
    last_into_squares[r2 / 2](l->part, &squares);
  }
}

/* Lines of which lane i is `of[i]`, elements from .. to-1 rounded outward to multiples of WIDTH/2. */
INLINE void take(const double *const of[WIDTH], int from, int to, Z *lanes) {
  for (int e = from / (WIDTH / 2) * (WIDTH / 2); e < to; e += WIDTH / 2) {
    V v[WIDTH];
    for (int i = 0; i < WIDTH; ++i) v[i] = load(of[i] + 2 * e);
    transpose(v);
    for (int q = 0; q < WIDTH / 2; ++q) lanes[e + q] = (Z){v[2 * q], v[2 * q + 1]};
  }
}

/* And back; where several lanes have one line, the first of them counts. */
INLINE void give(const Z *lanes, int from, int to, double *const of[WIDTH]) {
  for (int e = from / (WIDTH / 2) * (WIDTH / 2); e < to; e += WIDTH / 2) {
    V v[WIDTH];
    for (int q = 0; q < WIDTH / 2; ++q) {
      v[2 * q] = lanes[e + q].re;
      v[2 * q + 1] = lanes[e + q].im;
    }
    transpose(v);
    for (int i = WIDTH - 1; i >= 0; --i) store(of[i] + 2 * e, v[i]);
  }
}

/* The column of a lane of rows (fft_lines_passes.h). Of those that are not there others take the place: where the
 * upper half is not, lane 2 i + 1 is lane 2 i again; the last column stands in for the rest, which are
 * behind its own lane. */
INLINE int column_of(int lane, int count) {
  const int upper = count > WIDTH / 2 ? lane % 2 * (WIDTH / 2) : 0;
  return smaller(lane / 2 + upper, count - 1);
}

static void columns_to_rows(const MarlLines *l, int count, const double *columns, double *rows,
                            ptrdiff_t stride) {
  const int n = l->n, kept = smaller(l->kept, n / 2 + 1);
  for (int c = 0; c < count; c += WIDTH) {
    const double *of[WIDTH];
    for (int i = 0; i < WIDTH; ++i)
      of[i] = columns + 2 * (ptrdiff_t)n * (c + column_of(i, count - c));
    take(of, 0, kept, l->modes);
    take(of, n - kept + 1, n, l->modes);
    begin_lanes(l, l->modes);
    finish_rows(l, (Rows){rows + 2 * c, stride, count - c > WIDTH / 2 ? WIDTH : 0});
  }
}

static void rows_to_columns(const MarlLines *l, int count, const double *rows, ptrdiff_t stride,
                            double *columns) {
  const int n = l->n, kept = smaller(l->kept, n / 2 + 1);
  for (int c = 0; c < count; c += WIDTH) {
    double *of[WIDTH];
    for (int i = 0; i < WIDTH; ++i)
      of[i] = columns + 2 * (ptrdiff_t)n * (c + column_of(i, count - c));
    const Rows in = {(double *)rows + 2 * c, stride, count - c > WIDTH / 2 ? WIDTH : 0};
    first_of_rows[l->plan.radix[0] / 2](l->plan.twiddles[0], n / l->plan.radix[0], in, l->between);
    finish_lanes(l, &l->plan, l->between, side(l->points, true));
    give(l->points, 0, kept, of);
    give(l->points, n - kept + 1, n, of);
  }
}

/* Numbers i .. i+WIDTH/2-1 of the rows `of`, plus and minus in turn, are columns first + i/2 ...:
 * row[k] = plus(k), row[-k] = conj(minus(k)). */
INLINE void unfold(const MarlLines *l, const MarlLineSegment *s, double *const of[WIDTH], Z *row) {
  const int n = l->n, numbers = 2 * s->count;
  for (int i = 0; i < numbers; i += WIDTH / 2) {
    V v[WIDTH];
    for (int r = 0; r < WIDTH; ++r) v[r] = load(of[r] + 2 * i);
    transpose(v);
    for (int q = 0; q < WIDTH / 2 && i + q < numbers; ++q) {
      const int k = s->first + (i + q) / 2;
      if ((i + q) % 2 == 0)
        row[k] = (Z){v[2 * q], v[2 * q + 1]};
      else if (k > 0 && 2 * k < n)
        row[n - k] = (Z){v[2 * q], -v[2 * q + 1]};
    }
  }
}

/* plus(k) = row[k], minus(k) = conj(row[-k]) */
INLINE void fold(const MarlLines *l, const MarlLineSegment *s, const Z *row,
                 double *const of[WIDTH]) {
  const int n = l->n, numbers = 2 * s->count;
  for (int i = 0; i < numbers; i += WIDTH / 2) {
    V v[WIDTH] = {{0}};
    for (int q = 0; q < WIDTH / 2 && i + q < numbers; ++q) {
      const int k = s->first + (i + q) / 2;
      const Z *z = &row[(i + q) % 2 == 0 || k == 0 ? k : n - k];
      v[2 * q] = z->re;
      v[2 * q + 1] = (i + q) % 2 == 0 ? z->im : -z->im;
    }
    transpose(v);
    for (int r = WIDTH - 1; r >= 0; --r) store(of[r] + 2 * i, v[r]);
  }
}

/* What the lanes have found. */
static void take_speed(const Speed *lanes, MarlLineSpeed *speed) {
  for (int lane = 0; lane < WIDTH; ++lane) {
    speed->largest = lanes->largest[lane] > speed->largest ? lanes->largest[lane] : speed->largest;
    speed->sum += lanes->sum[lane];
  }
}

static void square(const MarlLines *l, int num_segments, const MarlLineSegment *segments, int y,
                   int count, MarlLineSpeed *speed) {
  Speed lanes = {0};
  if (speed != NULL) lanes = (Speed){.per_re = speed->per_re, .per_im = speed->per_im};
  for (int r = 0; r < count; r += WIDTH)
    for (int back = 0; back < 2; ++back) {
      for (int s = 0; s < num_segments; ++s) {
        double *of[WIDTH];
        for (int i = 0; i < WIDTH; ++i)
          of[i] = segments[s].rows + (y + smaller(r + i, count - 1)) * segments[s].stride;
        if (back)
          fold(l, &segments[s], l->between, of);
        else
          unfold(l, &segments[s], of, l->modes);
      }
      if (back) continue;
      begin_lanes(l, l->modes);
      finish_squares(l, speed != NULL ? &lanes : NULL);
      finish_lanes(l, &l->back, l->points, side(l->between, true));
    }
  if (speed != NULL) take_speed(&lanes, speed);
}

static bool here(void) {
  return HERE;
}

extern const MarlLinesOps KIND;
const MarlLinesOps KIND = {
    .name = KIND_NAME,
    .width = WIDTH,
    .fused = FUSED,
    .here = here,
    .columns_to_rows = columns_to_rows,
    .rows_to_columns = rows_to_columns,
    .square = square,
};

#endif
