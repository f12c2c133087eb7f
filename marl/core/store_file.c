#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "marl/core/store_internal.h"
#include "marl/core/store_seal.h"
#include "marl/core/store_shared.h"

/* A memory file grows in steps of this many bytes. */
enum { MEMORY_INCREMENT = 1 << 16 };

static void memory_access(hid_t access) {
  H5Pset_fapl_core(access, MEMORY_INCREMENT, false);
  /* H5Fget_file_image of HDF5 1.10 clears a flag in a newer superblock and leaves its checksum as
   * it was, so that the image cannot be opened; the oldest superblock has no checksum */
  H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
}

static MarlCode system_failed(const char *path, const char *action, MarlError *err) {
  return MARL_FAIL(err, MARL_EIO, "%s: cannot %s: %s", path, action, strerror(errno));
}

static const char suffix[] = ".partial";

/* A store without a file yet; `temporary` if it is to be written under such a name. */
static MarlCode begin(const char *path, bool temporary, MarlStore **out, MarlError *err) {
  /* failures come back as MarlError, not as text on stderr */
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  MarlStore *store = malloc(sizeof *store);
  if (store == NULL) return MARL_FAIL(err, MARL_EMEMORY, "%s: out of memory", path);
  *store = (MarlStore){
      .group = -1, .file = -1, .own = {.descriptor = -1, .driver = -1}, .path = strdup(path)};
  if (temporary) {
    const size_t room = strlen(path) + sizeof suffix;
    store->temporary = malloc(room);
    if (store->temporary != NULL) snprintf(store->temporary, room, "%s%s", path, suffix);
    store->disk = &store->own;
  }
  *out = store;
  if (store->path != NULL && (store->temporary != NULL || !temporary)) return MARL_OK;
  marl_store_close(out);
  return MARL_FAIL(err, MARL_EMEMORY, "%s: out of memory", path);
}

MarlCode marl_store_wrap(hid_t group, const MarlStore *parent, MarlStore **out, MarlError *err) {
  const MarlCode code = begin(parent->path, false, out, err);
  if (code == MARL_OK) {
    (*out)->group = group;
    (*out)->disk = parent->disk;
  } else {
    H5Gclose(group);
  }
  return code;
}

/* The format is pinned, so that the same content gives the same bytes whichever library writes
 * it. HDF5's own locks are off: they fail on some network file systems and guard nothing here.
 * Closing a file closes what is still open in it. */
static hid_t access_list(void) {
  const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(list, H5F_LIBVER_V18, H5F_LIBVER_V18);
  H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
  H5Pset_file_locking(list, false, true);
  return list;
}

static void create_file(MarlStore *store, const char *name, hid_t access) {
  const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_obj_track_times(creation, false);
  store->file = H5Fcreate(name, H5F_ACC_TRUNC, creation, access);
  H5Pclose(creation);
  if (store->file >= 0) store->group = H5Gopen2(store->file, "/", H5P_DEFAULT);
}

