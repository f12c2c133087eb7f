#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/core/log.h"
#include "marl/learn/group_transfer.h"
#include "marl/learn/trainer_internal.h"
#include "marl/run/checkpoint.h"

/* A checkpoint: / (run), replica_<r>/learner, shard_<s>/replica_<r>/{env, episodes, learner}.
 * Every shard is written into a file image by its owner and copied in by rank 0, in shard order,
 * on one rank too: the bytes do not depend on the number of ranks. */

/* One part of a cell, saved or loaded in its own group. */
static MarlCode transfer_part(const MarlTrainer *trainer, int replica, int s, const char *part,
                              MarlStore *store, bool saving, MarlError *err) {
  const TrainerReplica *r = &trainer->replicas[replica];
  MarlVecEnv *vec = r->base.vec[s];
  const MarlLearnerOps *ops = r->base.learner->ops;
  const int shard = trainer->first_shard + s;
  MarlStore *group;
  MARL_TRY(marl_group_begin(store, part, -1, saving, &group, err));
  MarlCode code = MARL_OK;
  if (strcmp(part, "env") == 0)
    code = saving ? marl_vec_env_save(vec, group, err) : marl_vec_env_load(vec, group, err);
  else if (strcmp(part, "episodes") == 0)
    code = saving ? marl_episodes_save(r->episodes[s], group, err)
                  : marl_episodes_load(r->episodes[s], group, err);
  else
    code = saving ? ops->save_shard(r->base.learner, shard, group, err)
                  : ops->load_shard(r->base.learner, shard, group, err);
  marl_store_close(&group);
  return code;
}

