/* Every block of an observation against its formula, worked out from a flow of a few waves whose
 * derivatives are known, and against what must not change it: a turn and a mirror of the axes, a
 * shift, other units of length and time. */
#include "envs/turbulence/observation.h"

#include "tests/envs/turbulence_names.h"

enum { N = 32, SIDE = 8, AGENTS = SIDE * SIDE, SPACING = N / SIDE, K = N / 2 };
enum { S, W, OW, GRAD, INV = 4, CODE = 7, SPEC = 10, BANDS = SPEC + K, DISS = BANDS + 6 };
enum { REGIME = DISS + 2, SHAPE = REGIME + 4, DIM = SHAPE + 3 };
static const double TWO_PI = 6.28318530717958647692;
static const double NU = 3e-4, BETA = 2;

/* Observations are floats, of order one. */
static const double SINGLE = 4e-6;

/* psi = sum of a cos(kx X + ky Y + phase), X = 2 pi x / L */
typedef struct Wave {
  double a;
  int kx, ky;
  double phase;
} Wave;
static const Wave waves[] = {
    {0.9, 1, 2, 0.3},   {-0.5, 3, -1, 1.1}, {0.2, 4, 3, 2.0}, {0.05, 0, 7, 0.4},
    {0.01, 13, 5, 0.9}, {0.1, 5, 5, 2.4} /* with the first and third, a triad */};
enum { WAVES = sizeof waves / sizeof *waves };

typedef struct Case {
  MarlGrid *grid;
  MarlFft *fft;
  MarlComplex *w_hat, *psi_hat;
  MarlObserver *observer;
  float obs[AGENTS * DIM];
} Case;

/* w [N, N] in a box of `length`; viscosity, beta and target [K] in the same units. */
static Case look_at(const double *w, double length, double viscosity, double beta,
                    const double *target) {
  MarlError err;
  Case c = {0};
  MarlTurbulenceParams params = {.n = N, .agents = SIDE};
  agents_see(
      &params,
      "flow_shape,flow_regime,dissipation,band_ratios,log_spectrum,second_derivative_public_code,"
      "second_derivative_invariants,vorticity_gradient,okubo_weiss,velocity_gradient");
  UNIT_OK(marl_grid_create(N, N, length, length, MPI_COMM_SELF, &c.grid, &err));
  UNIT_OK(marl_fft_create(c.grid, &c.fft, &err));
  c.w_hat = marl_fft_alloc_spectral(c.grid);
  c.psi_hat = marl_fft_alloc_spectral(c.grid);
  double *field = marl_fft_alloc_physical(c.grid);
  memcpy(field, w, N * N * sizeof *field);
  marl_fft_forward(c.fft, field, c.w_hat);
  c.w_hat[0] = 0;
  for (size_t i = 0; i < c.grid->num_spectral; ++i)
    c.psi_hat[i] = c.grid->k2[i] > 0 ? c.w_hat[i] / c.grid->k2[i] : 0;
  UNIT_OK(marl_observer_create(&params, c.grid, target, &c.observer, &err));
  CU_ASSERT_FATAL(c.observer->dim == DIM);
  const MarlFlow flow = {.grid = c.grid,
                         .fft = c.fft,
                         .w_hat = c.w_hat,
                         .psi_hat = c.psi_hat,
                         .viscosity = viscosity,
                         .beta = beta};
  marl_observer_look(c.observer, &flow);
  marl_observer_write(c.observer, &flow, c.obs);
  marl_fft_free(field);
  return c;
}

static Case look(const double *w, double length, double viscosity, const double *target) {
  return look_at(w, length, viscosity, BETA, target);
}

static void end(Case *c) {
  marl_observer_destroy(&c->observer);
  marl_fft_free(c->w_hat), marl_fft_free(c->psi_hat);
  marl_fft_destroy(&c->fft);
  marl_grid_destroy(&c->grid);
}

