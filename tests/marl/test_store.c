#include "marl/core/store.h"

#include <hdf5_hl.h>
#include <unistd.h>

#include "tests/unit.h"

static char folder[64];

static int make_folder(void) {
  snprintf(folder, sizeof folder, "/tmp/marl-store-XXXXXX");
  return mkdtemp(folder) == NULL;
}

static int remove_folder(void) {
  char command[96];
  snprintf(command, sizeof command, "rm -r '%s'", folder);
  return system(command);
}

static const char *file(const char *name) {
  static char path[2][128];
  static int turn;
  turn = !turn;
  snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
  return path[turn];
}

static MarlArray array1(MarlType type, size_t n) {
  return (MarlArray){.type = type, .rank = 1, .shape = {n}};
}

#define ROUND_TRIP(TYPE, CODE, ...)                                          \
  do {                                                                       \
    const TYPE out[] = {__VA_ARGS__};                                        \
    enum { N = sizeof out / sizeof out[0] };                                 \
    TYPE in[N];                                                              \
    MarlArray array = array1(CODE, N);                                       \
    UNIT_OK(marl_store_write(store, "deep/down/" #CODE, &array, out, &err)); \
    UNIT_OK(marl_store_read(store, "deep/down/" #CODE, CODE, N, in, &err));  \
    UNIT_BITS_EQUAL(in, out, sizeof out);                                    \
  } while (0)

static void every_type_comes_back_bit_for_bit(void) {
  MarlError err;
  MarlStore *store;
  UNIT_OK(marl_store_create(file("types.h5"), &store, &err));
  ROUND_TRIP(float, MARL_F32, -0.0F, 1.0F / 3, INFINITY, NAN, 0x1p-149F);
  ROUND_TRIP(double, MARL_F64, -0.0, 1.0 / 3, -INFINITY, NAN, 0x1p-1074);
  ROUND_TRIP(int32_t, MARL_I32, INT32_MIN, -1, INT32_MAX);
  ROUND_TRIP(int64_t, MARL_I64, INT64_MIN, -1, INT64_MAX);
  ROUND_TRIP(uint8_t, MARL_U8, 0, 255);
  ROUND_TRIP(uint32_t, MARL_U32, 0, UINT32_MAX);
  ROUND_TRIP(uint64_t, MARL_U64, 0, UINT64_MAX);
  UNIT_OK(marl_store_commit(&store, &err));
  CU_ASSERT(store == NULL);

  UNIT_OK(marl_store_open(file("types.h5"), &store, &err));
  double converted[3];
  UNIT_OK(marl_store_read(store, "deep/down/MARL_I32", MARL_F64, 3, converted, &err));
  UNIT_NEAR(converted[2], INT32_MAX, 0);
  marl_store_close(&store);
}

static void shapes_of_any_rank(void) {
  MarlError err;
  MarlStore *store;
  double data[24], back[24];
  for (int i = 0; i < 24; ++i) data[i] = i;
  UNIT_OK(marl_store_create_memory(&store, &err));
  const MarlArray scalar = {.type = MARL_F64};
  UNIT_OK(marl_store_write(store, "scalar", &scalar, &data[7], &err));
  UNIT_OK(marl_store_read(store, "scalar", MARL_F64, 1, back, &err));
  UNIT_NEAR(back[0], 7, 0);
  const MarlArray four = {.type = MARL_F64, .rank = 4, .shape = {1, 2, 3, 4}};
  UNIT_OK(marl_store_write(store, "four", &four, data, &err));
  const MarlArray empty = {.type = MARL_F64, .rank = 2, .shape = {0, 5}};
  UNIT_OK(marl_store_write(store, "empty", &empty, data, &err));
  UNIT_OK(marl_store_read(store, "empty", MARL_F64, 0, back, &err));

  int rank;
  size_t shape[MARL_STORE_MAX_RANK];
  UNIT_OK(marl_store_shape(store, "four", &rank, shape, &err));
  const size_t expected[] = {1, 2, 3, 4};
  CU_ASSERT(rank == 4);
  UNIT_BITS_EQUAL(shape, expected, sizeof expected);

  const MarlArray two = {.type = MARL_F64, .rank = 2, .shape = {4, 6}};
  UNIT_OK(marl_store_write(store, "two", &two, data, &err));
  UNIT_OK(marl_store_read_slab(store, "two", 2, MARL_F64, 6, back, &err));
  UNIT_BITS_EQUAL(back, data + 12, 6 * sizeof *data);
  UNIT_ERROR(marl_store_read_slab(store, "two", 4, MARL_F64, 6, back, &err), MARL_EIO,
             "'two' has no slab 4, only 4");
  UNIT_ERROR(marl_store_read(store, "two", MARL_F64, 23, back, &err), MARL_EIO,
             "'two' holds 24 values, expected 23");
  UNIT_ERROR(marl_store_read(store, "three", MARL_F64, 23, back, &err), MARL_EIO, "'three'");
  UNIT_ERROR(marl_store_write(store, "two", &two, data, &err), MARL_EARG, "exists already");
  marl_store_close(&store);
}

static void attributes_come_back(void) {
  MarlError err;
  MarlStore *store;
  UNIT_OK(marl_store_create(file("attributes.h5"), &store, &err));
  const MarlArray scalar = {.type = MARL_F64};
  UNIT_OK(marl_store_write(store, "w", &scalar, &(double){1}, &err));
  UNIT_OK(marl_store_set_real(store, NULL, "reynolds", 1.0 / 3, &err));
  UNIT_OK(marl_store_set_int(store, "w", "count", INT64_MIN, &err));
  UNIT_OK(marl_store_set_text(store, "w", "note", "first", &err));
  UNIT_OK(marl_store_set_text(store, "w", "note", "ω is vorticity", &err));
  UNIT_OK(marl_store_set_text(store, NULL, "empty", "", &err));
  enum { LONG = 200000 }; /* past the 64 kB that an object header holds */
  char *long_text = malloc(LONG + 1);
  memset(long_text, 'x', LONG);
  long_text[LONG] = '\0';
  UNIT_OK(marl_store_set_text(store, NULL, "config", long_text, &err));
  UNIT_OK(marl_store_commit(&store, &err));

  UNIT_OK(marl_store_open(file("attributes.h5"), &store, &err));
  double real;
  int64_t whole;
  char *text;
  UNIT_OK(marl_store_get_real(store, NULL, "reynolds", &real, &err));
  UNIT_NEAR(real, 1.0 / 3, 0);
  UNIT_OK(marl_store_get_int(store, "w", "count", &whole, &err));
  CU_ASSERT(whole == INT64_MIN);
  UNIT_OK(marl_store_get_text(store, "w", "note", &text, &err));
  CU_ASSERT_STRING_EQUAL(text, "ω is vorticity");
  free(text);
  UNIT_OK(marl_store_get_text(store, NULL, "empty", &text, &err));
  CU_ASSERT_STRING_EQUAL(text, "");
  free(text);
  UNIT_OK(marl_store_get_text(store, NULL, "config", &text, &err));
  CU_ASSERT_STRING_EQUAL(text, long_text);
  free(text);
  free(long_text);
  UNIT_ERROR(marl_store_get_real(store, "w", "note", &real, &err), MARL_EIO, "'note'");
  UNIT_ERROR(marl_store_get_text(store, "w", "count", &text, &err), MARL_EIO, "is not text");
  UNIT_ERROR(marl_store_get_real(store, NULL, "drag", &real, &err), MARL_EIO, "'drag'");
  marl_store_close(&store);
}

/* Asked of HDF5 itself, as xarray does: is the coordinate the scale of this axis? */
static bool is_attached(const char *dataset, unsigned axis, const char *coordinate) {
  const hid_t in = H5Fopen(file("series.h5"), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t data = H5Dopen2(in, dataset, H5P_DEFAULT);
  const hid_t scale = H5Dopen2(in, coordinate, H5P_DEFAULT);
  const bool attached = H5DSis_scale(scale) > 0 && H5DSis_attached(data, scale, axis) > 0;
  H5Dclose(scale);
  H5Dclose(data);
  H5Fclose(in);
  return attached;
}

static void appended_slabs_come_back(void) {
  MarlError err;
  MarlStore *store, *series;
  UNIT_OK(marl_store_create(file("series.h5"), &store, &err));
  const MarlArray y = {.type = MARL_F64, .rank = 1, .shape = {3}, .units = "m"};
  UNIT_OK(marl_store_write_scale(store, "y", &y, (double[]){0, 1, 2}, &err));
  UNIT_OK(marl_store_group_create(store, "series", &series, &err));
  const MarlArray time = {.type = MARL_F64, .rank = 1, .shape = {0}, .units = "s"};
  const char *const scales[] = {"time", "../y"};
  const MarlArray w = {.type = MARL_F32, .rank = 2, .shape = {0, 3}, .scales = scales};
  enum { ROWS = 5000 }; /* several chunks */
  for (int i = 0; i < ROWS; i += 2) {
    const double times[2] = {i, i + 1};
    const float rows[6] = {(float)i, 1, 2, (float)(i + 1), 4, 5};
    UNIT_OK(marl_store_append_scale(series, "time", &time, 2, times, &err));
    UNIT_OK(marl_store_append(series, "w", &w, 2, rows, &err));
  }
  UNIT_OK(marl_store_flush(store, &err));
  const MarlArray other = {.type = MARL_F32, .rank = 2, .shape = {0, 4}};
  UNIT_ERROR(marl_store_append(series, "w", &other, 1, (float[4]){0}, &err), MARL_EARG,
             "another shape");
  marl_store_close(&series);
  UNIT_OK(marl_store_commit(&store, &err));

  UNIT_OK(marl_store_open(file("series.h5"), &store, &err));
  int rank;
  size_t shape[MARL_STORE_MAX_RANK];
  UNIT_OK(marl_store_shape(store, "series/w", &rank, shape, &err));
  CU_ASSERT(rank == 2 && shape[0] == ROWS && shape[1] == 3);
  float row[3];
  for (size_t i = 0; i < ROWS; i += 777) {
    UNIT_OK(marl_store_read_slab(store, "series/w", i, MARL_F32, 3, row, &err));
    UNIT_NEAR(row[0], (double)i, 0);
  }
  marl_store_close(&store);
  CU_ASSERT(is_attached("series/w", 0, "series/time"));
  CU_ASSERT(is_attached("series/w", 1, "y"));
  CU_ASSERT(!is_attached("series/w", 1, "series/time"));
}

static void groups_nest_and_copy_between_files(void) {
  MarlError err;
  MarlStore *memory, *store, *group;
  UNIT_OK(marl_store_create_memory(&memory, &err));
  UNIT_OK(marl_store_group_create(memory, "a/b", &group, &err));
  const MarlArray array = array1(MARL_U8, 3);
  UNIT_OK(marl_store_write(group, "c", &array, "xyz", &err));
  marl_store_close(&group);
  CU_ASSERT(marl_store_has(memory, "a/b/c"));
  CU_ASSERT(!marl_store_has(memory, "a/x/c"));
  CU_ASSERT(!marl_store_has(memory, ""));
  UNIT_ERROR(marl_store_group_open(memory, "z", &group, &err), MARL_EIO, "'z'");
  UNIT_ERROR(marl_store_group_create(memory, "a", &group, &err), MARL_EARG, "exists already");

  /* as a checkpoint does it: bytes from another rank become a group of the file */
  void *bytes;
  size_t size;
  UNIT_OK(marl_store_image(memory, &bytes, &size, &err));
  marl_store_close(&memory);
  UNIT_OK(marl_store_open_image(bytes, size, &memory, &err));
  free(bytes);
  UNIT_OK(marl_store_create(file("copy.h5"), &store, &err));
  UNIT_OK(marl_store_copy(memory, store, "shard/3", &err));
  marl_store_close(&memory);
  UNIT_OK(marl_store_commit(&store, &err));
  UNIT_OK(marl_store_open(file("copy.h5"), &store, &err));
  char c[3];
  UNIT_OK(marl_store_read(store, "shard/3/a/b/c", MARL_U8, 3, c, &err));
  UNIT_BITS_EQUAL(c, "xyz", 3);
  CU_ASSERT_STRING_EQUAL(marl_store_path(store), file("copy.h5"));
  marl_store_close(&store);
}

static void memory_files_live_side_by_side(void) {
  MarlError err;
  MarlStore *stores[4];
  const MarlArray scalar = {.type = MARL_I32};
  for (int i = 0; i < 4; ++i) UNIT_OK(marl_store_create_memory(&stores[i], &err));
  for (int i = 0; i < 4; ++i) UNIT_OK(marl_store_write(stores[i], "i", &scalar, &i, &err));
  for (int i = 0; i < 4; ++i) {
    int got;
    UNIT_OK(marl_store_read(stores[i], "i", MARL_I32, 1, &got, &err));
    CU_ASSERT(got == i);
    marl_store_close(&stores[i]);
  }
  UNIT_ERROR(marl_store_open_image("no file", 7, &stores[0], &err), MARL_EIO, "memory");
}

/* Independent data, written by h5py: text of variable length, numpy scalars. */
static void files_of_other_programs_are_read(void) {
  MarlError err;
  MarlStore *store;
  char path[512];
  const char *source = getenv("MARL_SOURCE");
  snprintf(path, sizeof path, "%s/../shared/data/re20k_kf4.h5", source == NULL ? "." : source);
  if (access(path, R_OK) != 0) {
    printf("skipped: no %s ... ", path);
    return;
  }
  UNIT_OK(marl_store_open(path, &store, &err));
  double reynolds;
  UNIT_OK(marl_store_get_real(store, NULL, "reynolds", &reynolds, &err));
  UNIT_NEAR(reynolds, 20000, 0);
  int rank;
  size_t shape[MARL_STORE_MAX_RANK];
  UNIT_OK(marl_store_shape(store, "spectrum/enstrophy", &rank, shape, &err));
  CU_ASSERT(rank == 1 && shape[0] > 100);
  double *enstrophy = malloc(shape[0] * sizeof *enstrophy);
  UNIT_OK(marl_store_read(store, "spectrum/enstrophy", MARL_F64, shape[0], enstrophy, &err));
  CU_ASSERT(enstrophy != NULL && enstrophy[4] > 0);
  free(enstrophy);
  marl_store_close(&store);
}

static CU_TestInfo tests[] = {
    {"every type comes back bit for bit", every_type_comes_back_bit_for_bit},
    {"shapes of any rank, whole and by slab", shapes_of_any_rank},
    {"attributes come back", attributes_come_back},
    {"appended slabs come back on their coordinates", appended_slabs_come_back},
    {"groups nest and copy between files", groups_nest_and_copy_between_files},
    {"memory files live side by side", memory_files_live_side_by_side},
    {"files of other programs are read", files_of_other_programs_are_read},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"store", make_folder, remove_folder, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
