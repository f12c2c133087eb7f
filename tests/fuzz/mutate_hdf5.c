/* Mutations that HDF5's own checksums do not give away: a number of a dataset or of an attribute
 * becomes another, or a name disappears. Every second mutation is of this kind, the others change
 * bytes. */
#include <hdf5.h>
#include <hdf5_hl.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static unsigned draw(unsigned *seed, unsigned below) {
  *seed = *seed * 1664525u + 1013904223u; /* Numerical Recipes; nothing depends on its quality */
  return below == 0 ? 0 : (*seed >> 8) % below;
}

static double draw_value(unsigned *seed) {
  static const double values[] = {
      -1, 0, 1, 2, 3, 7, 255, 65536, 1e9, NAN, 1e300, INFINITY, -1e9, 4294967296.0, -2147483648.0,
      0.5};
  return values[draw(seed, sizeof values / sizeof values[0])];
}

/* A damaged group can hold itself, and libhdf5's walk through it has no end; our files hold less. */
enum { MOST_OBJECTS = 1000 };

/* Walks to the object number `target`. */
typedef struct Walk {
  unsigned target, at;
  char name[512];
  H5O_type_t type;
} Walk;

static herr_t step(hid_t root, const char *name, const H5O_info_t *info, void *data) {
  Walk *walk = data;
  (void)root;
  if (walk->at == MOST_OBJECTS) return 1;
  if (walk->at++ != walk->target) return 0;
  strncpy(walk->name, name, sizeof walk->name - 1);
  walk->type = info->type;
  return 1;
}

static void change_number(hid_t dataset, unsigned *seed) {
  const hid_t space = H5Dget_space(dataset), one = H5Screate(H5S_SCALAR);
  hsize_t shape[H5S_MAX_RANK] = {0}, at[H5S_MAX_RANK] = {0};
  const int rank = H5Sget_simple_extent_dims(space, shape, NULL);
  for (int axis = 0; axis < rank; ++axis) at[axis] = draw(seed, (unsigned)shape[axis]);
  if (rank > 0) H5Sselect_elements(space, H5S_SELECT_SET, 1, at);
  const double value = draw_value(seed);
  H5Dwrite(dataset, H5T_NATIVE_DOUBLE, one, space, H5P_DEFAULT, &value);
  H5Sclose(one);
  H5Sclose(space);
}

static void change_attribute(hid_t object, unsigned *seed) {
  H5O_info_t info;
  if (H5Oget_info(object, &info) < 0 || info.num_attrs == 0) return;
  const hid_t attribute =
      H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, draw(seed, (unsigned)info.num_attrs),
                     H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0) return;
  const double value = draw_value(seed);
  H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value); /* texts refuse it */
  H5Aclose(attribute);
}

static void change(hid_t file, unsigned *seed) {
  Walk walk = {.target = ~0u};
  H5Ovisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, step, &walk);
  walk.target = draw(seed, walk.at);
  walk.at = 0;
  H5Ovisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, step, &walk);
  const hid_t object = H5Oopen(file, walk.name, H5P_DEFAULT);
  if (object < 0) return;
  const unsigned what = draw(seed, 8);
  if (what == 0 && strcmp(walk.name, ".") != 0)
    H5Ldelete(file, walk.name, H5P_DEFAULT);
  else if (what < 3 || walk.type != H5O_TYPE_DATASET)
    change_attribute(object, seed);
  else
    change_number(object, seed);
  H5Oclose(object);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  if (draw(&seed, 2) == 0 || size == 0) return LLVMFuzzerMutate(data, size, max_size);
  const hid_t file = H5LTopen_file_image(data, size, H5LT_FILE_IMAGE_OPEN_RW);
  if (file < 0) return LLVMFuzzerMutate(data, size, max_size);
  change(file, &seed);
  H5Fflush(file, H5F_SCOPE_GLOBAL);
  const ssize_t length = H5Fget_file_image(file, NULL, 0);
  if (length > 0 && (size_t)length <= max_size) {
    H5Fget_file_image(file, data, (size_t)length);
    size = (size_t)length;
  }
  H5Fclose(file);
  return size;
}
