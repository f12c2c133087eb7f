#include "envs/turbulence/interpretation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  CONDITIONS = MARL_INTERPRETED_CONDITIONS,
  BINS = MARL_INTERPRETED_BINS,
  COEFFICIENTS = MARL_MAX_COEFFICIENTS
};
enum { STRAIN, VORTICITY, OKUBO_WEISS, SMALL_SCALES };

const MarlInterpretedCondition marl_interpreted_conditions[CONDITIONS] = {
    [STRAIN] = {"strain", "strain |S| over the rms of vorticity", 0, 6},
    [VORTICITY] = {"vorticity", "vorticity |w| over its rms", 0, 6},
    [OKUBO_WEISS] = {"okubo_weiss", "Okubo-Weiss: -1 vortex, 1 strain", -1, 1},
    [SMALL_SCALES] = {"small_scales", "mean wavenumber times Delta", 0.5, 2},
};

/* The sums of one run, at the front of its doubles; all of them are numbers to be added. */
typedef struct Sums {
  double samples, coefficients; /* the latter is added once a sample, too */
  double points, negative;      /* C_1 < 0 */
  double exchanged, returned;   /* |nu_e| |S|^2, and where C_1 < 0 */
  double mean[COEFFICIENTS];    /* domain means of C_c */
  double mean2[COEFFICIENTS];   /* their squares */
  double variance[COEFFICIENTS];
  double count[CONDITIONS][BINS];
  double first[CONDITIONS][COEFFICIENTS][BINS];  /* of C_c */
  double second[CONDITIONS][COEFFICIENTS][BINS]; /* of C_c^2 */
} Sums;

MarlCode marl_interpretation_create(int num_rows, int runs, int n, double length,
                                    MarlInterpretation **out, MarlError *err) {
  const size_t points = (size_t)n * (size_t)n, rows = (size_t)num_rows;
  MarlInterpretation *made = calloc(1, sizeof *made);
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to interpret closures");
  made->n = n;
  made->num_rows = num_rows;
  made->runs = runs;
  made->length = length;
  made->sum_size = sizeof(Sums) / sizeof(double);
  made->run_size = made->sum_size + (1 + COEFFICIENTS) * points;
  made->rows = calloc(rows, sizeof *made->rows);
  made->run = calloc(rows * (size_t)runs * made->run_size, sizeof *made->run);
  made->strain2 = calloc(2 * points, sizeof *made->strain2);
  if (made->rows == NULL || made->run == NULL || made->strain2 == NULL) {
    marl_interpretation_destroy(&made);
    return MARL_FAIL(err, MARL_EMEMORY, "no memory to interpret %d closures", num_rows);
  }
  made->field = made->strain2 + points;
  *out = made;
  return MARL_OK;
}

void marl_interpretation_destroy(MarlInterpretation **interpretation) {
  MarlInterpretation *made = *interpretation;
  if (made == NULL) return;
  free(made->rows);
  free(made->run);
  free(made->strain2);
  free(made);
  *interpretation = NULL;
}

double marl_interpreted_center(int condition, int bin) {
  const MarlInterpretedCondition *c = &marl_interpreted_conditions[condition];
  return c->low + (c->high - c->low) * (bin + 0.5) / BINS;
}

static int bin_of(int condition, double value) {
  const MarlInterpretedCondition *c = &marl_interpreted_conditions[condition];
  const double bin = floor((value - c->low) / (c->high - c->low) * BINS);
  return bin < 0 ? 0 : (bin < BINS ? (int)bin : BINS - 1);
}

static double *run_of(const MarlInterpretation *interpretation, int number) {
  return interpretation->run + (size_t)number * interpretation->run_size;
}

/* Domain means of a sample. */
typedef struct Means {
  double vorticity2; /* <w^2> */
  double small_scales;
} Means;

static Means means_of(const MarlFlow *flow) {
  const size_t points = flow->grid->num_physical;
  double square = 0, gradient2 = 0;
  for (size_t i = 0; i < points; ++i) {
    square += flow->w[i] * flow->w[i];
    gradient2 += flow->wx[i] * flow->wx[i] + flow->wy[i] * flow->wy[i];
  }
  const double delta = marl_grid_delta(flow->grid);
  return (Means){.vorticity2 = square / (double)points,
                 .small_scales = delta * sqrt(gradient2 / square)};
}

/* Bins of the conditions at point i. */
static void bins_at(const MarlInterpretation *in, const MarlFlow *flow, size_t i, Means means,
                    int bin[CONDITIONS]) {
  const double square = means.vorticity2;
  const double strain2 = in->strain2[i], w2 = flow->w[i] * flow->w[i];
  bin[STRAIN] = bin_of(STRAIN, sqrt(strain2 / square));
  bin[VORTICITY] = bin_of(VORTICITY, sqrt(w2 / square));
  bin[OKUBO_WEISS] = bin_of(OKUBO_WEISS, (strain2 - w2) / (strain2 + w2 + square));
  bin[SMALL_SCALES] = bin_of(SMALL_SCALES, means.small_scales);
}

