/* What a learned closure does, where: joint statistics of its coefficients and the resolved flow
 *
 * At every sample and grid point: the coefficients C_c as interpolated from the agents, and
 *   strain       |S| / w_rms,  |S|^2 = 2 S_ij S_ij (<|S|^2> = <w^2> in a periodic box)
 *   vorticity    |w| / w_rms
 *   okubo_weiss  (|S|^2 - w^2) / (|S|^2 + w^2 + <w^2>), from -1 (vortex) to 1 (strain)
 * and, the same at all points of a sample,
 *   small_scales (Delta/w_rms) <|grad w|^2>^(1/2), the mean wavenumber in units of 1/Delta.
 * Mean and standard deviation of C_c given each of the four, in bins. The variance of C_c is split
 * into that of its domain mean over samples (time) and the mean variance within a sample (space).
 * Backscatter is C_1 < 0:
 *   points     share of grid points
 *   energy     share of <|nu_e| |S|^2>: the stress -2 nu_e S takes the energy -tau:S = nu_e |S|^2
 *              from the resolved flow at a point (Leslie and Quarini, J. Fluid Mech. 91, 1979), 0 if
 *              it removes everywhere, 1 if it returns everywhere. Enstrophy has no such sign: what
 *              this stress takes of it, nu_e [4 s11 w_xy - 2 s12 (w_xx - w_yy)], is positive on
 *              average only, and -div(nu_e grad w) is another closure.
 * Sums of the runs of a row are added in the order of the runs: the same on any number of ranks. */
#ifndef MARL_ENVS_TURBULENCE_INTERPRETATION_H
#define MARL_ENVS_TURBULENCE_INTERPRETATION_H

#include <mpi.h>

#include "envs/turbulence/agent_closure.h"
#include "marl/core/store.h"

enum { MARL_INTERPRETED_CONDITIONS = 4, MARL_INTERPRETED_BINS = 24 };

typedef struct MarlInterpretedCondition {
  const char *name, *meaning;
  double low, high; /* of the bins; what lies beyond is in the first and last */
} MarlInterpretedCondition;
extern const MarlInterpretedCondition marl_interpreted_conditions[MARL_INTERPRETED_CONDITIONS];

/* One closure's. Means and deviations are NaN in bins without points. */
typedef struct MarlInterpretedRow {
  char label[128];
  int num_coefficients; /* 0: not a learned closure, or it blew up before the first sample */
  double backscatter_points, backscatter_energy;
  double overall[MARL_MAX_COEFFICIENTS]; /* mean of C_c: constants to hold a policy at */
  /* standard deviations of C_c: of its domain mean over samples, and within a sample (rms) */
  double in_time[MARL_MAX_COEFFICIENTS], in_space[MARL_MAX_COEFFICIENTS];
  double share[MARL_INTERPRETED_CONDITIONS][MARL_INTERPRETED_BINS]; /* of points */
  double mean[MARL_INTERPRETED_CONDITIONS][MARL_MAX_COEFFICIENTS][MARL_INTERPRETED_BINS];
  double deviation[MARL_INTERPRETED_CONDITIONS][MARL_MAX_COEFFICIENTS][MARL_INTERPRETED_BINS];
  const double *vorticity;   /* [n, n] last sample of the row's first run, 1/T */
  const double *coefficient; /* [MARL_MAX_COEFFICIENTS, n, n] then */
} MarlInterpretedRow;

typedef struct MarlInterpretation {
  int n, num_rows, runs; /* grid points a side, closures, runs of each */
  double length;         /* of the box, L */
  MarlInterpretedRow *rows;
  size_t sum_size, run_size; /* doubles of a run: its sums, and with its maps */
  double *run;               /* [num_rows, runs, run_size] */
  double *strain2, *field;   /* [n, n] scratch */
} MarlInterpretation;

MarlCode marl_interpretation_create(int num_rows, int runs, int n, double length,
                                    MarlInterpretation **out, MarlError *err) MARL_NODISCARD;
void marl_interpretation_destroy(MarlInterpretation **interpretation);

enum {
  MARL_INTERPRETATION_NEEDS = MARL_NEED_STRAIN | MARL_NEED_VORTICITY | MARL_NEED_GRAD_VORTICITY
};
/* Count a sample of run `number` (row runs + run), whose flow has the fields of
 * MARL_INTERPRETATION_NEEDS. Rank-local. */
void marl_interpretation_sample(MarlInterpretation *interpretation, int number,
                                const MarlFlow *flow, const MarlAgentClosure *agents);

/* What was counted of run `number`, exactly: a run that is finished need not run again. */
MarlCode marl_interpretation_save(const MarlInterpretation *interpretation, int number,
                                  MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_interpretation_load(MarlInterpretation *interpretation, int number, MarlStore *from,
                                  MarlError *err) MARL_NODISCARD;

void marl_interpretation_forget(MarlInterpretation *interpretation, int number); /* as at first */

/* Add up what the ranks counted (each run on one of them) and fill the rows, but their labels.
 * Collective; all ranks have the same afterwards. */
MarlCode marl_interpretation_finish(MarlInterpretation *interpretation, MPI_Comm comm,
                                    MarlError *err) MARL_NODISCARD;

/* As HDF5 for xarray, dimensions (row, coefficient, bin); rows that are not learned are NaN. */
MarlCode marl_interpretation_write(const MarlInterpretation *interpretation, MarlStore *to,
                                   MarlError *err) MARL_NODISCARD;

/* Center of a bin. */
double marl_interpreted_center(int condition, int bin);

#endif
