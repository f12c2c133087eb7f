/* The state of a training run: resumed, and trained on for an update. */
#include <stdlib.h>
#include <string.h>

#include "envs/env_table.h"
#include "marl/learn/trainer.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/tasks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_begin();
  if (size < 1) return 0;
  /* the last byte says which run; what follows HDF5's end is not HDF5's */
  char yaml[HOSTILE_YAML];
  hostile_yaml(data[size - 1] % HOSTILE_TASKS, 3, yaml);
  FuzzFolder folder = fuzz_folder_open(data, size);
  MarlConfig *config;
  MarlTrainer *trainer;
  MarlError err;
  if (marl_config_parse(yaml, strlen(yaml), "task", &config, &err) != MARL_OK) abort();
  if (marl_trainer_create(config, marl_env_table, folder.path, MPI_COMM_SELF, &trainer, &err) !=
      MARL_OK)
    abort();
  if (marl_trainer_resume(trainer, NULL, &err) == MARL_OK)
    (void)(marl_trainer_run(trainer, NULL, &err) == MARL_OK);
  marl_trainer_destroy(&trainer);
  marl_config_destroy(&config);
  fuzz_folder_close(&folder);
  return 0;
}
