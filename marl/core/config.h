/* A configuration: YAML of two levels (section, key: scalar or flat list), command-line
 * overrides on top, checked against the option tables of the modules that use it.
 *
 * The file is read once into (section, key, text, origin) entries; each module then claims its
 * section with its tables. What nobody claims is a user mistake, with file and line. */
#ifndef MARL_CORE_CONFIG_H
#define MARL_CORE_CONFIG_H

#include "marl/core/option.h"

typedef struct MarlConfig MarlConfig;

MarlCode marl_config_create(MarlConfig **out, MarlError *err) MARL_NODISCARD; /* empty */
MarlCode marl_config_load(const char *path, MarlConfig **out, MarlError *err) MARL_NODISCARD;
/* As load, from memory; `origin` stands for the file name in messages. */
MarlCode marl_config_parse(const char *text, size_t size, const char *origin, MarlConfig **out,
                           MarlError *err) MARL_NODISCARD;
void marl_config_destroy(MarlConfig **config);
/* What has been written so far, but for the section `without`; nothing of it is claimed. */
MarlCode marl_config_copy(const MarlConfig *config, const char *without, MarlConfig **out,
                          MarlError *err) MARL_NODISCARD;

/* The bytes of a configuration file, so that one rank can read and share them: malloc'd, ended by
 * a 0 that `size` does not count. MARL_ECONFIG if it is absent, a folder or larger than 1 MiB. */
MarlCode marl_config_read(const char *path, char **text, size_t *size,
                          MarlError *err) MARL_NODISCARD;

/* "section.key=value" before the section is claimed, later wins over earlier and over the file. */
MarlCode marl_config_set(MarlConfig *config, const char *assignment, MarlError *err) MARL_NODISCARD;
/* The same of a value that may be any text. */
MarlCode marl_config_assign(MarlConfig *config, const char *section, const char *key,
                            const char *text, MarlError *err) MARL_NODISCARD;

/* Before the section is claimed: what is written for `key` in section `from` is written in `section`
 * too, as if it stood there (its place in messages and for names of files is the same), unless the
 * section has the key. */
MarlCode marl_config_inherit(MarlConfig *config, const char *section, const char *from,
                             const char *key, MarlError *err) MARL_NODISCARD;

/* Forget what has been written of a key, before its section is claimed; false if nothing was. */
bool marl_config_forget(MarlConfig *config, const char *section, const char *key);

/* The raw text of section.key as the user gave it, or `fallback`. For names that choose a table. */
const char *marl_config_peek(const MarlConfig *config, const char *section, const char *key,
                             const char *fallback);
/* "file.yaml:12" of section.key, or "default". */
const char *marl_config_origin(const MarlConfig *config, const char *section, const char *key);
bool marl_config_has_section(const MarlConfig *config, const char *section);

/* Claim a section: every entry is checked against the tables. The section is owned by the
 * config and lives until marl_config_destroy. Claiming twice returns the same section; the second
 * time the tables are not read. */
MarlCode marl_config_section(MarlConfig *config, const char *name, const MarlOptionTable *tables,
                             size_t num_tables, const MarlSection **out,
                             MarlError *err) MARL_NODISCARD;

/* marl_section_prefer in a claimed section. */
MarlCode marl_config_prefer(MarlConfig *config, const char *section, const MarlSetting *settings,
                            const char *origin, MarlError *err) MARL_NODISCARD;

/* What this configuration says to the options of `like`, a section claimed from another one; keys
 * that it does not have are passed over. For comparisons. The caller destroys *out. */
MarlCode marl_config_section_like(const MarlConfig *config, const MarlSection *like,
                                  MarlSection **out, MarlError *err) MARL_NODISCARD;

/* Walk the claimed sections, in the order of claiming. */
size_t marl_config_num_claimed(const MarlConfig *config);
const MarlSection *marl_config_claimed(const MarlConfig *config, size_t index);

/* MARL_ECONFIG with file:line and the nearest claimed name if a section was never claimed. */
MarlCode marl_config_finish(const MarlConfig *config, MarlError *err) MARL_NODISCARD;

/* Names of files (options of unit "file" or "path", and in the specification of a closure) become
 * absolute when their section is claimed. Relative ones are looked for in the folder of the file that
 * has them (--set: the working folder), then in `folder`, where the program's own data are; defaults
 * there first. Call before sections are claimed. */
MarlCode marl_config_set_shipped(MarlConfig *config, const char *folder,
                                 MarlError *err) MARL_NODISCARD;
const char *marl_config_shipped(const MarlConfig *config); /* that folder, or NULL */
bool marl_option_names_file(const MarlOption *option);
/* Visits every file that the claimed sections name, once a mention. */
typedef void (*MarlFileVisit)(void *context, const char *path);
void marl_config_files(const MarlConfig *config, MarlFileVisit visit, void *context);

/* The resolved configuration: every claimed section and key with its value, unit and help as a
 * comment; loading it again gives the same values. Malloc'd text, caller frees. */
MarlCode marl_config_resolved(const MarlConfig *config, char **text, MarlError *err) MARL_NODISCARD;
/* The same for a file in `folder`: names of files that the user gave relatively are relative to it,
 * those of shipped data are their own, so that runs and data can be moved together. */
MarlCode marl_config_resolved_in(const MarlConfig *config, const char *folder, char **text,
                                 MarlError *err) MARL_NODISCARD;

#endif
