#include <stdio.h>
#include <stdlib.h>

#include "physics/statistics.h"
#include "physics/statistics_internal.h"

enum { MAX_NAME = 80 };

typedef double Figure(const MarlBlockMean *mean, int i);

/* What a spectrum means, over the dimension of its scale. */
typedef struct Convention {
  const char *scale, *text;
} Convention;
static const Convention one_dimensional = {
    "wavenumber",
    "one-sided 1-D spectrum, the mean of those along x and y: s_x(k) = 1/2 sum over ky of "
    "|q(k, ky)|^2, s = (s_x + s_y)/2; sum rule: s(0) + 2 sum over k >= 1 of s(k) = <q^2>/2 "
    "(energy: "
    "<u^2 + v^2>/2); k in units of 2 pi/L"};
static const Convention one_direction = {
    "wavenumber",
    "one-sided 1-D spectrum along one direction: s_x(k) = 1/2 sum over ky of |q(k, ky)|^2; sum "
    "rule: "
    "s(0) + 2 sum over k >= 1 of s(k) = <q^2>/2; k in units of 2 pi/L"};
static const Convention shells = {
    "shell",
    "shell spectrum: 1/2 sum of |q|^2 over K - 1/2 < |k| <= K + 1/2, corners of the square "
    "included; "
    "sum rule: sum over K = <q^2>/2 (energy: <u^2 + v^2>/2); K in units of 2 pi/L"};
static const Convention through = {
    "wavenumber",
    "flux from |k| <= K + 1/2 to wavenumbers above, positive to small scales; K in "
    "units of 2 pi/L"};

/* Where spectra go, and what the names of their scales end in: children of a group inherit its scales
 * (xarray's DataTree), so that those of the root may not have the names of smaller ones. */
typedef struct Group {
  MarlStore *store;
  const char *suffix;
} Group;

static MarlCode write_figure(const MarlBlockMean *mean, Figure *figure, const char *name,
                             const char *units, const char *long_name, const Convention *convention,
                             const Group *to, MarlError *err) {
  char scale[MAX_NAME];
  snprintf(scale, sizeof scale, "%s%s", convention->scale, to->suffix);
  const char *const scales[] = {scale};
  const MarlArray array = {.type = MARL_F64,
                           .rank = 1,
                           .shape = {(size_t)mean->n},
                           .scales = scales,
                           .units = units,
                           .long_name = long_name};
  double *values = malloc((size_t)mean->n * sizeof *values);
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to write '%s'", name);
  for (int i = 0; i < mean->n; ++i) values[i] = figure(mean, i);
  MarlCode code = marl_store_write(to->store, name, &array, values, err);
  free(values);
  if (code == MARL_OK)
    code = marl_store_set_text(to->store, name, "convention", convention->text, err);
  return code;
}

/* name, name_std, name_error over the group's scale of the convention */
static MarlCode write_mean(const MarlBlockMean *mean, const char *name, const char *units,
                           const char *long_name, const Convention *convention, const Group *to,
                           MarlError *err) {
  char part[MAX_NAME], title[2 * MAX_NAME];
  MARL_TRY(write_figure(mean, marl_block_mean_value, name, units, long_name, convention, to, err));
  snprintf(part, sizeof part, "%s_std", name);
  snprintf(title, sizeof title, "%s, standard deviation over snapshots", long_name);
  MARL_TRY(write_figure(mean, marl_block_mean_deviation, part, units, title, convention, to, err));
  snprintf(part, sizeof part, "%s_error", name);
  snprintf(title, sizeof title, "%s, standard error of the mean", long_name);
  return write_figure(mean, marl_block_mean_error, part, units, title, convention, to, err);
}

static MarlCode write_wavenumber(int n, const char *name, const char *long_name, const Group *to,
                                 MarlError *err) {
  char scale[MAX_NAME];
  snprintf(scale, sizeof scale, "%s%s", name, to->suffix);
  const MarlArray array = {
      .type = MARL_F64, .rank = 1, .shape = {(size_t)n}, .units = "1", .long_name = long_name};
  double *values = malloc((size_t)n * sizeof *values);
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to write wavenumbers");
  for (int i = 0; i < n; ++i) values[i] = i;
  const MarlCode code = marl_store_write_scale(to->store, scale, &array, values, err);
  free(values);
  return code;
}

static MarlCode write_bins(const MarlHistogram *histogram, MarlStore *to, MarlError *err) {
  const MarlArray array = {.type = MARL_F64,
                           .rank = 1,
                           .shape = {(size_t)histogram->bins},
                           .units = "1/T",
                           .long_name = "vorticity, centers of the bins"};
  double *values = malloc((size_t)histogram->bins * sizeof *values);
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to write a histogram");
  for (int i = 0; i < histogram->bins; ++i) values[i] = marl_histogram_center(histogram, i);
  const MarlCode code = marl_store_write_scale(to, "vorticity", &array, values, err);
  free(values);
  return code;
}

