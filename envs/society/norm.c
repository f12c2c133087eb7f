#include "envs/society/norm.h"

#include <string.h>

static bool are_bits(const char *text) {
  const size_t length = strlen(text);
  return (length == 4 || length == 8 || length == 12) && strspn(text, "01") == length;
}

static MarlNorm from_text(const char *bits) {
  uint8_t table[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1};
  const size_t count = strlen(bits);
  static const int of_second_order[4] = {0, 2, 1, 3}; /* pairs D, C of bad, then of good */
  for (int i = 0; i < (count == 12 ? 12 : 8); ++i)
    table[i] = bits[count == 4 ? of_second_order[i % 4] : i] == '1' ? MARL_GOOD : MARL_BAD;
  return marl_norm_from_bits(table);
}

MarlCode marl_norm_parse(const char *text, MarlNorm *out, MarlError *err) {
  const MarlPlugin *plugin = NULL;
  if (!are_bits(text)) MARL_TRY(marl_kind_find(&marl_kind_norms, text, &plugin, err));
  *out = from_text(plugin != NULL ? ((const MarlNormOps *)plugin)->bits : text);
  return MARL_OK;
}

MarlCode marl_register_norm(const MarlNormOps *ops, MarlError *err) {
  if (ops->bits == NULL || !are_bits(ops->bits))
    return MARL_FAIL(err, MARL_EARG, "the norm '%s' is registered without 4, 8 or 12 bits",
                     ops->name != NULL ? ops->name : "");
  return marl_kind_register(&marl_kind_norms, &ops->plugin, err);
}
