/* Several closures judged side by side against one reference: section "evaluate"
 *
 * Each closure runs from the same initial fields for the same time (les_run.h); its scores pool all
 * blocks of all its runs, with their sampling errors (score.h). A closure is named by a
 * specification NAME[:KEY=VALUE]..., e.g. leith:coefficient=0.19, with the options of that closure;
 * the key `label` names its row. */
#ifndef MARL_ENVS_TURBULENCE_SCOREBOARD_H
#define MARL_ENVS_TURBULENCE_SCOREBOARD_H

#include "envs/turbulence/extremes.h"
#include "envs/turbulence/les_flow.h"
#include "envs/turbulence/les_run.h"
#include "marl/core/config.h"

enum { MARL_SCORE_LABEL = 128 };

extern const MarlOptionTable marl_evaluate_options; /* section "evaluate" */

typedef struct MarlScoreRow {
  char label[MARL_SCORE_LABEL];
  const MarlClosureOps *closure; /* NULL: the reference itself */
  MarlSection *options;          /* of the closure, owned */
  MarlLesRemarks remarks;        /* `alone` where lanes are asked for */
  double value[MARL_MAX_SCORES], error[MARL_MAX_SCORES];
  int blow_ups;            /* runs that ended early */
  double first_blow_up;    /* T, spin-up included; NaN: none */
  double steps_per_second; /* of this machine */
  double max_vorticity;    /* 1/T, over all samples */
  MarlExtremes extremes;   /* of max |w|; NaN: not known */
  /* relative change of the vorticity's standard deviation from the first to the second half of the
   * runs, with its standard error; NaN for fewer than two blocks a run */
  double drift, drift_error;
  double *spectrum, *density; /* [num_k], [num_bins]; owned by the board */
  double *snapshot;           /* [n, n] last vorticity of the first run, zeros if it blew up; of the
                               * reference its first field, truncated (NaN: the whole one) */
} MarlScoreRow;

typedef struct MarlScoreboard {
  MarlReference *reference;
  MarlScoreTarget *target;
  MarlLesPlan plan;
  int first_field, num_fields; /* initial fields of the reference */
  MarlExtremesPlan extremes;
  /* grid points times right-hand sides a time unit, over the same of the reference run; NaN when
   * its file does not say */
  double cost;
  int num_rows, num_closures; /* rows 0 .. num_closures-1, then the reference's */
  MarlScoreRow *rows;
  double *memory;
} MarlScoreboard;

/* Rank-local. `closures` [num_closures] are specifications. `run` is a folder of `marl train`, the
 * policies of whose replicas are judged behind them, or NULL. MARL_ECONFIG names what is wrong. */
MarlCode marl_scoreboard_create(const MarlSection *section, const char *const *closures,
                                size_t num_closures, const char *run, MarlScoreboard **out,
                                MarlError *err) MARL_NODISCARD;

/* Before section "evaluate" is claimed of a configuration that has the sections of a training too: its
 * flow and grid become those of the evaluation, where that does not say otherwise. */
MarlCode marl_evaluate_inherit(MarlConfig *config, MarlError *err) MARL_NODISCARD;
void marl_scoreboard_destroy(MarlScoreboard **board);

/* Can every closure run? What a run would refuse in its first moment is refused here, before hours of
 * others. Fills `remarks` of the rows. Rank-local. */
MarlCode marl_scoreboard_check(MarlScoreboard *board, MarlError *err) MARL_NODISCARD;

/* Collective over comm: runs everything and fills the rows; the same bits on any number of ranks
 * (but for steps_per_second). */
MarlCode marl_scoreboard_run(MarlScoreboard *board, MPI_Comm comm, MarlLesWatch *watch,
                             MarlError *err) MARL_NODISCARD;

/* All rows as one HDF5 file. */
MarlCode marl_scoreboard_write(const MarlScoreboard *board, MarlStore *to,
                               MarlError *err) MARL_NODISCARD;

/* Parse NAME[:KEY=VALUE]... into a row's closure, options and label. */
MarlCode marl_closure_parse(const char *specification, MarlScoreRow *row,
                            MarlError *err) MARL_NODISCARD;

#endif