/* d^(px+py) psi / dx^px dy^py at place (i, j) of the grid of a box of 2 pi */
static double psi(int px, int py, double i, double j) {
  double sum = 0;
  for (int m = 0; m < WAVES; ++m) {
    const Wave *v = &waves[m];
    sum += v->a * pow(v->kx, px) * pow(v->ky, py) *
           cos(TWO_PI * (v->kx * i + v->ky * j) / N + v->phase + TWO_PI / 4 * (px + py));
  }
  return sum;
}

static double vorticity(int px, int py, double i, double j) {
  return -psi(px + 2, py, i, j) - psi(px, py + 2, i, j);
}

static void fill_waves(double *w) {
  for (int p = 0; p < N * N; ++p) w[p] = vorticity(0, 0, p % N, p / N);
}

/* Sums over waves: <q^2> of a cosine is half its amplitude squared. */
static double mean_square(int power_of_k2) {
  double sum = 0;
  for (int m = 0; m < WAVES; ++m)
    sum += 0.5 * pow(waves[m].a, 2) * pow(pow(waves[m].kx, 2) + pow(waves[m].ky, 2), power_of_k2);
  return sum;
}

/* One-sided 1-D spectrum of <w^2>/2, mean of those along x and y: half of what waves of |kx| = k and
 * of |ky| = k have for k > 0, all of it for k = 0; the total is eps(0) + 2 sum eps(k). */
static void spectrum_of_waves(double *eps) {
  for (int k = 0; k < K; ++k) eps[k] = 0;
  for (int m = 0; m < WAVES; ++m) {
    const double enstrophy =
        0.25 * pow(waves[m].a * (pow(waves[m].kx, 2) + pow(waves[m].ky, 2)), 2);
    eps[abs(waves[m].kx)] += (waves[m].kx == 0 ? 0.5 : 0.25) * enstrophy;
    eps[abs(waves[m].ky)] += (waves[m].ky == 0 ? 0.5 : 0.25) * enstrophy;
  }
}

static void target_of(double *target) {
  for (int k = 0; k < K; ++k) target[k] = 3 / pow(1 + k, 2);
}

static void strain_vorticity_and_okubo_weiss_are_their_formulas(void) {
  static double w[N * N];
  double target[K];
  fill_waves(w);
  target_of(target);
  Case c = look(w, TWO_PI, NU, target);
  const double w2 = mean_square(2), rms = sqrt(w2);
  for (int a = 0; a < AGENTS; ++a) {
    const int i = a % SIDE * SPACING, j = a / SIDE * SPACING;
    const float *row = c.obs + a * DIM;
    /* |S|^2 = 2 S_ij S_ij with S = (grad u + grad u^T)/2 */
    const double ux = psi(1, 1, i, j), uy = psi(0, 2, i, j), vx = -psi(2, 0, i, j);
    const double strain2 = 2 * (2 * ux * ux + 2 * pow(0.5 * (uy + vx), 2));
    const double spin = vx - uy;
    UNIT_NEAR(row[S], sqrt(strain2) / rms - 1, SINGLE);
    UNIT_NEAR(row[W], fabs(spin) / rms - 1, SINGLE);
    UNIT_NEAR(row[OW], (strain2 - spin * spin) / (strain2 + spin * spin + w2), SINGLE);
    const double slope = hypot(vorticity(1, 0, i, j), vorticity(0, 1, i, j));
    UNIT_NEAR(row[GRAD], slope / sqrt(mean_square(3)) - 1, SINGLE);
  }
  end(&c);
}

/* Invariants by another way than observation.c's: lengths and the angle between the directions that
 * grad lap psi and the third harmonic of the third directional derivative of psi have, the latter
 * as a Fourier coefficient over directions. */
