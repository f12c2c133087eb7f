#include <stdlib.h>
#include <string.h>

#include "marl/core/store_internal.h"

/* The object that an attribute belongs to; H5Oclose it. */
static hid_t owner_of(MarlStore *store, const char *of) {
  return H5Oopen(store->group, of == NULL ? "." : of, H5P_DEFAULT);
}

/* Create or replace a scalar attribute. */
static bool put(hid_t object, const char *key, hid_t type, hid_t memory_type, const void *value) {
  if (H5Aexists(object, key) > 0 && H5Adelete(object, key) < 0) return false;
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate2(object, key, type, space, H5P_DEFAULT, H5P_DEFAULT);
  bool done = attribute >= 0 && H5Awrite(attribute, memory_type, value) >= 0;
  if (attribute >= 0) done = H5Aclose(attribute) >= 0 && done;
  H5Sclose(space);
  return done;
}

/* Fixed length, UTF-8, ended by a zero: netCDF and h5py read it as text. */
static hid_t text_type(size_t size) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, size);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

bool marl_store_put_text(hid_t object, const char *key, const char *text) {
  const hid_t type = text_type(strlen(text) + 1);
  const bool done = put(object, key, type, type, text);
  H5Tclose(type);
  return done;
}

MarlCode marl_store_set_text(MarlStore *store, const char *of, const char *key, const char *text,
                             MarlError *err) {
  const hid_t object = owner_of(store, of);
  MarlCode code = MARL_OK;
  if (object < 0 || !marl_store_put_text(object, key, text))
    code = marl_store_fail(store, "write attribute", key, err);
  if (object >= 0) H5Oclose(object);
  return code;
}

static MarlCode set_number(MarlStore *store, const char *of, const char *key, hid_t type,
                           hid_t memory_type, const void *value, MarlError *err) {
  const hid_t object = owner_of(store, of);
  MarlCode code = MARL_OK;
  if (object < 0 || !put(object, key, type, memory_type, value))
    code = marl_store_fail(store, "write attribute", key, err);
  if (object >= 0) H5Oclose(object);
  return code;
}

MarlCode marl_store_set_real(MarlStore *store, const char *of, const char *key, double value,
                             MarlError *err) {
  return set_number(store, of, key, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value, err);
}

MarlCode marl_store_set_int(MarlStore *store, const char *of, const char *key, int64_t value,
                            MarlError *err) {
  return set_number(store, of, key, H5T_STD_I64LE, H5T_NATIVE_INT64, &value, err);
}

/* Open an attribute of one element. Other programs write such attributes as arrays of length 1. */
static MarlCode open_single(MarlStore *store, const char *of, const char *key, hid_t *out,
                            MarlError *err) {
  const hid_t object = owner_of(store, of);
  if (object < 0) return marl_store_fail(store, "read attribute", key, err);
  const hid_t attribute = H5Aopen(object, key, H5P_DEFAULT);
  MarlCode code = MARL_OK;
  if (attribute < 0) code = marl_store_fail(store, "read attribute", key, err);
  H5Oclose(object);
  MARL_TRY(code);
  const hid_t space = H5Aget_space(attribute);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  H5Sclose(space);
  if (count != 1) {
    H5Aclose(attribute);
    return MARL_FAIL(err, MARL_EIO, "%s: attribute '%s' holds %lld values, expected one",
                     store->path, key, (long long)count);
  }
  *out = attribute;
  return MARL_OK;
}

static MarlCode get_number(MarlStore *store, const char *of, const char *key, hid_t memory_type,
                           void *value, MarlError *err) {
  hid_t attribute = -1;
  MARL_TRY(open_single(store, of, key, &attribute, err));
  MarlCode code = MARL_OK;
  if (H5Aread(attribute, memory_type, value) < 0)
    code = marl_store_fail(store, "read as a number attribute", key, err);
  H5Aclose(attribute);
  return code;
}

MarlCode marl_store_get_real(MarlStore *store, const char *of, const char *key, double *value,
                             MarlError *err) {
  return get_number(store, of, key, H5T_NATIVE_DOUBLE, value, err);
}

MarlCode marl_store_get_int(MarlStore *store, const char *of, const char *key, int64_t *value,
                            MarlError *err) {
  return get_number(store, of, key, H5T_NATIVE_INT64, value, err);
}

/* Text of variable length, as h5py writes it; NULL on failure. Malloc'd. */
static char *read_variable_text(hid_t attribute, hid_t type) {
  char *inside = NULL;
  if (H5Aread(attribute, type, &inside) < 0) return NULL;
  char *text = strdup(inside == NULL ? "" : inside);
  H5free_memory(inside);
  return text;
}

static char *read_fixed_text(hid_t attribute, hid_t type) {
  const size_t size = H5Tget_size(type);
  char *text = calloc(size + 1, 1);
  if (text != NULL && H5Aread(attribute, type, text) < 0) {
    free(text);
    text = NULL;
  }
  return text;
}

MarlCode marl_store_get_text(MarlStore *store, const char *of, const char *key, char **text,
                             MarlError *err) {
  hid_t attribute = -1;
  MARL_TRY(open_single(store, of, key, &attribute, err));
  const hid_t type = H5Aget_type(attribute);
  char *found = NULL;
  MarlCode code = MARL_OK;
  if (H5Tget_class(type) != H5T_STRING) {
    code = MARL_FAIL(err, MARL_EIO, "%s: attribute '%s' is not text", store->path, key);
  } else {
    found = H5Tis_variable_str(type) > 0 ? read_variable_text(attribute, type)
                                         : read_fixed_text(attribute, type);
    if (found == NULL) code = marl_store_fail(store, "read attribute", key, err);
  }
  H5Tclose(type);
  H5Aclose(attribute);
  if (code == MARL_OK) *text = found;
  return code;
}
