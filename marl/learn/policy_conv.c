/* Convolutions of a policy: from the configuration, to and from its file. */
#include <string.h>

#include "marl/learn/plain_array.h"
#include "marl/learn/policy_internal.h"

/* One number for all layers or one for each. */
static MarlCode read_list(const MarlSection *config, const char *key, size_t layers, int *out,
                          MarlError *err) {
  size_t count;
  const int *values = marl_section_ints(config, key, &count);
  if (count != 1 && count != layers)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "policy.%s has %zu numbers for the %zu layers of policy.conv_channels; 1 or %zu", key,
        count, layers, layers);
  for (size_t l = 0; l < layers; ++l) out[l] = values[count == 1 ? 0 : l];
  return MARL_OK;
}

MarlCode marl_policy_read_conv(const MarlSection *config, const MarlRole *role, MarlConvShape *out,
                               MarlError *err) {
  size_t count;
  const int *channels = marl_section_ints(config, "conv_channels", &count);
  int kernel[MARL_CONV_MAX_LAYERS], stride[MARL_CONV_MAX_LAYERS], padding[MARL_CONV_MAX_LAYERS];
  memset(out, 0, sizeof *out);
  if (count == 0) return MARL_OK;
  if (count > MARL_CONV_MAX_LAYERS)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "policy.conv_channels has %zu layers, at most %d are possible", count,
                     MARL_CONV_MAX_LAYERS);
  if (role->image[0] == 0)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "policy.conv_channels: what is seen in role '%s' is no image (grid worlds have "
        "one)",
        role->name);
  MARL_TRY(read_list(config, "conv_kernel", count, kernel, err));
  MARL_TRY(read_list(config, "conv_stride", count, stride, err));
  MARL_TRY(read_list(config, "conv_padding", count, padding, err));
  *out = (MarlConvShape){
      .rows = role->image[0],
      .cols = role->image[1],
      .channels = role->image[2],
      .num_layers = (int)count,
      .tail = role->obs_dim - role->image[0] * role->image[1] * role->image[2],
      .activation = marl_policy_activation(config),
  };
  for (size_t l = 0; l < count; ++l)
    out->layer[l] = (MarlConvLayer){kernel[l], channels[l], stride[l], padding[l]};
  return marl_conv_check(out, err);
}

/* rows, columns, channels, number of layers; then kernel, channels, stride, padding of each. */
enum { HEAD = 4, EACH = 4, MOST = HEAD + EACH * MARL_CONV_MAX_LAYERS };

MarlCode marl_policy_save_conv(const MarlConvShape *conv, MarlStore *to, MarlError *err) {
  int32_t list[MOST] = {conv->rows, conv->cols, conv->channels, conv->num_layers};
  if (conv->num_layers == 0) return MARL_OK;
  for (int l = 0; l < conv->num_layers; ++l) {
    const MarlConvLayer *layer = &conv->layer[l];
    const int32_t own[EACH] = {layer->kernel, layer->channels, layer->stride, layer->padding};
    memcpy(list + HEAD + EACH * l, own, sizeof own);
  }
  return marl_plain_write(to, "conv", MARL_I32, MOST, list, err);
}

MarlCode marl_policy_load_conv(MarlPolicyRole *role, MarlStore *from, MarlError *err) {
  enum { WIDEST = 1 << 12 };
  int32_t list[MOST];
  MarlError found;
  if (!marl_store_has(from, "conv")) return MARL_OK;
  MARL_TRY(marl_store_read_within(from, "conv", MARL_I32, MOST, 0, WIDEST, list, err));
  MarlConvShape conv = {.rows = list[0],
                        .cols = list[1],
                        .channels = list[2],
                        .num_layers = list[3],
                        .activation = role->shape.activation};
  const int64_t image = (int64_t)conv.rows * conv.cols * conv.channels;
  bool possible = conv.num_layers >= 1 && conv.num_layers <= MARL_CONV_MAX_LAYERS && image >= 1 &&
                  image <= role->role.obs_dim;
  for (int l = 0; possible && l < conv.num_layers; ++l) {
    const int32_t *own = list + HEAD + EACH * l;
    possible = own[0] >= 1 && own[1] >= 1 && own[2] >= 1;
    conv.layer[l] = (MarlConvLayer){own[0], own[1], own[2], own[3]};
  }
  if (!possible || marl_conv_check(&conv, &found) != MARL_OK)
    return MARL_FAIL(err, MARL_EIO, "%s: not a policy of marl: its convolutions are impossible",
                     marl_store_path(from));
  conv.tail = role->role.obs_dim - (int)image;
  role->conv = conv;
  memcpy(role->role.image, list, sizeof role->role.image);
  return MARL_OK;
}
