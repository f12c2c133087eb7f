/* What the store_*.c files share. Not part of the library's interface. */
#ifndef MARL_CORE_STORE_INTERNAL_H
#define MARL_CORE_STORE_INTERNAL_H

#include <hdf5.h>

#include "marl/core/store.h"

enum { MARL_STORE_MAX_NAME = 512 };

struct MarlStore {
  hid_t group;
  hid_t file;      /* -1 in a child group: the file belongs to another store */
  int descriptor;  /* of the locked temporary file while it is written, else -1 */
  char *path;      /* owned; as the user gave it, "memory" without a file */
  char *temporary; /* owned; NULL unless the file is being written */
};

/* MARL_EIO "PATH: cannot ACTION 'NAME': reason", the reason from HDF5's error stack, and in the
 * operating system's words where that is what failed. NAME may be NULL. */
MarlCode marl_store_fail(const char *path, const char *action, const char *name, MarlError *err);

/* A group's store; path is copied. Takes ownership of `group`, on failure too. */
MarlCode marl_store_wrap(hid_t group, const char *path, MarlStore **out, MarlError *err);

/* Create the groups that NAME's slashes ask for; MARL_EARG if NAME exists or is too long. */
MarlCode marl_store_prepare_name(MarlStore *store, const char *name, MarlError *err);

/* Text attribute of an open object; false on failure. */
bool marl_store_put_text(hid_t object, const char *key, const char *text);

#endif
