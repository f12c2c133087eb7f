#include "envs/turbulence/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A block: these sums, then spectrum [num_k], then histogram [num_bins]. */
enum {
  SAMPLES,
  POINTS,
  SUM_W2,
  SUM_W4,
  TAIL2,
  TAIL3,
  TAIL4,
  SUM_ENERGY,
  SUM_ENERGY_FLUX,
  SUM_ENSTROPHY_FLUX,
  HEAD
};

double marl_score_log_distance(int n, const double *a, const double *b) {
  double sum = 0;
  for (int k = 0; k < n; ++k) sum += pow(log(a[k] / b[k]), 2);
  return sqrt(sum);
}

double marl_score_kl(int num_bins, double width, double sigma, const double *p, const double *q) {
  double sum = 0;
  for (int b = 0; b < num_bins; ++b)
    if (p[b] * sigma > 1e-6) sum += p[b] * log(p[b] / fmax(q[b], 1e-7 / sigma)) * width;
  return sum;
}

double marl_score_js(int num_bins, double width, const double *p, const double *q) {
  double sum = 0;
  for (int b = 0; b < num_bins; ++b) {
    const double m = 0.5 * (p[b] + q[b]);
    if (p[b] > 0) sum += 0.5 * p[b] * log(p[b] / m) * width;
    if (q[b] > 0) sum += 0.5 * q[b] * log(q[b] / m) * width;
  }
  return sum;
}

double marl_score_tail(const MarlScoreTarget *target, const double *density, double limit) {
  double sum = 0;
  for (int b = 0; b < target->num_bins; ++b) {
    const double low = target->first_edge + b * target->width, high = low + target->width;
    const double above = fmin(fmax(high - limit, 0), target->width);
    const double below = fmin(fmax(-limit - low, 0), target->width);
    sum += density[b] * (above + below);
  }
  return sum;
}

/* Whether the bins hold the density and resolve it. */
static bool bins_fit(const MarlScoreTarget *target) {
  double inside = 0;
  for (int b = 0; b < target->num_bins; ++b) inside += target->density[b] * target->width;
  return inside > 0.999 && target->width <= target->sigma;
}

MarlCode marl_score_copy_density(const MarlReference *reference, const MarlReferencePdf *pdf,
                                 const MarlScoreTarget *target, double *out, MarlError *err) {
  const double shift = fabs(pdf->vorticity[0] - 0.5 * target->width - target->first_edge);
  if (pdf->n != target->num_bins || shift > 0.01 * target->width)
    return MARL_FAIL(err, MARL_EIO,
                     "%s: the densities of the full and the cut field at N = %d "
                     "have different bins",
                     reference->path, target->n);
  memcpy(out, pdf->density, (size_t)pdf->n * sizeof *out);
  return MARL_OK;
}

MarlCode marl_score_target_create(const MarlReference *reference, int n, int kept,
                                  MarlScoreTarget **out, MarlError *err) {
  const int num_k = kept, num_bins = reference->pdf.n;
  if (reference->enstrophy.n < num_k)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s has %d wavenumbers; the flow on %d x %d points needs %d", reference->path,
                     reference->enstrophy.n, n, n, num_k);
  if (num_bins < 2) return MARL_FAIL(err, MARL_EIO, "%s has no vorticity density", reference->path);
  const size_t k = (size_t)num_k, bins = (size_t)num_bins;
  const size_t block_size = HEAD + k + bins;
  MarlScoreTarget *made =
      calloc(1, sizeof *made + (3 * k + 3 * bins + block_size) * sizeof(double));
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a score target");
  made->n = n, made->num_k = num_k, made->num_bins = num_bins;
  made->sigma = reference->pdf.deviation;
  made->width =
      (reference->pdf.vorticity[num_bins - 1] - reference->pdf.vorticity[0]) / (num_bins - 1);
  made->first_edge = reference->pdf.vorticity[0] - 0.5 * made->width;
  made->block_size = block_size;
  made->spectrum = (double *)(made + 1);
  made->density = made->spectrum + k;
  made->scratch = made->density + 2 * bins + k;
  memcpy(made->spectrum, reference->enstrophy.mean, k * sizeof(double));
  memcpy(made->density, reference->pdf.density, bins * sizeof(double));
  made->bins_fit = bins_fit(made);
  const MarlReferenceSize *size = marl_reference_size(reference, 2 * kept);
  if (size != NULL && size->enstrophy_truncated.mean != NULL) {
    made->truncated = made->density + bins;
    memcpy(made->truncated, size->enstrophy_truncated.mean, k * sizeof(double));
  }
  if (size != NULL && size->truncated.density != NULL) {
    made->density_truncated = made->density + bins + k;
    const MarlCode code =
        marl_score_copy_density(reference, &size->truncated, made, made->density_truncated, err);
    if (code != MARL_OK) {
      free(made);
      return code;
    }
  }
  *out = made;
  return MARL_OK;
}

void marl_score_target_destroy(MarlScoreTarget **target) {
  free(*target);
  *target = NULL;
}

void marl_score_block_add(const MarlScoreTarget *target, const MarlScoreSample *sample,
                          double *block) {
  const size_t points = (size_t)target->n * (size_t)target->n;
  double *spectrum = block + HEAD, *histogram = spectrum + target->num_k;
  double w2 = 0, w4 = 0, tail2 = 0, tail3 = 0, tail4 = 0;
  for (size_t i = 0; i < points; ++i) {
    const double w = sample->vorticity[i], square = w * w;
    const double sigmas = fabs(w) / target->sigma;
    w2 += square;
    w4 += square * square;
    tail2 += sigmas > 2;
    tail3 += sigmas > 3;
    tail4 += sigmas > 4;
    const double bin = floor((w - target->first_edge) / target->width);
    if (bin >= 0 && bin < target->num_bins) histogram[(size_t)bin] += 1;
  }
  block[SAMPLES] += 1;
  block[POINTS] += (double)points;
  block[SUM_W2] += w2, block[SUM_W4] += w4;
  block[TAIL2] += tail2, block[TAIL3] += tail3, block[TAIL4] += tail4;
  block[SUM_ENERGY] += sample->energy;
  block[SUM_ENERGY_FLUX] += sample->energy_flux;
  block[SUM_ENSTROPHY_FLUX] += sample->enstrophy_flux;
  for (int k = 0; k < target->num_k; ++k) spectrum[k] += sample->spectrum[k];
}

