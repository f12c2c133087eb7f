#define _POSIX_C_SOURCE 200809L /* strdup, strndup */
#include "marl/core/config.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/config_internal.h"
#include "marl/core/nearest.h"
#include "marl/core/path.h"
#include "marl/core/value.h"

enum { MAX_FILE = 1 << 20 };

typedef struct Written {
  char *section;
  char *key;  /* NULL: the section itself */
  char *text; /* NULL for a section */
  char *origin;
  bool is_list;
} Written;

struct MarlConfig {
  Written *written; /* [num_written] sections and entries, in the user's order */
  size_t num_written, room;
  uint32_t *slots;       /* [num_slots] number of an entry + 1, 0: free; open addressing */
  size_t num_slots;      /* a power of two, more than twice num_written */
  MarlSection **claimed; /* [num_claimed] */
  size_t num_claimed;
  char *folder, *shipped; /* of the file that was read; of the program's data, or NULL */
};

static MarlCode no_memory(MarlError *err) {
  return MARL_FAIL(err, MARL_EMEMORY, "out of memory for the configuration");
}

MarlCode marl_config_create(MarlConfig **out, MarlError *err) {
  *out = calloc(1, sizeof **out);
  return *out == NULL ? no_memory(err) : MARL_OK;
}

static void clear_written(Written *w) {
  free(w->section);
  free(w->key);
  free(w->text);
  free(w->origin);
}

void marl_config_destroy(MarlConfig **config) {
  MarlConfig *c = *config;
  if (c == NULL) return;
  for (size_t i = 0; i < c->num_written; ++i) clear_written(&c->written[i]);
  for (size_t i = 0; i < c->num_claimed; ++i) marl_section_destroy(&c->claimed[i]);
  free(c->written);
  free(c->slots);
  free(c->claimed);
  free(c->folder);
  free(c->shipped);
  free(c);
  *config = NULL;
}

/* FNV-1a of "section.key", or with key NULL of "section". */
static size_t hash_of(const char *section, const char *key) {
  uint64_t hash = 14695981039346656037u;
  for (; *section != '\0'; ++section) hash = (hash ^ (unsigned char)*section) * 1099511628211u;
  if (key == NULL) return (size_t)hash;
  hash = (hash ^ '.') * 1099511628211u;
  for (; *key != '\0'; ++key) hash = (hash ^ (unsigned char)*key) * 1099511628211u;
  return (size_t)hash;
}

static bool is_entry(const Written *w, const char *section, const char *key) {
  const bool same_key = key == NULL || w->key == NULL ? key == w->key : strcmp(w->key, key) == 0;
  return same_key && strcmp(w->section, section) == 0;
}

/* The slot of an entry, or the free one where it belongs. */
static uint32_t *slot_of(const MarlConfig *c, const char *section, const char *key) {
  size_t at = hash_of(section, key) & (c->num_slots - 1);
  while (c->slots[at] != 0 && !is_entry(&c->written[c->slots[at] - 1], section, key))
    at = (at + 1) & (c->num_slots - 1);
  return &c->slots[at];
}

/* The entry, or with key NULL the section. */
static Written *find(const MarlConfig *c, const char *section, const char *key) {
  const uint32_t number = c->num_slots == 0 ? 0 : *slot_of(c, section, key);
  return number == 0 ? NULL : &c->written[number - 1];
}

/* Room for one entry more. */
static MarlCode grow(MarlConfig *c, MarlError *err) {
  if (c->num_written < c->room) return MARL_OK;
  const size_t room = c->room == 0 ? 64 : 2 * c->room, num_slots = 4 * room;
  Written *written = realloc(c->written, room * sizeof *written);
  if (written != NULL) c->written = written;
  uint32_t *slots = written != NULL ? calloc(num_slots, sizeof *slots) : NULL;
  if (slots == NULL) return no_memory(err);
  free(c->slots);
  c->slots = slots;
  c->num_slots = num_slots;
  c->room = room;
  for (size_t i = 0; i < c->num_written; ++i)
    /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): realloc keeps what was written */
    *slot_of(c, c->written[i].section, c->written[i].key) = (uint32_t)i + 1;
  return MARL_OK;
}

static MarlSection *find_claimed(const MarlConfig *c, const char *name) {
  for (size_t i = 0; i < c->num_claimed; ++i) {
    if (strcmp(marl_section_name(c->claimed[i]), name) == 0) return c->claimed[i];
  }
  return NULL;
}

static MarlCode append(MarlConfig *c, const char *section, const char *key, const char *text,
                       bool is_list, const char *origin, MarlError *err) {
  MARL_TRY(grow(c, err));
  Written w = {strdup(section), key != NULL ? strdup(key) : NULL,
               text != NULL ? strdup(text) : NULL, strdup(origin), is_list};
  if (w.section == NULL || w.origin == NULL || (key != NULL && w.key == NULL) ||
      (text != NULL && w.text == NULL)) {
    clear_written(&w);
    return no_memory(err);
  }
  c->written[c->num_written++] = w;
  *slot_of(c, w.section, w.key) = (uint32_t)c->num_written;
  return MARL_OK;
}

