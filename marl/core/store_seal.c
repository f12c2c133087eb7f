#include "marl/core/store_seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "marl/core/digest.h"

enum { SEAL_TEXT = 16, SEAL_SIZE = SEAL_TEXT + 16, PIECE = 1 << 20 };
static const char seal_text[SEAL_TEXT + 1] = "\nmarl checksum\n\n";
static const char attribute[] = "checksum";

/* Exactly `size` bytes; false with errno, EIO if the file ends before. */
static bool read_exactly(int descriptor, void *to, size_t size, off_t at) {
  for (char *next = to; size > 0;) {
    const ssize_t got = pread(descriptor, next, size, at);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = EIO;
    if (got <= 0) return false;
    next += got;
    at += got;
    size -= (size_t)got;
  }
  return true;
}

/* XXH64 of the first `length` bytes; false with errno. */
static bool sum_file(int descriptor, uint64_t length, uint64_t *sum) {
  unsigned char *piece = malloc(PIECE);
  if (piece == NULL) return false;
  MarlDigest digest;
  marl_digest_begin(&digest);
  bool good = true;
  uint64_t at = 0;
  for (; good && length - at >= PIECE; at += PIECE) {
    good = read_exactly(descriptor, piece, PIECE, (off_t)at);
    if (good) marl_digest_add(&digest, piece, PIECE);
  }
  good = good && read_exactly(descriptor, piece, (size_t)(length - at), (off_t)at);
  if (good) *sum = marl_digest_end(&digest, piece, (size_t)(length - at));
  free(piece);
  return good;
}

static void make_seal(uint64_t length, uint64_t sum, unsigned char seal[SEAL_SIZE]) {
  memcpy(seal, seal_text, SEAL_TEXT);
  for (int i = 0; i < 8; ++i) {
    seal[SEAL_TEXT + i] = (unsigned char)(length >> 8 * i);
    seal[SEAL_TEXT + 8 + i] = (unsigned char)(sum >> 8 * i);
  }
}

int marl_store_seal(int descriptor) {
  struct stat status;
  uint64_t sum = 0;
  if (fstat(descriptor, &status) != 0) return errno;
  const uint64_t length = (uint64_t)status.st_size;
  if (!sum_file(descriptor, length, &sum)) return errno;
  unsigned char seal[SEAL_SIZE];
  make_seal(length, sum, seal);
  for (size_t done = 0; done < sizeof seal;) {
    const ssize_t put =
        pwrite(descriptor, seal + done, sizeof seal - done, status.st_size + (off_t)done);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return put < 0 ? errno : ENOSPC;
    done += (size_t)put;
  }
  return 0;
}

/* The seal as it is against the seal as it should be. */
static MarlCode compare_seal(const char *path, int descriptor, uint64_t size, bool *sealed,
                             MarlError *err) {
  unsigned char found[SEAL_SIZE], right[SEAL_SIZE];
  uint64_t sum = 0;
  if (size < SEAL_SIZE || !read_exactly(descriptor, found, SEAL_SIZE, (off_t)(size - SEAL_SIZE)))
    return MARL_OK; /* HDF5 will say why */
  *sealed = memcmp(found, seal_text, SEAL_TEXT) == 0;
  if (!*sealed) return MARL_OK;
  if (!sum_file(descriptor, size - SEAL_SIZE, &sum))
    return MARL_FAIL(err, MARL_EIO, "%s: cannot read the file: %s", path, strerror(errno));
  make_seal(size - SEAL_SIZE, sum, right);
  if (memcmp(found, right, SEAL_SIZE) == 0) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s: the file is damaged: its checksum does not hold", path);
}

MarlCode marl_store_check_seal(const char *path, bool *sealed, MarlError *err) {
  *sealed = false;
  struct stat status;
  /* a pipe would wait for a writer for ever */
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0 || fstat(descriptor, &status) != 0) status.st_mode = S_IFREG;
  MarlCode code = MARL_OK;
  if (!S_ISREG(status.st_mode))
    code = MARL_FAIL(err, MARL_EIO, "%s: cannot open the file: it is a %s, not a plain file", path,
                     S_ISDIR(status.st_mode) ? "folder" : "device or pipe");
  else if (descriptor >= 0)
    code = compare_seal(path, descriptor, (uint64_t)status.st_size, sealed, err);
  if (descriptor >= 0) close(descriptor);
  return code;
}

bool marl_store_read_sealed(const char *path, size_t largest, unsigned char **bytes, size_t *size,
                            bool *sealed) {
  struct stat status;
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  bool good = descriptor >= 0 && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
              status.st_size > 0 && (uint64_t)status.st_size <= largest;
  *bytes = NULL;
  *sealed = false;
  if (good) {
    *size = (size_t)status.st_size;
    *bytes = malloc(*size);
    good = *bytes != NULL && read_exactly(descriptor, *bytes, *size, 0);
  }
  if (descriptor >= 0) close(descriptor);
  if (good && *size > SEAL_SIZE && memcmp(*bytes + *size - SEAL_SIZE, seal_text, SEAL_TEXT) == 0) {
    unsigned char right[SEAL_SIZE];
    MarlDigest digest;
    *sealed = true;
    *size -= SEAL_SIZE;
    marl_digest_begin(&digest);
    size_t at = 0;
    for (; *size - at >= PIECE; at += PIECE) marl_digest_add(&digest, *bytes + at, PIECE);
    make_seal(*size, marl_digest_end(&digest, *bytes + at, *size - at), right);
    good = memcmp(*bytes + *size, right, SEAL_SIZE) == 0;
  }
  if (good) return true;
  free(*bytes);
  *bytes = NULL;
  return false;
}

MarlCode marl_store_promise_seal(MarlStore *store, MarlError *err) {
  return marl_store_set_text(store, NULL, attribute,
                             "XXH64 of all bytes before the last 32, in the last 8", err);
}

MarlCode marl_store_check_promise(const MarlStore *store, bool sealed, MarlError *err) {
  if (sealed || H5Aexists(store->group, attribute) <= 0) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO,
                   "%s: the file is damaged: its checksum is not at its end (if another program "
                   "changed it on purpose, remove the attribute '%s')",
                   store->path, attribute);
}
