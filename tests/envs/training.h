/* A training run in a few lines, for the tests that need one. */
#ifndef MARL_TESTS_TRAINING_H
#define MARL_TESTS_TRAINING_H

#include "envs/env_table.h"
#include "marl/learn/trainer.h"
#include "tests/unit.h"

typedef struct Training {
  MarlConfig *config;
  MarlTrainer *trainer;
} Training;

/* `yaml` as a file would hold it; folder may be NULL. */
static inline Training training_begin(const char *yaml, const char *folder, MPI_Comm comm) {
  MarlError err;
  Training t = {NULL, NULL};
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &t.config, &err));
  UNIT_OK(marl_trainer_create(t.config, marl_env_table, folder, comm, &t.trainer, &err));
  UNIT_OK(marl_config_finish(t.config, &err));
  return t;
}

static inline void training_end(Training *t) {
  marl_trainer_destroy(&t->trainer);
  marl_config_destroy(&t->config);
}

#endif
