/* Transforms of lines by codelets: against FFTW, and what they may not depend on. */
#include "physics/fft_lines.h"

#include <complex.h>
#include <fftw3.h>

#include "tests/physics/flow_fields.h"

enum { MOST = 3072, LINES = 19, STRIDE = 2 * 24 };

static const int lengths[] = {16,  24,  32,  36,  48,  64,  72,   96,   128,  144,  192,
                              256, 288, 384, 512, 576, 768, 1024, 1152, 1536, 2048, 3072};
enum { NUM_LENGTHS = sizeof lengths / sizeof *lengths };

/* [lines, n] columns, FFTW's transforms of them, [n, STRIDE] rows */
typedef struct Case {
  int n;
  double *in, *expected, *out, *rows;
} Case;

static double *numbers(size_t count) {
  double *array = aligned_alloc(64, (count * sizeof(double) + 63) / 64 * 64);
  CU_ASSERT_FATAL(array != NULL);
  for (size_t i = 0; i < count; ++i) array[i] = cos(1.0 + (double)(i * i % 65521));
  return array;
}

static Case make_case(int n) {
  const size_t count = 2 * (size_t)n * LINES;
  Case c = {.n = n, .in = numbers(count), .expected = numbers(count), .out = numbers(count)};
  c.rows = numbers((size_t)n * STRIDE);
  fftw_plan plan =
      fftw_plan_many_dft(1, &n, LINES, (fftw_complex *)c.in, NULL, 1, n, (fftw_complex *)c.expected,
                         NULL, 1, n, FFTW_BACKWARD, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
  fftw_execute(plan);
  fftw_destroy_plan(plan);
  return c;
}

static void clear_case(Case *c) {
  free(c->in);
  free(c->expected);
  free(c->out);
  free(c->rows);
}

/* Do numbers of column m of the rows differ from those expected? The largest difference over the rms. */
static double difference(const Case *c, int count) {
  double worst = 0, sum = 0;
  for (int m = 0; m < count; ++m)
    for (int j = 0; j < c->n; ++j)
      for (int part = 0; part < 2; ++part) {
        const double expected = c->expected[2 * (m * c->n + j) + part];
        worst = fmax(worst, fabs(c->rows[j * STRIDE + 2 * m + part] - expected));
        sum += expected * expected;
      }
  return worst / sqrt(sum / (2.0 * count * c->n));
}

/* The error of a fast transform is eps times log2 n, in the norm of all numbers, with a factor near one
 * for each of two codes (Higham, Accuracy and Stability, section 24.1); the largest of thousands of
 * them is up to five standard deviations. */
static double round_off(int n) {
  return 2 * 5 * 0x1p-53 * log2(n);
}

static void every_length_is_what_fftw_computes(void) {
  for (int i = 0; i < NUM_LENGTHS; ++i) {
    Case c = make_case(lengths[i]);
    CU_ASSERT_FATAL(marl_lines_have(c.n));
    for (const MarlLinesOps *const *ops = marl_lines_kinds; *ops != NULL; ++ops) {
      if (!(*ops)->here()) continue;
      MarlLines *lines = marl_lines_create(c.n, c.n / 2 + 1, *ops);
      CU_ASSERT_FATAL(lines != NULL);
      (*ops)->columns_to_rows(lines, LINES, c.in, c.rows, STRIDE);
      UNIT_NEAR(difference(&c, LINES), 0, round_off(c.n));
      /* and back: n times what it was; Parseval: n times its energy, eps for each of its terms */
      (*ops)->rows_to_columns(lines, LINES, c.rows, STRIDE, c.out);
      double worst = 0, energy = 0, other = 0;
      for (int j = 0; j < 2 * c.n * LINES; ++j) {
        worst = fmax(worst, fabs(c.out[j] / c.n - c.in[j]));
        energy += c.in[j] * c.in[j];
      }
      for (int j = 0; j < c.n; ++j)
        for (int m = 0; m < 2 * LINES; ++m)
          other += c.rows[j * STRIDE + m] * c.rows[j * STRIDE + m] / c.n;
      UNIT_NEAR(worst, 0, 2 * round_off(c.n));
      UNIT_NEAR(other / energy, 1, 0x1p-52 * sqrt(c.n * LINES) * log2(c.n));
      marl_lines_destroy(&lines);
    }
    clear_case(&c);
  }
}

/* Transformed with others or alone, at any place among them. */
static void a_line_does_not_depend_on_its_company(void) {
  static const int some[] = {32, 48, 256, 384};
  for (size_t i = 0; i < sizeof some / sizeof *some; ++i) {
    Case c = make_case(some[i]);
    MarlLines *lines = marl_lines_create(c.n, c.n / 2 + 1, NULL);
    double *alone = numbers((size_t)c.n * STRIDE), *one = numbers(2 * (size_t)c.n);
    lines->ops->columns_to_rows(lines, LINES, c.in, c.rows, STRIDE);
    lines->ops->rows_to_columns(lines, LINES, c.rows, STRIDE, c.out);
    for (int count = 1; count <= LINES; ++count) { /* the first `count` of them */
      for (int first = 0; first < LINES; first += 4 * ((count + 3) / 4)) {
        const int left = LINES - first < count ? LINES - first : count;
        lines->ops->columns_to_rows(lines, left, c.in + 2 * first * c.n, alone + 2 * first, STRIDE);
      }
      for (int j = 0; j < c.n; ++j)
        UNIT_BITS_EQUAL(alone + j * STRIDE, c.rows + j * STRIDE,
                        2 * (size_t)count * sizeof(double));
    }
    for (int m = 0; m < LINES; ++m) {
      lines->ops->rows_to_columns(lines, 1, c.rows + 2 * m, STRIDE, one);
      UNIT_BITS_EQUAL(one, c.out + 2 * m * c.n, 2 * (size_t)c.n * sizeof(double));
    }
    free(alone);
    free(one);
    marl_lines_destroy(&lines);
    clear_case(&c);
  }
}

/* Rows of pairs of `columns` of kx, as they come from a transform along y: anything. */
static double *make_segment(int rows, ptrdiff_t stride) {
  return numbers((size_t)rows * (size_t)stride);
}

/* Squares of `rows` rows, whose columns lie in two segments, the first with `cut` columns; n points. The
 * rows begin and end in blocks of `block`. */
static void squares(const MarlLinesOps *ops, int n, int columns, int cut, int block, int rows,
                    double *out, MarlLineSpeed *speed) {
  const ptrdiff_t stride = 4 * (ptrdiff_t)columns + 8;
  double *whole = make_segment(rows, stride), *part[2];
  const int count[2] = {cut, columns - cut};
  MarlLines *lines = marl_lines_create(n, n / 2 + 1, ops);
  for (int s = 0; s < 2; ++s) {
    part[s] = numbers((size_t)rows * (size_t)stride);
    for (int y = 0; y < rows; ++y)
      memcpy(part[s] + y * stride, whole + y * stride + 4 * s * cut,
             4 * (size_t)count[s] * sizeof(double));
  }
  const MarlLineSegment segments[2] = {{0, count[0], stride, part[0]},
                                       {cut, count[1], stride, part[1]}};
  for (int y = 0; y < rows; y += block)
    ops->square(lines, 2, segments, y, rows - y < block ? rows - y : block, speed);
  for (int s = 0; s < 2; ++s)
    for (int y = 0; y < rows; ++y)
      memcpy(out + 4 * (y * columns + s * cut), part[s] + y * stride,
             4 * (size_t)count[s] * sizeof(double));
  for (int s = 0; s < 2; ++s) free(part[s]);
  free(whole);
  marl_lines_destroy(&lines);
}

/* The same by FFTW, row by row; returns the largest |re| + 2 |im| of z. */
static double squares_by_fftw(int n, int columns, int rows, double *out) {
  const ptrdiff_t stride = 4 * (ptrdiff_t)columns + 8;
  double *whole = make_segment(rows, stride), largest = 0;
  fftw_complex *z = fftw_alloc_complex((size_t)n);
  fftw_plan there = fftw_plan_dft_1d(n, z, z, FFTW_BACKWARD, FFTW_ESTIMATE);
  fftw_plan back = fftw_plan_dft_1d(n, z, z, FFTW_FORWARD, FFTW_ESTIMATE);
  for (int y = 0; y < rows; ++y) {
    const double *row = whole + y * stride;
    for (int k = 0; k < n; ++k) z[k] = 0;
    for (int k = 0; k < columns; ++k) {
      z[k] = CMPLX(row[4 * k], row[4 * k + 1]);
      if (k > 0) z[n - k] = CMPLX(row[4 * k + 2], -row[4 * k + 3]);
    }
    fftw_execute(there);
    for (int x = 0; x < n; ++x) {
      largest = fmax(largest, fabs(creal(z[x])) + 2 * fabs(cimag(z[x])));
      z[x] *= z[x];
    }
    fftw_execute(back);
    for (int k = 0; k < columns; ++k) {
      double *at = out + 4 * (y * columns + k);
      const fftw_complex mirror = z[k > 0 ? n - k : 0];
      at[0] = creal(z[k]);
      at[1] = cimag(z[k]);
      at[2] = creal(mirror);
      at[3] = -cimag(mirror);
    }
  }
  fftw_destroy_plan(there);
  fftw_destroy_plan(back);
  fftw_free(z);
  free(whole);
  return largest;
}

/* z^2 of numbers z off by round_off: twice that, and the transform back; once more for the mean square of z
 * that is the largest number of the result. */
static void squares_of_rows_are_those_of_fftw(void) {
  enum { ROWS = 9 };
  for (int i = 0; i < NUM_LENGTHS; ++i) {
    const int n = lengths[i], columns = (n + 2) / 3, count = 4 * ROWS * columns;
    double *expected = numbers((size_t)count), *out = numbers((size_t)count), sum = 0;
    const double largest = squares_by_fftw(n, columns, ROWS, expected);
    for (int j = 0; j < count; ++j) sum += expected[j] * expected[j] / count;
    for (const MarlLinesOps *const *ops = marl_lines_kinds; *ops != NULL; ++ops) {
      if (!(*ops)->here()) continue;
      MarlLineSpeed speed = {.per_re = 1, .per_im = 2};
      squares(*ops, n, columns, columns / 2, ROWS, ROWS, out, &speed);
      double worst = 0;
      for (int j = 0; j < count; ++j) worst = fmax(worst, fabs(out[j] - expected[j]));
      UNIT_NEAR(worst / sqrt(sum), 0, 4 * round_off(n));
      UNIT_NEAR(speed.largest / largest, 1, round_off(n));
      CU_ASSERT(isfinite(speed.sum));
    }
    free(expected);
    free(out);
  }
}

/* How rows are dealt to ranks and columns to segments changes no bit, nor does the measurement. */
static void squares_do_not_depend_on_who_does_them(void) {
  enum { ROWS = 19 };
  static const int some[] = {32, 48, 256, 384};
  for (size_t i = 0; i < sizeof some / sizeof *some; ++i) {
    const int n = some[i], columns = (n + 2) / 3;
    const size_t count = 4 * ROWS * (size_t)columns;
    double *first = numbers(count), *out = numbers(count);
    const MarlLinesOps *ops = NULL;
    for (int k = 0; ops == NULL; ++k)
      if (marl_lines_kinds[k]->here()) ops = marl_lines_kinds[k];
    squares(ops, n, columns, columns, ROWS, ROWS, first, NULL);
    for (int block = 1; block < ROWS; block += 3)
      for (int cut = 0; cut < columns; cut += 3) {
        MarlLineSpeed speed = {.per_re = 1, .per_im = 1};
        squares(ops, n, columns, cut, block, ROWS, out, cut % 2 == 0 ? NULL : &speed);
        UNIT_BITS_EQUAL(out, first, count * sizeof(double));
      }
    free(first);
    free(out);
  }
}

/* A sum that is not finite tells of a NaN, which is no largest number. */
static void a_number_that_is_not_finite_shows(void) {
  const MarlLinesOps *const *ops = marl_lines_kinds;
  for (; *ops != NULL; ++ops) {
    if (!(*ops)->here()) continue;
    MarlLines *lines = marl_lines_create(32, 17, *ops);
    double row[4 * 12] = {0};
    row[4 * 3] = NAN;
    const MarlLineSegment segment = {0, 11, 48, row};
    MarlLineSpeed speed = {.per_re = 1, .per_im = 1};
    (*ops)->square(lines, 1, &segment, 0, 1, &speed);
    CU_ASSERT(!isfinite(speed.sum));
    marl_lines_destroy(&lines);
  }
}

/* Vectors of four and two with fused multiply-add, and the portable ones where the whole program is
 * compiled for a machine that has it. */
static void every_kind_of_vector_gives_the_same_bits(void) {
  enum { ROWS = 5 };
  for (int i = 0; i < NUM_LENGTHS; ++i) {
    Case c = make_case(lengths[i]);
    const int columns = (c.n + 2) / 3;
    const size_t count = 4 * ROWS * (size_t)columns, size = (size_t)c.n * STRIDE;
    double *rows = NULL, *squared = NULL, *out = numbers(count);
    for (const MarlLinesOps *const *ops = marl_lines_kinds; *ops != NULL; ++ops) {
#ifdef __FMA__
      const bool fused = true;
#else
      const bool fused = (*ops)->fused;
#endif
      if (!(*ops)->here() || !fused) continue;
      MarlLines *lines = marl_lines_create(c.n, c.n / 2 + 1, *ops);
      (*ops)->columns_to_rows(lines, LINES, c.in, c.rows, STRIDE);
      squares(*ops, c.n, columns, 1, ROWS, ROWS, out, NULL);
      (*ops)->rows_to_columns(lines, LINES, c.rows, STRIDE, c.out);
      if (rows == NULL) {
        rows = numbers(size);
        squared = numbers(count);
        memcpy(rows, c.rows, size * sizeof(double));
        memcpy(squared, out, count * sizeof(double));
        memcpy(c.expected, c.out, 2 * (size_t)c.n * LINES * sizeof(double));
      }
      for (int j = 0; j < c.n; ++j)
        UNIT_BITS_EQUAL(c.rows + j * STRIDE, rows + j * STRIDE, 2 * LINES * sizeof(double));
      UNIT_BITS_EQUAL(out, squared, count * sizeof(double));
      UNIT_BITS_EQUAL(c.out, c.expected, 2 * (size_t)c.n * LINES * sizeof(double));
      marl_lines_destroy(&lines);
    }
    free(rows);
    free(squared);
    free(out);
    clear_case(&c);
  }
}

/* Twenty steps of a flow with either transform: at each step round-off of the products, which is below
 * eps log2 n of the tendency, and dt of that. */
static void a_flow_steps_as_with_fftw(void) {
  static const int sizes[] = {16, 32, 48, 64, 96, 128};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i)
    for (int dealias = 0; dealias < 3; ++dealias) {
      MarlSolver *flow[2];
      const double top = 3;
      for (int t = 0; t < 2; ++t) {
        MarlSolverParams p = marl_solver_defaults(sizes[i]);
        p.dealias = (MarlDealias)dealias;
        p.transform = (MarlTransform)t;
        p.dt = 0.02 / sizes[i];
        flow[t] = make_solver(&p);
        start_from(flow[t], smooth_field, &top);
        take_steps(flow[t], 20);
      }
      const MarlComplex *a = marl_solver_w_hat(flow[0]), *b = marl_solver_w_hat(flow[1]);
      double worst = 0, sum = 0;
      for (size_t j = 0; j < marl_solver_grid(flow[0])->num_spectral; ++j) {
        worst = fmax(worst, cabs(a[j] - b[j]));
        sum += creal(b[j]) * creal(b[j]) + cimag(b[j]) * cimag(b[j]);
      }
      UNIT_NEAR(worst / sqrt(sum), 0, round_off(sizes[i]));
      for (int t = 0; t < 2; ++t) marl_solver_destroy(&flow[t]);
    }
}

static CU_TestInfo tests[] = {
    {"every length is what FFTW computes", every_length_is_what_fftw_computes},
    {"a line does not depend on its company", a_line_does_not_depend_on_its_company},
    {"squares of rows are those of FFTW", squares_of_rows_are_those_of_fftw},
    {"squares do not depend on who does them", squares_do_not_depend_on_who_does_them},
    {"a number that is not finite shows", a_number_that_is_not_finite_shows},
    {"every kind of vector gives the same bits", every_kind_of_vector_gives_the_same_bits},
    {"a flow steps as with FFTW", a_flow_steps_as_with_fftw},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"lines", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
