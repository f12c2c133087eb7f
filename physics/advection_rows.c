/* The row side of the advection: products in physical space, a block of rows at a time. */
#include <math.h>

#include "physics/advection.h"

static int smaller(int a, int b) {
  return a < b ? a : b;
}

/* Eight lanes, so that maximum and sum are vectors. A NaN does not show in the largest, but in the
 * sum. */
static void measure(const MarlPencil *p, const MarlGrid *grid, int n, double *largest,
                    double *sum) {
  enum { LANES = 8 };
  const double per_dx = grid->nx / grid->lx, per_dy = grid->ny / grid->ly;
  const double *z = (const double *)p->row_z;
  const int count = n * p->mx;
  double most[LANES] = {0}, total[LANES] = {0};
  for (int i = 0; i < count; i += LANES) {
    const int lanes = count - i < LANES ? count - i : LANES;
    for (int l = 0; l < lanes; ++l) {
      const double *uv = z + 2 * (i + l);
      const double speed = fabs(uv[0]) * per_dx + fabs(uv[1]) * per_dy;
      most[l] = speed > most[l] ? speed : most[l];
      total[l] += speed;
    }
  }
  for (int l = 0; l < LANES; ++l) {
    *largest = most[l] > *largest ? most[l] : *largest;
    *sum += total[l];
  }
}

static void square(int n, double *z) {
  for (int i = 0; i < n; ++i) {
    const double u = z[2 * i], v = z[2 * i + 1];
    z[2 * i] = u * u - v * v;
    z[2 * i + 1] = 2 * u * v;
  }
}

static void add_fields(int n, const double *restrict tau11, const double *restrict tau12,
                       double *restrict z) {
  for (int i = 0; i < n; ++i) {
    z[2 * i] += 2 * tau11[i];
    z[2 * i + 1] += 2 * tau12[i];
  }
}

/* Own rows y .. y+n-1. */
static void add_stress(const MarlAdvection *a, const MarlStress *stress, int y, int n) {
  const ptrdiff_t at = (ptrdiff_t)y * a->pencil->mx;
  double *z = (double *)a->pencil->row_z;
  const int count = n * a->pencil->mx;
  if (stress->tau11 != NULL) add_fields(count, stress->tau11 + at, stress->tau12 + at, z);
  if (stress->points == NULL) return;
  const MarlClosure *closure = stress->points;
  const double *strain = (const double *)a->strain.z, *gradient = (const double *)a->gradient.z;
  for (int i = 0; i < count; i += MARL_MAX_POINTS) {
    const MarlPoints points = {.n = smaller(MARL_MAX_POINTS, count - i),
                               .strain = strain != NULL ? strain + 2 * i : NULL,
                               .gradient = gradient != NULL ? gradient + 2 * i : NULL};
    closure->ops->point_stress(closure, &points, z + 2 * i);
  }
}

/* Rows of derivatives, from columns k = first .. end-1 that are transformed along y already: w, w_y,
 * and the row of u + i v. Times -i, so that no real and imaginary parts change places:
 *   s12 - i s11 = -i (u + i v)_x - w / 2:  row[k] = kx velocity[k] - w(k) / 2
 *   w_y - i w_x:                           row[k] = kx w(k) + w_y(k)
 * for both signs of k; w(-k) = conj(w(k)). unit is kx of k = 1. At k = 0 w and w_y are real. */
static void unfold_strain(int mx, int first, int end, double unit, const double *restrict velocity,
                          const double *restrict w, double *restrict row) {
  for (int k = first; k < end; ++k) {
    const int at = 2 * (k - first);
    row[2 * k] = unit * k * velocity[2 * k] - 0.5 * w[at];
    row[2 * k + 1] = unit * k * velocity[2 * k + 1] - 0.5 * w[at + 1];
  }
  for (int k = first > 0 ? first : 1; k < end; ++k) {
    const int at = 2 * (k - first), to = 2 * (mx - k);
    row[to] = -unit * k * velocity[to] - 0.5 * w[at];
    row[to + 1] = 0.5 * w[at + 1] - unit * k * velocity[to + 1];
  }
}

