/* The trainings of a sweep, dealt to ranks as they get free, each in a run folder of its own:
 * DIR/runs/point_0003_seed_1. A member of a population has one for each round, DIR/runs/point_0003_round_0002,
 * which begins with the last checkpoint of its parent's in the round before: a folder that is done is not
 * written again. What a kill leaves, any number of ranks goes on from. */
#ifndef MARL_CLI_SWEEP_RUNS_H
#define MARL_CLI_SWEEP_RUNS_H

#include "cli/sweep_work.h"
#include "marl/learn/trainer.h"

/* Has a training the column that it is to be judged by? MARL_ECONFIG if not. */
MarlCode marl_sweep_check_score(const MarlTrainer *trainer, const char *score,
                                MarlError *err) MARL_NODISCARD;
/* All runs, rung by rung. Collective. MARL_ESTOPPED, on all ranks, when a signal asked any of them to
 * stop: everything is saved. */
MarlCode marl_sweep_runs_do(const MarlSweepWork *work, MarlError *err) MARL_NODISCARD;
/* Fills in what the runs' folders say; the number of runs that are not at their end. Rank-local. */
int marl_sweep_missing(const MarlSweepWork *work);

/* DIR/sweep.csv: a row a run, of a population a row a run and round. Serial. */
MarlCode marl_sweep_write(const MarlSweepWork *work, MarlError *err) MARL_NODISCARD;

#endif
