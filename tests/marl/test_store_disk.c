/* The store and the disk: what a reader finds after a truncation, a full disk, a kill. */
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "marl/core/store.h"
#include "tests/unit.h"

static char folder[64];

static int make_folder(void) {
  snprintf(folder, sizeof folder, "/tmp/marl-disk-XXXXXX");
  return mkdtemp(folder) == NULL;
}

static int run_in_folder(const char *command) {
  char line[256];
  snprintf(line, sizeof line, "cd '%s' && %s", folder, command);
  return system(line);
}

static int remove_folder(void) {
  return run_in_folder("rm -r \"$PWD\"");
}

static const char *file(const char *name) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static size_t read_bytes(const char *path, unsigned char **bytes) {
  FILE *in = fopen(path, "rb");
  CU_ASSERT_FATAL(in != NULL);
  fseek(in, 0, SEEK_END);
  const size_t size = (size_t)ftell(in);
  rewind(in);
  *bytes = malloc(size);
  CU_ASSERT_FATAL(*bytes != NULL && fread(*bytes, 1, size, in) == size);
  fclose(in);
  return size;
}

static bool exists(const char *path) {
  struct stat status;
  return stat(path, &status) == 0;
}

enum { POINTS = 300 };

/* One of everything: attributes, a coordinate, datasets on it, a growing one, a copied group. */
static MarlCode fill(MarlStore *store, MarlError *err) {
  double x[POINTS];
  for (int i = 0; i < POINTS; ++i) x[i] = sin(i);
  const char *const scales[] = {"time", "x"};
  const MarlArray coordinate = {.type = MARL_F64, .rank = 1, .shape = {POINTS}, .units = "m"};
  const MarlArray time = {.type = MARL_F64, .rank = 1, .units = "s", .long_name = "time"};
  const MarlArray field = {.type = MARL_F32, .rank = 2, .shape = {0, POINTS}, .scales = scales};
  MARL_TRY(marl_store_set_text(store, NULL, "config", "run: {seed: 1}", err));
  MARL_TRY(marl_store_set_real(store, NULL, "reynolds", 2e4, err));
  MARL_TRY(marl_store_write_scale(store, "x", &coordinate, x, err));
  for (int i = 0; i < 20; ++i) {
    float row[POINTS];
    for (int j = 0; j < POINTS; ++j) row[j] = (float)(i + j);
    const double now = i;
    MARL_TRY(marl_store_append_scale(store, "time", &time, 1, &now, err));
    MARL_TRY(marl_store_append(store, "w", &field, 1, row, err));
    MARL_TRY(marl_store_append(store, "u", &field, 1, row, err));
  }
  MarlStore *memory;
  MARL_TRY(marl_store_create_memory(&memory, err));
  const MarlArray whole = {.type = MARL_F64, .rank = 1, .shape = {POINTS}};
  MarlCode code = marl_store_write(memory, "state/x", &whole, x, err);
  if (code == MARL_OK) code = marl_store_copy(memory, store, "shard/0", err);
  marl_store_close(&memory);
  return code;
}

static MarlCode write_file(const char *path, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_store_create(path, &store, err));
  const MarlCode code = fill(store, err);
  if (code == MARL_OK) return marl_store_commit(&store, err);
  marl_store_close(&store);
  return code;
}

static void same_content_gives_same_bytes(void) {
  MarlError err;
  unsigned char *a, *b;
  UNIT_OK(write_file(file("same.h5"), &err));
  const size_t size = read_bytes(file("same.h5"), &a);
  sleep(1); /* a time stamp would change */
  UNIT_OK(write_file(file("same.h5"), &err));
  CU_ASSERT(read_bytes(file("same.h5"), &b) == size);
  UNIT_BITS_EQUAL(a, b, size);
  free(a);
  free(b);
}

/* Cut the file at lengths all over it, most near its ends. */
static void truncated_file_is_an_error_that_names_it(void) {
  MarlError err;
  unsigned char *bytes;
  UNIT_OK(write_file(file("whole.h5"), &err));
  const size_t size = read_bytes(file("whole.h5"), &bytes);
  for (size_t length = 0; length < size;
       length += length < 600 || length > size - 60 ? 1 : size / 97) {
    FILE *out = fopen(file("cut.h5"), "wb");
    CU_ASSERT_FATAL(out != NULL && fwrite(bytes, 1, length, out) == length && fclose(out) == 0);
    MarlStore *store;
    UNIT_ERROR(marl_store_open(file("cut.h5"), &store, &err), MARL_EIO, "cut.h5");
  }
  free(bytes);
}