static void unfold_gradient(int mx, int first, int end, double unit, const double *restrict w,
                            const double *restrict wy, double *restrict row) {
  for (int k = first; k < end; ++k) {
    const int at = 2 * (k - first);
    row[2 * k] = unit * k * w[at] + wy[at];
    row[2 * k + 1] = unit * k * w[at + 1] + wy[at + 1];
  }
  for (int k = first > 0 ? first : 1; k < end; ++k) {
    const int at = 2 * (k - first), to = 2 * (mx - k);
    row[to] = wy[at] - unit * k * w[at];
    row[to + 1] = unit * k * w[at + 1] - wy[at + 1];
  }
}

/* What a->rows asks for, of own rows y .. y+n-1, whose velocities are in row_in. */
static void derive_rows(MarlAdvection *a, int y, int n) {
  const MarlPencil *w = a->vorticity;
  const bool strain = (a->rows & MARL_NEED_STRAIN) != 0;
  const bool gradient = (a->rows & MARL_NEED_GRAD_VORTICITY) != 0;
  const double unit = 6.283185307179586476925286766559 / a->grid->lx;
  for (int r = 0; r < n; ++r)
    for (int s = 0; s < w->ranks; ++s) {
      const int first = w->first_of[s], end = first + w->columns_of[s];
      const ptrdiff_t at = (ptrdiff_t)r * w->mx;
      const double *vorticity = marl_pencil_row(w, s, y + r);
      if (strain)
        unfold_strain(w->mx, first, end, unit, (const double *)(a->pencil->row_in + at), vorticity,
                      (double *)(a->strain.in + at));
      if (gradient)
        unfold_gradient(w->mx, first, end, unit, vorticity, marl_pencil_row(a->slope, s, y + r),
                        (double *)(a->gradient.in + at));
    }
  if (strain) marl_pencil_inverse(a->pencil, n, a->strain.in, a->strain.z);
  if (gradient) marl_pencil_inverse(a->pencil, n, a->gradient.in, a->gradient.z);
}

/* (u, v) becomes (u w, v w), w becomes u.grad w; the gradient is (w_y, -w_x), w every other number
 * of a row of z. */
static void skew_row(int mx, const double *restrict gradient, double *restrict uv,
                     double *restrict w) {
  for (int i = 0; i < mx; ++i) {
    const double u = uv[2 * i], v = uv[2 * i + 1], vorticity = w[2 * i];
    uv[2 * i] = u * vorticity;
    uv[2 * i + 1] = v * vorticity;
    w[2 * i] = v * gradient[2 * i] - u * gradient[2 * i + 1];
  }
}

static void skew_products(MarlAdvection *a, int y, int n) {
  const ptrdiff_t mx = a->pencil->mx;
  marl_pencil_rows_inverse(a->vorticity, y, n);
  for (int r = 0; r < n; ++r)
    skew_row((int)mx, (const double *)(a->gradient.z + r * mx),
             (double *)(a->pencil->row_z + r * mx),
             (double *)(a->vorticity->row_z + r / 2 * mx) + r % 2);
  marl_pencil_rows_forward(a->vorticity, y, n);
}

/* Nothing but the velocities is needed, and nothing is added: rows need not leave the vectors. */
static void square_rows(MarlAdvection *a, double *speed) {
  MarlLineSpeed found = {.per_re = a->grid->nx / a->grid->lx, .per_im = a->grid->ny / a->grid->ly};
  marl_pencil_rows_square(a->pencil, speed != NULL ? &found : NULL);
  if (speed != NULL) *speed = isfinite(found.sum) ? found.largest : INFINITY;
}

void marl_advection_products(MarlAdvection *a, MarlStress stress, double *speed) {
  MarlPencil *p = a->pencil;
  const bool bare = a->rows == 0 && stress.tau11 == NULL && stress.points == NULL;
  if (bare && p->row_lines != NULL) {
    square_rows(a, speed);
    return;
  }
  double largest = 0, sum = 0;
  for (int y = 0; y < p->rows; y += p->row_block) {
    const int n = smaller(p->row_block, p->rows - y);
    marl_pencil_rows_inverse(p, y, n);
    if (a->rows != 0) derive_rows(a, y, n);
    if (speed != NULL) measure(p, a->grid, n, &largest, &sum);
    if (a->form == MARL_ADVECTION_SKEW_SYMMETRIC)
      skew_products(a, y, n);
    else
      square(n * p->mx, (double *)p->row_z);
    add_stress(a, &stress, y, n);
    marl_pencil_rows_forward(p, y, n);
  }
  if (speed != NULL) *speed = isfinite(sum) ? largest : INFINITY;
}