static MarlCode copy_text(const char *text, char **out, MarlError *err) {
  free(*out);
  *out = text != NULL ? strdup(text) : NULL;
  return text != NULL && *out == NULL ? no_memory(err) : MARL_OK;
}

MarlCode marl_config_copy(const MarlConfig *config, const char *without, MarlConfig **out,
                          MarlError *err) {
  MARL_TRY(marl_config_create(out, err));
  MarlCode code = copy_text(config->folder, &(*out)->folder, err);
  if (code == MARL_OK) code = copy_text(config->shipped, &(*out)->shipped, err);
  for (size_t i = 0; code == MARL_OK && i < config->num_written; ++i) {
    const Written *w = &config->written[i];
    if (strcmp(w->section, without) != 0)
      code = append(*out, w->section, w->key, w->text, w->is_list, w->origin, err);
  }
  if (code != MARL_OK) marl_config_destroy(out);
  return code;
}

MarlCode marl_config_add_section(MarlConfig *c, const char *section, const char *origin,
                                 MarlError *err) {
  const Written *before = find(c, section, NULL);
  if (before != NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: section '%.64s' was there before, at %s", origin,
                     section, before->origin);
  return append(c, section, NULL, NULL, false, origin, err);
}

MarlCode marl_config_add_entry(MarlConfig *c, const char *section, const char *key,
                               const char *text, bool is_list, const char *origin, MarlError *err) {
  const Written *before = find(c, section, key);
  if (before != NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: %.64s.%.64s was set before, at %s", origin, section,
                     key, before->origin);
  return append(c, section, key, text, is_list, origin, err);
}

MarlCode marl_config_parse(const char *text, size_t size, const char *origin, MarlConfig **out,
                           MarlError *err) {
  MARL_TRY(marl_config_create(out, err));
  (*out)->folder = marl_path_folder(origin);
  MarlCode code = (*out)->folder == NULL ? no_memory(err) : MARL_OK;
  if (code == MARL_OK) code = marl_config_parse_yaml(*out, text, size, origin, err);
  if (code != MARL_OK) marl_config_destroy(out);
  return code;
}

MarlCode marl_config_read(const char *path, char **text, size_t *size, MarlError *err) {
  *text = NULL;
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "cannot open the configuration '%s': %s", path,
                     strerror(errno));
  char *bytes = malloc(MAX_FILE + 2);
  if (bytes == NULL) {
    (void)fclose(file);
    return no_memory(err);
  }
  *size = fread(bytes, 1, MAX_FILE + 1, file);
  const int error = ferror(file) ? errno : 0; /* a folder opens but does not read */
  (void)fclose(file);
  if (error != 0 || *size > MAX_FILE) {
    free(bytes);
    if (error != 0)
      return MARL_FAIL(err, MARL_ECONFIG, "cannot read the configuration '%s': %s", path,
                       strerror(error));
    return MARL_FAIL(err, MARL_ECONFIG, "'%s' is larger than 1 MiB: is it a configuration?", path);
  }
  bytes[*size] = '\0';
  *text = bytes;
  return MARL_OK;
}

MarlCode marl_config_load(const char *path, MarlConfig **out, MarlError *err) {
  *out = NULL;
  char *text;
  size_t size;
  MARL_TRY(marl_config_read(path, &text, &size, err));
  const MarlCode code = marl_config_parse(text, size, path, out, err);
  free(text);
  return code;
}

MarlCode marl_config_inherit(MarlConfig *c, const char *section, const char *from, const char *key,
                             MarlError *err) {
  const Written *w = find(c, from, key);
  if (w == NULL || find(c, section, key) != NULL) return MARL_OK;
  const Written copy = *w; /* appending may move it */
  if (find(c, section, NULL) == NULL)
    MARL_TRY(append(c, section, NULL, NULL, false, copy.origin, err));
  return append(c, section, key, copy.text, copy.is_list, copy.origin, err);
}

static MarlCode replace(Written *w, const char *text, MarlError *err) {
  char *copy = strdup(text), *origin = strdup("--set");
  if (copy == NULL || origin == NULL) {
    free(copy);
    free(origin);
    return no_memory(err);
  }
  free(w->text);
  free(w->origin);
  w->text = copy;
  w->origin = origin;
  w->is_list = false;
  return MARL_OK;
}

MarlCode marl_config_assign(MarlConfig *c, const char *section, const char *key, const char *text,
                            MarlError *err) {
  if (find_claimed(c, section) != NULL)
    return MARL_FAIL(err, MARL_EARG, "section '%s' is set after it was claimed", section);
  if (find(c, section, NULL) == NULL) MARL_TRY(marl_config_add_section(c, section, "--set", err));
  Written *before = find(c, section, key);
  return before != NULL ? replace(before, text, err)
                        : append(c, section, key, text, false, "--set", err);
}