static void foreign_and_absent_files_are_errors_that_say_so(void) {
  MarlError err;
  MarlStore *store;
  UNIT_ERROR(marl_store_open(file("absent.h5"), &store, &err), MARL_EIO,
             "absent.h5: cannot open the file: No such file or directory");
  CU_ASSERT(run_in_folder("echo 'grid: {n: 32}' > foreign.h5") == 0);
  UNIT_ERROR(marl_store_open(file("foreign.h5"), &store, &err), MARL_EIO,
             "foreign.h5: cannot open the file: file signature not found");
  UNIT_ERROR(marl_store_open(folder, &store, &err), MARL_EIO, folder);
  UNIT_ERROR(marl_store_create(file("no/such/folder.h5"), &store, &err), MARL_EIO,
             "No such file or directory");
}

static void closing_without_commit_leaves_no_trace(void) {
  MarlError err;
  MarlStore *store;
  UNIT_OK(marl_store_create(file("never.h5"), &store, &err));
  UNIT_OK(fill(store, &err));
  CU_ASSERT(exists(file("never.h5.partial")));
  CU_ASSERT(!exists(file("never.h5")));
  marl_store_close(&store);
  CU_ASSERT(!exists(file("never.h5.partial")));
  CU_ASSERT(!exists(file("never.h5")));
}

/* HDF5 calls the driver until the file is closed. glibc fills what is freed with this byte, as
 * MALLOC_PERTURB_ does, so that a driver that is gone too early is a jump to nowhere. */
static void freed_memory_is_not_used_while_a_file_closes(void) {
  MarlError err;
  MarlStore *abandoned;
  CU_ASSERT_FATAL(mallopt(M_PERTURB, 0xa5) == 1);
  UNIT_OK(write_file(file("driver.h5"), &err));
  UNIT_OK(marl_store_create(file("abandoned.h5"), &abandoned, &err));
  UNIT_OK(fill(abandoned, &err));
  UNIT_OK(write_file(file("beside.h5"), &err)); /* two files at once */
  marl_store_close(&abandoned);
  mallopt(M_PERTURB, 0);
}

static void one_writer_a_path(void) {
  MarlError err;
  MarlStore *first, *second;
  UNIT_OK(marl_store_create(file("one.h5"), &first, &err));
  UNIT_ERROR(marl_store_create(file("one.h5"), &second, &err), MARL_EIO,
             "another process is writing this file");
  UNIT_OK(fill(first, &err));
  UNIT_OK(marl_store_commit(&first, &err));
  UNIT_OK(write_file(file("one.h5"), &err));
}

/* Of two writers, the one that has the right to the path puts the other aside: that one can neither
 * commit, nor remove what is not its own. */
static void a_writer_put_aside_changes_nothing(void) {
  MarlError err;
  MarlStore *asleep, *holder;
  UNIT_OK(marl_store_create(file("two.h5"), &asleep, &err));
  UNIT_OK(fill(asleep, &err));
  marl_store_put_aside(file("two.h5"));
  UNIT_OK(marl_store_create(file("two.h5"), &holder, &err));
  UNIT_ERROR(marl_store_commit(&asleep, &err), MARL_EBUSY, "another program writes this file now");
  CU_ASSERT(exists(file("two.h5.partial")) && !exists(file("two.h5")));
  UNIT_OK(fill(holder, &err));
  UNIT_OK(marl_store_commit(&holder, &err));
  CU_ASSERT(exists(file("two.h5")) && !exists(file("two.h5.partial")));
}

/* A child writes and is killed before it commits: the old file is untouched, and the next writer
 * takes over what the child left. */
