/* What is read from a file is not believed where it becomes an index or a weight. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>

#include "marl/core/store_internal.h"

static int64_t whole_at(MarlType type, const void *data, size_t i) {
  switch (type) {
    case MARL_U8:
      return ((const uint8_t *)data)[i];
    case MARL_I32:
      return ((const int32_t *)data)[i];
    case MARL_U32:
      return ((const uint32_t *)data)[i];
    case MARL_I64:
      return ((const int64_t *)data)[i];
    case MARL_U64: {
      const uint64_t value = ((const uint64_t *)data)[i];
      return value > INT64_MAX ? INT64_MAX : (int64_t)value;
    }
    default:
      assert(false);
      return 0;
  }
}

MarlCode marl_store_check_within(MarlStore *store, const char *name, MarlType type, size_t count,
                                 int64_t low, int64_t high, const void *data, MarlError *err) {
  for (size_t i = 0; i < count; ++i) {
    const int64_t value = whole_at(type, data, i);
    if (value < low || value > high)
      return MARL_FAIL(err, MARL_EIO,
                       "%s: value %zu of '%s' is %" PRId64 ", expected %" PRId64 " to %" PRId64
                       ": the file is damaged or of another configuration",
                       store->path, i, name, value, low, high);
  }
  return MARL_OK;
}

MarlCode marl_store_read_within(MarlStore *store, const char *name, MarlType type, size_t count,
                                int64_t low, int64_t high, void *data, MarlError *err) {
  MARL_TRY(marl_store_read(store, name, type, count, data, err));
  return marl_store_check_within(store, name, type, count, low, high, data, err);
}

MarlCode marl_store_check_finite(MarlStore *store, const char *name, MarlType type, size_t count,
                                 const void *data, MarlError *err) {
  assert(type == MARL_F32 || type == MARL_F64);
  for (size_t i = 0; i < count; ++i) {
    const double value =
        type == MARL_F32 ? (double)((const float *)data)[i] : ((const double *)data)[i];
    if (!isfinite(value))
      return MARL_FAIL(err, MARL_EIO, "%s: value %zu of '%s' is %g, not a finite number",
                       store->path, i, name, value);
  }
  return MARL_OK;
}
