/* Train a policy on CartPole with PPO and say how good it is.
 *   ./train cartpole.yaml [RUN_FOLDER]            or: mpirun -n 4 ./train cartpole.yaml
 *   ./train check cartpole.yaml                   does the environment keep its contract? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cartpole.h"
#include "marl/learn/env_check.h"
#include "marl/learn/trainer.h"

/* The environments that a configuration may name. */
static const MarlEnvOps *const environments[] = {&cartpole_env, NULL};

static void print_progress(MarlTrainerWatch *watch, const MarlTrainerProgress *progress) {
  (void)watch;
  if (progress->update % 10 != 0) return;
  printf("update %lld of %lld:", (long long)progress->update, (long long)progress->num_updates);
  for (int i = 0; i < progress->count; ++i)
    printf(" %s=%.4g", progress->names[i], progress->values[i]);
  printf("\n");
}

static MarlCode evaluate(MarlTrainer *trainer, MarlError *err) {
  MarlEvaluation result;
  MARL_TRY(marl_trainer_evaluate(trainer, 0, 100, true, &result, err));
  const int entry = marl_evaluation_find(&result, "return_push");
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0)
    printf("mean return %.1f +- %.1f over %d greedy episodes\n", result.mean[entry],
           result.standard_error[entry], result.episodes);
  return MARL_OK;
}

static MarlCode train(const char *path, const char *folder, MarlConfig **config,
                      MarlTrainer **trainer, MarlError *err) {
  MarlTrainerWatch watch = {.progress = print_progress};
  MARL_TRY(marl_config_load(path, config, err));
  MARL_TRY(marl_trainer_create(*config, environments, folder, MPI_COMM_WORLD, trainer, err));
  MARL_TRY(marl_config_finish(*config, err)); /* a section that nobody reads is a mistake */
  MARL_TRY(marl_trainer_run(*trainer, &watch, err));
  return evaluate(*trainer, err);
}

static MarlCode check(const char *path, MarlConfig **config, MarlError *err) {
  MarlTrainerSections sections;
  MarlEnvCheckReport report;
  MARL_TRY(marl_config_load(path, config, err));
  MARL_TRY(marl_trainer_claim(*config, environments, &sections, err));
  MARL_TRY(marl_env_check(sections.env_ops, sections.env, 1, 200, &report, err));
  for (int i = 0; i < report.num_notes; ++i) printf("note: %s\n", report.note[i]);
  printf("the environment keeps its contract in %lld steps\n", (long long)report.steps);
  return MARL_OK;
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  const bool checks = argc > 2 && strcmp(argv[1], "check") == 0;
  MarlConfig *config = NULL;
  MarlTrainer *trainer = NULL;
  MarlError err;
  const MarlCode code = checks ? check(argv[2], &config, &err)
                               : train(argc > 1 ? argv[1] : "cartpole.yaml",
                                       argc > 2 ? argv[2] : NULL, &config, &trainer, &err);
  if (code != MARL_OK) fprintf(stderr, "train: %s\n", err.message);
  marl_trainer_destroy(&trainer);
  marl_config_destroy(&config);
  MPI_Finalize();
  return code == MARL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
