/* One repetition of a training: environments in shards, and the learner that decides in them.
 *
 * The trainer and the comparison of populations both step it: marl_replica_act, marl_vec_env_step_all of
 * vec, marl_replica_observe, marl_replica_update. Everything in it is a function of
 * configuration, seed and number. */
#ifndef MARL_LEARN_REPLICA_H
#define MARL_LEARN_REPLICA_H

#include "marl/learn/learner.h"

typedef struct MarlReplicaInit {
  const MarlEnvOps *env_ops;
  const MarlLearnerOps *learner_ops;
  const MarlSection *env, *learner, *policy; /* borrowed during create */
  uint64_t seed;
  int number;                              /* of the repetition */
  int num_shards, first_shard, own_shards; /* env.num_envs is a multiple of num_shards */
  int64_t num_updates;                     /* of the whole run, for schedules; 0: nobody knows */
  MPI_Comm comm;                           /* ranks that share the shards; borrowed until clear */
} MarlReplicaInit;

typedef struct MarlReplica {
  MarlLearner *learner; /* owned */
  int first_shard, own_shards;
  MarlVecEnv **vec; /* [own_shards], owned */
} MarlReplica;

/* Every environment has begun an episode. MARL_ECONFIG if the learner cannot choose a role's
 * actions. After an error there is nothing to clear. */
MarlCode marl_replica_create(const MarlReplicaInit *init, MarlReplica *out,
                             MarlError *err) MARL_NODISCARD;
void marl_replica_clear(MarlReplica *replica);

/* The learner decides in all shards of this rank; it sees what the step made of that. */
MarlCode marl_replica_act(MarlReplica *replica, MarlError *err) MARL_NODISCARD;
MarlCode marl_replica_observe(MarlReplica *replica, MarlError *err) MARL_NODISCARD;

/* The learner's update; where it asks for it, environments in mid-episode begin a new one
 * (stats->restart). */
MarlCode marl_replica_update(MarlReplica *replica, MarlStats *stats, MarlError *err) MARL_NODISCARD;

#endif
