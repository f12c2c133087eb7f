/* The inside of the trainer, shared by its sources. */
#ifndef MARL_LEARN_TRAINER_INTERNAL_H
#define MARL_LEARN_TRAINER_INTERNAL_H

#include <stdio.h>

#include "marl/learn/episodes.h"
#include "marl/learn/replica.h"
#include "marl/learn/trainer.h"

typedef struct TrainerReplica {
  MarlReplica base;
  MarlEpisodes **episodes; /* [own_shards] */
} TrainerReplica;

struct MarlTrainer {
  MarlConfig *config; /* borrowed */
  MarlTrainerSections sections;
  MPI_Comm comm; /* borrowed */
  int rank, size;
  char *folder;  /* NULL: no files */
  FILE *metrics; /* rank 0's metrics.csv, NULL until the first row */
  int num_replicas, first_replica, num_shards, first_shard, own_shards;
  int envs_per_shard, keep;
  int64_t checkpoint_every;         /* updates */
  double checkpoint_seconds, saved; /* s between checkpoints, 0: any; when the last one was */
  uint64_t seed;
  int64_t num_updates, update, steps; /* steps: of each environment */
  TrainerReplica *replicas;           /* [num_replicas] */
  MarlTrainerProfile profile;

  /* metrics: names and the last row */
  int num_columns, num_figures; /* all of them; those of an episode */
  const char **names;           /* [num_columns]; the learner's are there since the first update */
  double *row;                  /* [num_columns] of one replica */
  double *mean;                 /* [num_columns] over replicas */
  int *known;                   /* [num_columns] replicas whose value is a number */
  double *exchange;             /* [num_shards, width of a report of episodes] */
  double *report;               /* [width of a report of episodes] over all shards */
  char *name_text;              /* storage of the names */
};

/* trainer_config.c */
MarlCode marl_trainer_read_run(MarlTrainer *trainer, MarlError *err) MARL_NODISCARD;

/* trainer_metrics.c. `stats` are of each replica [num_replicas]. Collective. */
MarlCode marl_trainer_create_metrics(MarlTrainer *trainer, MarlError *err) MARL_NODISCARD;
void marl_trainer_destroy_metrics(MarlTrainer *trainer);
MarlCode marl_trainer_report(MarlTrainer *trainer, const MarlStats *stats, MarlTrainerWatch *watch,
                             MarlError *err) MARL_NODISCARD;
/* Drop rows of metrics.csv that lie after the resumed update. Rank 0. */
MarlCode marl_trainer_rewind_metrics(MarlTrainer *trainer, MarlError *err) MARL_NODISCARD;

/* trainer_store.c. Collective. */
MarlCode marl_trainer_save(MarlTrainer *trainer, MarlTrainerWatch *watch,
                           MarlError *err) MARL_NODISCARD;
/* On rank 0: watch->may_write, if there is one. */
MarlCode marl_trainer_may_write(const MarlTrainer *trainer, MarlTrainerWatch *watch,
                                MarlError *err) MARL_NODISCARD;

#endif