/* The density, with moments and tails of the same values as its attributes. */
static MarlCode write_density(const MarlHistogram *histogram, const char *name,
                              const char *long_name, MarlStore *to, MarlError *err) {
  static const char *const scales[] = {"vorticity"};
  const MarlArray array = {.type = MARL_F64,
                           .rank = 1,
                           .shape = {(size_t)histogram->bins},
                           .scales = scales,
                           .units = "T",
                           .long_name = long_name};
  double *values = malloc((size_t)histogram->bins * sizeof *values);
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to write '%s'", name);
  for (int i = 0; i < histogram->bins; ++i) values[i] = marl_histogram_density(histogram, i);
  const MarlCode code = marl_store_write(to, name, &array, values, err);
  free(values);
  MARL_TRY(code);
  const double deviation = marl_histogram_deviation(histogram);
  MARL_TRY(marl_store_set_real(to, name, "standard_deviation", deviation, err));
  MARL_TRY(marl_store_set_real(to, name, "skewness", marl_histogram_skewness(histogram), err));
  MARL_TRY(marl_store_set_real(to, name, "kurtosis", marl_histogram_kurtosis(histogram), err));
  for (int times = 2; times <= 4; ++times) {
    char key[MAX_NAME];
    snprintf(key, sizeof key, "tail_%d", times);
    MARL_TRY(
        marl_store_set_real(to, name, key, marl_histogram_tail(histogram, times * deviation), err));
  }
  MARL_TRY(marl_store_set_int(to, name, "values", histogram->total, err));
  MARL_TRY(marl_store_set_int(to, name, "below_range", histogram->counts[0], err));
  return marl_store_set_int(to, name, "above_range", histogram->counts[histogram->bins + 1], err);
}

/* Spectra of one field under names that end in `suffix`, with the scales of its grid if they are not
 * there yet. */
static MarlCode write_field_spectra(const MarlFieldStatistics *field, const char *suffix,
                                    const char *of, bool scales, const Group *to, MarlError *err) {
  const struct Part {
    const MarlBlockMean *mean;
    const char *name, *units, *long_name;
    const Convention *convention;
  } parts[] = {
      {&field->enstrophy, "enstrophy", "1/T^2", "enstrophy spectrum", &one_dimensional},
      {&field->energy, "energy", "L^2/T^2", "energy spectrum", &one_dimensional},
      {&field->enstrophy_shells, "enstrophy_shells", "1/T^2", "enstrophy in shells", &shells},
      {&field->energy_shells, "energy_shells", "L^2/T^2", "energy in shells", &shells},
  };
  if (scales) {
    MARL_TRY(write_wavenumber(field->enstrophy.n, "wavenumber", "wavenumber in units of 2 pi / L",
                              to, err));
    MARL_TRY(write_wavenumber(field->energy_shells.n, "shell",
                              "shell of wavenumbers around it, in units of 2 pi / L", to, err));
  }
  for (size_t i = 0; i < sizeof parts / sizeof *parts; ++i) {
    char name[MAX_NAME], title[2 * MAX_NAME];
    snprintf(name, sizeof name, "%s%s", parts[i].name, suffix);
    snprintf(title, sizeof title, "%s%s", parts[i].long_name, of);
    MARL_TRY(write_mean(parts[i].mean, name, parts[i].units, title, parts[i].convention, to, err));
  }
  return MARL_OK;
}

static MarlCode write_full_spectra(const MarlStatistics *statistics, MarlStore *store,
                                   const char *suffix, MarlError *err) {
  const Group group = {store, suffix}, *to = &group;
  MARL_TRY(write_field_spectra(&statistics->full, "", "", true, to, err));
  MARL_TRY(write_mean(&statistics->enstrophy_x, "enstrophy_x", "1/T^2",
                      "enstrophy spectrum along x", &one_direction, to, err));
  MARL_TRY(write_mean(&statistics->enstrophy_y, "enstrophy_y", "1/T^2",
                      "enstrophy spectrum along y", &one_direction, to, err));
  MARL_TRY(write_mean(&statistics->energy_flux, "energy_flux", "L^2/T^3",
                      "energy flux to wavenumbers above", &through, to, err));
  MARL_TRY(write_mean(&statistics->enstrophy_flux, "enstrophy_flux", "1/T^3",
                      "enstrophy flux to wavenumbers above", &through, to, err));
  return marl_store_set_int(store, NULL, "snapshots", marl_statistics_count(statistics), err);
}

static MarlCode write_full_pdf(const MarlStatistics *statistics, MarlStore *to, MarlError *err) {
  MARL_TRY(write_bins(&statistics->full.vorticity, to, err));
  return write_density(&statistics->full.vorticity, "density", "probability density of vorticity",
                       to, err);
}

