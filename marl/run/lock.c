#define _POSIX_C_SOURCE 200809L /* link, futimens, gethostname, sigfillset */
#include "marl/run/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, TEXT_SIZE = 1024, ATTEMPTS = 16 };

static const char prefix[] = ".lock-", released[] = "released\n";

struct MarlRunLock {
  char folder[PATH_SIZE - 64];
  MarlRunLease lease;
  MarlRunClaim claim;
  int file; /* open, so that its times can be touched */
  pthread_t heart;
  pthread_mutex_t mutex;
  pthread_cond_t ended;
  bool beating, ending;
};

static void path_of(const char *folder, int64_t number, char path[PATH_SIZE]) {
  snprintf(path, PATH_SIZE, "%s/%s%" PRId64, folder, prefix, number);
}

/* The highest number of a lock in the folder, 0 if there is none. */
static int64_t newest(const char *folder) {
  int64_t found = 0;
  DIR *directory = opendir(folder);
  if (directory == NULL) return 0;
  for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (strncmp(entry->d_name, prefix, sizeof prefix - 1) != 0) continue;
    char *end;
    const int64_t number = strtoll(entry->d_name + sizeof prefix - 1, &end, 10);
    if (*end == '\0' && number > found) found = number;
  }
  closedir(directory);
  return found;
}

/* Open, read and date a lock; false if it is not there (any more). Opening asks the server anew. */
static bool read_lock(const char *path, char text[TEXT_SIZE], struct stat *status) {
  const int file = open(path, O_RDONLY);
  if (file < 0) return false;
  const ssize_t size = read(file, text, TEXT_SIZE - 1);
  const bool good = fstat(file, status) == 0;
  (void)close(file);
  text[size > 0 ? size : 0] = '\0';
  return good;
}

/* Seconds since `status` was touched, by the clock that stamps the folder's files: that of a file
 * made now. Negative if no file can be made. */
static double age_of(const char *folder, const struct stat *status) {
  char path[PATH_SIZE];
  struct stat now;
  snprintf(path, sizeof path, "%s/.clock-%ld", folder, (long)getpid());
  const int file = open(path, O_CREAT | O_WRONLY, 0666);
  if (file < 0) return -1;
  const bool good = write(file, "x", 1) == 1 && fstat(file, &now) == 0;
  (void)close(file);
  (void)unlink(path);
  return good ? difftime(now.st_mtime, status->st_mtime) : -1;
}

/* May lock `path` be taken over? If not, *err says who holds it. *why: "" after a clean end. */
static MarlCode judge(const char *folder, const MarlRunClaim *claim, const char *path,
                      char why[256], MarlError *err) {
  char text[TEXT_SIZE];
  struct stat status;
  why[0] = '\0';
  if (!read_lock(path, text, &status) || strcmp(text, released) == 0) return MARL_OK;
  const MarlLiving living = marl_process_living(text);
  char who[160];
  marl_process_describe(text, who);
  if (marl_process_is_earlier_start(text, claim)) {
    snprintf(why, 256, "%.159s is an earlier start of this job, which was requeued: taken over",
             who);
    return MARL_OK;
  }
  if (living == MARL_PROCESS_GONE) {
    snprintf(why, 256, "%s has ended without releasing the run folder: taken over", who);
    return MARL_OK;
  }
  if (living == MARL_PROCESS_ALIVE)
    return MARL_FAIL(err, MARL_EBUSY, "the run folder '%s' is in use by %s; nothing was touched",
                     folder, who);
  const double age = age_of(folder, &status);
  if (age > MARL_LOCK_STALE) {
    snprintf(why, 256, "%s has given no sign for %.0f s: taken over", who, age);
    return MARL_OK;
  }
  return MARL_FAIL(err, MARL_EBUSY,
                   "the run folder '%s' is in use by %s, which gave a sign %.0f s ago (after %d s "
                   "it counts as ended; if you know that it has, remove %s); nothing was touched",
                   folder, who, age, (int)MARL_LOCK_STALE, path);
}

/* A whole file `temporary` becomes `path` unless there is one: 1, 0, or -1 with errno. */
static int put_in_place(const char *temporary, const char *path) {
  struct stat status;
  if (link(temporary, path) == 0) return 1;
  const int reason = errno;
  if (stat(temporary, &status) == 0 && status.st_nlink == 2) return 1; /* the reply was lost */
  if (reason == EEXIST) return 0;
  if (reason != EPERM && reason != ENOSYS && reason != EOPNOTSUPP && reason != EMLINK) return -1;
  const int file = open(path, O_CREAT | O_EXCL | O_WRONLY, 0666); /* no hard links here */
  if (file < 0) return errno == EEXIST ? 0 : -1;
  (void)close(file);
  return rename(temporary, path) == 0 ? 1 : -1;
}

/* Claim the lock's number: 1, 0 if somebody has it, -1 with errno. The file stays open. */
static int claim(MarlRunLock *lock) {
  char path[PATH_SIZE], temporary[PATH_SIZE], text[TEXT_SIZE];
  path_of(lock->folder, lock->lease.number, path);
  marl_process_print(&lock->claim, lock->lease.token, text, sizeof text);
  snprintf(temporary, sizeof temporary, "%s/.lock.%s", lock->folder, lock->lease.token);
  lock->file = open(temporary, O_CREAT | O_EXCL | O_RDWR, 0666);
  if (lock->file < 0) return -1;
  const ssize_t size = (ssize_t)strlen(text);
  int got = write(lock->file, text, (size_t)size) == size && fsync(lock->file) == 0 ? 1 : -1;
  if (got == 1) got = put_in_place(temporary, path);
  const int reason = errno;
  (void)unlink(temporary);
  if (got != 1) (void)close(lock->file);
  errno = reason;
  return got;
}

