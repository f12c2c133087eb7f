#include "marl/core/store_internal.h"

/* What a walk over a file has found. */
typedef struct Walk {
  const char *fault; /* NULL: none yet */
  char name[MARL_STORE_MAX_NAME];
} Walk;

/* Why the numbers of a dataset are not in this file, or NULL. */
static const char *fault_of_dataset(hid_t dataset) {
  const hid_t creation = H5Dget_create_plist(dataset);
  const char *fault = NULL;
  if (creation < 0)
    fault = "cannot be read";
  else if (H5Pget_layout(creation) == H5D_VIRTUAL)
    fault = "is a virtual dataset, whose numbers are in other files";
  else if (H5Pget_external_count(creation) > 0)
    fault = "keeps its numbers in other files (external storage)";
  if (creation >= 0) H5Pclose(creation);
  return fault;
}

static herr_t visit(hid_t group, const char *name, const H5L_info_t *link, void *data) {
  Walk *walk = data;
  if (link->type == H5L_TYPE_SOFT) {
    walk->fault = "is a soft link";
  } else if (link->type != H5L_TYPE_HARD) {
    walk->fault = "is a link to another file";
  } else {
    const hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0)
      walk->fault = "cannot be opened";
    else if (H5Iget_type(object) == H5I_DATASET)
      walk->fault = fault_of_dataset(object);
    if (object >= 0) H5Oclose(object);
  }
  if (walk->fault != NULL) snprintf(walk->name, sizeof walk->name, "%s", name);
  return walk->fault != NULL; /* 1 ends the walk */
}

MarlCode marl_store_check_self_contained(const MarlStore *store, MarlError *err) {
  Walk walk = {.fault = NULL};
  const herr_t status = H5Lvisit(store->group, H5_INDEX_NAME, H5_ITER_NATIVE, visit, &walk);
  if (walk.fault != NULL)
    return MARL_FAIL(err, MARL_EIO,
                     "%s: '%.100s' %s; a file must hold all its numbers itself (h5repack or "
                     "h5py can copy them in)",
                     store->path, walk.name, walk.fault);
  return status < 0 ? marl_store_fail(store, "walk through the file", NULL, err) : MARL_OK;
}
