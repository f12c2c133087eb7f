#include "marl/learn/trainer.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/core/log.h"
#include "marl/learn/trainer_internal.h"

static int replica_number(const MarlTrainer *trainer, int replica) {
  return trainer->first_replica + replica;
}

static MarlCode create_replica(MarlTrainer *trainer, int replica, MarlError *err) {
  TrainerReplica *r = &trainer->replicas[replica];
  const MarlReplicaInit init = {
      .env_ops = trainer->sections.env_ops,
      .learner_ops = trainer->sections.learner_ops,
      .env = trainer->sections.env,
      .learner = trainer->sections.learner,
      .policy = trainer->sections.policy,
      .seed = trainer->seed,
      .number = replica_number(trainer, replica),
      .num_shards = trainer->num_shards,
      .first_shard = trainer->first_shard,
      .own_shards = trainer->own_shards,
      .num_updates = trainer->num_updates,
      .comm = trainer->comm,
  };
  r->episodes = calloc((size_t)trainer->own_shards, sizeof(MarlEpisodes *));
  if (r->episodes == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for the trainer");
  MARL_TRY(marl_replica_create(&init, &r->base, err));
  for (int s = 0; s < trainer->own_shards; ++s)
    MARL_TRY(marl_episodes_create(marl_vec_env_spec(r->base.vec[s]), trainer->envs_per_shard,
                                  &r->episodes[s], err));
  return MARL_OK;
}

static MarlCode build(MarlTrainer *trainer, const MarlEnvOps *const *env_table, const char *folder,
                      MarlError *err) {
  MARL_TRY(marl_trainer_claim(trainer->config, env_table, &trainer->sections, err));
  MARL_TRY(marl_trainer_read_run(trainer, err));
  if (folder != NULL) {
    trainer->folder = malloc(strlen(folder) + 1);
    if (trainer->folder == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a path");
    memcpy(trainer->folder, folder, strlen(folder) + 1);
  }
  trainer->replicas = calloc((size_t)trainer->num_replicas, sizeof *trainer->replicas);
  trainer->stats = calloc((size_t)trainer->num_replicas, sizeof *trainer->stats);
  if (trainer->replicas == NULL || trainer->stats == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for replicas");
  for (int r = 0; r < trainer->num_replicas; ++r) MARL_TRY(create_replica(trainer, r, err));
  return marl_trainer_create_metrics(trainer, err);
}

MarlCode marl_trainer_create(MarlConfig *config, const MarlEnvOps *const *env_table,
                             const char *folder, MPI_Comm comm, MarlTrainer **out, MarlError *err) {
  *out = NULL;
  MarlCode code = MARL_OK;
  MarlTrainer *trainer = calloc(1, sizeof *trainer);
  if (trainer == NULL) {
    code = MARL_FAIL(err, MARL_EMEMORY, "out of memory for the trainer");
  } else {
    trainer->config = config;
    trainer->comm = comm;
    trainer->rank = marl_comm_rank(comm);
    trainer->size = marl_comm_size(comm);
    code = build(trainer, env_table, folder, err);
  }
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK)
    *out = trainer;
  else
    marl_trainer_destroy(&trainer);
  return code;
}

void marl_trainer_destroy(MarlTrainer **trainer) {
  MarlTrainer *t = *trainer;
  if (t == NULL) return;
  for (int r = 0; t->replicas != NULL && r < t->num_replicas; ++r) {
    TrainerReplica *replica = &t->replicas[r];
    for (int s = 0; replica->episodes != NULL && s < t->own_shards; ++s)
      marl_episodes_destroy(&replica->episodes[s]);
    free(replica->episodes);
    marl_replica_clear(&replica->base);
  }
  marl_trainer_destroy_metrics(t);
  free(t->replicas);
  free(t->stats);
  free(t->folder);
  free(t);
  *trainer = NULL;
}

/* Add the time since *last to *total and begin anew. */
static void clock_in(double *last, double *total) {
  const double now = marl_timer_seconds();
  *total += now - *last;
  *last = now;
}

/* The same of what may send messages: their time is that of communication. */
static void clock_in_messages(MarlTrainerProfile *profile, double *last, double messages,
                              double *total) {
  const double spent = marl_comm_seconds() - messages;
  clock_in(last, total);
  *total -= spent;
  profile->communication += spent;
}

/* Every environment of this rank takes one step. */
static MarlCode step(MarlTrainer *trainer, MarlError *err) {
  MarlTrainerProfile *profile = &trainer->profile;
  double last = marl_timer_seconds();
  for (int r = 0; r < trainer->num_replicas; ++r) {
    TrainerReplica *replica = &trainer->replicas[r];
    MarlVecEnv **vec = replica->base.vec;
    MARL_TRY(marl_replica_act(&replica->base, err));
    clock_in(&last, &profile->act);
    MARL_TRY(marl_vec_env_step_all(vec, trainer->own_shards, err));
    clock_in(&last, &profile->environments);
    for (int s = 0; s < trainer->own_shards; ++s)
      marl_episodes_add(replica->episodes[s], marl_vec_env_batch(vec[s]));
    MARL_TRY(marl_replica_observe(&replica->base, err));
    clock_in(&last, &profile->observe);
  }
  ++trainer->steps;
  return MARL_OK;
}

/* One message a step: has a rank failed, does one want to stop? */
static MarlCode agree(MarlTrainer *trainer, MarlCode code, bool *stop, MarlError *err) {
  if (trainer->size == 1) return code;
  int flags[2] = {code != MARL_OK, *stop};
  double last = marl_timer_seconds();
  if (MPI_Allreduce(MPI_IN_PLACE, flags, 2, MPI_INT, MPI_MAX, trainer->comm) != MPI_SUCCESS)
    return MARL_FAIL(err, MARL_EMPI, "MPI_Allreduce failed");
  marl_comm_spent_since(last);
  clock_in(&last, &trainer->profile.communication);
  *stop = flags[1];
  return flags[0] ? marl_comm_agree(trainer->comm, code, err) : MARL_OK;
}

/* All replicas hold the same number of steps, so they update together. */
static MarlCode update_replicas(MarlTrainer *trainer, MarlError *err) {
  MarlStats *stats = trainer->stats;
  for (int r = 0; r < trainer->num_replicas; ++r) {
    MARL_TRY(marl_replica_update(&trainer->replicas[r].base, &stats[r], err));
    for (int s = 0; s < trainer->own_shards && stats[r].restart > 0; ++s)
      marl_episodes_abandon(trainer->replicas[r].episodes[s]);
  }
  return MARL_OK;
}

static MarlCode update(MarlTrainer *trainer, MarlError *err) {
  const double messages = marl_comm_seconds();
  double last = marl_timer_seconds();
  const MarlCode code = marl_comm_agree(trainer->comm, update_replicas(trainer, err), err);
  clock_in_messages(&trainer->profile, &last, messages, &trainer->profile.update);
  return code;
}

MarlCode marl_trainer_advance(MarlTrainer *trainer, MarlTrainerWatch *watch, bool *stop,
                              MarlError *err) {
  const MarlStats *stats = trainer->stats;
  do {
    const MarlCode code = step(trainer, err);
    *stop = watch != NULL && watch->stop != NULL && watch->stop(watch);
    MARL_TRY(agree(trainer, code, stop, err));
    MARL_TRY(update(trainer, err));
  } while (!stats[0].updated && !*stop);
  if (!stats[0].updated) return MARL_OK;
  ++trainer->update;
  const double messages = marl_comm_seconds();
  double last = marl_timer_seconds();
  const MarlCode code = marl_trainer_report(trainer, stats, watch, err);
  clock_in_messages(&trainer->profile, &last, messages, &trainer->profile.output);
  return code;
}

bool marl_trainer_finished(const MarlTrainer *trainer) {
  return trainer->update >= trainer->num_updates;
}

int64_t marl_trainer_updates(const MarlTrainer *trainer) {
  return trainer->update;
}

MarlTrainerProfile marl_trainer_profile(const MarlTrainer *trainer) {
  return trainer->profile;
}

const MarlPolicy *marl_trainer_policy(const MarlTrainer *trainer, int replica) {
  const MarlLearner *learner = trainer->replicas[replica].base.learner;
  return learner->ops->policy(learner);
}

MarlCode marl_trainer_evaluate(MarlTrainer *trainer, int replica, int episodes, bool greedy,
                               MarlEvaluation *out, MarlError *err) {
  /* no replica number is as large: training never sees these episodes */
  const MarlKey key = marl_key_fold(marl_key(trainer->seed, MARL_STREAM_ENV), UINT64_MAX);
  const MarlEvaluationTask task = {
      .ops = trainer->sections.env_ops,
      .config = trainer->sections.env,
      .episodes = episodes,
      .greedy = greedy,
      .key = marl_key_fold(key, (uint64_t)replica_number(trainer, replica)),
  };
  return marl_evaluate_policy(marl_trainer_policy(trainer, replica), &task, trainer->comm, out,
                              err);
}
