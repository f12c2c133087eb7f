/* The inside of the trainer, shared by its sources. */
#ifndef MARL_LEARN_TRAINER_INTERNAL_H
#define MARL_LEARN_TRAINER_INTERNAL_H

#include <stdio.h>

#include "marl/learn/episodes.h"
#include "marl/learn/replica.h"
#include "marl/learn/trainer.h"
#include "marl/run/folder.h"

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
  int64_t checkpoint_every;  /* updates */
  double checkpoint_minutes; /* 0: none by the clock */
  double frame_seconds;      /* likewise */
  uint64_t seed;
  int64_t num_updates, update, steps; /* steps: of each environment */
  TrainerReplica *replicas;           /* [num_replicas] */
  MarlStats *stats;                   /* [num_replicas] of the last call of update */
  const MarlRunFolder *run;           /* the locked folder while a job runs, else NULL */
  double checked;                     /* s, for marl_run_folder_check_often */
  MarlTrainerProfile profile;

  /* metrics: names and the last row */
  int num_columns, num_figures; /* all of them; those of an episode */
  const char **names;           /* [num_columns]; the learner's are there since the first update */
  double *row;                  /* [num_columns] of one replica */
  double *mean;                 /* [num_columns] over replicas */
  double *so_far;               /* likewise, episodes under way where none has ended */
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

/* trainer.c: steps until an update, or until somebody wants to stop in between. Collective. */
MarlCode marl_trainer_advance(MarlTrainer *trainer, MarlTrainerWatch *watch, bool *stop,
                              MarlError *err) MARL_NODISCARD;

/* trainer_store.c: the whole state. Collective; `file` is rank 0's, NULL elsewhere. */
MarlCode marl_trainer_save(const MarlTrainer *trainer, MarlStore *file,
                           MarlError *err) MARL_NODISCARD;
/* Each rank takes its part of its own open file; rank-local. */
MarlCode marl_trainer_load(MarlTrainer *trainer, MarlStore *file, MarlError *err) MARL_NODISCARD;

#endif