static void second_derivatives_are_their_formulas(void) {
  static double w[N * N];
  double target[K];
  fill_waves(w);
  target_of(target);
  Case c = look(w, TWO_PI, NU, target);
  const double g = sqrt(mean_square(3));
  for (int a = 0; a < AGENTS; ++a) {
    const int i = a % SIDE * SPACING, j = a / SIDE * SPACING;
    const float *row = c.obs + a * DIM;
    /* (cos t d_x + sin t d_y)^3 psi = Re[h_3 e^(-3it)]/4 + 3/4 Re[h_1 e^(-it)] */
    enum { DIRECTIONS = 16 };
    double re[2] = {0, 0}, im[2] = {0, 0};
    for (int d = 0; d < DIRECTIONS; ++d) {
      const double t = TWO_PI * d / DIRECTIONS, x = cos(t), y = sin(t);
      const double along = x * x * x * psi(3, 0, i, j) + 3 * x * x * y * psi(2, 1, i, j) +
                           3 * x * y * y * psi(1, 2, i, j) + y * y * y * psi(0, 3, i, j);
      for (int h = 0; h < 2; ++h) {
        re[h] += 2.0 / DIRECTIONS * along * cos((1 + 2 * h) * t) * (h == 0 ? 4.0 / 3 : 4);
        im[h] += 2.0 / DIRECTIONS * along * sin((1 + 2 * h) * t) * (h == 0 ? 4.0 / 3 : 4);
      }
    }
    const double one = hypot(re[0], im[0]), three = hypot(re[1], im[1]);
    const double angle = 3 * atan2(im[0], re[0]) - atan2(im[1], re[1]);
    UNIT_NEAR(row[INV], one / g, SINGLE);
    UNIT_NEAR(row[INV + 1], three / g, SINGLE);
    UNIT_NEAR(row[INV + 2],
              pow(one, 3) * three * cos(angle) / pow(one * one + three * three + g * g, 2), SINGLE);
    /* the public code: B = S + R by matrices */
    const double b[2][2] = {{psi(2, 1, i, j), -psi(3, 0, i, j)},
                            {psi(0, 3, i, j), -psi(1, 2, i, j)}};
    double trace_s = 0, trace_s2 = 0, trace_r2 = 0;
    for (int p = 0; p < 2; ++p) {
      trace_s += b[p][p];
      for (int q = 0; q < 2; ++q) {
        trace_s2 += pow(0.5 * (b[p][q] + b[q][p]), 2);
        trace_r2 -= pow(0.5 * (b[p][q] - b[q][p]), 2);
      }
    }
    UNIT_NEAR(row[CODE], trace_s / g, SINGLE);
    UNIT_NEAR(row[CODE + 1], sqrt(trace_s2) / g, SINGLE);
    UNIT_NEAR(row[CODE + 2], sqrt(-trace_r2) / g, SINGLE);
  }
  end(&c);
}

static void spectrum_bands_and_dissipation_are_their_formulas(void) {
  static double w[N * N];
  double target[K], eps[K];
  fill_waves(w);
  target_of(target);
  spectrum_of_waves(eps);
  Case c = look(w, TWO_PI, NU, target);
  const double w2 = mean_square(2), delta = TWO_PI / N;
  static const int edges[] = {0, 2, 4, 6, 9, 12, 16};
  for (int a = 0; a < AGENTS; a += AGENTS - 1) {
    const float *row = c.obs + a * DIM;
    for (int k = 0; k < K; ++k)
      if (eps[k] > 0) UNIT_NEAR(row[SPEC + k], log(N * eps[k] / w2), SINGLE);
    for (int b = 0; b < 6; ++b) {
      double sum = 0, of_target = 0;
      for (int k = edges[b]; k < edges[b + 1]; ++k) {
        sum += (k == 0 ? 1 : 2) * eps[k];
        of_target += (k == 0 ? 1 : 2) * target[k];
      }
      if (sum > 0) UNIT_NEAR(row[BANDS + b], log(sum / of_target), SINGLE);
    }
    UNIT_NEAR(row[DISS], log(delta * delta * mean_square(3) / w2), SINGLE);
    UNIT_NEAR(row[DISS + 1], log(sqrt(w2) * delta * delta / NU), SINGLE);
  }
  end(&c);
}

