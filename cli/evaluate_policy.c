#include "cli/evaluate_policy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "envs/env_table.h"
#include "marl/core/comm.h"
#include "marl/learn/evaluate.h"
#include "marl/learn/trainer.h"

static void print_evaluation(const MarlEvaluation *evaluation, const char *what) {
  printf("%s%d episodes\n", what, evaluation->episodes);
  for (int i = 0; i < evaluation->count; ++i)
    printf("  %-28s %12.6g +- %.3g\n", evaluation->name[i], evaluation->mean[i],
           evaluation->standard_error[i]);
}

/* Over replicas: the mean of their means, with its standard error. */
static void print_replicas(const MarlEvaluation *evaluations, int replicas) {
  printf("mean of %d replicas, with its error over replicas\n", replicas);
  for (int i = 0; i < evaluations[0].count; ++i) {
    double n = 0, sum = 0, squares = 0;
    for (int r = 0; r < replicas; ++r)
      if (!isnan(evaluations[r].mean[i])) sum += evaluations[r].mean[i], n += 1;
    const double mean = n > 0 ? sum / n : (double)NAN;
    for (int r = 0; r < replicas; ++r) {
      const double d = evaluations[r].mean[i] - mean;
      if (!isnan(d)) squares += d * d;
    }
    printf("  %-28s %12.6g +- %.3g\n", evaluations[0].name[i], mean,
           n > 1 ? sqrt(squares / (n - 1) / n) : (double)NAN);
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
