#include "cli/evaluate_policy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "envs/env_table.h"
#include "marl/core/comm.h"
#include "marl/learn/evaluate.h"
#include "marl/learn/inference.h"
#include "marl/learn/trainer.h"

static void print_figure(const char *name, double mean, double error) {
  if (isnan(error))
    printf("  %-28s %12.6g\n", name, mean);
  else
    printf("  %-28s %12.6g +- %.3g\n", name, mean, error);
}

static void print_evaluation(const MarlEvaluation *evaluation, const char *what) {
  printf("%s%d episode%s\n", what, evaluation->episodes, evaluation->episodes == 1 ? "" : "s");
  for (int i = 0; i < evaluation->count; ++i)
    print_figure(evaluation->name[i], evaluation->mean[i], evaluation->standard_error[i]);
}

/* Over replicas: the mean of their means, with its standard error. */
static void print_replicas(const MarlEvaluation *evaluations, int replicas) {
  const size_t stride = sizeof *evaluations / sizeof(double);
  printf("mean of %d replicas, with its error over replicas\n", replicas);
  for (int i = 0; i < evaluations[0].count; ++i) {
    double mean, error;
    marl_mean_of_known(&evaluations[0].mean[i], (size_t)replicas, stride, &mean, &error);
    print_figure(evaluations[0].name[i], mean, error);
  }
}

/* Every replica on the same episodes. */
static MarlCode evaluate_replicas(const char *run, const MarlEvaluationTask *task, int replicas,
                                  int first, MPI_Comm comm, MarlEvaluation *evaluations,
                                  MarlError *err) {
  for (int r = 0; r < replicas; ++r) {
    MarlPolicy *policy = NULL;
    char what[64] = "";
    if (replicas > 1) snprintf(what, sizeof what, "replica %d, ", first + r);
    const MarlCode opened = marl_policy_open(run, r, &policy, err);
    MarlCode code = marl_comm_agree(comm, opened, err);
    if (code == MARL_OK) code = marl_evaluate_policy(policy, task, comm, &evaluations[r], err);
    if (code == MARL_OK && marl_comm_rank(comm) == 0) print_evaluation(&evaluations[r], what);
    marl_policy_destroy(&policy);
    if (code != MARL_OK) return code;
  }
  if (replicas > 1 && marl_comm_rank(comm) == 0) print_replicas(evaluations, replicas);
  return MARL_OK;
}

MarlCode marl_evaluate_run(const char *run, MarlConfig *config, int episodes, bool greedy,
                           MPI_Comm comm, MarlError *err) {
  MarlTrainerSections sections;
  MARL_TRY(marl_trainer_claim(config, marl_env_table, &sections, err));
  MARL_TRY(marl_config_finish(config, err));
  const MarlEvaluationTask task = {
      .ops = sections.env_ops,
      .config = sections.env,
      .episodes = episodes,
      .greedy = greedy,
      .key = marl_key_fold(
          marl_key((uint64_t)marl_section_int64(sections.run, "seed"), MARL_STREAM_ENV),
          UINT64_MAX), /* episodes that no training environment has seen */
  };
  const int replicas = marl_section_int(sections.run, "replicas");
  MarlEvaluation *evaluations = calloc((size_t)replicas, sizeof *evaluations);
  if (evaluations == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for %d replicas", replicas);
  const MarlCode code =
      evaluate_replicas(run, &task, replicas, marl_section_int(sections.run, "first_replica"), comm,
                        evaluations, err);
  free(evaluations);
  return code;
}
