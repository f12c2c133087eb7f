#include <assert.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <string.h>

#include "marl/core/store_internal.h"
#include "marl/core/store_packed.h"

/* A chunk of an appended dataset holds about this many bytes, and at least one slab. */
enum { CHUNK_BYTES = 1 << 14 };

/* In the file every number is little-endian, whatever machine writes it. */
static hid_t file_type(MarlType type) {
  switch (type) {
    case MARL_F32:
      return H5T_IEEE_F32LE;
    case MARL_F64:
      return H5T_IEEE_F64LE;
    case MARL_I32:
      return H5T_STD_I32LE;
    case MARL_I64:
      return H5T_STD_I64LE;
    case MARL_U8:
      return H5T_STD_U8LE;
    case MARL_U32:
      return H5T_STD_U32LE;
    case MARL_U64:
      return H5T_STD_U64LE;
  }
  return H5I_INVALID_HID;
}

static hid_t memory_type(MarlType type) {
  switch (type) {
    case MARL_F32:
      return H5T_NATIVE_FLOAT;
    case MARL_F64:
      return H5T_NATIVE_DOUBLE;
    case MARL_I32:
      return H5T_NATIVE_INT32;
    case MARL_I64:
      return H5T_NATIVE_INT64;
    case MARL_U8:
      return H5T_NATIVE_UINT8;
    case MARL_U32:
      return H5T_NATIVE_UINT32;
    case MARL_U64:
      return H5T_NATIVE_UINT64;
  }
  return H5I_INVALID_HID;
}

/* The coordinate that an axis names: in this group, or for each "../" one group further up. */
static hid_t open_scale(MarlStore *store, const char *name) {
  char path[MARL_STORE_MAX_NAME] = "";
  const ssize_t length = H5Iget_name(store->group, path, sizeof path);
  if (length < 0 || (size_t)length >= sizeof path) return -1;
  while (strncmp(name, "../", 3) == 0) {
    name += 3;
    char *slash = strrchr(path, '/');
    if (slash != NULL) *slash = '\0';
  }
  const size_t used = strlen(path);
  if (used + strlen(name) + 2 > sizeof path) return -1;
  snprintf(path + used, sizeof path - used, "/%s", name);
  return H5Dopen2(store->group, name[0] == '/' ? name : path, H5P_DEFAULT);
}

static MarlCode attach_scales(MarlStore *store, const char *name, const MarlArray *array,
                              hid_t dataset, MarlError *err) {
  for (int axis = 0; array->scales != NULL && axis < array->rank; ++axis) {
    if (array->scales[axis] == NULL) continue;
    const hid_t scale = open_scale(store, array->scales[axis]);
    if (scale < 0)
      return MARL_FAIL(err, MARL_EARG, "%s: '%s' names the coordinate '%s', which is not there",
                       store->path, name, array->scales[axis]);
    MarlCode code = MARL_OK;
    if (H5DSattach_scale(dataset, scale, (unsigned)axis) < 0)
      code = marl_store_fail(store, "attach a coordinate to", name, err);
    H5Dclose(scale);
    MARL_TRY(code);
  }
  return MARL_OK;
}

/* Everything about a new dataset but its numbers. */
static MarlCode describe(MarlStore *store, const char *name, const MarlArray *array, bool is_scale,
                         hid_t dataset, MarlError *err) {
  const char *last = strrchr(name, '/');
  if (is_scale && H5DSset_scale(dataset, last == NULL ? name : last + 1) < 0)
    return marl_store_fail(store, "make a coordinate of", name, err);
  if (array->units != NULL && !marl_store_put_text(dataset, "units", array->units))
    return marl_store_fail(store, "write the units of", name, err);
  if (array->long_name != NULL && !marl_store_put_text(dataset, "long_name", array->long_name))
    return marl_store_fail(store, "write the long_name of", name, err);
  return attach_scales(store, name, array, dataset, err);
}