static void *beat(void *data) {
  MarlRunLock *lock = data;
  pthread_mutex_lock(&lock->mutex);
  while (!lock->ending) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until); /* a clock that is set back stops no heart */
    until.tv_sec += MARL_LOCK_BEAT;
    if (pthread_cond_timedwait(&lock->ended, &lock->mutex, &until) == ETIMEDOUT)
      (void)futimens(lock->file, NULL); /* the server's time; of a lock that is lost: harmless */
  }
  pthread_mutex_unlock(&lock->mutex);
  return NULL;
}

/* The thread takes no signals: they are for the program. False: without a heart the lock would seem left
 * to others after some minutes. */
static bool start_heart(MarlRunLock *lock) {
  sigset_t all, before;
  pthread_condattr_t steady;
  pthread_mutex_init(&lock->mutex, NULL);
  pthread_condattr_init(&steady);
  pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
  pthread_cond_init(&lock->ended, &steady);
  pthread_condattr_destroy(&steady);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  lock->beating = pthread_create(&lock->heart, NULL, beat, lock) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return lock->beating;
}

static void stop_heart(MarlRunLock *lock) {
  pthread_mutex_lock(&lock->mutex);
  lock->ending = true;
  pthread_cond_signal(&lock->ended);
  pthread_mutex_unlock(&lock->mutex);
  if (lock->beating) pthread_join(lock->heart, NULL);
  pthread_cond_destroy(&lock->ended);
  pthread_mutex_destroy(&lock->mutex);
}

static void remove_older(const MarlRunLock *lock, int64_t from) {
  char path[PATH_SIZE];
  for (int64_t number = from; number < lock->lease.number; ++number) {
    path_of(lock->folder, number, path);
    (void)unlink(path);
  }
}

/* One attempt: 1 held, 0 try again. */
static MarlCode attempt(MarlRunLock *lock, char taken_over[256], int *got, MarlError *err) {
  char path[PATH_SIZE];
  const int64_t last = newest(lock->folder);
  taken_over[0] = '\0';
  path_of(lock->folder, last, path);
  if (last > 0) MARL_TRY(judge(lock->folder, &lock->claim, path, taken_over, err));
  lock->lease.number = last + 1;
  marl_process_token(lock->lease.token);
  *got = claim(lock);
  if (*got < 0)
    return MARL_FAIL(err, MARL_EIO, "cannot lock the run folder '%s': %s", lock->folder,
                     strerror(errno));
  if (*got == 1 && newest(lock->folder) != lock->lease.number) { /* another one was faster */
    path_of(lock->folder, lock->lease.number, path);
    (void)unlink(path);
    (void)close(lock->file);
    *got = 0;
  }
  if (*got == 1) remove_older(lock, last);
  return MARL_OK;
}

MarlCode marl_run_lock_acquire(const char *folder, const MarlRunClaim *claim, MarlRunLock **out,
                               char taken_over[256], MarlError *err) {
  *out = NULL;
  MarlRunLock *lock = calloc(1, sizeof *lock);
  if (lock == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a lock");
  lock->claim = *claim;
  int got = 0;
  MarlCode code = MARL_OK;
  if (snprintf(lock->folder, sizeof lock->folder, "%s", folder) >= (int)sizeof lock->folder)
    code = MARL_FAIL(err, MARL_ECONFIG, "the name of the run folder is too long");
  for (int i = 0; i < ATTEMPTS && code == MARL_OK && got == 0; ++i)
    code = attempt(lock, taken_over, &got, err);
  if (code == MARL_OK && got == 0)
    code = MARL_FAIL(err, MARL_EBUSY, "the run folder '%s' is wanted by others too", folder);
  if (code != MARL_OK) {
    free(lock);
    return code;
  }
  *out = lock;
  if (start_heart(lock)) return MARL_OK;
  marl_run_lock_release(out);
  return MARL_FAIL(err, MARL_EIO,
                   "cannot start a thread that keeps the lock of '%s' (a limit on processes?)",
                   folder);
}

MarlRunLease marl_run_lock_lease(const MarlRunLock *lock) {
  return lock->lease;
}

MarlCode marl_run_lease_check(const char *folder, const MarlRunLease *lease, MarlError *err) {
  char path[PATH_SIZE], text[TEXT_SIZE] = "", next[TEXT_SIZE], token[32];
  struct stat status;
  if (lease->number == 0) return MARL_OK;
  snprintf(token, sizeof token, "token=%s\n", lease->token);
  path_of(folder, lease->number, path);
  const bool own = read_lock(path, text, &status) && strstr(text, token) != NULL;
  path_of(folder, lease->number + 1, path);
  const bool followed = read_lock(path, next, &status);
  if (own && !followed) return MARL_OK;
  char who[160] = "another program";
  if (followed && strcmp(next, released) != 0) marl_process_describe(next, who);
  return MARL_FAIL(err, MARL_EBUSY,
                   "the run folder '%s' was taken over by %s%s: this program ends and writes "
                   "nothing more",
                   folder, who, followed ? "" : ", or removed");
}

/* The word in place of the holder, so that the numbers go on from here. */
static void mark_released(const MarlRunLock *lock) {
  if (ftruncate(lock->file, 0) != 0) return;
  (void)!pwrite(lock->file, released, sizeof released - 1, 0);
}

void marl_run_lock_release(MarlRunLock **lock) {
  if (*lock == NULL) return;
  stop_heart(*lock);
  if (marl_run_lease_check((*lock)->folder, &(*lock)->lease, NULL) == MARL_OK) mark_released(*lock);
  (void)close((*lock)->file);
  free(*lock);
  *lock = NULL;
}