/* Does the temporary name still lead to this store's own file? */
static bool is_own(const MarlStore *store) {
  struct stat held, named;
  return fstat(store->own.descriptor, &held) == 0 && stat(store->temporary, &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/* Hold the temporary file: one writer a path. What a killed writer left is taken over. A writer
 * that commits renames the file under the lock, so the lock counts only if the name still leads
 * to the locked file. File systems that know no locks are written without. */
static MarlCode lock_temporary(MarlStore *store, MarlError *err) {
  for (;;) {
    const int descriptor = open(store->temporary, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) return system_failed(store->path, "create the file", err);
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      close(descriptor);
      return MARL_FAIL(err, MARL_EIO, "%s: another process is writing this file", store->path);
    }
    store->own.descriptor = descriptor;
    if (is_own(store)) return MARL_OK;
    store->own.descriptor = -1;
    close(descriptor);
  }
}

void marl_store_put_aside(const char *path) {
  char temporary[4096];
  if (snprintf(temporary, sizeof temporary, "%s%s", path, suffix) < (int)sizeof temporary)
    (void)unlink(temporary);
}

MarlCode marl_store_create(const char *path, MarlStore **out, MarlError *err) {
  MarlStore *store = NULL;
  MARL_TRY(begin(path, true, &store, err));
  MarlCode code = lock_temporary(store, err);
  if (code == MARL_OK) {
    const hid_t access = access_list();
    if (marl_disk_use(access, store->disk) >= 0) create_file(store, store->temporary, access);
    code = marl_store_end(store, store->group >= 0, "create the file", NULL, err);
    H5Pclose(access);
    if (code == MARL_OK) code = marl_store_promise_seal(store, err);
  }
  if (code != MARL_OK)
    marl_store_close(&store);
  else
    *out = store;
  return code;
}

/* The bytes of the file `path` into the temporary file. */
static MarlCode copy_bytes(const char *path, MarlStore *store, MarlError *err) {
  enum { PIECE = 1 << 16 };
  char piece[PIECE];
  const int from = open(path, O_RDONLY | O_CLOEXEC);
  if (from < 0) return system_failed(path, "open the file", err);
  ssize_t got = 0;
  off_t at = 0;
  bool good = ftruncate(store->own.descriptor, 0) == 0;
  while (good && (got = pread(from, piece, PIECE, at)) > 0) {
    for (ssize_t done = 0; good && done < got;) {
      const ssize_t put = pwrite(store->own.descriptor, piece + done, (size_t)(got - done), at);
      good = put > 0;
      at += good ? put : 0, done += good ? put : 0;
    }
  }
  const int reason = errno;
  close(from);
  errno = reason;
  return good && got == 0 ? MARL_OK : system_failed(path, "copy the file", err);
}

MarlCode marl_store_create_again(const char *path, MarlStore **out, MarlError *err) {
  MarlStore *whole = NULL, *store = NULL;
  MARL_TRY(marl_store_open(path, &whole, err)); /* that it is a good file */
  marl_store_close(&whole);
  MARL_TRY(begin(path, true, &store, err));
  MarlCode code = lock_temporary(store, err);
  if (code == MARL_OK) code = copy_bytes(path, store, err);
  if (code == MARL_OK) {
    const hid_t access = access_list();
    if (marl_disk_use(access, store->disk) >= 0)
      store->file = H5Fopen(store->temporary, H5F_ACC_RDWR, access);
    if (store->file >= 0) store->group = H5Gopen2(store->file, "/", H5P_DEFAULT);
    code = marl_store_end(store, store->group >= 0, "open the file", NULL, err);
    H5Pclose(access);
    if (code == MARL_OK) code = marl_store_promise_seal(store, err);
  }
  if (code != MARL_OK)
    marl_store_close(&store);
  else
    *out = store;
  return code;
}

/* HDF5 tells memory files apart by name, so each is named after its own address. */
static void memory_name(const MarlStore *store, char name[32]) {
  snprintf(name, 32, "marl-%p", (const void *)store);
}

MarlCode marl_store_create_memory(MarlStore **out, MarlError *err) {
  MarlStore *store = NULL;
  MARL_TRY(begin("memory", false, &store, err));
  char name[32];
  memory_name(store, name);
  const hid_t access = access_list();
  memory_access(access);
  create_file(store, name, access);
  const MarlCode code = marl_store_end(store, store->group >= 0, "create the file", NULL, err);
  H5Pclose(access);
  if (code != MARL_OK)
    marl_store_close(&store);
  else
    *out = store;
  return code;
}

/* Open `name` read-only as the file of `store`. */
static MarlCode open_file(MarlStore *store, const char *name, hid_t access, MarlError *err) {
  store->file = H5Fopen(name, H5F_ACC_RDONLY, access);
  if (store->file >= 0) store->group = H5Gopen2(store->file, "/", H5P_DEFAULT);
  return store->group >= 0 ? MARL_OK : marl_store_fail(store, "open the file", NULL, err);
}

/* Open the bytes in memory as the file of `store`. */
static MarlCode open_bytes(MarlStore *store, const void *bytes, size_t size, MarlError *err) {
  char name[32];
  memory_name(store, name);
  const hid_t access = access_list();
  memory_access(access);
  MarlCode code;
  /* HDF5 takes the bytes as not const, and copies them */
  if (size == 0 || H5Pset_file_image(access, (void *)bytes, size) < 0)
    code = MARL_FAIL(err, MARL_EIO, "%s: an image of %zu bytes is no HDF5 file", store->path, size);
  else
    code = open_file(store, name, access, err);
  H5Pclose(access);
  return code;
}

/* `checked`: by rank 0. */
static MarlCode open_on_disk(MarlStore *store, bool checked, bool *sealed, MarlError *err) {
  if (!checked) MARL_TRY(marl_store_check_seal(store->path, sealed, err));
  const hid_t access = access_list();
  const MarlCode code = open_file(store, store->path, access, err);
  H5Pclose(access);
  return code;
}

MarlCode marl_store_open(const char *path, MarlStore **out, MarlError *err) {
  MarlStore *store = NULL;
  MARL_TRY(begin(path, false, &store, err));
  bool sealed = false;
  size_t size;
  const void *bytes;
  const bool shared = marl_store_shared(path, &bytes, &size, &sealed);
  MarlCode code = bytes != NULL ? open_bytes(store, bytes, size, err)
                                : open_on_disk(store, shared, &sealed, err);
  if (code == MARL_OK) code = marl_store_check_promise(store, sealed, err);
  if (code == MARL_OK) code = marl_store_check_self_contained(store, err);
  if (code != MARL_OK)
    marl_store_close(&store);
  else
    *out = store;
  return code;
}

MarlCode marl_store_open_image(const void *bytes, size_t size, MarlStore **out, MarlError *err) {
  MarlStore *store = NULL;
  MARL_TRY(begin("memory", false, &store, err));
  const MarlCode code = open_bytes(store, bytes, size, err);
  if (code != MARL_OK)
    marl_store_close(&store);
  else
    *out = store;
  return code;
}

/* Make the new name of a file in `path`'s folder survive a power failure. */
static MarlCode sync_folder(const char *path, MarlError *err) {
  const char *slash = strrchr(path, '/');
  char *folder = slash == NULL ? strdup(".") : strdup(path);
  if (folder == NULL) return MARL_FAIL(err, MARL_EMEMORY, "%s: out of memory", path);
  if (slash != NULL) folder[slash == path ? 1 : slash - path] = '\0';
  MarlCode code = MARL_OK;
  const int descriptor = open(folder, O_RDONLY | O_CLOEXEC);
  /* EINVAL: this file system has no fsync for folders */
  if (descriptor < 0 || (fsync(descriptor) != 0 && errno != EINVAL))
    code = system_failed(path, "secure the folder", err);
  if (descriptor >= 0) close(descriptor);
  free(folder);
  return code;
}

static MarlCode write_out(MarlStore *store, MarlError *err) {
  H5Gclose(store->group);
  const herr_t closed = H5Fclose(store->file);
  store->group = store->file = -1;
  if (store->own.failure == 0 && closed >= 0)
    store->own.failure = marl_store_seal(store->own.descriptor);
  if (store->own.failure == 0 && fsync(store->own.descriptor) != 0) store->own.failure = errno;
  MARL_TRY(marl_store_end(store, closed >= 0, "write the file", NULL, err));
  if (!is_own(store))
    return MARL_FAIL(err, MARL_EBUSY, "%s: another program writes this file now", store->path);
  if (rename(store->temporary, store->path) != 0)
    return system_failed(store->path, "give the written file its name", err);
  free(store->temporary);
  store->temporary = NULL;
  return sync_folder(store->path, err);
}

MarlCode marl_store_commit(MarlStore **store, MarlError *err) {
  assert((*store)->temporary != NULL);
  const MarlCode code = write_out(*store, err);
  marl_store_close(store);
  return code;
}

MarlCode marl_store_end_file(MarlStore **store, MarlCode code, MarlError *err) {
  if (code == MARL_OK) return marl_store_commit(store, err);
  marl_store_close(store);
  return code;
}

void marl_store_close(MarlStore **store) {
  MarlStore *s = *store;
  *store = NULL;
  if (s == NULL) return;
  if (s->own.descriptor >= 0 && s->temporary != NULL) {
    s->own.failure = ECANCELED; /* nothing more is written */
    if (is_own(s)) unlink(s->temporary);
  }
  if (s->group >= 0) H5Gclose(s->group);
  if (s->file >= 0) H5Fclose(s->file);
  marl_disk_end(&s->own);
  if (s->own.descriptor >= 0) close(s->own.descriptor);
  free(s->temporary);
  free(s->path);
  free(s);
}

MarlCode marl_store_flush(MarlStore *store, MarlError *err) {
  const herr_t status = H5Fflush(store->group, H5F_SCOPE_GLOBAL);
  return marl_store_end(store, status >= 0, "write the file", NULL, err);
}

MarlCode marl_store_image(MarlStore *store, void **bytes, size_t *size, MarlError *err) {
  assert(store->file >= 0);
  MARL_TRY(marl_store_flush(store, err));
  const ssize_t length = H5Fget_file_image(store->file, NULL, 0);
  if (length < 0) return marl_store_fail(store, "take the bytes of the file", NULL, err);
  void *copy = malloc((size_t)length);
  if (copy == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "%s: no memory for an image of %zd bytes", store->path,
                     length);
  if (H5Fget_file_image(store->file, copy, (size_t)length) != length) {
    free(copy);
    return marl_store_fail(store, "take the bytes of the file", NULL, err);
  }
  *bytes = copy;
  *size = (size_t)length;
  return MARL_OK;
}

const char *marl_store_path(const MarlStore *store) {
  return store->path;
}
