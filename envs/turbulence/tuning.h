/* The best constants of a closure by direct search: section "tune"
 *
 *   objective = e_trunc + kl_weight KL_trunc
 *
 * (e_log and KL where the reference has no truncated spectra)
 *
 * of runs from the reference's training fields under the candidate, spin-up included (score.h,
 * scoreboard.h); a blow-up is an infinite objective. Grid, time step and reference are those of
 * section "evaluate", with which the result is judged on held-out fields afterwards.
 *
 * Every objective has a standard error, so that it can be seen what sampling noise chose: that of
 * the block bootstrap for e_trunc, plus kl_weight times that for KL (an upper bound of the error of
 * the sum). */
#ifndef MARL_ENVS_TURBULENCE_TUNING_H
#define MARL_ENVS_TURBULENCE_TUNING_H

#include "envs/turbulence/scoreboard.h"
#include "marl/learn/search.h"

enum { MARL_TUNING_MAX_PARAMETERS = 8, MARL_TUNING_SPECIFICATION = 512 };

extern const MarlOptionTable marl_tune_options; /* section "tune" */

/* One candidate; what cannot be known (a blow-up) is infinite. */
typedef struct MarlCandidate {
  double point[MARL_TUNING_MAX_PARAMETERS];
  double objective, error; /* and its standard error */
  double spectrum_error, divergence;
} MarlCandidate;

typedef struct MarlTuning {
  const MarlSection *tune; /* borrowed */
  MarlSection *runs;       /* options of the scoreboard of a generation, owned */
  MarlSearch *search;
  int dim;
  int max_evaluations, evaluations;
  double kl_weight;
  int count;                 /* candidates of the last generation */
  double *points, *values;   /* [max_points, dim], [max_points] of the last generation */
  MarlCandidate *candidates; /* [evaluations] all, in the order of their evaluation */
} MarlTuning;

/* Rank-local. Both sections are borrowed until destroy. MARL_ECONFIG names what is wrong. */
MarlCode marl_tuning_create(const MarlSection *tune, const MarlSection *evaluate, MarlTuning **out,
                            MarlError *err) MARL_NODISCARD;
void marl_tuning_destroy(MarlTuning **tuning);

/* Collective over comm: evaluate the next points (members count to divergences) and tell the
 * search. The same on any number of ranks. */
MarlCode marl_tuning_step(MarlTuning *tuning, MPI_Comm comm, MarlError *err) MARL_NODISCARD;
bool marl_tuning_finished(const MarlTuning *tuning);

/* The candidate of the least objective; NULL if all blew up. */
const MarlCandidate *marl_tuning_best(const MarlTuning *tuning);

/* The closure with the values of `point` [dim] as a specification (scoreboard.h). */
void marl_tuning_specification(const MarlTuning *tuning, const double *point,
                               char out[MARL_TUNING_SPECIFICATION]);

#endif
