#include "envs/turbulence/reward_target.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "physics/fft.h"
#include "physics/filter.h"
#include "physics/spectrum.h"

static const char *const field_names[] = {[MARL_TARGET_FULL] = "full",
                                          [MARL_TARGET_TRUNCATED] = "truncated",
                                          [MARL_TARGET_FILTERED] = "filtered"};

/* What a flow that keeps wavenumbers below `kept` has of a field: a 1-D spectrum sums over the other
 * wavenumber, too. */
static void cut(const MarlGrid *grid, int kept, MarlComplex *hat) {
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const int row = j <= grid->ny / 2 ? j : grid->ny - j;
      if (i >= kept || row >= kept) hat[(size_t)i * (size_t)grid->ny + (size_t)j] = 0;
    }
}

/* A field in the making. */
typedef struct Field {
  MarlGrid *grid;
  MarlFft *fft;
  double *w, *spectrum; /* [n, n], [n] */
  MarlComplex *hat;
} Field;

static void field_clear(Field *field) {
  free(field->spectrum);
  marl_fft_free(field->w), marl_fft_free(field->hat);
  marl_fft_destroy(&field->fft);
  marl_grid_destroy(&field->grid);
}

static MarlCode field_init(Field *field, int n, double length, MarlError *err) {
  *field = (Field){.grid = NULL};
  MARL_TRY(marl_grid_create(n, n, length, length, MPI_COMM_SELF, &field->grid, err));
  MARL_TRY(marl_fft_create(field->grid, &field->fft, err));
  field->w = marl_fft_alloc_physical(field->grid);
  field->hat = marl_fft_alloc_spectral(field->grid);
  field->spectrum = calloc((size_t)n, sizeof *field->spectrum);
  if (field->w == NULL || field->hat == NULL || field->spectrum == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for the target of a reward");
  return MARL_OK;
}

/* Sums over the fields: of spectra and their squares [num_k], and the histogram. */
static MarlCode add_fields(const MarlTurbulenceParams *params, const MarlReference *reference,
                           const MarlScoreTarget *score, Field *field, double *sum, double *squares,
                           double *density, MarlError *err) {
  const size_t points = field->grid->num_physical;
  const double unit = 1 / (score->width * (double)points * params->samples);
  const double width = reference->domain_length / score->num_k; /* 2 L / (2 num_k) */
  for (int s = 0; s < params->samples; ++s) {
    MARL_TRY(marl_reference_initial(reference, params->n, s, field->w, err));
    marl_fft_forward(field->fft, field->w, field->hat);
    cut(field->grid, score->num_k, field->hat);
    if (params->target == MARL_TARGET_FILTERED)
      marl_filter_apply(field->grid, MARL_FILTER_GAUSSIAN, width, field->hat, field->hat);
    marl_spectrum(field->grid, field->hat, field->spectrum);
    for (int k = 0; k < score->num_k; ++k) {
      sum[k] += field->spectrum[k];
      squares[k] += field->spectrum[k] * field->spectrum[k];
    }
    marl_fft_inverse(field->fft, field->hat, field->w);
    for (size_t i = 0; i < points; ++i) {
      const double bin = floor((field->w[i] - score->first_edge) / score->width);
      if (bin >= 0 && bin < score->num_bins) density[(size_t)bin] += unit;
    }
  }
  return MARL_OK;
}

static MarlCode target_of_fields(const MarlTurbulenceParams *params, const MarlReference *reference,
                                 const MarlScoreTarget *score, double *spectrum, double *deviation,
                                 double *density, MarlError *err) {
  const int known = marl_reference_num_training(reference, params->n);
  const double n = params->samples;
  if (params->samples > known)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.samples = %d, but %s has %d training fields of %d x %d", params->samples,
                     reference->path, known, params->n, params->n);
  if (params->target == MARL_TARGET_FULL)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "env.samples = %d with env.target = full: the fields of %s are cut to %d x %d; "
        "take target: truncated or filtered",
        params->samples, reference->path, params->n, params->n);
  Field field;
  memset(spectrum, 0, (size_t)score->num_k * sizeof *spectrum);
  memset(deviation, 0, (size_t)score->num_k * sizeof *deviation);
  memset(density, 0, (size_t)score->num_bins * sizeof *density);
  MarlCode code = field_init(&field, params->n, reference->domain_length, err);
  if (code == MARL_OK)
    code = add_fields(params, reference, score, &field, spectrum, deviation, density, err);
  field_clear(&field);
  for (int k = 0; k < score->num_k && code == MARL_OK; ++k) {
    const double mean = spectrum[k] / n;
    const double variance = n > 1 ? (deviation[k] - n * mean * mean) / (n - 1) : 0;
    spectrum[k] = mean;
    deviation[k] = sqrt(fmax(variance, 0)) / mean;
  }
  return code;
}

/* The stored statistics of the field that is the target. */
static MarlCode choose(const MarlTurbulenceParams *params, const MarlReference *reference,
                       const MarlScoreTarget *score, const MarlReferenceSpectrum **spectrum,
                       const MarlReferencePdf **pdf, MarlError *err) {
  const int size = 2 * score->num_k;
  const MarlReferenceSize *cut_to = marl_reference_size(reference, size);
  const bool truncated = params->target == MARL_TARGET_TRUNCATED;
  *spectrum = &reference->enstrophy;
  *pdf = &reference->pdf;
  if (params->target == MARL_TARGET_FULL) return MARL_OK;
  if (cut_to != NULL) {
    *spectrum = truncated ? &cut_to->enstrophy_truncated : &cut_to->enstrophy_filtered;
    *pdf = truncated ? &cut_to->truncated : &cut_to->filtered;
  }
  if (cut_to == NULL || (*spectrum)->mean == NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s has no spectrum of the %s field at %d x %d, which is what env.dealias=%s "
                     "keeps of %d x %d points; set env.target=full or env.samples",
                     reference->path, field_names[params->target], size, size,
                     marl_dealias_names[params->dealias], params->n, params->n);
  return MARL_OK;
}

MarlCode marl_reward_target(const MarlTurbulenceParams *params, const MarlReference *reference,
                            const MarlScoreTarget *score, double *spectrum, double *deviation,
                            double *density, bool *spread, bool *dense, MarlError *err) {
  const MarlReferenceSpectrum *stored;
  const MarlReferencePdf *pdf;
  *spread = params->samples > 1, *dense = true;
  if (params->samples > 0)
    return target_of_fields(params, reference, score, spectrum, deviation, density, err);
  MARL_TRY(choose(params, reference, score, &stored, &pdf, err));
  memcpy(spectrum, stored->mean, (size_t)score->num_k * sizeof *spectrum);
  *spread = stored->deviation != NULL;
  for (int k = 0; k < score->num_k && *spread; ++k)
    deviation[k] = stored->deviation[k] / stored->mean[k];
  *dense = pdf->density != NULL;
  return *dense ? marl_score_copy_density(reference, pdf, score, density, err) : MARL_OK;
}