static MarlCode write_cut_spectra(const MarlCutStatistics *cut, MarlStore *to, MarlError *err) {
  const Group group = {to, ""};
  MARL_TRY(write_field_spectra(&cut->truncated, "_truncated", " of the truncated field", true,
                               &group, err));
  MARL_TRY(write_field_spectra(&cut->filtered, "_filtered",
                               " of the Gaussian-filtered, truncated field", false, &group, err));
  static const char *const keys[] = {"energy_flux", "enstrophy_flux"};
  for (int i = 0; i < 2; ++i) {
    char error_key[MAX_NAME];
    snprintf(error_key, sizeof error_key, "%s_error", keys[i]);
    MARL_TRY(marl_store_set_real(to, NULL, keys[i], marl_block_mean_value(&cut->flux, i), err));
    MARL_TRY(marl_store_set_real(to, NULL, error_key, marl_block_mean_error(&cut->flux, i), err));
  }
  return MARL_OK;
}

static MarlCode write_cut_pdf(const MarlCutStatistics *cut, MarlStore *to, MarlError *err) {
  MARL_TRY(write_bins(&cut->truncated.vorticity, to, err));
  MARL_TRY(write_density(&cut->truncated.vorticity, "density_truncated",
                         "probability density of vorticity of the truncated field", to, err));
  return write_density(&cut->filtered.vorticity, "density_filtered",
                       "probability density of vorticity of the filtered, truncated field", to,
                       err);
}

static MarlCode write_series(const MarlMaxima *maxima, const char *name, const char *long_name,
                             MarlStore *to, MarlError *err) {
  static const char *const scales[] = {"sample"};
  const MarlArray array = {.type = MARL_F64,
                           .rank = 1,
                           .shape = {maxima->count},
                           .scales = scales,
                           .units = "1/T",
                           .long_name = long_name};
  return marl_store_write(to, name, &array, maxima->largest, err);
}

/* Series of max |w|; a run that began under a version without them has shorter ones. */
static MarlCode write_maxima(const MarlStatistics *statistics, MarlStore *to, MarlError *err) {
  const size_t count = statistics->full.maxima.count;
  double *numbers = malloc((count + 1) * sizeof *numbers);
  if (numbers == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to write maxima");
  for (size_t i = 0; i < count; ++i) numbers[i] = (double)i;
  const MarlArray array = {.type = MARL_F64,
                           .rank = 1,
                           .shape = {count},
                           .units = "1",
                           .long_name = "number of the sample"};
  MarlCode code = marl_store_write_scale(to, "sample", &array, numbers, err);
  free(numbers);
  MARL_TRY(code);
  MARL_TRY(write_series(&statistics->full.maxima, "full", "max |w| of the field", to, err));
  for (int i = 0; i < statistics->params.num_sizes; ++i) {
    char name[MAX_NAME];
    snprintf(name, sizeof name, "n%d", statistics->cuts[i].size);
    MARL_TRY(write_series(&statistics->cuts[i].truncated.maxima, name,
                          "max |w| of the truncated field", to, err));
  }
  return MARL_OK;
}

MarlCode marl_statistics_write(const MarlStatistics *statistics, MarlStore *to, MarlError *err) {
  MarlStore *group;
  MarlCode code;
  MARL_TRY(marl_store_group_create(to, "spectrum", &group, err));
  code = write_full_spectra(statistics, group, "", err);
  marl_store_close(&group);
  MARL_TRY(code);
  MARL_TRY(marl_store_group_create(to, "pdf", &group, err));
  code = write_full_pdf(statistics, group, err);
  marl_store_close(&group);
  MARL_TRY(code);
  for (int i = 0; i < statistics->params.num_sizes; ++i) {
    char name[MAX_NAME];
    const MarlCutStatistics *cut = &statistics->cuts[i];
    snprintf(name, sizeof name, "spectrum_n%d", cut->size);
    MARL_TRY(marl_store_group_create(to, name, &group, err));
    code = write_cut_spectra(cut, group, err);
    marl_store_close(&group);
    MARL_TRY(code);
    snprintf(name, sizeof name, "pdf_n%d", cut->size);
    MARL_TRY(marl_store_group_create(to, name, &group, err));
    code = write_cut_pdf(cut, group, err);
    marl_store_close(&group);
    MARL_TRY(code);
  }
  if (statistics->full.maxima.count == 0) return MARL_OK;
  MARL_TRY(marl_store_group_create(to, "maxima", &group, err));
  code = write_maxima(statistics, group, err);
  marl_store_close(&group);
  return code;
}

MarlCode marl_statistics_write_root(const MarlStatistics *statistics, MarlStore *to,
                                    MarlError *err) {
  MARL_TRY(write_full_spectra(statistics, to, "_full", err));
  return write_full_pdf(statistics, to, err);
}
