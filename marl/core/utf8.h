/* Which bytes are text: what YAML can hold, so that a value survives a round trip. */
#ifndef MARL_CORE_UTF8_H
#define MARL_CORE_UTF8_H

#include <stdbool.h>

/* Well-formed UTF-8 of characters that YAML 1.1 allows, or ASCII control characters, which can
 * be escaped. */
bool marl_utf8_is_text(const char *text);

#endif
