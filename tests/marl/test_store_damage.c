/* Files that are damaged, or that lead elsewhere, are refused before their numbers are used. */
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include "marl/core/digest.h"
#include "marl/core/store.h"
#include "tests/unit.h"

static char folder[64];

static int make_folder(void) {
  snprintf(folder, sizeof folder, "/tmp/marl-damage-XXXXXX");
  return mkdtemp(folder) == NULL;
}

static int remove_folder(void) {
  char line[128];
  snprintf(line, sizeof line, "rm -r '%s'", folder);
  return system(line);
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

static void write_bytes(const char *path, const unsigned char *bytes, size_t size) {
  FILE *out = fopen(path, "wb");
  CU_ASSERT_FATAL(out != NULL && fwrite(bytes, 1, size, out) == size && fclose(out) == 0);
}

enum { VALUES = 200 };

static void write_store(const char *path) {
  MarlError err;
  MarlStore *store;
  double x[VALUES];
  for (int i = 0; i < VALUES; ++i) x[i] = sin(i);
  const MarlArray array = {.type = MARL_F64, .rank = 1, .shape = {VALUES}};
  UNIT_OK(marl_store_create(path, &store, &err));
  UNIT_OK(marl_store_set_int(store, NULL, "step", 12345, &err));
  UNIT_OK(marl_store_write(store, "state/x", &array, x, &err));
  UNIT_OK(marl_store_commit(&store, &err));
}

/* xxhsum -H1 of the same texts; the third has blocks, words, a half word and bytes. */
static void digest_is_xxh64(void) {
  static const struct {
    const char *text;
    uint64_t sum;
  } known[] = {
      {"", 0xef46db3751d8e999},
      {"abc", 0x44bc2cf5ad770999},
      {"Nobody inspects the spammish repetition", 0xfbcea83c8a378bf1},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i) {
    MarlDigest digest;
    marl_digest_begin(&digest);
    CU_ASSERT(marl_digest_end(&digest, known[i].text, strlen(known[i].text)) == known[i].sum);
  }
}

/* Every byte of a file, structure and attributes and numbers and checksum alike. */
static void any_changed_byte_is_found(void) {
  MarlError err;
  MarlStore *store;
  unsigned char *bytes;
  write_store(file("whole.h5"));
  const size_t size = read_bytes(file("whole.h5"), &bytes);
  UNIT_OK(marl_store_open(file("whole.h5"), &store, &err));
  marl_store_close(&store);
  int silent = 0;
  for (size_t at = 0; at < size; ++at) {
    const unsigned char before = bytes[at];
    bytes[at] = (unsigned char)(before ^ (1u << at % 8));
    write_bytes(file("damaged.h5"), bytes, size);
    bytes[at] = before;
    store = NULL;
    const MarlCode code = marl_store_open(file("damaged.h5"), &store, &err);
    silent += code != MARL_EIO || strstr(err.message, "damaged.h5") == NULL;
    if (code == MARL_OK) marl_store_close(&store);
  }
  CU_ASSERT_EQUAL(silent, 0);
  free(bytes);
}

/* A file whose checksum is gone says that it must have one; files of other programs have none. */
static void a_checksum_that_is_gone_is_missed(void) {
  MarlError err;
  MarlStore *store;
  unsigned char *bytes;
  write_store(file("whole.h5"));
  const size_t size = read_bytes(file("whole.h5"), &bytes);
  write_bytes(file("bare.h5"), bytes, size - 32);
  free(bytes);
  UNIT_ERROR(marl_store_open(file("bare.h5"), &store, &err), MARL_EIO,
             "checksum is not at its end");
  const hid_t h5 = H5Fopen(file("bare.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
  CU_ASSERT_FATAL(h5 >= 0 && H5Adelete_by_name(h5, "/", "checksum", H5P_DEFAULT) >= 0);
  H5Fclose(h5);
  UNIT_OK(marl_store_open(file("bare.h5"), &store, &err));
  int64_t step = 0;
  UNIT_OK(marl_store_get_int(store, NULL, "step", &step, &err));
  CU_ASSERT_EQUAL(step, 12345);
  marl_store_close(&store);
}

/* A file of another program with one group "inner", to put something bad into. */
static hid_t begin_foreign(const char *name, hid_t *inner) {
  const hid_t h5 = H5Fcreate(file(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  CU_ASSERT_FATAL(h5 >= 0);
  *inner = H5Gcreate2(h5, "inner", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  return h5;
}

static void end_foreign(hid_t h5, hid_t inner, const char *name, const char *words) {
  MarlError err;
  MarlStore *store;
  H5Gclose(inner);
  H5Fclose(h5);
  UNIT_ERROR(marl_store_open(file(name), &store, &err), MARL_EIO, words);
  CU_ASSERT(strstr(err.message, name) != NULL && strstr(err.message, "inner/bad") != NULL);
}

static void add_dataset(hid_t inner, hid_t creation) {
  const hsize_t shape[] = {16};
  const hid_t space = H5Screate_simple(1, shape, NULL);
  const hid_t dataset =
      H5Dcreate2(inner, "bad", H5T_STD_U8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  CU_ASSERT(dataset >= 0);
  H5Dclose(dataset);
  H5Sclose(space);
  H5Pclose(creation);
}

static void files_that_lead_elsewhere_are_refused(void) {
  hid_t inner, h5 = begin_foreign("soft.h5", &inner);
  H5Lcreate_soft("/inner", inner, "bad", H5P_DEFAULT, H5P_DEFAULT);
  end_foreign(h5, inner, "soft.h5", "soft link");

  h5 = begin_foreign("link.h5", &inner);
  H5Lcreate_external("whole.h5", "/state/x", inner, "bad", H5P_DEFAULT, H5P_DEFAULT);
  end_foreign(h5, inner, "link.h5", "link to another file");

  h5 = begin_foreign("external.h5", &inner);
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(creation, "/etc/passwd", 0, 16);
  add_dataset(inner, creation);
  end_foreign(h5, inner, "external.h5", "external storage");

  h5 = begin_foreign("virtual.h5", &inner);
  creation = H5Pcreate(H5P_DATASET_CREATE);
  const hsize_t shape[] = {16};
  const hid_t space = H5Screate_simple(1, shape, NULL);
  H5Pset_virtual(creation, space, "whole.h5", "/state/x", space);
  H5Sclose(space);
  add_dataset(inner, creation);
  end_foreign(h5, inner, "virtual.h5", "virtual dataset");
}

/* A group that holds itself, in a file that says that one link leads to it: libhdf5 looks for circles
 * only where the count of links is larger than one. The count is the third field of a group's header
 * (HDF5 File Format Specification, version 1 object headers: version, reserved, messages (2 bytes),
 * reference count (4 bytes)). */
static void a_group_that_holds_itself_is_refused(void) {
  MarlError err;
  MarlStore *store;
  unsigned char *bytes;
  hid_t inner, h5 = begin_foreign("circle.h5", &inner);
  H5Lcreate_hard(h5, "inner", inner, "bad", H5P_DEFAULT, H5P_DEFAULT);
  H5O_info_t info;
  CU_ASSERT_FATAL(H5Oget_info2(inner, &info, H5O_INFO_BASIC) >= 0);
  const size_t header = (size_t)info.addr;
  H5Gclose(inner);
  H5Fclose(h5);
  const size_t size = read_bytes(file("circle.h5"), &bytes);
  CU_ASSERT_FATAL(bytes[header] == 1 && bytes[header + 4] == 2);
  for (unsigned char count = 2; count >= 1; --count) {
    bytes[header + 4] = count;
    write_bytes(file("circle.h5"), bytes, size);
    UNIT_ERROR(marl_store_open(file("circle.h5"), &store, &err), MARL_EIO, "inner/bad/bad");
  }
  free(bytes);
}

/* 2^60 numbers in a kilobyte. */
static void a_shape_without_numbers_is_refused(void) {
  MarlError err;
  MarlStore *store;
  int rank;
  size_t shape[MARL_STORE_MAX_RANK];
  const hid_t h5 = H5Fcreate(file("empty.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(2, (hsize_t[]){1u << 30, 1u << 30}, NULL);
  const hid_t dataset =
      H5Dcreate2(h5, "w", H5T_STD_U8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  CU_ASSERT(dataset >= 0);
  H5Dclose(dataset);
  H5Sclose(space);
  H5Fclose(h5);
  UNIT_OK(marl_store_open(file("empty.h5"), &store, &err));
  UNIT_ERROR(marl_store_shape(store, "w", &rank, shape, &err), MARL_EIO, "never written");
  marl_store_close(&store);
}

static void what_is_no_file_is_refused_at_once(void) {
  MarlError err;
  MarlStore *store;
  CU_ASSERT_FATAL(mkfifo(file("pipe.h5"), 0600) == 0);
  UNIT_ERROR(marl_store_open(file("pipe.h5"), &store, &err), MARL_EIO, "not a plain file");
  UNIT_ERROR(marl_store_open(folder, &store, &err), MARL_EIO, "it is a folder");
}

static CU_TestInfo tests[] = {
    {"digest is XXH64", digest_is_xxh64},
    {"any changed byte is found", any_changed_byte_is_found},
    {"a checksum that is gone is missed", a_checksum_that_is_gone_is_missed},
    {"files that lead elsewhere are refused", files_that_lead_elsewhere_are_refused},
    {"a group that holds itself is refused", a_group_that_holds_itself_is_refused},
    {"a shape without numbers is refused", a_shape_without_numbers_is_refused},
    {"what is no file is refused at once", what_is_no_file_is_refused_at_once},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"damaged stores", make_folder, remove_folder, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
