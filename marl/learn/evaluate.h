/* How good a policy is: mean and standard error over whole episodes.
 *
 * Episode i is the first episode of environment i under the given key, so that a result does not
 * depend on how many environments run at a time or on the number of ranks, and no short episode
 * is counted more often than a long one. */
#ifndef MARL_LEARN_EVALUATE_H
#define MARL_LEARN_EVALUATE_H

#include <mpi.h>
#include <stdbool.h>

#include "marl/learn/policy.h"
#include "marl/learn/vec_env.h"

enum { MARL_EVALUATION_MAX = 64 };

/* Entry 0 is "length" [steps]; then "return_<role>" for each role (sum over the episode, mean over
 * agents), then "env/<name>" for each of the environment's metrics as the episode ended with it. The
 * names are those of the columns of metrics.csv. A metric that is NaN at an episode's end has no
 * value there: mean and error are over the episodes that have one (marl_mean_of_known). */
typedef struct MarlEvaluation {
  int episodes;
  int count;
  char name[MARL_EVALUATION_MAX][MARL_POLICY_NAME_MAX + 8];
  double mean[MARL_EVALUATION_MAX];
  double standard_error[MARL_EVALUATION_MAX]; /* of the mean */
} MarlEvaluation;

typedef struct MarlEvaluationTask {
  const MarlEnvOps *ops;     /* of the environment */
  const MarlSection *config; /* section "env" */
  int episodes;
  bool greedy; /* mean or most probable action, else sampled */
  MarlKey key;
} MarlEvaluationTask;

/* Collective over comm; every rank gets the same bits. An episode that is still running after
 * 10^7 steps is an error (MARL_ENUMERIC): give the environment a time limit. */
MarlCode marl_evaluate_policy(const MarlPolicy *policy, const MarlEvaluationTask *task,
                              MPI_Comm comm, MarlEvaluation *out, MarlError *err) MARL_NODISCARD;

/* Position of an entry by name, -1 if there is none. */
int marl_evaluation_find(const MarlEvaluation *evaluation, const char *name);

#endif