static MarlCode transfer_shard(const MarlTrainer *trainer, int s, MarlStore *store, bool saving,
                               MarlError *err) {
  static const char *const parts[] = {"env", "episodes", "learner"};
  for (int r = 0; r < trainer->num_replicas; ++r) {
    MarlStore *group;
    MarlCode code = MARL_OK;
    MARL_TRY(marl_group_begin(store, "replica", r, saving, &group, err));
    for (size_t p = 0; p < sizeof parts / sizeof parts[0] && code == MARL_OK; ++p)
      code = transfer_part(trainer, r, s, parts[p], group, saving, err);
    marl_store_close(&group);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

static MarlCode transfer_learners(const MarlTrainer *trainer, MarlStore *file, bool saving,
                                  MarlError *err) {
  for (int r = 0; r < trainer->num_replicas; ++r) {
    MarlLearner *learner = trainer->replicas[r].base.learner;
    MarlStore *replica, *group;
    MARL_TRY(marl_group_begin(file, "replica", r, saving, &replica, err));
    MarlCode code = marl_group_begin(replica, "learner", -1, saving, &group, err);
    if (code == MARL_OK) {
      code = saving ? learner->ops->save(learner, group, err)
                    : learner->ops->load(learner, group, err);
      marl_store_close(&group);
    }
    marl_store_close(&replica);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

/* Whole numbers of the root that must be those of the run that resumes. */
typedef struct Identity {
  const char *key;
  int64_t value;
} Identity;
enum { NUM_IDENTITIES = 5 };

static void list_identities(const MarlTrainer *trainer, Identity list[NUM_IDENTITIES]) {
  const Identity all[NUM_IDENTITIES] = {
      {"seed", (int64_t)trainer->seed},
      {"shards", trainer->num_shards},
      {"replicas", trainer->num_replicas},
      {"first_replica", trainer->first_replica},
      {"num_envs", (int64_t)trainer->envs_per_shard * trainer->num_shards},
  };
  memcpy(list, all, sizeof all);
}

static MarlCode save_run(const MarlTrainer *trainer, MarlStore *file, MarlError *err) {
  Identity list[NUM_IDENTITIES];
  list_identities(trainer, list);
  for (int i = 0; i < NUM_IDENTITIES; ++i)
    MARL_TRY(marl_store_set_int(file, NULL, list[i].key, list[i].value, err));
  MARL_TRY(marl_store_set_int(file, NULL, "steps", trainer->steps, err));
  MARL_TRY(marl_store_set_text(file, NULL, "env", trainer->sections.env_ops->name, err));
  return marl_store_set_text(file, NULL, "learner", trainer->sections.learner_ops->name, err);
}

static MarlCode check_name(MarlStore *file, const char *key, const char *expected, MarlError *err) {
  char *found = NULL;
  MARL_TRY(marl_store_get_text(file, NULL, key, &found, err));
  const bool same = strcmp(found, expected) == 0;
  const MarlCode code =
      same ? MARL_OK
           : MARL_FAIL(err, MARL_ECONFIG, "%s was made with %s '%s', the configuration says '%s'",
                       marl_store_path(file), key, found, expected);
  free(found);
  return code;
}

static MarlCode load_run(MarlTrainer *trainer, MarlStore *file, MarlError *err) {
  Identity list[NUM_IDENTITIES];
  list_identities(trainer, list);
  MARL_TRY(check_name(file, "env", trainer->sections.env_ops->name, err));
  MARL_TRY(check_name(file, "learner", trainer->sections.learner_ops->name, err));
  for (int i = 0; i < NUM_IDENTITIES; ++i) {
    int64_t found = 0;
    MARL_TRY(marl_store_get_int(file, NULL, list[i].key, &found, err));
    if (found != list[i].value)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "%s was made with %s = %lld, the configuration says %lld: a run resumes "
                       "with what it began with",
                       marl_store_path(file), list[i].key, (long long)found,
                       (long long)list[i].value);
  }
  MARL_TRY(marl_store_get_int(file, NULL, "update", &trainer->update, err));
  MARL_TRY(marl_store_get_int(file, NULL, "steps", &trainer->steps, err));
  MARL_TRY(marl_store_check_within(file, "update", MARL_I64, 1, 0, INT64_MAX / 2, &trainer->update,
                                   err));
  return marl_store_check_within(file, "steps", MARL_I64, 1, 0, INT64_MAX / 2, &trainer->steps,
                                 err);
}

/* A file image of a shard that this rank owns. */
static MarlCode make_image(const MarlTrainer *trainer, int shard, void **bytes, size_t *size,
                           MarlError *err) {
  MarlStore *memory;
  MARL_TRY(marl_store_create_memory(&memory, err));
  MarlCode code = transfer_shard(trainer, shard - trainer->first_shard, memory, true, err);
  if (code == MARL_OK) code = marl_store_image(memory, bytes, size, err);
  marl_store_close(&memory);
  return code;
}

static MarlCode add_image(MarlStore *file, int shard, const void *bytes, size_t size,
                          MarlError *err) {
  char name[32];
  MarlStore *image;
  snprintf(name, sizeof name, "shard_%d", shard);
  MARL_TRY(marl_store_open_image(bytes, size, &image, err));
  const MarlCode code = marl_store_copy(image, file, name, err);
  marl_store_close(&image);
  return code;
}

/* Bring an image from its owner to rank 0, in messages that an int can count. */
static MarlCode move_image(const MarlTrainer *trainer, int owner, int shard, void **bytes,
                           size_t *size, MarlError *err) {
  enum { CHUNK = 1 << 30 };
  if (owner == 0 || (trainer->rank != 0 && trainer->rank != owner)) return MARL_OK;
  uint64_t length = *size;
  const bool sender = trainer->rank == owner;
  int status =
      sender ? MPI_Send(&length, 1, MPI_UINT64_T, 0, shard, trainer->comm)
             : MPI_Recv(&length, 1, MPI_UINT64_T, owner, shard, trainer->comm, MPI_STATUS_IGNORE);
  if (!sender) {
    *size = (size_t)length;
    *bytes = malloc(*size);
    if (*bytes == NULL)
      return MARL_FAIL(err, MARL_EMEMORY, "out of memory: %zu bytes of a checkpoint", *size);
  }
  for (size_t at = 0; at < *size && status == MPI_SUCCESS; at += CHUNK) {
    const int n = (int)(*size - at < CHUNK ? *size - at : CHUNK);
    char *chunk = (char *)*bytes + at;
    status = sender ? MPI_Send(chunk, n, MPI_BYTE, 0, shard, trainer->comm)
                    : MPI_Recv(chunk, n, MPI_BYTE, owner, shard, trainer->comm, MPI_STATUS_IGNORE);
  }
  return status == MPI_SUCCESS ? MARL_OK
                               : MARL_FAIL(err, MARL_EMPI, "a checkpoint could not be sent");
}

static MarlCode save_shard(const MarlTrainer *trainer, int shard, MarlStore *file, MarlError *err) {
  const int owner = marl_comm_shard_owner(trainer->comm, trainer->num_shards, shard);
  void *bytes = NULL;
  size_t size = 0;
  MarlCode code = owner == trainer->rank ? make_image(trainer, shard, &bytes, &size, err) : MARL_OK;
  code = marl_comm_agree(trainer->comm, code, err);
  if (code == MARL_OK) {
    code = move_image(trainer, owner, shard, &bytes, &size, err);
    if (code == MARL_OK && trainer->rank == 0) code = add_image(file, shard, bytes, size, err);
    code = marl_comm_agree(trainer->comm, code, err);
  }
  free(bytes);
  return code;
}

MarlCode marl_trainer_save(const MarlTrainer *trainer, MarlStore *file, MarlError *err) {
  MarlCode code = MARL_OK;
  if (file != NULL) code = save_run(trainer, file, err);
  if (file != NULL && code == MARL_OK) code = transfer_learners(trainer, file, true, err);
  code = marl_comm_agree(trainer->comm, code, err);
  for (int shard = 0; shard < trainer->num_shards && code == MARL_OK; ++shard)
    code = save_shard(trainer, shard, file, err);
  return code;
}

/* The run, the learners and the shards of this rank. */
MarlCode marl_trainer_load(MarlTrainer *trainer, MarlStore *file, MarlError *err) {
  MarlCode code = load_run(trainer, file, err);
  if (code == MARL_OK) code = transfer_learners(trainer, file, false, err);
  for (int s = 0; s < trainer->own_shards && code == MARL_OK; ++s) {
    MarlStore *group;
    code = marl_group_begin(file, "shard", trainer->first_shard + s, false, &group, err);
    if (code != MARL_OK) break;
    code = transfer_shard(trainer, s, group, false, err);
    marl_store_close(&group);
  }
  return code;
}

/* Base first. */
typedef struct Reader {
  MarlCheckpointReader base;
  MarlTrainer *trainer;
  MarlTrainerWatch *watch;
} Reader;

static MarlCode load_file(MarlCheckpointReader *reader, const char *path, MarlError *err) {
  MarlStore *file;
  MARL_TRY(marl_checkpoint_open(path, &file, err));
  const MarlCode code = marl_trainer_load(((Reader *)reader)->trainer, file, err);
  marl_store_close(&file);
  return code;
}

static void tell(MarlCheckpointReader *reader, const char *sentence) {
  const Reader *r = (const Reader *)reader;
  if (r->trainer->rank == 0 && r->watch != NULL && r->watch->note != NULL)
    r->watch->note(r->watch, sentence);
}

MarlCode marl_trainer_resume(MarlTrainer *trainer, MarlTrainerWatch *watch, MarlError *err) {
  if (trainer->folder == NULL)
    return MARL_FAIL(err, MARL_EARG, "a trainer without a folder cannot resume");
  Reader reader = {{load_file, tell}, trainer, watch};
  bool found;
  char sentence[64] = "there is no checkpoint yet: the run begins anew";
  MARL_TRY(marl_checkpoint_resume(trainer->folder, &reader.base, trainer->comm, &found, err));
  if (found)
    snprintf(sentence, sizeof sentence, "resumed from update %lld", (long long)trainer->update);
  tell(&reader.base, sentence);
  MarlCode code = MARL_OK;
  if (trainer->rank == 0) code = marl_trainer_rewind_metrics(trainer, err);
  return marl_comm_agree(trainer->comm, code, err);
}