static void count_coefficient(const MarlInterpretation *in, Sums *sums, const MarlFlow *flow,
                              Means means, int c, const double *coefficient) {
  const size_t points = flow->grid->num_physical;
  double mean = 0, variance = 0;
  for (size_t i = 0; i < points; ++i) mean += coefficient[i] / (double)points;
  for (size_t i = 0; i < points; ++i) variance += pow(coefficient[i] - mean, 2) / (double)points;
  sums->mean[c] += mean;
  sums->mean2[c] += mean * mean;
  sums->variance[c] += variance;
  for (size_t i = 0; i < points; ++i) {
    int bin[CONDITIONS];
    bins_at(in, flow, i, means, bin);
    for (int q = 0; q < CONDITIONS; ++q) {
      if (c == 0) sums->count[q][bin[q]] += 1;
      sums->first[q][c][bin[q]] += coefficient[i];
      sums->second[q][c][bin[q]] += coefficient[i] * coefficient[i];
    }
  }
}

/* Of C_1 on the grid. */
static void count_backscatter(const MarlInterpretation *in, Sums *sums, size_t points,
                              const MarlAgentClosure *agents, const double *coefficient) {
  for (size_t i = 0; i < points; ++i) {
    const double exchanged = fabs(agents->mean[0] + agents->rest[i]) * in->strain2[i];
    sums->points += 1;
    sums->exchanged += exchanged;
    if (coefficient[i] >= 0) continue;
    sums->negative += 1;
    sums->returned += exchanged;
  }
}

void marl_interpretation_sample(MarlInterpretation *interpretation, int number,
                                const MarlFlow *flow, const MarlAgentClosure *agents) {
  const size_t points = flow->grid->num_physical;
  double *own = run_of(interpretation, number), *maps = own + interpretation->sum_size;
  Sums *sums = (Sums *)own;
  const Means means = means_of(flow);
  if (!(means.vorticity2 > 0)) return; /* a flow at rest has no conditions */
  for (size_t i = 0; i < points; ++i) {
    const double s11 = flow->s11[i], s12 = flow->s12[i];
    interpretation->strain2[i] = 4 * (s11 * s11 + s12 * s12);
  }
  sums->samples += 1;
  sums->coefficients += agents->num_coefficients;
  memcpy(maps, flow->w, points * sizeof *maps);
  for (int c = 0; c < agents->num_coefficients; ++c) {
    marl_agent_closure_coefficient(agents, c, interpretation->field);
    memcpy(maps + (size_t)(1 + c) * points, interpretation->field, points * sizeof *maps);
    count_coefficient(interpretation, sums, flow, means, c, interpretation->field);
    if (c == 0) count_backscatter(interpretation, sums, points, agents, interpretation->field);
  }
}

static void fill_row(MarlInterpretation *interpretation, int r) {
  MarlInterpretedRow *row = &interpretation->rows[r];
  Sums total = {0};
  for (int run = 0; run < interpretation->runs; ++run) {
    const double *from = run_of(interpretation, r * interpretation->runs + run);
    double *to = (double *)&total;
    for (size_t i = 0; i < interpretation->sum_size; ++i) to[i] += from[i];
  }
  const size_t points = (size_t)interpretation->n * (size_t)interpretation->n;
  row->vorticity = run_of(interpretation, r * interpretation->runs) + interpretation->sum_size;
  row->coefficient = row->vorticity + points;
  row->num_coefficients = total.samples > 0 ? (int)(total.coefficients / total.samples) : 0;
  row->backscatter_points = total.negative / total.points;
  row->backscatter_energy = total.returned / total.exchanged;
  for (int c = 0; c < COEFFICIENTS; ++c) {
    const double mean = total.mean[c] / total.samples;
    row->overall[c] = mean;
    row->in_time[c] = sqrt(fmax(0, total.mean2[c] / total.samples - mean * mean));
    row->in_space[c] = sqrt(total.variance[c] / total.samples);
    if (c >= row->num_coefficients)
      row->overall[c] = row->in_time[c] = row->in_space[c] = (double)NAN;
  }
  for (int q = 0; q < CONDITIONS; ++q)
    for (int b = 0; b < BINS; ++b) {
      const double count = total.count[q][b];
      row->share[q][b] = count / total.points;
      for (int c = 0; c < COEFFICIENTS; ++c) {
        const bool known = count > 0 && c < row->num_coefficients;
        const double mean = total.first[q][c][b] / count, square = total.second[q][c][b] / count;
        row->mean[q][c][b] = known ? mean : (double)NAN;
        row->deviation[q][c][b] = known ? sqrt(fmax(0, square - mean * mean)) : (double)NAN;
      }
    }
}

MarlCode marl_interpretation_finish(MarlInterpretation *interpretation, MPI_Comm comm,
                                    MarlError *err) {
  const int all = interpretation->num_rows * interpretation->runs;
  for (int number = 0; number < all; ++number) /* exact: nonzero on one rank only */
    if (MPI_Allreduce(MPI_IN_PLACE, run_of(interpretation, number), (int)interpretation->run_size,
                      MPI_DOUBLE, MPI_SUM, comm) != MPI_SUCCESS)
      return MARL_FAIL(err, MARL_EMPI, "MPI_Allreduce failed");
  for (int r = 0; r < interpretation->num_rows; ++r) fill_row(interpretation, r);
  return MARL_OK;
}
