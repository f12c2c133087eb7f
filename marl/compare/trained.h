/* The inside of the population `trained`: any environment with any learner. */
#ifndef MARL_COMPARE_TRAINED_H
#define MARL_COMPARE_TRAINED_H

#include "marl/compare/population.h"
#include "marl/learn/replica.h"

typedef struct Trained {
  const MarlEnvOps *env_ops;
  const MarlSection *env; /* the run's, borrowed */
  int num_shards, num_envs;
  MarlReplica replica;
  MarlKey greedy_key; /* of episodes that begin without exploration: training never sees them */
  int num_metrics;    /* of the environment [M], of its probe [P], returns [R], length */
  /* A cycle of the population: as many cycles of its environments have ended as there are. */
  int64_t ended;        /* in the cycle under way */
  double *part, *whole; /* [num_metrics] of those; one block with: */
  double *reward;       /* [num_envs, R + 1] of the cycle under way in each: returns, and steps */
  /* scratch */
  float *obs, *act; /* [Q, O], [Q, U] of one agent */
  float *asked;     /* [A, Q, O] questions of the probe, then [A, Q, U] answers */
} Trained;

size_t marl_trained_width(const Trained *t); /* R + 1 */

/* trained_greedy.c. What the probe of environment `e` measures now, into part and whole [P]. */
void marl_trained_probe(const Trained *t, const MarlVecEnv *vec, int e, double *part,
                        double *whole);
MarlCode marl_trained_greedy(const MarlPopulationState *population, int cycles, double *metrics,
                             double *whole, MarlError *err);

/* Adds what a step of a batch has measured; `reward` [E, R + 1] is of its environments. Returns the
 * number of cycles that have ended in it. `probe`: ask the agents, too. */
int marl_trained_count(const Trained *t, MarlVecEnv *vec, bool probe, double *reward, double *part,
                       double *whole);

#endif
