#include <string.h>

#include "marl/core/store_internal.h"

/* Calls with the length of each proper prefix of NAME that ends before a slash: for "a/b/c"
 * 1 and 3, then 0. */
static size_t next_prefix(const char *name, size_t length) {
  const char *start = name + length;
  while (*start == '/') ++start;
  const char *slash = strchr(start, '/');
  return slash == NULL ? 0 : (size_t)(slash - name);
}

static hid_t create_group(hid_t in, const char *name) {
  /* no time stamps: the same content gives the same bytes */
  const hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
  H5Pset_obj_track_times(creation, false);
  const hid_t group = H5Gcreate2(in, name, H5P_DEFAULT, creation, H5P_DEFAULT);
  H5Pclose(creation);
  return group;
}

MarlCode marl_store_prepare_name(MarlStore *store, const char *name, MarlError *err) {
  char prefix[MARL_STORE_MAX_NAME];
  if (name[0] == '\0' || strlen(name) >= sizeof prefix)
    return MARL_FAIL(err, MARL_EARG, "%s: a name must have 1 to %d characters, this has %zu",
                     store->path, MARL_STORE_MAX_NAME - 1, strlen(name));
  if (marl_store_has(store, name))
    return MARL_FAIL(err, MARL_EARG, "%s: '%s' exists already", store->path, name);
  for (size_t n = next_prefix(name, 0); n > 0; n = next_prefix(name, n)) {
    memcpy(prefix, name, n);
    prefix[n] = '\0';
    if (H5Lexists(store->group, prefix, H5P_DEFAULT) > 0) continue;
    const hid_t group = create_group(store->group, prefix);
    if (group < 0) return marl_store_fail(store, "create group", prefix, err);
    H5Gclose(group);
  }
  return MARL_OK;
}

bool marl_store_has(MarlStore *store, const char *name) {
  char prefix[MARL_STORE_MAX_NAME];
  if (name[0] == '\0' || strlen(name) >= sizeof prefix) return false;
  /* HDF5 wants every group on the way to exist before it is asked about the last name */
  for (size_t n = next_prefix(name, 0); n > 0; n = next_prefix(name, n)) {
    memcpy(prefix, name, n);
    prefix[n] = '\0';
    if (H5Lexists(store->group, prefix, H5P_DEFAULT) <= 0) return false;
  }
  return H5Lexists(store->group, name, H5P_DEFAULT) > 0;
}

MarlCode marl_store_group_create(MarlStore *store, const char *name, MarlStore **out,
                                 MarlError *err) {
  MARL_TRY(marl_store_prepare_name(store, name, err));
  const hid_t group = create_group(store->group, name);
  if (group < 0) return marl_store_fail(store, "create group", name, err);
  return marl_store_wrap(group, store, out, err);
}

MarlCode marl_store_group_open(MarlStore *store, const char *name, MarlStore **out,
                               MarlError *err) {
  const hid_t group = H5Gopen2(store->group, name, H5P_DEFAULT);
  if (group < 0) return marl_store_fail(store, "open group", name, err);
  return marl_store_wrap(group, store, out, err);
}

MarlCode marl_store_copy(MarlStore *from, MarlStore *to, const char *name, MarlError *err) {
  MARL_TRY(marl_store_prepare_name(to, name, err));
  /* dimension scales are references; those inside the copied group lead to the copies */
  const hid_t how = H5Pcreate(H5P_OBJECT_COPY);
  H5Pset_copy_object(how, H5O_COPY_EXPAND_REFERENCE_FLAG);
  const herr_t copied = H5Ocopy(from->group, ".", to->group, name, how, H5P_DEFAULT);
  H5Pclose(how);
  return marl_store_end(to, copied >= 0, "copy into group", name, err);
}
