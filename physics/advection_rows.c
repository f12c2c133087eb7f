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

static void add_stress(int n, const double *restrict tau11, const double *restrict tau12,
                       double *restrict z) {
  for (int i = 0; i < n; ++i) {
    z[2 * i] += 2 * tau11[i];
    z[2 * i + 1] += 2 * tau12[i];
  }
}

/* Columns first .. end-1 of w and w_y, transformed along y, -> a row of w_x + i w_y:
 * row[k] = i kx w + i w_y, row[-k] = -i kx conj(w) + i conj(w_y); `unit` is kx of k = 1. */
static void unfold_gradient(int mx, int first, int end, double unit, const double *restrict w,
                            const double *restrict wy, double *restrict row) {
  if (first == 0 && end > 0) { /* w_x has no mean along x, that of w_y is real */
    row[0] = 0;
    row[1] = wy[0];
  }
  for (int k = first > 0 ? first : 1; k < end; ++k) {
    const int at = 2 * (k - first);
    const double kx = unit * k;
    double *mirror = row + 2 * (mx - k);
    row[2 * k] = -kx * w[at + 1] - wy[at + 1];
    row[2 * k + 1] = kx * w[at] + wy[at];
    mirror[0] = -kx * w[at + 1] + wy[at + 1];
    mirror[1] = wy[at] - kx * w[at];
  }
}

static void gradient_rows(MarlAdvection *a, int y, int n) {
  const MarlPencil *w = a->vorticity;
  const double unit = 6.283185307179586476925286766559 / a->grid->lx;
  for (int r = 0; r < n; ++r)
    for (int s = 0; s < w->ranks; ++s)
      unfold_gradient(w->mx, w->first_of[s], w->first_of[s] + w->columns_of[s], unit,
                      marl_pencil_row(w, s, y + r), marl_pencil_row(a->slope, s, y + r),
                      (double *)(a->gradient_in + (ptrdiff_t)r * w->mx));
  marl_pencil_inverse(a->pencil, n, a->gradient_in, a->gradient);
}

/* (u, v) becomes (u w, v w), w becomes u.grad w; w is every other number of a row of z. */
static void skew_row(int mx, const double *restrict gradient, double *restrict uv,
                     double *restrict w) {
  for (int i = 0; i < mx; ++i) {
    const double u = uv[2 * i], v = uv[2 * i + 1], vorticity = w[2 * i];
    uv[2 * i] = u * vorticity;
    uv[2 * i + 1] = v * vorticity;
    w[2 * i] = u * gradient[2 * i] + v * gradient[2 * i + 1];
  }
}

static void skew_products(MarlAdvection *a, int y, int n) {
  const ptrdiff_t mx = a->pencil->mx;
  gradient_rows(a, y, n);
  marl_pencil_rows_inverse(a->vorticity, y, n);
  for (int r = 0; r < n; ++r)
    skew_row((int)mx, (const double *)(a->gradient + r * mx), (double *)(a->pencil->row_z + r * mx),
             (double *)(a->vorticity->row_z + r / 2 * mx) + r % 2);
  marl_pencil_rows_forward(a->vorticity, y, n);
}

void marl_advection_products(MarlAdvection *a, const double *tau11, const double *tau12,
                             double *speed) {
  MarlPencil *p = a->pencil;
  double largest = 0, sum = 0;
  for (int y = 0; y < p->rows; y += p->row_block) {
    const int n = smaller(p->row_block, p->rows - y);
    const ptrdiff_t at = (ptrdiff_t)y * p->mx;
    marl_pencil_rows_inverse(p, y, n);
    if (speed != NULL) measure(p, a->grid, n, &largest, &sum);
    if (a->form == MARL_ADVECTION_SKEW_SYMMETRIC)
      skew_products(a, y, n);
    else
      square(n * p->mx, (double *)p->row_z);
    if (tau11 != NULL) add_stress(n * p->mx, tau11 + at, tau12 + at, (double *)p->row_z);
    marl_pencil_rows_forward(p, y, n);
  }
  if (speed != NULL) *speed = isfinite(sum) ? largest : INFINITY;
}