static void kill_before_commit_leaves_the_old_file(void) {
  MarlError err;
  unsigned char *before, *after;
  UNIT_OK(write_file(file("kept.h5"), &err));
  const size_t size = read_bytes(file("kept.h5"), &before);
  const pid_t child = fork();
  if (child == 0) {
    MarlStore *store;
    if (marl_store_create(file("kept.h5"), &store, NULL) == MARL_OK &&
        fill(store, NULL) == MARL_OK && marl_store_flush(store, NULL) == MARL_OK)
      raise(SIGKILL);
    _exit(1);
  }
  int status;
  waitpid(child, &status, 0);
  CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  CU_ASSERT(read_bytes(file("kept.h5"), &after) == size);
  UNIT_BITS_EQUAL(after, before, size);
  free(before);
  free(after);
  UNIT_OK(write_file(file("kept.h5"), &err));
  CU_ASSERT(!exists(file("kept.h5.partial")));
}

/* More than the disk takes, at once or in small steps. */
static MarlCode overfill(const char *path, bool in_steps, MarlError *err) {
  enum { VALUES = 1 << 17 }; /* 1 MiB */
  static double data[VALUES];
  MarlStore *store;
  MARL_TRY(marl_store_create(path, &store, err));
  MarlArray array = {.type = MARL_F64, .rank = 1, .shape = {VALUES}};
  MarlCode code = MARL_OK;
  if (!in_steps) code = marl_store_write(store, "big", &array, data, err);
  for (int i = 0; in_steps && code == MARL_OK && i < VALUES / 64; ++i)
    code = marl_store_append(store, "growing", &array, 64, data, err);
  if (code == MARL_OK) return marl_store_commit(&store, err);
  marl_store_close(&store);
  return code;
}

static void old_file_survives(const char *path, const char *words) {
  MarlError err;
  unsigned char *before, *after;
  char partial[160];
  snprintf(partial, sizeof partial, "%s.partial", path);
  UNIT_OK(write_file(path, &err));
  const size_t size = read_bytes(path, &before);
  for (int in_steps = 0; in_steps < 2; ++in_steps) {
    UNIT_ERROR(overfill(path, in_steps, &err), MARL_EIO, words);
    CU_ASSERT(strstr(err.message, path) == err.message);
    CU_ASSERT(!exists(partial));
    CU_ASSERT(read_bytes(path, &after) == size);
    UNIT_BITS_EQUAL(after, before, size);
    free(after);
  }
  free(before);
  UNIT_OK(write_file(path, &err)); /* and there is room again */
}

/* A limit on the length of files stands for a full disk: any user may set it. */
static void file_size_limit_leaves_the_old_file(void) {
  struct rlimit old, small;
  getrlimit(RLIMIT_FSIZE, &old);
  small = old;
  small.rlim_cur = 1 << 18;
  signal(SIGXFSZ, SIG_IGN);
  CU_ASSERT_FATAL(setrlimit(RLIMIT_FSIZE, &small) == 0);
  old_file_survives(file("limited.h5"), "File too large");
  setrlimit(RLIMIT_FSIZE, &old);
}

/* A real full disk: a file system of 512 kB, where this user may mount one. */
static void full_disk_leaves_the_old_file(void) {
  if (run_in_folder("mkdir disk && mount -t tmpfs -o size=512k tmpfs disk 2> mount.txt") != 0) {
    printf("skipped: cannot mount a small file system ... ");
    return;
  }
  old_file_survives(file("disk/kept.h5"), "No space left on device");
  CU_ASSERT(run_in_folder("umount -l disk") == 0);
}

static CU_TestInfo tests[] = {
    {"same content gives same bytes", same_content_gives_same_bytes},
    {"truncated file is an error that names it", truncated_file_is_an_error_that_names_it},
    {"foreign and absent files are errors that say so",
     foreign_and_absent_files_are_errors_that_say_so},
    {"closing without commit leaves no trace", closing_without_commit_leaves_no_trace},
    {"freed memory is not used while a file closes", freed_memory_is_not_used_while_a_file_closes},
    {"one writer a path", one_writer_a_path},
    {"a writer put aside changes nothing", a_writer_put_aside_changes_nothing},
    {"kill before commit leaves the old file", kill_before_commit_leaves_the_old_file},
    {"file size limit leaves the old file", file_size_limit_leaves_the_old_file},
    {"full disk leaves the old file", full_disk_leaves_the_old_file},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"store on disk", make_folder, remove_folder, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
