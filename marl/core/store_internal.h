/* What the store_*.c files share. Not part of the library's interface. */
#ifndef MARL_CORE_STORE_INTERNAL_H
#define MARL_CORE_STORE_INTERNAL_H

#include <hdf5.h>

#include "marl/core/store.h"
#include "marl/core/store_disk.h"

enum { MARL_STORE_MAX_NAME = 512 };

struct MarlStore {
  hid_t group;
  hid_t file;      /* -1 in a child group: the file belongs to another store */
  MarlDisk *disk;  /* NULL unless written to a disk; `own` of the store that owns the file */
  MarlDisk own;    /* descriptor -1 if unused */
  char *path;      /* owned; as the user gave it, "memory" without a file */
  char *temporary; /* owned; NULL unless this store owns a file that is not committed */
};

/* MARL_EIO "PATH: cannot ACTION 'NAME': reason": the operating system's words if a write failed,
 * else HDF5's. NAME may be NULL. */
MarlCode marl_store_fail(const MarlStore *store, const char *action, const char *name,
                         MarlError *err);

/* How a call that writes ends: fails as above if it has itself, or the disk has. */
MarlCode marl_store_end(const MarlStore *store, bool done, const char *action, const char *name,
                        MarlError *err);

/* The store of a group of `parent`. Takes ownership of `group`, on failure too. */
MarlCode marl_store_wrap(hid_t group, const MarlStore *parent, MarlStore **out, MarlError *err);

/* Create the groups that NAME's slashes ask for; MARL_EARG if NAME exists or is too long. */
MarlCode marl_store_prepare_name(MarlStore *store, const char *name, MarlError *err);

/* MARL_EIO if any name of the file leads out of it: soft and external links, external storage,
 * virtual datasets. A file of somebody else could carry away or overwrite what its reader may. */
MarlCode marl_store_check_self_contained(const MarlStore *store, MarlError *err);

/* Text attribute of an open object; false on failure. */
bool marl_store_put_text(hid_t object, const char *key, const char *text);

#endif
