#define _POSIX_C_SOURCE 200809L /* strdup */
#include "marl/core/store_shared.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "marl/core/comm.h"
#include "marl/core/log.h"
#include "marl/core/store_seal.h"

typedef struct SharedFile SharedFile;
struct SharedFile {
  SharedFile *next;
  char *path;
  unsigned char *bytes; /* NULL: too large */
  size_t size;          /* of bytes */
  bool sealed;
  int users;
};

/* Of this process, like the communicator over which the bytes came. */
static SharedFile *files;

static SharedFile *find(const char *path) {
  SharedFile *file = files;
  while (file != NULL && strcmp(file->path, path) != 0) file = file->next;
  return file;
}

static void destroy(SharedFile *file) {
  if (file == NULL) return;
  free(file->path);
  free(file->bytes);
  free(file);
}

static SharedFile *create(const char *path, size_t size) {
  SharedFile *file = calloc(1, sizeof *file);
  if (file == NULL) return NULL;
  file->path = strdup(path);
  if (size > 0) file->bytes = malloc(size);
  file->size = size;
  file->users = 1;
  if (file->path != NULL && (size == 0 || file->bytes != NULL)) return file;
  destroy(file);
  return NULL;
}

/* A large file whose checksum holds. */
static bool check_large(const char *path, bool *sealed) {
  struct stat status;
  MarlError unsaid; /* by whoever opens the file */
  return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
         status.st_size > MARL_SHARED_LARGEST &&
         marl_store_check_seal(path, sealed, &unsaid) == MARL_OK;
}

MarlCode marl_store_share(const char *path, MPI_Comm comm, MarlError *err) {
  SharedFile *file = find(path);
  if (file != NULL) {
    ++file->users;
    return MARL_OK;
  }
  const bool reads = marl_comm_rank(comm) == 0;
  unsigned char *bytes = NULL;
  uint64_t numbers[3] = {0, 0, 0}; /* is it shared; size of its bytes; is it sealed */
  if (reads) {
    bool sealed = false;
    size_t size = 0;
    if (marl_store_read_sealed(path, MARL_SHARED_LARGEST, &bytes, &size, &sealed))
      numbers[0] = 1, numbers[1] = size;
    else if (check_large(path, &sealed))
      numbers[0] = 1;
    numbers[2] = sealed ? 1 : 0;
  }
  const double began = marl_timer_seconds();
  MPI_Bcast(numbers, 3, MPI_UINT64_T, 0, comm);
  if (marl_comm_size(comm) > 1) marl_comm_spent_since(began);
  if (numbers[0] == 0) return MARL_OK;
  file = create(path, (size_t)numbers[1]);
  MarlCode code = MARL_OK;
  if (file == NULL) code = MARL_FAIL(err, MARL_EMEMORY, "%s: no memory for the file", path);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) {
    if (bytes != NULL) memcpy(file->bytes, bytes, file->size);
    MPI_Bcast(file->bytes, (int)file->size, MPI_BYTE, 0, comm);
    file->sealed = numbers[2] != 0;
    file->next = files;
    files = file;
  } else {
    destroy(file);
  }
  free(bytes);
  return code;
}

void marl_store_unshare(const char *path) {
  SharedFile *file = find(path), **at = &files;
  if (file == NULL || --file->users > 0) return;
  while (*at != file) at = &(*at)->next;
  *at = file->next;
  destroy(file);
}

bool marl_store_shared(const char *path, const void **bytes, size_t *size, bool *sealed) {
  const SharedFile *file = find(path);
  *bytes = NULL;
  if (file == NULL) return false;
  *bytes = file->bytes;
  *size = file->size;
  *sealed = file->sealed;
  return true;
}
