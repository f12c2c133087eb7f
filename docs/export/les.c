/* A large-eddy simulation of one's own with a closure that marl has trained
 *
 *   marl export RUN --c closure.h
 *   cc -O2 -I. les.c -o les -lm
 *   ./les STEPS DT DRAG WAVENUMBER AMPLITUDE <vorticity.raw >later.raw
 *
 * The files have the vorticity [GRID, GRID], y slowest, in doubles. The equation is that of closure.h,
 * without beta, forced by AMPLITUDE WAVENUMBER (cos + cos). Adams-Bashforth of second order, linear terms
 * exact, products on a grid 3/2 finer: the scheme of `marl simulate`, of which this is a hundred lines. */
#include "closure.h"

#include <stdio.h>
#include <string.h>

/* Wavenumbers over which the damping of the rim falls by e */
#define RIM_WIDTH 1.0

enum { N = closure_GRID, K = closure_KEPT, M = 3 * N / 2, C = closure_COEFFICIENTS };
typedef double complex Field[N * N], Fine[M * M];

static double length; /* of the box */
static int index_of(int j, int n) {
  return j < n / 2 ? j : j - n;
}
static double wave(int j) {
  return 6.283185307179586476925286766559 / length * index_of(j, N);
}
static int is_kept(int j) {
  return index_of(j, N) < K && index_of(j, N) > -K;
}

/* E of mode (i, j): (|kx|/k_c)^24 + (|ky|/k_c)^24 */
static double edge(int i, int j) {
  return pow(abs(index_of(i, N)) / (double)K, 24) + pow(abs(index_of(j, N)) / (double)K, 24);
}

/* R: exp(-(k_c - |kx|) lx/(2 pi d)) + exp(-(k_c - |ky|) ly/(2 pi d)), d = RIM_WIDTH */
static double rim(int i, int j) {
  return exp((abs(index_of(i, N)) - K) / RIM_WIDTH) + exp((abs(index_of(j, N)) - K) / RIM_WIDTH);
}

/* What coefficient c of one damps mode (i, j) with */
static double damping(int c, double k2, int i, int j) {
  if (closure_power[c] < 0) return rim(i, j);
  return closure_power[c] == 0 ? edge(i, j) : pow(k2, closure_power[c]);
}

/* Products on the finer grid: advection in Basdevant's form, N_hat = curl div (u u) */
static void advection(const Field w_hat, Field out) {
  static Fine u, v;
  static double complex work[2 * M];
  memset(u, 0, sizeof u), memset(v, 0, sizeof v);
  for (int j = 0; j < N; ++j)
    for (int i = 0; i < N; ++i) {
      const double kx = wave(i), ky = wave(j), k2 = kx * kx + ky * ky;
      const int at = (index_of(j, N) + M) % M * M + (index_of(i, N) + M) % M;
      if (k2 == 0 || !is_kept(i) || !is_kept(j)) continue;
      u[at] = I * ky * w_hat[j * N + i] / k2;
      v[at] = -I * kx * w_hat[j * N + i] / k2;
    }
  closure_transform(M, 1, u, work), closure_transform(M, 1, v, work);
  for (int i = 0; i < M * M; ++i) {
    const double x = creal(u[i]), y = creal(v[i]);
    u[i] = (x * x - y * y) / (M * M), v[i] = x * y / (M * M);
  }
  closure_transform(M, -1, u, work), closure_transform(M, -1, v, work);
  for (int j = 0; j < N; ++j)
    for (int i = 0; i < N; ++i) {
      const int at = (index_of(j, N) + M) % M * M + (index_of(i, N) + M) % M;
      const double kx = wave(i), ky = wave(j);
      out[j * N + i] = kx * ky * u[at] + (ky * ky - kx * kx) * v[at];
    }
}

