/* One population that lives and learns: an environment and a learner, cycle by cycle. */
#ifndef MARL_TESTS_LIFE_H
#define MARL_TESTS_LIFE_H

#include "envs/env_table.h"
#include "marl/learn/replica.h"
#include "marl/learn/returns.h"
#include "marl/learn/trainer.h"
#include "tests/unit.h"

enum { LIFE_MAX_METRICS = 32 };

typedef struct Life {
  const MarlEnvOps *ops;
  MarlSection *env, *learner, *policy;
  MarlReplica replica;
} Life;

/* "key=value key=value" into section env, or learner where the environment has no such key. */
static inline void life_set(const Life *life, const char *settings) {
  MarlError err;
  char text[512];
  snprintf(text, sizeof text, "%s", settings);
  for (char *key = strtok(text, " "); key != NULL; key = strtok(NULL, " ")) {
    char *value = strchr(key, '=');
    *value++ = '\0';
    bool is_env = false;
    for (size_t i = 0; i < life->ops->num_options; ++i)
      is_env = is_env || strcmp(life->ops->options[i].key, key) == 0;
    UNIT_OK(marl_section_set(is_env ? life->env : life->learner, key, value, "test", &err));
  }
}

/* One environment of independent agents. */
static inline Life life_begin(const char *env, const char *learner, const char *settings,
                              uint64_t seed) {
  MarlError err;
  Life life = {.ops = NULL};
  const MarlLearnerOps *ops = NULL;
  UNIT_OK(marl_env_find(marl_env_table, env, &life.ops, &err));
  UNIT_OK(marl_learner_find(learner, &ops, &err));
  const MarlOptionTable of_env[] = {marl_env_common_options,
                                    {life.ops->options, life.ops->num_options}};
  const MarlOptionTable of_learner = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("env", of_env, 2, &life.env, &err));
  UNIT_OK(marl_section_create("learner", &of_learner, 1, &life.learner, &err));
  UNIT_OK(marl_section_create("policy", &marl_policy_options, 1, &life.policy, &err));
  UNIT_OK(marl_section_set(life.env, "num_envs", "1", "test", &err));
  UNIT_OK(marl_section_set(life.policy, "sharing", "independent", "test", &err));
  life_set(&life, settings);
  const MarlReplicaInit init = {.env_ops = life.ops,
                                .learner_ops = ops,
                                .env = life.env,
                                .learner = life.learner,
                                .policy = life.policy,
                                .seed = seed,
                                .num_shards = 1,
                                .own_shards = 1,
                                .comm = MPI_COMM_SELF};
  UNIT_OK(marl_replica_create(&init, &life.replica, &err));
  return life;
}

static inline void life_end(Life *life) {
  marl_replica_clear(&life->replica);
  marl_section_destroy(&life->env);
  marl_section_destroy(&life->learner);
  marl_section_destroy(&life->policy);
}

static inline const MarlBatch *life_step(Life *life) {
  MarlError err;
  MarlStats stats;
  MarlBatch *batch = marl_vec_env_batch(life->replica.vec[0]);
  const MarlLearnerOps *ops = life->replica.learner->ops;
  MarlCode code = ops->act(life->replica.learner, 0, batch, &err);
  if (code == MARL_OK) code = marl_vec_env_step(life->replica.vec[0], &err);
  if (code == MARL_OK) code = ops->observe(life->replica.learner, 0, batch, &err);
  if (code == MARL_OK) code = marl_replica_update(&life->replica, &stats, &err);
  if (code != MARL_OK) UNIT_OK(code);
  return batch;
}

/* Steps until a cycle has ended; its metrics are in the batch that is returned. */
static inline const MarlBatch *life_cycle(Life *life) {
  const MarlBatch *batch = life_step(life);
  while (!batch->cycle_ended[0]) batch = life_step(life);
  return batch;
}

static inline int life_metric(const Life *life, const char *name) {
  const MarlEnvSpec *spec = marl_vec_env_spec(life->replica.vec[0]);
  for (int m = 0; m < spec->num_metrics; ++m)
    if (strcmp(spec->metrics[m], name) == 0) return m;
  CU_FAIL("no such metric");
  return 0;
}

/* The metric over the last `tail` of `cycles`, pooled; of one life. */
static inline void life_live(Life *life, int cycles, int tail, int count, const char *const *names,
                             double *out) {
  double part[LIFE_MAX_METRICS] = {0}, whole[LIFE_MAX_METRICS] = {0};
  for (int c = 0; c < cycles; ++c) {
    const MarlBatch *batch = life_cycle(life);
    for (int i = 0; i < count && c >= cycles - tail; ++i) {
      const int m = life_metric(life, names[i]);
      part[i] += batch->cycle_metrics[m], whole[i] += batch->cycle_whole[m];
    }
  }
  for (int i = 0; i < count; ++i) out[i] = part[i] / whole[i];
}

#endif
