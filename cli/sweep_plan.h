/* What a sweep does: section `sweep` beside those of a training. */
#ifndef MARL_CLI_SWEEP_PLAN_H
#define MARL_CLI_SWEEP_PLAN_H

#include "marl/compare/hyper_population.h"
#include "marl/core/config.h"

enum { MARL_SWEEP_MAX_RUNGS = 24, MARL_SWEEP_NAME = 64 };

/* Successive halving: all points with a few updates, the best part of them with more, ... Population-based
 * training: all points, one round after the other. Without either there is one rung. */
typedef struct MarlSweepRung {
  int points;      /* that take part */
  int64_t updates; /* that their trainings have at its end */
} MarlSweepRung;

typedef struct MarlSweepPlan {
  MarlConfig *config; /* of the sweep and its trainings; borrowed */
  MarlPoints *points; /* owned */
  int num_seeds,
      num_runs; /* num_runs = points * num_seeds; run r is seed r % num_seeds of its point */
  int64_t seed;
  const char *score; /* column of metrics.csv; "": the first that begins with return_ */
  bool smallest;     /* is best */
  int64_t tail;      /* last updates that the score is the mean over */
  int num_rungs;
  MarlSweepRung rungs[MARL_SWEEP_MAX_RUNGS]; /* of a halving; marl_sweep_rung has all */
  int64_t exploit_every;           /* updates of a round of population-based training; 0: none */
  MarlHyperPopulation *population; /* its settings; owned, NULL without it */
  int updates_axis;                /* that sweeps run.updates; -1 */
  bool fixed_anneal; /* several rungs: the schedule of the learning rate is that of the last one */
} MarlSweepPlan;

/* Claims the sections `sweep` and those of a training. `config` is borrowed until clear. */
MarlCode marl_sweep_plan_read(MarlConfig *config, MarlSweepPlan *out,
                              MarlError *err) MARL_NODISCARD;
void marl_sweep_plan_clear(MarlSweepPlan *plan);

MarlSweepRung marl_sweep_rung(const MarlSweepPlan *plan, int rung);
/* The seed of a run; in a population that of the member whose state it goes back to. */
int64_t marl_sweep_seed(const MarlSweepPlan *plan, int run, int rung);
/* The updates that a run has at the end of a rung. */
int64_t marl_sweep_updates(const MarlSweepPlan *plan, int run, int rung);
/* The configuration of a run at a rung, by itself: what is swept, its seed, its length. The caller
 * destroys *out. */
MarlCode marl_sweep_config(const MarlSweepPlan *plan, int run, int rung, MarlConfig **out,
                           MarlError *err) MARL_NODISCARD;
/* "point_0003_seed_1", seeds as they are in the configuration; of a population "point_0003_round_0002". */
void marl_sweep_name(const MarlSweepPlan *plan, int run, int rung, char name[MARL_SWEEP_NAME]);
/* The text of a run's setting at a rung. */
void marl_sweep_value(const MarlSweepPlan *plan, int run, int rung, int axis,
                      char text[MARL_POINT_TEXT]);
/* Visits "section.key=value" of all that the run has of its own. */
typedef void (*MarlSweepVisit)(void *context, const char *setting);
void marl_sweep_settings(const MarlSweepPlan *plan, int run, int rung, MarlSweepVisit visit,
                         void *context);

#endif
