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

/* The folder of the file that was read, "." without one. */
const char *marl_config_folder(const MarlConfig *config);

/* config_files.c: makes the names of files in a section that is being claimed absolute. */
MarlCode marl_config_find_files(const MarlConfig *config, MarlSection *section,
                                MarlError *err) MARL_NODISCARD;
/* The absolute file `path`, a value of section.key, as a configuration in `folder` names it; malloc'd,
 * NULL if out of memory. */
char *marl_config_file_beside(const MarlConfig *config, const MarlSection *section, const char *key,
                              const char *path, const char *folder);

#endif