/* Rows of an appended dataset in one chunk. */
static hsize_t rows_per_chunk(const MarlArray *array, hid_t type) {
  size_t bytes = H5Tget_size(type);
  for (int axis = 1; axis < array->rank; ++axis) bytes *= array->shape[axis];
  return bytes >= CHUNK_BYTES || bytes == 0 ? 1 : CHUNK_BYTES / bytes;
}

/* How a dataset lies in its file: in one piece, growing along the first axis from length 0, or
 * compressed. */
typedef enum Layout { LAYOUT_WHOLE, LAYOUT_GROWING, LAYOUT_COMPRESSED } Layout;

/* Chunks of at most PACKED_BYTES, but at least a row of the last axis. */
static void compress(hid_t creation, const MarlArray *array, hid_t type, hsize_t *chunk) {
  enum { PACKED_BYTES = 1 << 18, LEVEL = 4 /* of gzip */ };
  size_t bytes = H5Tget_size(type);
  for (int axis = array->rank - 1; axis >= 0; --axis) {
    const size_t room = PACKED_BYTES / bytes > 1 ? PACKED_BYTES / bytes : 1;
    if (axis < array->rank - 1 && chunk[axis] > room) chunk[axis] = room;
    bytes *= (size_t)chunk[axis];
  }
  H5Pset_chunk(creation, array->rank, chunk);
  H5Pset_shuffle(creation);
  H5Pset_deflate(creation, LEVEL);
}

