/* What config.c, config_parse.c and config_write.c share. */
#ifndef MARL_CORE_CONFIG_INTERNAL_H
#define MARL_CORE_CONFIG_INTERNAL_H

#include "marl/core/config.h"

enum { MARL_MAX_ORIGIN = 256 }; /* longer file names are cut in messages */

/* Adds a section that the user wrote; the same name twice is a mistake. All texts are copied. */
MarlCode marl_config_add_section(MarlConfig *config, const char *section, const char *origin,
                                 MarlError *err) MARL_NODISCARD;
/* Adds an entry of an added section; the same key twice is a mistake. */
MarlCode marl_config_add_entry(MarlConfig *config, const char *section, const char *key,
                               const char *text, bool is_list, const char *origin,
                               MarlError *err) MARL_NODISCARD;

/* Fills an empty configuration from YAML text. */
MarlCode marl_config_parse_yaml(MarlConfig *config, const char *text, size_t size,
                                const char *origin, MarlError *err) MARL_NODISCARD;

#endif
