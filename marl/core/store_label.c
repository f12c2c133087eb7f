/* Labels as a coordinate, so that xarray selects by name. */
#include <hdf5_hl.h>

#include "marl/core/store_internal.h"

static bool describe(const char *name, const char *long_name, hid_t dataset) {
  return H5DSset_scale(dataset, name) >= 0 && marl_store_put_text(dataset, "units", "1") &&
         marl_store_put_text(dataset, "long_name", long_name);
}

MarlCode marl_store_write_labels(MarlStore *store, const char *name, size_t count,
                                 const char *const *labels, const char *long_name, MarlError *err) {
  MARL_TRY(marl_store_prepare_name(store, name, err));
  const hsize_t shape = count;
  /* of variable length: what netCDF and h5netcdf take for text */
  const hid_t type = H5Tcopy(H5T_C_S1), creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  H5Pset_obj_track_times(creation, false);
  const hid_t space = H5Screate_simple(1, &shape, NULL);
  const hid_t dataset =
      H5Dcreate2(store->group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  const bool done = dataset >= 0 &&
                    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, labels) >= 0 &&
                    describe(name, long_name, dataset);
  const MarlCode code = marl_store_end(store, done, "write the labels", name, err);
  if (dataset >= 0) H5Dclose(dataset);
  H5Sclose(space);
  H5Pclose(creation);
  H5Tclose(type);
  return code;
}
