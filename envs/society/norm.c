#include "envs/society/norm.h"

#include <string.h>

#include "marl/core/nearest.h"

static const char *const names[] = {"image_scoring",
                                    "standing",
                                    "stern_judging",
                                    "shunning",
                                    "all_good",
                                    "all_bad",
                                    "L1",
                                    "L2",
                                    "L3",
                                    "L4",
                                    "L5",
                                    "L6",
                                    "L7",
                                    "L8"};
enum { NUM_NAMES = sizeof names / sizeof *names, NUM_SECOND_ORDER = 6 };
static const char *const second_order[NUM_SECOND_ORDER] = {"0011", "1011", "1001",
                                                           "0001", "1111", "0000"};

/* The same four bits whatever the donor's own name. */
static MarlNorm from_text(const char *bits, size_t count) {
  uint8_t table[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1};
  static const int of_second_order[4] = {0, 2, 1, 3}; /* pairs D, C of bad, then of good */
  for (int i = 0; i < 8; ++i)
    table[i] = bits[count == 8 ? i : of_second_order[i % 4]] == '1' ? MARL_GOOD : MARL_BAD;
  return marl_norm_from_bits(table);
}

MarlCode marl_norm_parse(const char *text, MarlNorm *out, MarlError *err) {
  const size_t length = strlen(text);
  if ((length == 4 || length == 8) && strspn(text, "01") == length) {
    *out = from_text(text, length);
    return MARL_OK;
  }
  for (size_t i = 0; i < NUM_NAMES; ++i) {
    if (strcmp(names[i], text) != 0) continue;
    *out = i < NUM_SECOND_ORDER ? from_text(second_order[i], 4)
                                : marl_norm_leading_eight((int)(i - NUM_SECOND_ORDER));
    return MARL_OK;
  }
  return marl_fail_unknown(err, "norm", text, names, NUM_NAMES);
}