/* A new dataset with its description. */
static MarlCode create_dataset(MarlStore *store, const char *name, const MarlArray *array,
                               bool is_scale, Layout layout, hid_t *out, MarlError *err) {
  const bool growing = layout == LAYOUT_GROWING;
  assert(array->rank >= (is_scale || growing) && array->rank <= MARL_STORE_MAX_RANK);
  assert(!is_scale || array->rank == 1);
  MARL_TRY(marl_store_prepare_name(store, name, err));
  hsize_t shape[MARL_STORE_MAX_RANK], limit[MARL_STORE_MAX_RANK], chunk[MARL_STORE_MAX_RANK];
  for (int axis = 0; axis < array->rank; ++axis)
    shape[axis] = limit[axis] = chunk[axis] = array->shape[axis];
  const hid_t type = file_type(array->type);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_obj_track_times(creation, false);
  if (growing) {
    shape[0] = 0;
    limit[0] = H5S_UNLIMITED;
    chunk[0] = rows_per_chunk(array, type);
    H5Pset_chunk(creation, array->rank, chunk);
    H5Pset_fletcher32(creation);
  }
  if (layout == LAYOUT_COMPRESSED) compress(creation, array, type, chunk);
  const hid_t space =
      array->rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(array->rank, shape, limit);
  const hid_t dataset =
      H5Dcreate2(store->group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  MarlCode code = MARL_OK;
  if (dataset < 0) code = marl_store_fail(store, "create dataset", name, err);
  H5Sclose(space);
  H5Pclose(creation);
  MARL_TRY(code);
  code = describe(store, name, array, is_scale, dataset, err);
  if (code != MARL_OK)
    H5Dclose(dataset);
  else
    *out = dataset;
  return code;
}

/* `data` are of the type `from`. */
static MarlCode write_whole(MarlStore *store, const char *name, const MarlArray *array,
                            bool is_scale, Layout layout, MarlType from, const void *data,
                            MarlError *err) {
  hid_t dataset = -1;
  MARL_TRY(create_dataset(store, name, array, is_scale, layout, &dataset, err));
  MarlCode code = MARL_OK;
  if (H5Dwrite(dataset, memory_type(from), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
    code = marl_store_fail(store, "write dataset", name, err);
  const bool closed = H5Dclose(dataset) >= 0;
  return code != MARL_OK ? code : marl_store_end(store, closed, "write dataset", name, err);
}

MarlCode marl_store_write(MarlStore *store, const char *name, const MarlArray *array,
                          const void *data, MarlError *err) {
  return write_whole(store, name, array, false, LAYOUT_WHOLE, array->type, data, err);
}

MarlCode marl_store_write_packed(MarlStore *store, const char *name, const MarlArray *array,
                                 bool compressed, const double *data, MarlError *err) {
  const Layout layout = compressed ? LAYOUT_COMPRESSED : LAYOUT_WHOLE;
  return write_whole(store, name, array, false, layout, MARL_F64, data, err);
}

MarlCode marl_store_write_scale(MarlStore *store, const char *name, const MarlArray *array,
                                const void *data, MarlError *err) {
  return write_whole(store, name, array, true, LAYOUT_WHOLE, array->type, data, err);
}

static MarlCode open_dataset(MarlStore *store, const char *name, hid_t *out, MarlError *err) {
  *out = H5Dopen2(store->group, name, H5P_DEFAULT);
  return *out >= 0 ? MARL_OK : marl_store_fail(store, "open dataset", name, err);
}

/* Rank and shape of an open dataset. */
static MarlCode get_shape(MarlStore *store, const char *name, hid_t dataset, int *rank,
                          hsize_t shape[MARL_STORE_MAX_RANK], MarlError *err) {
  const hid_t space = H5Dget_space(dataset);
  *rank = H5Sget_simple_extent_ndims(space);
  MarlCode code = MARL_OK;
  if (*rank < 0 || *rank > MARL_STORE_MAX_RANK)
    code = MARL_FAIL(err, MARL_EIO, "%s: '%s' has %d axes, expected at most %d", store->path, name,
                     *rank, MARL_STORE_MAX_RANK);
  else
    H5Sget_simple_extent_dims(space, shape, NULL);
  H5Sclose(space);
  return code;
}

/* Move `count` rows from row `first` on between data and file. */
static herr_t transfer_rows(hid_t dataset, int rank, const hsize_t shape[], hsize_t first,
                            hsize_t count, MarlType type, const void *from, void *into) {
  hsize_t start[MARL_STORE_MAX_RANK] = {first}, block[MARL_STORE_MAX_RANK];
  memcpy(block, shape, (size_t)rank * sizeof *block);
  block[0] = count;
  const hid_t in_file = H5Dget_space(dataset), in_memory = H5Screate_simple(rank, block, NULL);
  herr_t status = H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, block, NULL);
  if (status >= 0)
    status = from != NULL
                 ? H5Dwrite(dataset, memory_type(type), in_memory, in_file, H5P_DEFAULT, from)
                 : H5Dread(dataset, memory_type(type), in_memory, in_file, H5P_DEFAULT, into);
  H5Sclose(in_memory);
  H5Sclose(in_file);
  return status;
}

static MarlCode append_rows(MarlStore *store, const char *name, const MarlArray *array,
                            hid_t dataset, size_t count, const void *data, MarlError *err) {
  int rank;
  hsize_t shape[MARL_STORE_MAX_RANK] = {0};
  MARL_TRY(get_shape(store, name, dataset, &rank, shape, err));
  bool same = rank == array->rank;
  for (int axis = 1; axis < rank && same; ++axis) same = shape[axis] == array->shape[axis];
  if (!same)
    return MARL_FAIL(err, MARL_EARG, "%s: what is appended to '%s' has another shape than before",
                     store->path, name);
  const hsize_t before = shape[0];
  shape[0] += count;
  if (H5Dset_extent(dataset, shape) < 0 ||
      transfer_rows(dataset, rank, shape, before, count, array->type, data, NULL) < 0)
    return marl_store_fail(store, "append to dataset", name, err);
  return MARL_OK;
}

static MarlCode append(MarlStore *store, const char *name, const MarlArray *array, bool is_scale,
                       size_t count, const void *data, MarlError *err) {
  hid_t dataset = -1;
  if (marl_store_has(store, name))
    MARL_TRY(open_dataset(store, name, &dataset, err));
  else
    MARL_TRY(create_dataset(store, name, array, is_scale, LAYOUT_GROWING, &dataset, err));
  MarlCode code = count == 0 ? MARL_OK : append_rows(store, name, array, dataset, count, data, err);
  const bool closed = H5Dclose(dataset) >= 0;
  return code != MARL_OK ? code : marl_store_end(store, closed, "append to dataset", name, err);
}

MarlCode marl_store_append(MarlStore *store, const char *name, const MarlArray *array, size_t count,
                           const void *data, MarlError *err) {
  return append(store, name, array, false, count, data, err);
}

MarlCode marl_store_append_scale(MarlStore *store, const char *name, const MarlArray *array,
                                 size_t count, const void *data, MarlError *err) {
  return append(store, name, array, true, count, data, err);
}

/* A product beyond 64 bits is all ones: no array is that long. */
static hsize_t product(const hsize_t *shape, int from, int rank) {
  hsize_t elements = 1;
  for (int axis = from; axis < rank; ++axis) {
    if (shape[axis] != 0 && elements > UINT64_MAX / shape[axis]) return UINT64_MAX;
    elements *= shape[axis];
  }
  return elements;
}

MarlCode marl_store_shape(MarlStore *store, const char *name, int *rank,
                          size_t shape[MARL_STORE_MAX_RANK], MarlError *err) {
  hid_t dataset = -1;
  MARL_TRY(open_dataset(store, name, &dataset, err));
  hsize_t found[MARL_STORE_MAX_RANK] = {0};
  MarlCode code = get_shape(store, name, dataset, rank, found, err);
  /* a shape without numbers costs nothing to write and all the memory of its reader */
  if (code == MARL_OK && product(found, 0, *rank) > 0 && H5Dget_storage_size(dataset) == 0)
    code =
        MARL_FAIL(err, MARL_EIO, "%s: the numbers of '%s' were never written", store->path, name);
  H5Dclose(dataset);
  MARL_TRY(code);
  for (int axis = 0; axis < *rank; ++axis) shape[axis] = (size_t)found[axis];
  return MARL_OK;
}

static MarlCode check_count(MarlStore *store, const char *name, hsize_t found, size_t expected,
                            MarlError *err) {
  if (found == expected) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s: '%s' holds %llu values, expected %zu", store->path, name,
                   (unsigned long long)found, expected);
}

MarlCode marl_store_read(MarlStore *store, const char *name, MarlType type, size_t count,
                         void *data, MarlError *err) {
  hid_t dataset = -1;
  MARL_TRY(open_dataset(store, name, &dataset, err));
  int rank;
  hsize_t shape[MARL_STORE_MAX_RANK] = {0};
  MarlCode code = get_shape(store, name, dataset, &rank, shape, err);
  if (code == MARL_OK) code = check_count(store, name, product(shape, 0, rank), count, err);
  if (code == MARL_OK &&
      H5Dread(dataset, memory_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
    code = marl_store_fail(store, "read dataset", name, err);
  H5Dclose(dataset);
  return code;
}

MarlCode marl_store_read_slab(MarlStore *store, const char *name, size_t index, MarlType type,
                              size_t count, void *data, MarlError *err) {
  hid_t dataset = -1;
  MARL_TRY(open_dataset(store, name, &dataset, err));
  int rank;
  hsize_t shape[MARL_STORE_MAX_RANK] = {0};
  MarlCode code = get_shape(store, name, dataset, &rank, shape, err);
  if (code == MARL_OK && (rank == 0 || index >= shape[0]))
    code = MARL_FAIL(err, MARL_EIO, "%s: '%s' has no slab %zu, only %llu", store->path, name, index,
                     rank == 0 ? 0 : (unsigned long long)shape[0]);
  if (code == MARL_OK) code = check_count(store, name, product(shape, 1, rank), count, err);
  if (code == MARL_OK && transfer_rows(dataset, rank, shape, index, 1, type, NULL, data) < 0)
    code = marl_store_fail(store, "read dataset", name, err);
  H5Dclose(dataset);
  return code;
}