/* -<grad w . S grad w> over the points of a grid of n x n */
static double production(int n) {
  double sum = 0;
  for (int p = 0; p < n * n; ++p) {
    const double i = p % n * (double)N / n, j = (double)(p / n) * N / n; /* places of a grid of N */
    const double x = vorticity(1, 0, i, j), y = vorticity(0, 1, i, j);
    const double s11 = psi(1, 1, i, j), s12 = 0.5 * (psi(0, 2, i, j) - psi(2, 0, i, j));
    sum -= (x * (s11 * x + s12 * y) + y * (s12 * x - s11 * y)) / (n * n);
  }
  return sum;
}

static void the_flow_regime_is_its_formulas(void) {
  static double w[N * N];
  double target[K];
  fill_waves(w);
  target_of(target);
  Case c = look(w, TWO_PI, NU, target);
  const double w2 = mean_square(2), g2 = mean_square(3), delta = TWO_PI / N;
  const double viscous = NU / (pow(delta, 3) * sqrt(g2));
  const double share = production(N) / (g2 * sqrt(w2));
  for (int a = 0; a < AGENTS; a += AGENTS - 1) {
    const float *row = c.obs + a * DIM + REGIME;
    UNIT_NEAR(row[0], tanh((log(delta * delta * g2 / w2) - 0.95) / 0.3), SINGLE);
    UNIT_NEAR(row[1], viscous / (viscous + 0.004), SINGLE);
    CU_ASSERT(fabs((share - 0.07) / 0.03) < 2); /* not cut */
    const double planetary = BETA / sqrt(g2);
    UNIT_NEAR(row[3], planetary / (planetary + 0.3), SINGLE);
    UNIT_NEAR(row[2], (share - 0.07) / 0.03, SINGLE / 0.03);
  }
  end(&c);
}

/* Of the waves (1, 2), (3, -1), (4, 3), (0, 7), (13, 5), (5, 5) those of index 4 .. 7 along an axis are below the
 * half of the 16 kept; of 8 .. 11 there is none, so that the slope is at its bound, and with a wave (9, 8) it is
 * the ratio of their sums. */
static void the_flow_shape_is_its_formulas(void) {
  static double w[N * N];
  double target[K];
  fill_waves(w);
  target_of(target);
  Case c = look(w, TWO_PI, NU, target);
  UNIT_NEAR(c.obs[SHAPE], log(TWO_PI / N * TWO_PI / N * mean_square(3) / mean_square(2)), SINGLE);
  UNIT_NEAR(c.obs[SHAPE + 1], 0, SINGLE); /* 16 wavenumbers */
  CU_ASSERT_EQUAL(c.obs[SHAPE + 2], -3);
  end(&c);
  double low = 0, high = 0;
  const double added = 0.02;
  for (int m = 0; m < WAVES; ++m) {
    const Wave *v = &waves[m];
    const double k2 = v->kx * v->kx + v->ky * v->ky, square = v->a * v->a * k2 * k2;
    low += square * ((abs(v->kx) >= 4 && abs(v->kx) < 8) + (abs(v->ky) >= 4 && abs(v->ky) < 8));
  }
  high = 2 * added * added * 145 * 145; /* 81 + 64, in the band along both axes */
  for (int p = 0; p < N * N; ++p)
    w[p] += 145 * added * cos(TWO_PI / N * (9 * (p % N) + 8 * (p / N)));
  c = look(w, TWO_PI, NU, target);
  UNIT_NEAR(c.obs[SHAPE + 2], log(high / low), SINGLE);
  end(&c);
}

/* No three of these waves add up to the 32 of the grid along an axis (13 + 13 + 4 is the most), so that
 * the mean over its points is that over the domain: the same on any finer grid, up to round-off. */
static void the_cascade_is_the_same_on_a_finer_grid(void) {
  UNIT_NEAR(production(48) / production(N), 1, 1e-10);
}

/* Where a point (i, j) goes. */
typedef void Move(int *i, int *j);
static void turned(int *i, int *j) {
  const int x = *i;
  *i = (N - *j) % N, *j = x;
}
static void mirrored(int *i, int *j) {
  (void)j;
  *i = (N - *i) % N;
}
static void shifted(int *i, int *j) {
  *i = (*i + 2 * SPACING) % N, *j = (*j + 3 * SPACING) % N;
}

