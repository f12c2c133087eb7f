/* The best constants of a closure by direct search: section "tune"
 *
 *   objective = e_trunc + kl_weight KL_trunc
 *
 * of runs from the reference's training fields under the candidate, spin-up included (score.h,
 * scoreboard.h); a blow-up is an infinite objective. A run whose statistics are those of the
 * truncated reference is charged 0. Where the reference has no truncated spectrum (density) of the
 * LES's wavenumbers, e_log (KL) takes the term's place. Grid, time step and reference are those of
 * section "evaluate", with which the result is judged on held-out fields afterwards.
 *
 * Every objective has a standard error, so that it can be seen what sampling noise chose: that of
 * e_trunc (score_error.c), plus kl_weight times that for KL (an upper bound of the error of
 * the sum).
 *
 * Under that noise one search is one draw: it is repeated tune.repeats times. The first starts at
 * tune.start; the others draw from keys of their own and start at start + scale U, U uniform on
 * [-1/2, 1/2) a parameter, so that a method without draws takes another way as well. */
#ifndef MARL_ENVS_TURBULENCE_TUNING_H
#define MARL_ENVS_TURBULENCE_TUNING_H

#include "envs/turbulence/scoreboard.h"
#include "marl/learn/search.h"

enum { MARL_TUNING_MAX_PARAMETERS = 8, MARL_TUNING_SPECIFICATION = 512 };

extern const MarlOptionTable marl_tune_options; /* section "tune" */

/* One candidate; what cannot be known (a blow-up) is infinite. */
typedef struct MarlCandidate {
  double point[MARL_TUNING_MAX_PARAMETERS];
  double objective, error;           /* and its standard error */
  double spectrum_error, divergence; /* the terms: e_trunc and KL_trunc */
  int repeat;                        /* of which search, from 0 */
} MarlCandidate;

typedef struct MarlTuning {
  const MarlSection *tune; /* borrowed */
  MarlSection *runs;       /* options of the scoreboard of a generation, owned */
  MarlSection *judgement;  /* and of that of the results, owned */
  MarlSearch *search;      /* of the repeat under way */
  int dim;
  int repeats, repeat;    /* in all; finished */
  int max_evaluations;    /* of one search */
  int evaluations, first; /* in all; before the search under way */
  double kl_weight;
  double *estimates;         /* [repeats, dim] what each finished search found */
  int count;                 /* candidates of the last generation */
  double *points, *values;   /* [max_points, dim], [max_points] of the last generation */
  MarlCandidate *candidates; /* [evaluations] all, in the order of their evaluation */
} MarlTuning;

/* Rank-local. Both sections are borrowed until destroy. MARL_ECONFIG names what is wrong. */
MarlCode marl_tuning_create(const MarlSection *tune, const MarlSection *evaluate, MarlTuning **out,
                            MarlError *err) MARL_NODISCARD;
void marl_tuning_destroy(MarlTuning **tuning);

/* Collective over comm: evaluate the next points (members count to candidates) and tell the search;
 * when it has ended, keep its estimate and begin the next one. The same on any number of ranks.
 * `watch` (NULL: nobody) sees the runs of the generation (les_run.h). */
MarlCode marl_tuning_step(MarlTuning *tuning, MPI_Comm comm, MarlLesWatch *watch,
                          MarlError *err) MARL_NODISCARD;
bool marl_tuning_finished(const MarlTuning *tuning);

/* Exact state between two steps. Serial. Loading is into a tuning that was created with the same
 * options, but for more repeats: MARL_ECONFIG if more have been begun than are asked for now. */
MarlCode marl_tuning_save(const MarlTuning *tuning, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_tuning_load(MarlTuning *tuning, MarlStore *from, MarlError *err) MARL_NODISCARD;
/* Repeat number `r` begins anew; for loading. */
MarlCode marl_tuning_begin_search(MarlTuning *tuning, int r, MarlError *err) MARL_NODISCARD;

/* The terms of the objective from the values or the errors of a row, and their weighted sum; a term without weight
 * may be NaN. */
double marl_tuning_objective(const MarlScoreTarget *target, double kl_weight,
                             const double score[MARL_MAX_SCORES], double *spectrum_error,
                             double *divergence);
/* MARL_ECONFIG where a divergence has a weight and cannot be known. */
MarlCode marl_tuning_check_target(const MarlTuning *tuning, const MarlScoreTarget *target,
                                  MarlError *err) MARL_NODISCARD;

/* The candidate of the least objective; NULL if all blew up. */
const MarlCandidate *marl_tuning_best(const MarlTuning *tuning);

/* The closure with the values of `point` [dim] as a specification (scoreboard.h). */
void marl_tuning_specification(const MarlTuning *tuning, const double *point,
                               char out[MARL_TUNING_SPECIFICATION]);

#endif
