/* Reference statistics of a high-resolution run, and initial fields to start from
 *
 * Layout of the file (HDF5); the groups and datasets marked * may be absent:
 *   attributes          the flow (reference_flow.h), and
 *                       dns_resolution *evaluations_per_time (right-hand sides a time unit)
 *   spectrum/           wavenumber enstrophy energy *{enstrophy,energy}_std *_x *_y
 *                       *_error (standard error of the mean, from block means)
 *   pdf/                vorticity (bin centres) density *attributes standard_deviation skewness
 *                       kurtosis
 *   spectrum_nN/ *      wavenumber {enstrophy,energy}_{truncated,filtered} *_std *_error, and
 *                       attributes enstrophy_flux energy_flux (through the cut, positive to
 *                       unresolved scales)
 *   pdf_nN/ *           vorticity density_truncated density_filtered
 *   maxima/ *           full, nN (truncated): max |w| of successive samples, attribute interval
 *   initial/nN *        [sample, y, x] vorticity; attribute held_out of initial: how many of the
 *                       last samples are kept for testing
 * Spectra are the one-sided 1-D ones of spectrum.h. "truncated" is the field cut to N x N,
 * "filtered" the field filtered by a Gaussian of width 2 L / N and then cut: the 1-D spectrum of
 * a cut field is lower than the cut of the spectrum, because it sums over fewer modes. */
#ifndef MARL_PHYSICS_REFERENCE_H
#define MARL_PHYSICS_REFERENCE_H

#include "marl/core/error.h"
#include "physics/statistics.h"

enum { MARL_REFERENCE_MAX_SIZES = 8 };

/* One spectrum; `mean` is NULL when the file does not have it. */
typedef struct MarlReferenceSpectrum {
  int n;             /* wavenumbers 0 .. n-1 in units of 2 pi / L */
  double *mean;      /* [n] */
  double *deviation; /* [n] standard deviation over snapshots, or NULL */
  double *error;     /* [n] standard error of the mean, or NULL */
} MarlReferenceSpectrum;

/* A probability density; `density` is NULL when the file does not have it. */
typedef struct MarlReferencePdf {
  int n;
  double *vorticity; /* [n] 1/T, rising */
  double *density;   /* [n] T */
  double deviation;  /* of the field: stored, else from the density */
  double skewness, kurtosis;
} MarlReferencePdf;

/* max |w| of successive samples; n is 0 when the file does not have it. */
typedef struct MarlReferenceMaxima {
  int n;
  double interval; /* T between samples */
  double *largest; /* [n] 1/T */
} MarlReferenceMaxima;

/* Statistics of the field cut to size x size. */
typedef struct MarlReferenceSize {
  int size;
  MarlReferenceSpectrum enstrophy_truncated, enstrophy_filtered; /* n = size / 2 */
  MarlReferenceSpectrum energy_truncated, energy_filtered;
  MarlReferencePdf truncated, filtered;
  MarlReferenceMaxima maxima_truncated;
  bool has_flux;
  double enstrophy_flux, energy_flux; /* 1/T^3, L^2/T^3 */
} MarlReferenceSize;

/* Initial fields of one size. */
typedef struct MarlReferenceInitial {
  int size;
  int samples;
} MarlReferenceInitial;

typedef struct MarlReference {
  char *path; /* owned */
  double reynolds, viscosity, linear_drag, beta;
  double domain_length, domain_length_y; /* L, along x and y */
  MarlForcing forcing;
  char *
      missing; /* attributes of the flow that the file lacks, "forcing_name, ...": those members are
                    NaN or none. NULL: none is missing. Owned */
  int dns_resolution;
  double evaluations_per_time; /* 1/T, right-hand sides; NaN when the file does not say */
  MarlReferenceSpectrum enstrophy, energy;
  MarlReferenceSpectrum enstrophy_x, enstrophy_y;
  MarlReferencePdf pdf;
  MarlReferenceMaxima maxima;
  int num_sizes;
  MarlReferenceSize sizes[MARL_REFERENCE_MAX_SIZES];
  int num_initial;
  MarlReferenceInitial initial[MARL_REFERENCE_MAX_SIZES];
  int held_out; /* of the samples of each size; a third rounded up when the file does not say */
} MarlReference;

/* Serial. MARL_EIO if the file is absent or not such a file; the message says what is missing. */
MarlCode marl_reference_read(const char *path, MarlReference **out, MarlError *err) MARL_NODISCARD;
void marl_reference_destroy(MarlReference **reference);

/* Whether the energy spectrum can be that of (u^2 + v^2)/2: |u_hat|^2 = |w_hat|^2 / |k|^2 and
 * |k| >= k in every term of a 1-D spectrum, so energy(k) k^2 <= enstrophy(k). Spectra of u^2 + v^2,
 * twice as high, break this. */
bool marl_reference_energy_fits(const MarlReference *reference);

/* NULL when the file has no statistics of the field cut to `size`. */
const MarlReferenceSize *marl_reference_size(const MarlReference *reference, int size);

/* Initial samples of this size (0: none): the first num_training are for training and tuning,
 * the rest are held out. */
int marl_reference_num_initial(const MarlReference *reference, int size);
int marl_reference_num_training(const MarlReference *reference, int size);
/* Vorticity of sample `sample`, [size, size]. MARL_ECONFIG, with the sizes that there are, when
 * the file has none of this size or not that many samples. Serial. */
MarlCode marl_reference_initial(const MarlReference *reference, int size, int sample, double *w,
                                MarlError *err) MARL_NODISCARD;
/* All training fields of a size that has some, w [marl_reference_num_training, size, size], 1/T. */
MarlCode marl_reference_training(const MarlReference *reference, int size, double *w,
                                 MarlError *err) MARL_NODISCARD;

#endif
