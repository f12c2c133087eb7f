/* How near the statistics of an LES are to a reference
 *
 *   e_log   = || log eps - log eps_ref ||_2 over k = 0 .. N/2-1 of time-mean enstrophy spectra,
 *             eps_ref that of the full reference field cut at N/2 (Mojgani et al. 2312.00907)
 *   e_trunc = the same against the spectrum of the reference field truncated to N x N
 *   rms_log = e_log / sqrt(N/2)
 *   std, kurtosis of the vorticity; P2, P3, P4 = P(|w| > 2, 3, 4 sigma), sigma of the reference
 *   KL      = sum p log(p/q) dw over the reference's bins with p sigma > 1e-6; q sigma is at least
 *             1e-7: no figure depends on the unit of time
 *   JS      = Jensen-Shannon divergence over all bins, natural logarithm
 *   KL_trunc = KL against the density of the truncated reference field
 *   u_rms   = <u^2 + v^2>^(1/2); of a reference only where its energy spectrum can be that of
 *             (u^2 + v^2)/2 (marl_reference_energy_fits)
 *   energy_flux, enstrophy_flux = <psi PI>, <w PI>: what the closure takes out (positive: removed)
 *
 * KL, KL_trunc and JS are NaN where the reference's bins do not fit it: less than .999 of its density
 * is inside, or a bin is wider than sigma.
 *
 * Samples are summed in blocks of time, each a plain run of doubles, so that blocks of several runs
 * and ranks can be gathered. The sampling error of a score comes from how its blocks vary and are
 * correlated in time (score_error.c): the correlation time is measured, a block may be shorter. */
#ifndef MARL_ENVS_TURBULENCE_SCORE_H
#define MARL_ENVS_TURBULENCE_SCORE_H

#include "marl/core/plugin.h"
#include "physics/reference.h"

/* Columns of a table of scores at most. */
enum { MARL_MAX_SCORES = 32 };

/* What is compared with. All arrays owned. */
typedef struct MarlScoreTarget {
  int n;                        /* grid points a side of the LES */
  int num_k;                    /* wavenumbers that the LES keeps: n/2 under padding */
  double sigma;                 /* standard deviation of the reference's vorticity, 1/T */
  double *spectrum, *truncated; /* [num_k]; truncated NULL if the file has none */
  int num_bins;                 /* of equal width */
  double first_edge, width;     /* lower edge of the first bin, width, 1/T */
  bool bins_fit;                /* see above */
  double *density;              /* [num_bins] T */
  double *density_truncated;    /* [num_bins] or NULL */
  size_t block_size;            /* doubles in a block */
  double *scratch;              /* [block_size + num_k + num_bins] of the functions below */
} MarlScoreTarget;

/* What scores are made of: means over the samples of an LES, or what a reference says of a field. NaN, or
 * NULL, where it is not known. */
typedef struct MarlScoreMeans {
  const double *spectrum;             /* [num_k] enstrophy */
  const double *density;              /* [num_bins] of vorticity, T */
  double deviation, kurtosis;         /* of vorticity */
  double tail[3];                     /* P(|w| > 2, 3, 4 sigma) */
  double energy;                      /* <u^2 + v^2> / 2 */
  double energy_flux, enstrophy_flux; /* of the closure */
} MarlScoreMeans;

/* A column. To add one: envs/turbulence/score_<name>.c, a line in score_table.c, a test; or
 * marl_register_score from a program of your own (docs/plugins.md). */
typedef struct MarlScoreOps {
  MARL_PLUGIN; /* no options */
  const char *unit;
  double (*value)(const MarlScoreTarget *target, const MarlScoreMeans *means);
} MarlScoreOps;

/* The columns by name (score_table.c) and those that a program has registered. */
extern MarlKind marl_kind_scores;
MarlCode marl_register_score(const MarlScoreOps *ops, MarlError *err) MARL_NODISCARD;
int marl_score_count(void);                        /* <= MARL_MAX_SCORES */
const MarlScoreOps *marl_score_column(int column); /* 0 .. count - 1 */
int marl_score_find(const char *name);             /* its column; -1: there is none */

/* For an LES on n x n points that keeps wavenumbers 0 .. kept-1 (marl_grid_kept): the truncated
 * field is the reference's cut to those, its statistics at size 2 kept. MARL_ECONFIG if the
 * reference does not reach them. */
MarlCode marl_score_target_create(const MarlReference *reference, int n, int kept,
                                  MarlScoreTarget **out, MarlError *err) MARL_NODISCARD;
void marl_score_target_destroy(MarlScoreTarget **target);

/* One snapshot of an LES. */
typedef struct MarlScoreSample {
  const double *spectrum;             /* [num_k] enstrophy */
  const double *vorticity;            /* [n, n] */
  double energy;                      /* <u^2 + v^2> / 2 */
  double energy_flux, enstrophy_flux; /* of the closure */
} MarlScoreSample;

/* Add a sample to a block [block_size], which starts as zeros. Blocks are added by adding their
 * numbers. */
void marl_score_block_add(const MarlScoreTarget *target, const MarlScoreSample *sample,
                          double *block);
/* Scores of the sum of the blocks [num_blocks, block_size]; NaN if they are empty. */
void marl_score_compute(const MarlScoreTarget *target, const double *blocks, size_t num_blocks,
                        double value[MARL_MAX_SCORES]);
/* Standard errors of these scores; the blocks are those of num_runs runs one after another,
 * lengths[r] successive ones of run r. NaN for fewer than two blocks. */
MarlCode marl_score_errors(const MarlScoreTarget *target, const double *blocks,
                           const size_t *lengths, size_t num_runs, double error[MARL_MAX_SCORES],
                           MarlError *err) MARL_NODISCARD;
/* Standard error of the mean of a centered series of several runs, and its integrated correlation
 * time in steps, 1/2 for independent values. NaN for fewer than two values. */
double marl_score_mean_error(const double *u, const size_t *lengths, size_t num_runs,
                             double *correlation);

/* The scores of the reference itself, of the full field or of the truncated one (NaN where the
 * file does not say). */
void marl_score_reference(const MarlScoreTarget *target, const MarlReference *reference,
                          bool truncated, double value[MARL_MAX_SCORES]);

/* The pieces, for rewards and tests. */
/* A density of the reference into out [num_bins]; MARL_EIO if its bins are not those of target. */
MarlCode marl_score_copy_density(const MarlReference *reference, const MarlReferencePdf *pdf,
                                 const MarlScoreTarget *target, double *out,
                                 MarlError *err) MARL_NODISCARD;
double marl_score_log_distance(int n, const double *a, const double *b); /* || log a - log b ||_2 */
/* sum p log(p / q) width over bins with p sigma > 1e-6, q sigma at least 1e-7. */
double marl_score_kl(int num_bins, double width, double sigma, const double *p, const double *q);
double marl_score_js(int num_bins, double width, const double *p, const double *q);
/* integral of the density over |w| > limit, with the part of the bin that the limit cuts. */
double marl_score_tail(const MarlScoreTarget *target, const double *density, double limit);

/* Spectrum [num_k] and density [num_bins] of the blocks' sum, for plots and files. */
void marl_score_spectrum(const MarlScoreTarget *target, const double *blocks, size_t num_blocks,
                         double *spectrum);
void marl_score_density(const MarlScoreTarget *target, const double *blocks, size_t num_blocks,
                        double *density);

#endif