static void compute(const MarlScoreTarget *target, const MarlScoreMeans *means,
                    double value[MARL_MAX_SCORES]) {
  const int count = marl_score_count();
  for (int c = 0; c < count; ++c) value[c] = marl_score_column(c)->value(target, means);
}

/* Scores of one block that holds the sum of all; `room` [num_k + num_bins] is scratch. */
static void score_sum(const MarlScoreTarget *target, const double *sum, double *room,
                      double value[MARL_MAX_SCORES]) {
  const double samples = sum[SAMPLES], points = sum[POINTS];
  for (int c = 0; c < MARL_MAX_SCORES; ++c) value[c] = (double)NAN;
  if (!(samples > 0)) return;
  double *spectrum = room, *density = room + target->num_k;
  const double *histogram = sum + HEAD + target->num_k, variance = sum[SUM_W2] / points;
  for (int k = 0; k < target->num_k; ++k) spectrum[k] = sum[HEAD + k] / samples;
  for (int b = 0; b < target->num_bins; ++b) density[b] = histogram[b] / (points * target->width);
  const MarlScoreMeans means = {
      .spectrum = spectrum,
      .density = density,
      .deviation = sqrt(variance),
      .kurtosis = sum[SUM_W4] / points / (variance * variance),
      .tail = {sum[TAIL2] / points, sum[TAIL3] / points, sum[TAIL4] / points},
      .energy = sum[SUM_ENERGY] / samples,
      .energy_flux = sum[SUM_ENERGY_FLUX] / samples,
      .enstrophy_flux = sum[SUM_ENSTROPHY_FLUX] / samples};
  compute(target, &means, value);
}

static void add_block(const MarlScoreTarget *target, const double *block, double *sum) {
  for (size_t i = 0; i < target->block_size; ++i) sum[i] += block[i];
}

/* The sum of all blocks, in the scratch; behind it is room for a spectrum and a density. */
static double *sum_blocks(const MarlScoreTarget *target, const double *blocks, size_t num_blocks) {
  double *sum = target->scratch;
  memset(sum, 0, target->block_size * sizeof *sum);
  for (size_t b = 0; b < num_blocks; ++b) add_block(target, blocks + b * target->block_size, sum);
  return sum;
}

void marl_score_compute(const MarlScoreTarget *target, const double *blocks, size_t num_blocks,
                        double value[MARL_MAX_SCORES]) {
  const double *sum = sum_blocks(target, blocks, num_blocks);
  score_sum(target, sum, target->scratch + target->block_size, value);
}

void marl_score_spectrum(const MarlScoreTarget *target, const double *blocks, size_t num_blocks,
                         double *spectrum) {
  const double *sum = sum_blocks(target, blocks, num_blocks);
  for (int k = 0; k < target->num_k; ++k) spectrum[k] = sum[HEAD + k] / sum[SAMPLES];
}

void marl_score_density(const MarlScoreTarget *target, const double *blocks, size_t num_blocks,
                        double *density) {
  const double *sum = sum_blocks(target, blocks, num_blocks);
  for (int b = 0; b < target->num_bins; ++b)
    density[b] = sum[HEAD + target->num_k + b] / (sum[POINTS] * target->width);
}

/* <u^2 + v^2>/2 = s(0) + 2 sum s(k) of an energy spectrum. */
static double energy_of(const MarlReferenceSpectrum *spectrum) {
  double sum = spectrum->mean[0];
  for (int k = 1; k < spectrum->n; ++k) sum += 2 * spectrum->mean[k];
  return sum;
}

void marl_score_reference(const MarlScoreTarget *target, const MarlReference *reference,
                          bool truncated, double value[MARL_MAX_SCORES]) {
  const double unknown = (double)NAN;
  const MarlReferenceSize *size = marl_reference_size(reference, 2 * target->num_k);
  const MarlReferenceSpectrum *energy =
      truncated && size != NULL ? &size->energy_truncated : &reference->energy;
  MarlScoreMeans means = {.spectrum = truncated ? target->truncated : target->spectrum,
                          .density = truncated ? target->density_truncated : target->density,
                          .deviation = unknown,
                          .kurtosis = unknown,
                          .tail = {unknown, unknown, unknown},
                          .energy = unknown,
                          .energy_flux = unknown,
                          .enstrophy_flux = unknown};
  for (int c = 0; c < MARL_MAX_SCORES; ++c) value[c] = unknown;
  if (means.spectrum != NULL && energy->mean != NULL && marl_reference_energy_fits(reference))
    means.energy = energy_of(energy);
  if (means.density != NULL) {
    means.deviation = truncated ? size->truncated.deviation : reference->pdf.deviation;
    means.kurtosis = truncated ? size->truncated.kurtosis : reference->pdf.kurtosis;
    for (int t = 0; t < 3; ++t)
      means.tail[t] = marl_score_tail(target, means.density, (t + 2) * target->sigma);
  }
  if (size != NULL && size->has_flux) {
    means.energy_flux = size->energy_flux;
    means.enstrophy_flux = size->enstrophy_flux;
  }
  compute(target, &means, value);
}
