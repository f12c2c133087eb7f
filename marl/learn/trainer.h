/* Training: environments x learner x replicas x shards, with metrics and checkpoints.
 *
 *   MarlTrainer *trainer;
 *   marl_config_load("train.yaml", &config, err);
 *   marl_trainer_create(config, my_envs, "runs/a", MPI_COMM_WORLD, &trainer, err);
 *   marl_trainer_run(trainer, NULL, err);
 *   marl_trainer_evaluate(trainer, 0, 100, true, &evaluation, err);
 *
 * Work is split into run.shards shards, each with its own environments; a rank owns a block of
 * them. run.replicas repetitions with their own environments, parameters and random numbers train
 * side by side; replica i is bit for bit the single replica of a run with run.first_replica = i.
 * The same configuration gives the same bits on any number of ranks, and after any kill and resume.
 *
 * A run folder gets metrics.csv (a row per replica and update), checkpoint_<update>.h5, the last
 * run.keep of them, and `latest`, a text file that names the newest. */
#ifndef MARL_LEARN_TRAINER_H
#define MARL_LEARN_TRAINER_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "marl/core/config.h"
#include "marl/learn/env.h"
#include "marl/learn/evaluate.h"
#include "marl/learn/learner.h"

typedef struct MarlTrainer MarlTrainer;

/* The sections that a training run reads, checked against their tables. */
typedef struct MarlTrainerSections {
  const MarlSection *run, *env, *learner, *policy; /* owned by the config */
  const MarlEnvOps *env_ops;
  const MarlLearnerOps *learner_ops;
} MarlTrainerSections;

extern const MarlOptionTable marl_run_options;            /* section "run" */
extern const MarlOptionTable marl_env_common_options;     /* section "env", beside the plugin's */
extern const MarlOptionTable marl_learner_common_options; /* section "learner", likewise */

/* Claim run, env, learner and policy of `config`. `env_table` is NULL-terminated. */
MarlCode marl_trainer_claim(MarlConfig *config, const MarlEnvOps *const *env_table,
                            MarlTrainerSections *out, MarlError *err) MARL_NODISCARD;

/* Where a run stands. Names and values are those of a row of metrics.csv (docs/learning.md lists
 * them), averaged over replicas; NaN where no episode has ended yet: `so_far` has then what the
 * episodes under way have come to. */
typedef struct MarlTrainerProgress {
  int64_t update, num_updates;
  int64_t agent_steps; /* so far, of one replica */
  int count;
  const char *const *names;
  const double *values, *so_far;
} MarlTrainerProgress;

/* What a caller wants to hear; base-first, any member may be NULL. */
typedef struct MarlTrainerWatch MarlTrainerWatch;
struct MarlTrainerWatch {
  void (*progress)(MarlTrainerWatch *watch, const MarlTrainerProgress *progress); /* rank 0 */
  void (*note)(MarlTrainerWatch *watch, const char *sentence);                    /* rank 0 */
  bool (*stop)(MarlTrainerWatch *watch); /* each rank, each step; true on any: save and return */
};

/* All functions below are collective over comm and end with the same code on every rank.
 *
 * Claims the sections (marl_config_finish is the caller's). config and comm are borrowed until
 * destroy. `folder` exists and gets the files; NULL: nothing is written. */
MarlCode marl_trainer_create(MarlConfig *config, const MarlEnvOps *const *env_table,
                             const char *folder, MPI_Comm comm, MarlTrainer **out,
                             MarlError *err) MARL_NODISCARD;
void marl_trainer_destroy(MarlTrainer **trainer);

/* Continue from the newest whole checkpoint of the folder: the one `latest` names or, if that
 * cannot be read, the one before it (told through watch->note). MARL_EIO if none can be read. A
 * run that was killed before its first checkpoint begins anew. */
MarlCode marl_trainer_resume(MarlTrainer *trainer, MarlTrainerWatch *watch,
                             MarlError *err) MARL_NODISCARD;

/* Train until run.updates updates are done or watch->stop says so; writes a checkpoint every
 * run.checkpoint_every updates, every run.checkpoint_minutes and at the end. watch may be NULL. With
 * lock, record, signals and progress: marl/learn/trainer_job.h. */
MarlCode marl_trainer_run(MarlTrainer *trainer, MarlTrainerWatch *watch,
                          MarlError *err) MARL_NODISCARD;
bool marl_trainer_finished(const MarlTrainer *trainer);   /* run.updates are done */
int64_t marl_trainer_updates(const MarlTrainer *trainer); /* that are done */

/* Has metrics.csv this column? MARL_ECONFIG with the nearest one if not, and with `asker`, the key that
 * names it. Columns learner/... are known since the first row; until then all of that prefix are taken.
 * Rank-local. */
MarlCode marl_trainer_check_column(const MarlTrainer *trainer, const char *asker,
                                   const char *column, MarlError *err) MARL_NODISCARD;

/* Where this rank's time went since the trainer was made, in seconds of elapsed time. Rank-local. */
typedef struct MarlTrainerProfile {
  double act;           /* the policy chooses actions */
  double environments;  /* they step */
  double observe;       /* the learner stores what happened */
  double update;        /* gradients */
  double communication; /* messages between ranks, waiting included */
  double output;        /* metrics.csv; checkpoints are the job's (marl/run/job.h) */
} MarlTrainerProfile;
MarlTrainerProfile marl_trainer_profile(const MarlTrainer *trainer);

/* Policy of replica 0 .. run.replicas - 1; borrowed until destroy, changed by run. */
const MarlPolicy *marl_trainer_policy(const MarlTrainer *trainer, int replica);

/* Evaluate a replica's policy on fresh episodes of the run's environment. */
MarlCode marl_trainer_evaluate(MarlTrainer *trainer, int replica, int episodes, bool greedy,
                               MarlEvaluation *out, MarlError *err) MARL_NODISCARD;

#endif