/* Adds PI_hat of coefficients whose mean is taken away: tau = -2 nu L S on the points of the grid */
static void add_stress(const Field w_hat, int c, const double *rest, Field out) {
  static Field s11, s12;
  static double complex work[2 * N];
  for (int j = 0; j < N; ++j)
    for (int i = 0; i < N; ++i) {
      const double kx = wave(i), ky = wave(j), k2 = kx * kx + ky * ky;
      const double complex psi = k2 > 0 && is_kept(i) && is_kept(j) ? w_hat[j * N + i] / k2 : 0;
      const double l = k2 > 0 ? damping(c, k2, i, j) / k2 : 0;
      s11[j * N + i] = -l * kx * ky * psi;
      s12[j * N + i] = 0.5 * l * (kx * kx - ky * ky) * psi;
    }
  closure_transform(N, 1, s11, work), closure_transform(N, 1, s12, work);
  for (int i = 0; i < N * N; ++i) {
    s11[i] = -2 * rest[i] * creal(s11[i]) / (N * N);
    s12[i] = -2 * rest[i] * creal(s12[i]) / (N * N);
  }
  closure_transform(N, -1, s11, work), closure_transform(N, -1, s12, work);
  for (int j = 0; j < N; ++j)
    for (int i = 0; i < N; ++i) {
      const double kx = wave(i), ky = wave(j);
      out[j * N + i] += 2 * kx * ky * s11[j * N + i] + (ky * ky - kx * kx) * s12[j * N + i];
    }
}

int main(int argc, char **argv) {
  static double w[N * N], nu[C][N * N], mean[C];
  static Field w_hat, now, old;
  static double complex work[2 * N];
  if (argc != 6 || fread(w, sizeof *w, N * N, stdin) != N * N) return 2;
  const int steps = atoi(argv[1]);
  const double dt = atof(argv[2]), drag = atof(argv[3]), amplitude = atof(argv[5]);
  const int waves = atoi(argv[4]);
  if (waves < 1 || waves >= N / 2) return 2; /* the forcing's wavenumber, of those on the grid */
  length = closure_trained_flow.length;
  for (int i = 0; i < N * N; ++i) w_hat[i] = w[i] / (N * N);
  closure_transform(N, -1, w_hat, work);
  for (int step = 0; step < steps; ++step) {
    if (step % closure_INTERVAL == 0) { /* the closure acts */
      if (closure_coefficients(NULL, w, nu[0]) != 0) return 1;
      for (int c = 0; c < C; ++c) {
        mean[c] = 0;
        for (int i = 0; i < N * N; ++i) mean[c] += nu[c][i] / (N * N);
        for (int i = 0; i < N * N; ++i) nu[c][i] -= mean[c];
      }
    }
    advection(w_hat, now);
    const double force = 0.5 * amplitude * wave(1) * waves; /* half for each of +-k */
    now[waves] += force, now[N - waves] += force;
    now[waves * N] += force, now[(N - waves) * N] += force;
    for (int c = 0; c < C; ++c) add_stress(w_hat, c, nu[c], now);
    for (int j = 0; j < N; ++j)
      for (int i = 0; i < N; ++i) {
        const double k2 = wave(i) * wave(i) + wave(j) * wave(j);
        double rate = drag + closure_trained_flow.viscosity * k2;
        for (int c = 0; c < C; ++c) rate += mean[c] * damping(c, k2, i, j);
        double complex *mode = &w_hat[j * N + i], *before = &old[j * N + i];
        const double complex n = now[j * N + i],
                             extrapolated = step == 0 ? n : 1.5 * n - 0.5 * *before;
        const double decay = exp(-0.5 * rate * dt);
        *mode =
            k2 > 0 && is_kept(i) && is_kept(j) ? decay * (decay * *mode - dt * extrapolated) : 0;
        *before = n;
      }
    memcpy(now, w_hat, sizeof now);
    closure_transform(N, 1, now, work);
    for (int i = 0; i < N * N; ++i) w[i] = creal(now[i]);
  }
  return fwrite(w, sizeof *w, N * N, stdout) != N * N;
}
