#include <string.h>

#include "marl/core/store_internal.h"

typedef struct Reason {
  char text[256];
} Reason;

static void copy_text(Reason *reason, const char *text, size_t length) {
  if (length >= sizeof reason->text) length = sizeof reason->text - 1;
  memcpy(reason->text, text, length);
  reason->text[length] = '\0';
}

/* HDF5 walks from the innermost failure outward. The innermost one says most, except where a
 * system call failed: then HDF5 quotes strerror in its text. */
static herr_t choose(unsigned depth, const H5E_error2_t *failure, void *data) {
  static const char quote[] = "error message = '";
  Reason *reason = data;
  if (failure->desc == NULL) return 0;
  const char *system = strstr(failure->desc, quote);
  if (system != NULL) {
    system += sizeof quote - 1;
    copy_text(reason, system, strcspn(system, "'"));
  } else if (depth == 0) {
    copy_text(reason, failure->desc, strlen(failure->desc));
  }
  return 0;
}

MarlCode marl_store_fail(const MarlStore *store, const char *action, const char *name,
                         MarlError *err) {
  Reason reason = {"HDF5 gave no reason"};
  if (store->disk != NULL && store->disk->failure != 0) {
    const char *text = strerror(store->disk->failure);
    copy_text(&reason, text, strlen(text));
  } else {
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, choose, &reason);
  }
  if (name == NULL)
    return MARL_FAIL(err, MARL_EIO, "%s: cannot %s: %s", store->path, action, reason.text);
  return MARL_FAIL(err, MARL_EIO, "%s: cannot %s '%s': %s", store->path, action, name, reason.text);
}

MarlCode marl_store_end(const MarlStore *store, bool done, const char *action, const char *name,
                        MarlError *err) {
  if (done && (store->disk == NULL || store->disk->failure == 0)) return MARL_OK;
  return marl_store_fail(store, action, name, err);
}
