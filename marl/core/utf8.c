#include "marl/core/utf8.h"

#include <stdint.h>

/* Length of the sequence at `at` and its code point; 0 if it is not well-formed. */
static int decode(const unsigned char *at, uint32_t *point) {
  if (at[0] < 0x80) {
    *point = at[0];
    return 1;
  }
  const int length = at[0] >= 0xf0 && at[0] < 0xf8 ? 4 : at[0] >= 0xe0 ? 3 : at[0] >= 0xc0 ? 2 : 0;
  if (length == 0 || at[0] >= 0xf8) return 0;
  *point = at[0] & (0xffu >> (length + 1));
  for (int i = 1; i < length; ++i) {
    if ((at[i] & 0xc0) != 0x80) return 0; /* also the end of the text */
    *point = *point << 6 | (at[i] & 0x3fu);
  }
  static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  return *point < smallest[length] ? 0 : length;
}

static bool is_allowed(uint32_t point) {
  return point < 0x80 || point == 0x85 || (point >= 0xa0 && point <= 0xd7ff) ||
         (point >= 0xe000 && point <= 0xfffd && point != 0xfeff) ||
         (point >= 0x10000 && point <= 0x10ffff);
}

bool marl_utf8_is_text(const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  while (*at != 0) {
    uint32_t point = 0;
    const int length = decode(at, &point);
    if (length == 0 || !is_allowed(point)) return false;
    at += length;
  }
  return true;
}
