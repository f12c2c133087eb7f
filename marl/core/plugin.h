/* Plugins: what a configuration chooses by name.
 *
 * A plugin is a const table of operations (MarlEnvOps, MarlClosureOps, ...) that begins with
 * MARL_PLUGIN. Plugins that do the same job are of one kind. A kind knows those of this project, one line
 * each in a table, and those that a program registers at its start, before it reads a configuration;
 * from then on there is no difference between them. docs/plugins.md has a section a kind. */
#ifndef MARL_CORE_PLUGIN_H
#define MARL_CORE_PLUGIN_H

#include "marl/core/option.h"

/* What every plugin says of itself; static texts. */
typedef struct MarlPlugin {
  const char *name;          /* [a-z0-9_]+, unique in its kind */
  const char *summary;       /* one line, no full stop */
  const char *source;        /* paper and equation number; NULL: none */
  const char *formula;       /* what it computes, with units; NULL: none */
  const MarlOption *options; /* [num_options] that only this plugin knows; NULL: none */
  size_t num_options;
} MarlPlugin;

/* The first member of a table of operations: it is a MarlPlugin, and its members are named as if they
 * were the table's own: `.name = "leith"`. */
#define MARL_PLUGIN                                  \
  union {                                            \
    MarlPlugin plugin;                               \
    struct {                                         \
      const char *name, *summary, *source, *formula; \
      const MarlOption *options;                     \
      size_t num_options;                            \
    };                                               \
  }

enum { MARL_MAX_REGISTERED = 64 };

typedef struct MarlKind MarlKind;
struct MarlKind {
  const char *name;    /* "closures", as in `marl list closures` */
  const char *title;   /* "Closures" */
  const char *noun;    /* "closure", in messages */
  const char *section; /* of the configuration, that the plugins' options are in: "closure" */
  const char *key; /* that takes a name, or a list of names: "closure.name"; NULL: all are used */
  const char *fallback; /* the name where the key is absent; NULL: there is none */
  bool no_options;      /* nobody would read them: a plugin with options is refused */
  const MarlPlugin *(*shipped)(
      size_t index); /* of this project; NULL behind the last, or for none */
  /* A view of another kind with more of them, from a folder above: what is registered is kept there and
   * `shipped` includes it. NULL: kept here. */
  MarlKind *keeper;
  size_t num_registered;
  const MarlPlugin *registered[MARL_MAX_REGISTERED];
};

/* The file of a table has one line a plugin,
 *   #define TABLE(ENTRY) \
 *     ENTRY(none)        \
 *     ENTRY(leith)
 * and makes declarations and pointers of it with two macros of its own, DECLARE and POINTER. */

/* Plugin `index`, shipped ones first; NULL behind the last. Ask from 0 on. */
const MarlPlugin *marl_kind_at(const MarlKind *kind, size_t index);
/* MARL_ECONFIG, with the known names and the nearest one, when there is no such plugin; out may be
 * NULL to check a name only. The plugin is the table of operations that it begins. */
MarlCode marl_kind_find(const MarlKind *kind, const char *name, const MarlPlugin **out,
                        MarlError *err) MARL_NODISCARD;

/* The plugin that a TEXT option names; the message says where the name was written. */
MarlCode marl_section_plugin(const MarlSection *section, const char *key, const MarlKind *kind,
                             const MarlPlugin **out, MarlError *err) MARL_NODISCARD;
/* Those that a TEXTS option names, each once and in the order of the kind, whatever the order of the list:
 * out [max], *count. MARL_ECONFIG if they are more than max. */
MarlCode marl_section_plugins(const MarlSection *section, const char *key, const MarlKind *kind,
                              size_t max, const MarlPlugin **out, size_t *count,
                              MarlError *err) MARL_NODISCARD;

/* Add a plugin, which is borrowed for the rest of the program. Not for several threads at once.
 * MARL_EARG if it has no good name or no summary, if the name is taken, or if there is no room. The kinds
 * have functions of their own that take their tables of operations (marl_register_closure, ...). */
MarlCode marl_kind_register(MarlKind *kind, const MarlPlugin *plugin,
                            MarlError *err) MARL_NODISCARD;

#endif