/* Largest difference of columns [from, to) between the agents of a field and those of the moved
 * field, which are at the moved nodes. A mirror changes the sign of vorticity. */
static double change(Move *move, double sign, int from, int to) {
  static double w[N * N], moved[N * N];
  double target[K], worst = 0;
  fill_waves(w);
  target_of(target);
  for (int p = 0; p < N * N; ++p) {
    int i = p % N, j = p / N;
    move(&i, &j);
    moved[j * N + i] = sign * w[p];
  }
  Case c = look(w, TWO_PI, NU, target), m = look(moved, TWO_PI, NU, target);
  for (int a = 0; a < AGENTS; ++a) {
    int i = a % SIDE * SPACING, j = a / SIDE * SPACING;
    move(&i, &j);
    const int b = j / SPACING * SIDE + i / SPACING;
    for (int o = from; o < to; ++o) {
      /* a wavenumber without a wave is log of round-off */
      if (c.obs[a * DIM + o] < -20) continue;
      worst = fmax(worst, fabs((double)(m.obs[b * DIM + o] - c.obs[a * DIM + o])));
    }
  }
  end(&c), end(&m);
  return worst;
}

static void turns_mirrors_and_shifts_leave_every_block_as_it_was(void) {
  static const struct {
    Move *move;
    double sign;
  } moves[] = {{turned, 1}, {mirrored, -1}, {shifted, 1}};
  for (int m = 0; m < 3; ++m) {
    UNIT_NEAR(change(moves[m].move, moves[m].sign, 0, CODE), 0, SINGLE);
    UNIT_NEAR(change(moves[m].move, moves[m].sign, SPEC, DIM), 0, SINGLE);
  }
}

/* What the name says: these are not invariant, by as much as their size (the rms of each is about
 * one). A shift is no change of axes. */
static void the_public_codes_second_derivatives_change_with_the_axes(void) {
  CU_ASSERT(change(turned, 1, CODE, SPEC) > 0.5);
  CU_ASSERT(change(mirrored, -1, CODE, SPEC) > 0.5);
  UNIT_NEAR(change(shifted, 1, CODE, SPEC), 0, SINGLE);
}

/* The same flow in a unit of length 1/5 and a unit of time 1/3. */
static void units_of_length_and_time_leave_every_block_as_it_was(void) {
  static double w[N * N], scaled[N * N];
  double target[K], target_scaled[K];
  fill_waves(w);
  target_of(target);
  for (int p = 0; p < N * N; ++p) scaled[p] = w[p] / 3;
  for (int k = 0; k < K; ++k) target_scaled[k] = target[k] / 9;
  Case c = look(w, TWO_PI, NU, target),
       s = look_at(scaled, 5 * TWO_PI, NU * 25 / 3, BETA / 15, target_scaled);
  for (int o = 0; o < AGENTS * DIM; ++o)
    if (c.obs[o] > -20) UNIT_NEAR(s.obs[o], c.obs[o], SINGLE);
  end(&c), end(&s);
}

static CU_TestInfo tests[] = {
    {"strain, vorticity and Okubo-Weiss are their formulas",
     strain_vorticity_and_okubo_weiss_are_their_formulas},
    {"second derivatives are their formulas", second_derivatives_are_their_formulas},
    {"spectrum, bands and dissipation are their formulas",
     spectrum_bands_and_dissipation_are_their_formulas},
    {"the flow regime is its formulas", the_flow_regime_is_its_formulas},
    {"the flow shape is its formulas", the_flow_shape_is_its_formulas},
    {"the cascade is the same on a finer grid", the_cascade_is_the_same_on_a_finer_grid},
    {"turns, mirrors and shifts leave every block as it was",
     turns_mirrors_and_shifts_leave_every_block_as_it_was},
    {"the public code's second derivatives change with the axes",
     the_public_codes_second_derivatives_change_with_the_axes},
    {"units of length and time leave every block as it was",
     units_of_length_and_time_leave_every_block_as_it_was},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"observation", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
