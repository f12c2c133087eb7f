#include "physics/reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "physics/reference_flow.h"

enum { MAX_NAME = 80 };

static void spectrum_clear(MarlReferenceSpectrum *spectrum) {
  free(spectrum->mean);
  free(spectrum->deviation);
  free(spectrum->error);
}

static void pdf_clear(MarlReferencePdf *pdf) {
  free(pdf->vorticity);
  free(pdf->density);
}

void marl_reference_destroy(MarlReference **reference) {
  MarlReference *r = *reference;
  if (r == NULL) return;
  spectrum_clear(&r->enstrophy);
  spectrum_clear(&r->energy);
  spectrum_clear(&r->enstrophy_x);
  spectrum_clear(&r->enstrophy_y);
  pdf_clear(&r->pdf);
  free(r->maxima.largest);
  for (int i = 0; i < r->num_sizes; ++i) {
    spectrum_clear(&r->sizes[i].enstrophy_truncated);
    spectrum_clear(&r->sizes[i].enstrophy_filtered);
    spectrum_clear(&r->sizes[i].energy_truncated);
    spectrum_clear(&r->sizes[i].energy_filtered);
    pdf_clear(&r->sizes[i].truncated);
    pdf_clear(&r->sizes[i].filtered);
    free(r->sizes[i].maxima_truncated.largest);
  }
  free(r->missing);
  free(r->path);
  free(r);
  *reference = NULL;
}

/* A whole rank-1 dataset, or *out = NULL when it is not there. */
static MarlCode read_optional(MarlStore *store, const char *name, int *n, double **out,
                              MarlError *err) {
  size_t shape[MARL_STORE_MAX_RANK];
  int rank;
  *out = NULL;
  if (!marl_store_has(store, name)) return MARL_OK;
  MARL_TRY(marl_store_shape(store, name, &rank, shape, err));
  if (rank != 1 || shape[0] < 1 || shape[0] > 1 << 20)
    return MARL_FAIL(err, MARL_EIO, "%s: dataset '%s' is not a list of figures",
                     marl_store_path(store), name);
  double *values = malloc(shape[0] * sizeof *values);
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to read '%s'", name);
  const MarlCode code = marl_store_read(store, name, MARL_F64, shape[0], values, err);
  if (code != MARL_OK) {
    free(values);
    return code;
  }
  *n = (int)shape[0];
  *out = values;
  return MARL_OK;
}

static MarlCode read_length(MarlStore *store, const char *name, int n, double **out,
                            MarlError *err) {
  int length = n;
  MARL_TRY(read_optional(store, name, &length, out, err));
  if (length != n)
    return MARL_FAIL(err, MARL_EIO, "%s: dataset '%s' has %d figures, expected %d",
                     marl_store_path(store), name, length, n);
  return MARL_OK;
}

static MarlCode read_spectrum(MarlStore *store, const char *name, MarlReferenceSpectrum *out,
                              MarlError *err) {
  char part[MAX_NAME];
  MARL_TRY(read_optional(store, name, &out->n, &out->mean, err));
  if (out->mean == NULL) return MARL_OK;
  snprintf(part, sizeof part, "%s_std", name);
  MARL_TRY(read_length(store, part, out->n, &out->deviation, err));
  snprintf(part, sizeof part, "%s_error", name);
  return read_length(store, part, out->n, &out->error, err);
}

/* Central moments of a tabulated density by the trapezoidal rule. */
static void tabulated_moments(MarlReferencePdf *pdf) {
  double sums[5] = {0.0};
  for (int i = 0; i + 1 < pdf->n; ++i) {
    const double width = pdf->vorticity[i + 1] - pdf->vorticity[i];
    for (int end = i; end <= i + 1; ++end) {
      double power = 0.5 * width * pdf->density[end];
      for (int m = 0; m < 5; ++m) {
        sums[m] += power;
        power *= pdf->vorticity[end];
      }
    }
  }
  if (!(sums[0] > 0.0)) return;
  const double m1 = sums[1] / sums[0], m2 = sums[2] / sums[0], m3 = sums[3] / sums[0],
               m4 = sums[4] / sums[0];
  const double variance = m2 - m1 * m1;
  pdf->deviation = sqrt(fmax(variance, 0.0));
  if (!(variance > 0.0)) return;
  pdf->skewness = (m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1) / (variance * pdf->deviation);
  pdf->kurtosis =
      (m4 - 4.0 * m1 * m3 + 6.0 * m1 * m1 * m2 - 3.0 * m1 * m1 * m1 * m1) / (variance * variance);
}