MarlCode marl_config_set(MarlConfig *c, const char *assignment, MarlError *err) {
  const char *equals = strchr(assignment, '=');
  const char *dot = strchr(assignment, '.');
  if (equals == NULL || dot == NULL || dot > equals || dot == assignment || dot + 1 == equals)
    return MARL_FAIL(err, MARL_ECONFIG, "--set %.80s: expected section.key=value", assignment);
  char *section = strndup(assignment, (size_t)(dot - assignment));
  char *key = strndup(dot + 1, (size_t)(equals - dot - 1));
  const MarlCode code = section == NULL || key == NULL
                            ? no_memory(err)
                            : marl_config_assign(c, section, key, equals + 1, err);
  free(section);
  free(key);
  return code;
}

/* A forgotten entry is the section once more. */
bool marl_config_forget(MarlConfig *c, const char *section, const char *key) {
  Written *w = find(c, section, key);
  if (w == NULL) return false;
  free(w->key);
  free(w->text);
  w->key = w->text = NULL;
  w->is_list = false;
  return true;
}

const char *marl_config_peek(const MarlConfig *c, const char *section, const char *key,
                             const char *fallback) {
  const Written *w = find(c, section, key);
  return w != NULL ? w->text : fallback;
}

const char *marl_config_origin(const MarlConfig *c, const char *section, const char *key) {
  const Written *w = find(c, section, key);
  return w != NULL ? w->origin : "default";
}

bool marl_config_has_section(const MarlConfig *c, const char *section) {
  return find(c, section, NULL) != NULL;
}

static MarlCode check_shape(const MarlSection *s, const Written *w, MarlError *err) {
  for (size_t i = 0; w->is_list && i < marl_section_size(s); ++i) {
    const MarlOption *option = marl_section_option(s, i);
    if (strcmp(option->key, w->key) == 0 && !marl_option_is_list(option))
      return MARL_FAIL(err, MARL_ECONFIG, "%s: %s.%s = %.80s is a list; expected one value",
                       w->origin, w->section, w->key, w->text);
  }
  return MARL_OK;
}

MarlCode marl_config_section(MarlConfig *c, const char *name, const MarlOptionTable *tables,
                             size_t num_tables, const MarlSection **out, MarlError *err) {
  *out = find_claimed(c, name);
  if (*out != NULL) return MARL_OK;
  MarlSection **grown = realloc(c->claimed, (c->num_claimed + 1) * sizeof *grown);
  if (grown == NULL) return no_memory(err);
  c->claimed = grown;
  MarlSection *section;
  MARL_TRY(marl_section_create(name, tables, num_tables, &section, err));
  MarlCode code = MARL_OK;
  for (size_t i = 0; code == MARL_OK && i < c->num_written; ++i) {
    const Written *w = &c->written[i];
    if (w->key == NULL || strcmp(w->section, name) != 0) continue;
    code = check_shape(section, w, err);
    if (code == MARL_OK) code = marl_section_set(section, w->key, w->text, w->origin, err);
  }
  if (code == MARL_OK) code = marl_config_find_files(c, section, err);
  if (code != MARL_OK) {
    marl_section_destroy(&section);
    return code;
  }
  c->claimed[c->num_claimed++] = section;
  *out = section;
  return MARL_OK;
}

MarlCode marl_config_prefer(MarlConfig *c, const char *section, const MarlSetting *settings,
                            const char *origin, MarlError *err) {
  MarlSection *claimed = find_claimed(c, section);
  if (claimed == NULL) return MARL_FAIL(err, MARL_EARG, "section '%s' is not claimed yet", section);
  return marl_section_prefer(claimed, settings, origin, err);
}

MarlCode marl_config_finish(const MarlConfig *c, MarlError *err) {
  const Written *stray = NULL;
  for (size_t i = 0; stray == NULL && i < c->num_written; ++i) {
    if (find_claimed(c, c->written[i].section) == NULL) stray = &c->written[i];
  }
  if (stray == NULL) return MARL_OK;
  const char **known = calloc(c->num_claimed + 1, sizeof *known);
  if (known == NULL) return no_memory(err);
  for (size_t i = 0; i < c->num_claimed; ++i) known[i] = marl_section_name(c->claimed[i]);
  MarlError reason;
  const MarlCode code =
      marl_fail_unknown(&reason, "section", stray->section, known, c->num_claimed);
  free(known);
  return MARL_FAIL(err, code, "%s: %s", stray->origin, reason.message);
}

MarlCode marl_config_set_shipped(MarlConfig *c, const char *folder, MarlError *err) {
  free(c->shipped);
  c->shipped = strdup(folder);
  return c->shipped == NULL ? no_memory(err) : MARL_OK;
}

const char *marl_config_folder(const MarlConfig *c) {
  return c->folder != NULL ? c->folder : ".";
}
const char *marl_config_shipped(const MarlConfig *c) {
  return c->shipped;
}

size_t marl_config_num_claimed(const MarlConfig *c) {
  return c->num_claimed;
}
const MarlSection *marl_config_claimed(const MarlConfig *c, size_t index) {
  return c->claimed[index];
}
