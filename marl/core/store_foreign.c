#include <string.h>

#include "marl/core/store_internal.h"

#define CURE "; a file must hold all its numbers itself (h5repack or h5py can copy them in)"

/* Files of ours are four groups deep and hold some thousand names. A damaged or hostile file can link
 * a group to itself: its names have no end, and libhdf5's own walk (H5Lvisit), which believes the
 * count of links that the file gives, goes on until the stack is full. */
enum { MOST_DEPTH = 16, MOST_NAMES = 1 << 18 };

/* What a walk over a file has found. */
typedef struct Walk {
  const char *fault; /* NULL: none yet */
  int depth;         /* of groups around the present name */
  int num_names;
  char name[MARL_STORE_MAX_NAME]; /* of the fault, from the root of the walk */
} Walk;

/* Why the numbers of a dataset are not in this file, or NULL. */
static const char *fault_of_dataset(hid_t dataset) {
  const hid_t creation = H5Dget_create_plist(dataset);
  const char *fault = NULL;
  if (creation < 0)
    fault = "cannot be read";
  else if (H5Pget_layout(creation) == H5D_VIRTUAL)
    fault = "is a virtual dataset, whose numbers are in other files" CURE;
  else if (H5Pget_external_count(creation) > 0)
    fault = "keeps its numbers in other files (external storage)" CURE;
  if (creation >= 0) H5Pclose(creation);
  return fault;
}

static herr_t visit(hid_t group, const char *name, const H5L_info_t *link, void *data);

static void visit_object(hid_t object, Walk *walk) {
  if (H5Iget_type(object) == H5I_DATASET) {
    walk->fault = fault_of_dataset(object);
  } else if (H5Iget_type(object) == H5I_GROUP) {
    ++walk->depth;
    if (walk->depth > MOST_DEPTH)
      walk->fault =
          "lies in more groups than any file of ours has (the file is damaged, or a group of it "
          "holds itself)";
    else if (H5Literate(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit, walk) < 0)
      walk->fault = "cannot be listed";
    --walk->depth;
  }
}

static herr_t visit(hid_t group, const char *name, const H5L_info_t *link, void *data) {
  Walk *walk = data;
  const size_t used = strlen(walk->name);
  snprintf(walk->name + used, sizeof walk->name - used, "%s%s", used > 0 ? "/" : "", name);
  if (++walk->num_names > MOST_NAMES) {
    walk->fault = "is one name too many (the file is damaged, or was not made by this program)";
  } else if (link->type == H5L_TYPE_SOFT) {
    walk->fault = "is a soft link" CURE;
  } else if (link->type != H5L_TYPE_HARD) {
    walk->fault = "is a link to another file" CURE;
  } else {
    const hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0)
      walk->fault = "cannot be opened";
    else
      visit_object(object, walk);
    if (object >= 0) H5Oclose(object);
  }
  if (walk->fault == NULL) walk->name[used] = '\0';
  return walk->fault != NULL; /* 1 ends the walk */
}

MarlCode marl_store_check_self_contained(const MarlStore *store, MarlError *err) {
  Walk walk = {.fault = NULL};
  const herr_t status = H5Literate(store->group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit, &walk);
  if (walk.fault != NULL)
    return MARL_FAIL(err, MARL_EIO, "%s: '%.100s' %s", store->path, walk.name, walk.fault);
  return status < 0 ? marl_store_fail(store, "walk through the file", NULL, err) : MARL_OK;
}
