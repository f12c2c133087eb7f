#include <hdf5_hl.h>
#include <stdlib.h>

#include "marl/core/store_internal.h"

/* The name of the first scale, malloc'd; 1 ends the walk. */
static herr_t take_name(hid_t dataset, unsigned axis, hid_t scale, void *data) {
  (void)dataset;
  (void)axis;
  char **path = data;
  const ssize_t length = H5Iget_name(scale, NULL, 0);
  if (length <= 0) return -1;
  *path = malloc((size_t)length + 1);
  return *path != NULL && H5Iget_name(scale, *path, (size_t)length + 1) > 0 ? 1 : -1;
}

MarlCode marl_store_axis_scale(MarlStore *store, const char *name, int axis, char **path,
                               MarlError *err) {
  *path = NULL;
  const hid_t dataset = H5Dopen2(store->group, name, H5P_DEFAULT);
  if (dataset < 0) return marl_store_fail(store, "open dataset", name, err);
  MarlCode code = MARL_OK;
  if (H5DSget_num_scales(dataset, (unsigned)axis) > 0 &&
      H5DSiterate_scales(dataset, (unsigned)axis, NULL, take_name, path) < 0) {
    code = marl_store_fail(store, "read the scales of dataset", name, err);
    free(*path);
    *path = NULL;
  }
  H5Dclose(dataset);
  return code;
}
