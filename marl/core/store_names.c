#include <stdlib.h>
#include <string.h>

#include "marl/core/store_internal.h"

/* Name `index` into `name`, NULL: only its length; negative on failure. */
typedef ssize_t Namer(hid_t group, hsize_t index, char *name, size_t size);

static ssize_t attribute_name(hid_t group, hsize_t index, char *name, size_t size) {
  return H5Aget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, name, size, H5P_DEFAULT);
}

static ssize_t child_name(hid_t group, hsize_t index, char *name, size_t size) {
  return H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, name, size, H5P_DEFAULT);
}

/* The pointers, and behind them the texts. */
static MarlCode list(const MarlStore *store, Namer *namer, hsize_t all, char ***names,
                     size_t *count, MarlError *err) {
  size_t room = (size_t)all * sizeof **names + 1;
  for (hsize_t i = 0; i < all; ++i) {
    const ssize_t length = namer(store->group, i, NULL, 0);
    if (length < 0) return marl_store_fail(store, "list the names", NULL, err);
    room += (size_t)length + 1;
  }
  *names = malloc(room);
  if (*names == NULL) return MARL_FAIL(err, MARL_EMEMORY, "%s: out of memory", store->path);
  char *text = (char *)(*names + all), *end = (char *)*names + room;
  for (hsize_t i = 0; i < all; ++i) {
    const ssize_t length = namer(store->group, i, text, (size_t)(end - text));
    (*names)[i] = text;
    text += (length > 0 ? length : 0) + 1;
  }
  *count = (size_t)all;
  return MARL_OK;
}

MarlCode marl_store_attributes(MarlStore *store, char ***names, size_t *count, MarlError *err) {
  H5O_info_t info;
  *names = NULL, *count = 0;
  if (H5Oget_info2(store->group, &info, H5O_INFO_NUM_ATTRS) < 0)
    return marl_store_fail(store, "list the attributes", NULL, err);
  return list(store, attribute_name, info.num_attrs, names, count, err);
}

MarlCode marl_store_children(MarlStore *store, char ***names, size_t *count, MarlError *err) {
  H5G_info_t info;
  *names = NULL, *count = 0;
  if (H5Gget_info(store->group, &info) < 0)
    return marl_store_fail(store, "list the content", NULL, err);
  return list(store, child_name, info.nlinks, names, count, err);
}