static MarlCode read_pdf(MarlStore *store, const char *name, MarlReferencePdf *out,
                         MarlError *err) {
  if (!marl_store_has(store, name)) return MARL_OK;
  MARL_TRY(read_optional(store, "vorticity", &out->n, &out->vorticity, err));
  if (out->vorticity == NULL)
    return MARL_FAIL(err, MARL_EIO, "%s: '%s' has no 'vorticity' beside it", marl_store_path(store),
                     name);
  MARL_TRY(read_length(store, name, out->n, &out->density, err));
  tabulated_moments(out);
  // moments of the values themselves are better than those of the table, where they are stored
  MarlError absent;
  double stored[3];
  if (marl_store_get_real(store, name, "standard_deviation", &stored[0], &absent) == MARL_OK &&
      marl_store_get_real(store, name, "skewness", &stored[1], &absent) == MARL_OK &&
      marl_store_get_real(store, name, "kurtosis", &stored[2], &absent) == MARL_OK) {
    out->deviation = stored[0];
    out->skewness = stored[1];
    out->kurtosis = stored[2];
  }
  return MARL_OK;
}

static MarlCode read_size(MarlStore *spectra, MarlStore *pdfs, int size, MarlReferenceSize *out,
                          MarlError *err) {
  out->size = size;
  MARL_TRY(read_spectrum(spectra, "enstrophy_truncated", &out->enstrophy_truncated, err));
  MARL_TRY(read_spectrum(spectra, "enstrophy_filtered", &out->enstrophy_filtered, err));
  MARL_TRY(read_spectrum(spectra, "energy_truncated", &out->energy_truncated, err));
  MARL_TRY(read_spectrum(spectra, "energy_filtered", &out->energy_filtered, err));
  MarlError absent;
  out->has_flux =
      marl_store_get_real(spectra, NULL, "enstrophy_flux", &out->enstrophy_flux, &absent) ==
          MARL_OK &&
      marl_store_get_real(spectra, NULL, "energy_flux", &out->energy_flux, &absent) == MARL_OK;
  if (pdfs == NULL) return MARL_OK;
  MARL_TRY(read_pdf(pdfs, "density_truncated", &out->truncated, err));
  return read_pdf(pdfs, "density_filtered", &out->filtered, err);
}

/* The group `name` of `store`, or NULL when there is none. */
static MarlCode open_optional(MarlStore *store, const char *name, MarlStore **out, MarlError *err) {
  *out = NULL;
  return marl_store_has(store, name) ? marl_store_group_open(store, name, out, err) : MARL_OK;
}

/* A file may have any even size of cut fields; these are looked for. */
enum { SMALLEST_SIZE = 4, LARGEST_SIZE = 4096 };

static MarlCode read_sizes(MarlStore *store, MarlReference *reference, MarlError *err) {
  for (int n = SMALLEST_SIZE; n <= LARGEST_SIZE; n += 2) {
    if (reference->num_sizes == MARL_REFERENCE_MAX_SIZES) break;
    char name[MAX_NAME];
    MarlStore *spectra, *pdfs;
    snprintf(name, sizeof name, "spectrum_n%d", n);
    MARL_TRY(open_optional(store, name, &spectra, err));
    if (spectra == NULL) continue;
    snprintf(name, sizeof name, "pdf_n%d", n);
    MarlCode code = open_optional(store, name, &pdfs, err);
    if (code == MARL_OK) {
      MarlReferenceSize *size = &reference->sizes[reference->num_sizes++];
      code = read_size(spectra, pdfs, n, size, err);
      if (pdfs != NULL) marl_store_close(&pdfs);
    }
    marl_store_close(&spectra);
    MARL_TRY(code);
  }
  return MARL_OK;
}

