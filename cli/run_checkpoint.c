#include "cli/run_checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "marl/core/comm.h"
#include "marl/learn/checkpoint.h"

MarlCode marl_run_checkpoint_begin(const MarlRunFolder *folder, int64_t number, MPI_Comm comm,
                                   MarlStore **store, MarlError *err) {
  MarlCode code = MARL_OK;
  *store = NULL;
  if (marl_comm_rank(comm) == 0) code = marl_checkpoint_create(folder->path, number, store, err);
  return marl_comm_agree(comm, code, err);
}

MarlCode marl_run_checkpoint_end(const MarlRunFolder *folder, int64_t number, int keep,
                                 MPI_Comm comm, MarlStore **store, MarlCode code, MarlError *err) {
  if (*store != NULL && code == MARL_OK)
    code = marl_checkpoint_commit(store, folder->path, number, keep, err);
  if (*store != NULL) marl_store_close(store);
  return marl_comm_agree(comm, code, err);
}

/* Base first: opens the file on rank 0 and leaves the reading to others. */
typedef struct Opener {
  MarlCheckpointReader base;
  const MarlRunFolder *folder;
  bool root;
  MarlStore *store;
} Opener;

static MarlCode open_on_root(MarlCheckpointReader *reader, const char *path, MarlError *err) {
  Opener *opener = (Opener *)reader;
  return opener->root ? marl_checkpoint_open(path, &opener->store, err) : MARL_OK;
}

static void note(MarlCheckpointReader *reader, const char *sentence) {
  marl_log_note(((Opener *)reader)->folder->log, "%s", sentence);
}

MarlCode marl_run_checkpoint_newest(const MarlRunFolder *folder, MPI_Comm comm, MarlStore **store,
                                    MarlError *err) {
  Opener opener = {{open_on_root, note}, folder, marl_comm_rank(comm) == 0, NULL};
  bool found;
  *store = NULL;
  MARL_TRY(marl_checkpoint_resume(folder->path, &opener.base, comm, &found, err));
  *store = opener.store;
  if (found) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s holds no checkpoint; start the run anew", folder->path);
}

enum { KEY_SIZE = 128 };

/* Name of the section's option `index` as an attribute: "env.side". False if it may change. */
static bool binds(const MarlSection *section, size_t index, const char *const *changeable,
                  char key[KEY_SIZE]) {
  snprintf(key, KEY_SIZE, "%s.%s", marl_section_name(section),
           marl_section_option(section, index)->key);
  for (; *changeable != NULL; ++changeable)
    if (strcmp(*changeable, key) == 0) return false;
  return true;
}

MarlCode marl_run_identity_save(const MarlConfig *config, const char *const *changeable,
                                MarlStore *to, MarlError *err) {
  char key[KEY_SIZE];
  for (size_t c = 0; c < marl_config_num_claimed(config); ++c) {
    const MarlSection *section = marl_config_claimed(config, c);
    for (size_t i = 0; i < marl_section_size(section); ++i)
      if (binds(section, i, changeable, key))
        MARL_TRY(marl_store_set_text(to, NULL, key, marl_section_canonical(section, i), err));
  }
  return MARL_OK;
}

static MarlCode check_value(MarlStore *from, const char *key, const char *value, MarlError *err) {
  char *found;
  MARL_TRY(marl_store_get_text(from, NULL, key, &found, err));
  MarlCode code = MARL_OK;
  if (strcmp(found, value) != 0)
    code = MARL_FAIL(err, MARL_ECONFIG,
                     "%s was made with %s = %s, the configuration says %s: a run resumes with what "
                     "it began with; leave --set %s away, or start another run with --out DIR",
                     marl_store_path(from), key, found, value, key);
  free(found);
  return code;
}

MarlCode marl_run_identity_check(const MarlConfig *config, const char *const *changeable,
                                 MarlStore *from, MarlError *err) {
  char key[KEY_SIZE];
  for (size_t c = 0; c < marl_config_num_claimed(config); ++c) {
    const MarlSection *section = marl_config_claimed(config, c);
    for (size_t i = 0; i < marl_section_size(section); ++i)
      if (binds(section, i, changeable, key))
        MARL_TRY(check_value(from, key, marl_section_canonical(section, i), err));
  }
  return MARL_OK;
}

bool marl_run_interrupted(MPI_Comm comm) {
  int requested = marl_interrupt_requested() ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &requested, 1, MPI_INT, MPI_MAX, comm);
  return requested != 0;
}
