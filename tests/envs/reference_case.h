/* A small reference file made in the test: N = 16, spectrum k^-3, three initial fields. The full field
 * and the one truncated to 16 have different spectra and densities, so that no test passes that
 * compares with the wrong one. */
#ifndef MARL_TESTS_ENVS_REFERENCE_CASE_H
#define MARL_TESTS_ENVS_REFERENCE_CASE_H

#include <stdlib.h>
#include <unistd.h>

#include "marl/core/rng.h"
#include "physics/reference_flow.h"
#include "tests/unit.h"

enum { CASE_N = 16, CASE_K = 16, CASE_BINS = 41, CASE_FIELDS = 3 };

/* Of the truncated field; the full one has CASE_FULL times as much. */
static const double CASE_FULL = 1.25;
static inline void case_spectrum(double *spectrum) {
  for (int k = 0; k < CASE_K; ++k) spectrum[k] = 2 / pow(1 + 0.5 * k, 3);
}

/* A normal density, 1/T; the full field's sigma is 3, the truncated one's 2.5. */
static inline void case_density(double sigma, double *density) {
  for (int b = 0; b < CASE_BINS; ++b) {
    const double w = (b - 20) / sigma;
    density[b] = exp(-0.5 * w * w) / (sigma * sqrt(2 * 3.14159265358979));
  }
}

static inline void case_write(MarlStore *file, const char *name, int rank, size_t a, size_t b,
                              size_t c, const double *data) {
  MarlError err;
  const MarlArray array = {.type = MARL_F64, .rank = rank, .shape = {a, b, c}};
  UNIT_OK(marl_store_write(file, name, &array, data, &err));
}

static inline void case_groups(MarlStore *file) {
  MarlError err;
  static const char *const names[] = {"spectrum", "pdf", "spectrum_n16", "pdf_n16", "initial"};
  for (int g = 0; g < 5; ++g) {
    MarlStore *group = NULL;
    UNIT_OK(marl_store_group_create(file, names[g], &group, &err));
    marl_store_close(&group);
  }
}

static inline void case_fields(MarlStore *file) {
  static double fields[CASE_FIELDS * CASE_N * CASE_N];
  const MarlKey key = marl_key(3, MARL_STREAM_INIT);
  for (int s = 0; s < CASE_FIELDS; ++s)
    for (int y = 0; y < CASE_N; ++y)
      for (int x = 0; x < CASE_N; ++x) {
        double w = 0;
        for (int m = 1; m <= 4; ++m)
          w += 2 * cos(0.392699081698724 * (m * x + (5 - m) * y) +
                       6.28 * marl_uniform(key, (uint64_t)(10 * s + m)));
        fields[(s * CASE_N + y) * CASE_N + x] = (1 - 0.2 * s) * w; /* of different strength */
      }
  case_write(file, "initial/n16", 3, CASE_FIELDS, CASE_N, CASE_N, fields);
}

/* Writes the file PATH of a flow with this viscosity. */
static inline void case_write_reference(const char *path, double viscosity) {
  MarlSolverParams flow = marl_solver_defaults(64);
  flow.viscosity = viscosity;
  MarlError err;
  MarlStore *file = NULL;
  UNIT_OK(marl_store_create(path, &file, &err));
  UNIT_OK(marl_reference_write_flow(&flow, file, &err));
  UNIT_OK(marl_store_set_int(file, NULL, "dns_resolution", flow.nx, &err));
  UNIT_OK(marl_store_set_real(file, NULL, "evaluations_per_time", 2000, &err));
  double k[CASE_K], spectrum[CASE_K], full[CASE_K], deviation[CASE_K];
  double bins[CASE_BINS], density[CASE_BINS];
  case_spectrum(spectrum);
  for (int i = 0; i < CASE_K; ++i)
    k[i] = i, full[i] = CASE_FULL * spectrum[i], deviation[i] = 0.25 * spectrum[i];
  for (int b = 0; b < CASE_BINS; ++b) bins[b] = b - 20;
  case_groups(file);
  case_write(file, "spectrum/wavenumber", 1, CASE_K, 0, 0, k);
  case_write(file, "spectrum/enstrophy", 1, CASE_K, 0, 0, full);
  case_write(file, "spectrum/enstrophy_std", 1, CASE_K, 0, 0, deviation);
  case_write(file, "spectrum/energy", 1, CASE_K, 0, 0, spectrum);
  case_density(3, density);
  case_write(file, "pdf/vorticity", 1, CASE_BINS, 0, 0, bins);
  case_write(file, "pdf/density", 1, CASE_BINS, 0, 0, density);
  case_write(file, "spectrum_n16/wavenumber", 1, CASE_N / 2, 0, 0, k);
  case_write(file, "spectrum_n16/enstrophy_truncated", 1, CASE_N / 2, 0, 0, spectrum);
  case_write(file, "spectrum_n16/enstrophy_truncated_std", 1, CASE_N / 2, 0, 0, deviation);
  case_density(2.5, density);
  case_write(file, "pdf_n16/vorticity", 1, CASE_BINS, 0, 0, bins);
  case_write(file, "pdf_n16/density_truncated", 1, CASE_BINS, 0, 0, density);
  case_fields(file);
  UNIT_OK(marl_store_commit(&file, &err));
}

static char case_reference_path[512];
static inline void case_reference_remove(void) {
  unlink(case_reference_path);
}

/* The same of viscosity 1e-3 under a name of this process in the current folder, absolute, because a
 * configuration's paths are relative to where it lies; remove it with unlink, or the end of the process
 * does, after a failed assertion too. */
static inline const char *case_reference(void) {
  char *path = case_reference_path;
  if (!path[0]) CU_ASSERT_EQUAL_FATAL(atexit(case_reference_remove), 0);
  CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(path, sizeof case_reference_path - 64));
  const size_t length = strlen(path);
  snprintf(path + length, sizeof case_reference_path - length, "/reference_case_%ld.h5",
           (long)getpid());
  case_write_reference(path, 1e-3);
  return path;
}

#endif