/* Series of max |w|, where the file says how far apart the samples are. */
static MarlCode read_series(MarlStore *group, const char *name, MarlReferenceMaxima *out,
                            MarlError *err) {
  MarlError absent;
  if (marl_store_get_real(group, NULL, "interval", &out->interval, &absent) != MARL_OK)
    return MARL_OK;
  return read_optional(group, name, &out->n, &out->largest, err);
}

static MarlCode read_maxima(MarlStore *store, MarlReference *reference, MarlError *err) {
  MarlStore *group;
  MARL_TRY(open_optional(store, "maxima", &group, err));
  if (group == NULL) return MARL_OK;
  MarlCode code = read_series(group, "full", &reference->maxima, err);
  for (int i = 0; i < reference->num_sizes && code == MARL_OK; ++i) {
    char name[MAX_NAME];
    snprintf(name, sizeof name, "n%d", reference->sizes[i].size);
    code = read_series(group, name, &reference->sizes[i].maxima_truncated, err);
  }
  marl_store_close(&group);
  return code;
}

static MarlCode read_initial(MarlStore *store, MarlReference *reference, MarlError *err) {
  int fewest = 0;
  for (int n = SMALLEST_SIZE; n <= LARGEST_SIZE; n += 2) {
    if (reference->num_initial == MARL_REFERENCE_MAX_SIZES) break;
    char name[MAX_NAME];
    size_t shape[MARL_STORE_MAX_RANK];
    int rank;
    snprintf(name, sizeof name, "initial/n%d", n);
    if (!marl_store_has(store, name)) continue;
    MARL_TRY(marl_store_shape(store, name, &rank, shape, err));
    const size_t size = (size_t)n;
    if (rank != 3 || shape[0] < 1 || shape[0] > 1 << 20 || shape[1] != size || shape[2] != size)
      return MARL_FAIL(err, MARL_EIO, "%s: dataset '%s' is not [sample, %zu, %zu]",
                       marl_store_path(store), name, size, size);
    reference->initial[reference->num_initial++] = (MarlReferenceInitial){n, (int)shape[0]};
    if (fewest == 0 || (int)shape[0] < fewest) fewest = (int)shape[0];
  }
  if (reference->num_initial == 0) return MARL_OK;
  MarlStore *group;
  MarlError absent;
  int64_t held_out;
  MARL_TRY(marl_store_group_open(store, "initial", &group, err));
  const MarlCode code = marl_store_get_int(group, NULL, "held_out", &held_out, &absent);
  marl_store_close(&group);
  if (code == MARL_OK && held_out >= 0 && held_out < fewest)
    reference->held_out = (int)held_out;
  else
    reference->held_out = fewest > 1 ? (fewest + 2) / 3 : 0;
  return MARL_OK;
}

static MarlCode read_attributes(MarlStore *store, MarlReference *reference, MarlError *err) {
  int64_t resolution;
  MARL_TRY(marl_reference_read_flow(store, reference, err));
  MARL_TRY(marl_store_get_int(store, NULL, "dns_resolution", &resolution, err));
  reference->dns_resolution = (int)resolution;
  MarlError absent;
  if (marl_store_get_real(store, NULL, "evaluations_per_time", &reference->evaluations_per_time,
                          &absent) != MARL_OK)
    reference->evaluations_per_time = (double)NAN;
  return MARL_OK;
}

static MarlCode read_full(MarlStore *store, MarlReference *reference, MarlError *err) {
  MarlStore *group;
  MARL_TRY(marl_store_group_open(store, "spectrum", &group, err));
  MarlCode code = read_spectrum(group, "enstrophy", &reference->enstrophy, err);
  if (code == MARL_OK) code = read_spectrum(group, "energy", &reference->energy, err);
  if (code == MARL_OK) code = read_spectrum(group, "enstrophy_x", &reference->enstrophy_x, err);
  if (code == MARL_OK) code = read_spectrum(group, "enstrophy_y", &reference->enstrophy_y, err);
  marl_store_close(&group);
  MARL_TRY(code);
  if (reference->enstrophy.mean == NULL || reference->energy.mean == NULL)
    return MARL_FAIL(err, MARL_EIO,
                     "%s: no 'spectrum/enstrophy' and 'spectrum/energy'; is this a file of "
                     "`marl reference`?",
                     marl_store_path(store));
  MARL_TRY(open_optional(store, "pdf", &group, err));
  if (group == NULL) return MARL_OK;
  code = read_pdf(group, "density", &reference->pdf, err);
  marl_store_close(&group);
  return code;
}

