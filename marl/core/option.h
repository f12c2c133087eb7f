/* Declared options. A module lists what it accepts in one const table; the same table drives
 * file parsing, command-line overrides, --help, documentation and the resolved configuration
 * stored with every result. */
#ifndef MARL_CORE_OPTION_H
#define MARL_CORE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marl/core/error.h"

typedef enum MarlOptionKind {
  MARL_OPTION_BOOL,   /* true | false */
  MARL_OPTION_INT,    /* whole number, 1e6 accepted */
  MARL_OPTION_REAL,   /* finite number */
  MARL_OPTION_CHOICE, /* one of choices */
  MARL_OPTION_TEXT,   /* any text, may be empty */
  MARL_OPTION_INTS,   /* flat list of whole numbers: [64, 64] or 64,64 */
  MARL_OPTION_REALS,  /* flat list of numbers */
  MARL_OPTION_TEXTS,  /* flat list of words; with max > min, numbers for roles: role_values.h */
} MarlOptionKind;

typedef struct MarlOption {
  const char *key; /* unique in its table, [a-z0-9_]+ */
  MarlOptionKind kind;
  const char *fallback;       /* default, as the user would type it */
  double min, max;            /* inclusive range of INT, REAL and each entry of a list of numbers */
  const char *const *choices; /* CHOICE: NULL-terminated list, else NULL */
  const char *unit;           /* "1/T", "1", "agent steps", ... */
  /* One line, no full stop. "(once NAME)" or "(once NAME, ...)": who writes the old NAME is told so. */
  const char *help;
} MarlOption;

/* A module's table, so that one section can be made of several (common keys, then the
 * chosen plugin's). */
typedef struct MarlOptionTable {
  const MarlOption *options; /* borrowed, static */
  size_t num_options;
} MarlOptionTable;

/* Values of one section of a file, e.g. "env". Opaque. */
typedef struct MarlSection MarlSection;

/* Starts with every fallback. The options of the tables are borrowed for the section's lifetime
 * (static in practice); the name and the array of tables are not. MARL_EARG if two tables declare
 * the same key. */
MarlCode marl_section_create(const char *name, const MarlOptionTable *tables, size_t num_tables,
                             MarlSection **out, MarlError *err) MARL_NODISCARD;
/* The same options with the same values. */
MarlCode marl_section_copy(const MarlSection *section, MarlSection **out,
                           MarlError *err) MARL_NODISCARD;
void marl_section_destroy(MarlSection **section); /* NULL inside is accepted */

/* Set from text. `origin` ("les2d.yaml:12", "--set") is quoted in errors.
 * MARL_ECONFIG on an unknown key, a wrong type or a value out of range. */
MarlCode marl_section_set(MarlSection *section, const char *key, const char *text,
                          const char *origin, MarlError *err) MARL_NODISCARD;

typedef struct MarlSetting {
  const char *key, *text;
} MarlSetting;

/* Defaults in place of the tables': values of keys that nobody has set, whatever was preferred before.
 * The last setting has no key. `origin` is quoted in errors. */
MarlCode marl_section_prefer(MarlSection *section, const MarlSetting *settings, const char *origin,
                             MarlError *err) MARL_NODISCARD;

/* Reading a key that no table declares, or as another kind, is a programming error (assert). */
bool marl_section_bool(const MarlSection *section, const char *key);
int marl_section_int(const MarlSection *section, const char *key);       /* table range fits int */
int64_t marl_section_int64(const MarlSection *section, const char *key); /* |value| <= 2^53 */
double marl_section_real(const MarlSection *section, const char *key);
const char *marl_section_text(const MarlSection *section, const char *key); /* borrowed */
int marl_section_choice(const MarlSection *section, const char *key);       /* index into choices */

/* Lists: `*count` entries, borrowed until the section changes. */
const double *marl_section_reals(const MarlSection *section, const char *key, size_t *count);
const int *marl_section_ints(const MarlSection *section, const char *key, size_t *count);
const char *const *marl_section_texts(const MarlSection *section, const char *key, size_t *count);

/* The folder of the program's own data (marl_config_set_shipped), for a module that reads a further
 * configuration; NULL: unknown. */
MarlCode marl_section_set_shipped(MarlSection *section, const char *folder,
                                  MarlError *err) MARL_NODISCARD;
const char *marl_section_shipped(const MarlSection *section);

/* Where the value of a key was written: "les2d.yaml:12", "--set", "default". */
const char *marl_section_origin(const MarlSection *section, const char *key);

/* Walk the section, for help texts and for writing it out. */
const char *marl_section_name(const MarlSection *section);
size_t marl_section_size(const MarlSection *section);
const MarlOption *marl_section_option(const MarlSection *section, size_t index);
/* The value as canonical text: setting it again gives the same bits. Borrowed until it changes. */
const char *marl_section_canonical(const MarlSection *section, size_t index);

#endif