MarlCode marl_reference_read(const char *path, MarlReference **out, MarlError *err) {
  MarlStore *store;
  *out = NULL;
  MARL_TRY(marl_store_open(path, &store, err));
  MarlReference *reference = calloc(1, sizeof *reference);
  MarlCode code = MARL_OK;
  if (reference == NULL || (reference->path = malloc(strlen(path) + 1)) == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory to read %s", path);
  if (code == MARL_OK) {
    memcpy(reference->path, path, strlen(path) + 1);
    code = read_attributes(store, reference, err);
  }
  if (code == MARL_OK) code = read_full(store, reference, err);
  if (code == MARL_OK) code = read_sizes(store, reference, err);
  if (code == MARL_OK) code = read_maxima(store, reference, err);
  if (code == MARL_OK) code = read_initial(store, reference, err);
  marl_store_close(&store);
  if (code != MARL_OK) {
    marl_reference_destroy(&reference);
    return code;
  }
  *out = reference;
  return MARL_OK;
}

bool marl_reference_energy_fits(const MarlReference *reference) {
  static const double slack = 1e-6; /* of files in single precision */
  const double unit = 2 * acos(-1.0) / reference->domain_length;
  for (int k = 1; k < reference->energy.n && k < reference->enstrophy.n; ++k) {
    const double bound = reference->enstrophy.mean[k] / ((k * unit) * (k * unit));
    if (reference->energy.mean[k] > (1 + slack) * bound) return false;
  }
  return true;
}

const MarlReferenceSize *marl_reference_size(const MarlReference *reference, int size) {
  for (int i = 0; i < reference->num_sizes; ++i)
    if (reference->sizes[i].size == size) return &reference->sizes[i];
  return NULL;
}

int marl_reference_num_initial(const MarlReference *reference, int size) {
  for (int i = 0; i < reference->num_initial; ++i)
    if (reference->initial[i].size == size) return reference->initial[i].samples;
  return 0;
}

int marl_reference_num_training(const MarlReference *reference, int size) {
  const int samples = marl_reference_num_initial(reference, size);
  return samples > reference->held_out ? samples - reference->held_out : samples;
}

/* The samples first .. first + count - 1 of initial fields of size x size, of which there are `samples`. */
static MarlCode read_fields(const MarlReference *reference, int size, int first, int count,
                            double *w, MarlError *err) {
  char name[MAX_NAME];
  MarlStore *store;
  const size_t points = (size_t)size * (size_t)size;
  snprintf(name, sizeof name, "initial/n%d", size);
  MARL_TRY(marl_store_open(reference->path, &store, err));
  MarlCode code = MARL_OK;
  for (int s = 0; s < count && code == MARL_OK; ++s)
    code = marl_store_read_slab(store, name, (size_t)first + (size_t)s, MARL_F64, points,
                                w + (size_t)s * points, err);
  marl_store_close(&store);
  return code;
}

MarlCode marl_reference_initial(const MarlReference *reference, int size, int sample, double *w,
                                MarlError *err) {
  const int samples = marl_reference_num_initial(reference, size);
  if (samples == 0) {
    char known[256] = "";
    for (int i = 0; i < reference->num_initial; ++i) {
      const size_t used = strlen(known);
      snprintf(known + used, sizeof known - used, " %d", reference->initial[i].size);
    }
    return MARL_FAIL(err, MARL_ECONFIG, "%s has no initial fields of %d x %d; it has:%s",
                     reference->path, size, size, known[0] == '\0' ? " none" : known);
  }
  if (sample < 0 || sample >= samples)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s has %d initial fields of %d x %d, there is no sample %d", reference->path,
                     samples, size, size, sample);
  return read_fields(reference, size, sample, 1, w, err);
}

MarlCode marl_reference_training(const MarlReference *reference, int size, double *w,
                                 MarlError *err) {
  return read_fields(reference, size, 0, marl_reference_num_training(reference, size), w, err);
}
