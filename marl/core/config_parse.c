#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "marl/core/config_internal.h"

/* The reader accepts: one document; a mapping of section names to mappings of keys to a scalar or
 * a flat list of scalars. Everything else YAML can say is refused by name. */
typedef struct Reader {
  yaml_parser_t yaml;
  yaml_event_t event; /* current, owned */
  MarlConfig *config;
  const char *text;
  size_t size;
  const char *origin;
  char where[MARL_MAX_ORIGIN + 16]; /* "file:line" of the current event */
  char section[64], key[64];
  MarlError *err;
} Reader;

static void set_where(Reader *r, size_t line) {
  snprintf(r->where, sizeof r->where, "%.*s:%zu", MARL_MAX_ORIGIN, r->origin, line + 1);
}

static bool line_is_indented_by_tab(const Reader *r, size_t line) {
  const char *at = r->text, *end = r->text + r->size;
  for (size_t i = 0; i < line && at < end; ++i) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    at = newline != NULL ? newline + 1 : end;
  }
  while (at < end && *at == ' ') ++at;
  return at < end && *at == '\t';
}

static MarlCode yaml_failure(Reader *r) {
  const yaml_parser_t *y = &r->yaml;
  if (y->error == YAML_MEMORY_ERROR)
    return MARL_FAIL(r->err, MARL_EMEMORY, "%s: out of memory", r->origin);
  const char *problem = y->problem != NULL ? y->problem : "malformed";
  if (y->error == YAML_READER_ERROR) { /* bytes that are not text: only an offset is known */
    size_t line = 0;
    for (size_t i = 0; i < y->problem_offset && i < r->size; ++i) line += r->text[i] == '\n';
    set_where(r, line);
    return MARL_FAIL(r->err, MARL_ECONFIG, "%s: %s; a configuration is UTF-8 text", r->where,
                     problem);
  }
  set_where(r, y->problem_mark.line);
  if (line_is_indented_by_tab(r, y->problem_mark.line))
    return MARL_FAIL(r->err, MARL_ECONFIG, "%s: a tab indents this line; use spaces", r->where);
  return MARL_FAIL(r->err, MARL_ECONFIG, "%s: %s%s%s", r->where, problem,
                   y->context != NULL ? " " : "", y->context != NULL ? y->context : "");
}

static bool has_anchor_or_tag(const yaml_event_t *e) {
  switch (e->type) {
    case YAML_SCALAR_EVENT:
      return e->data.scalar.anchor != NULL || e->data.scalar.tag != NULL;
    case YAML_SEQUENCE_START_EVENT:
      return e->data.sequence_start.anchor != NULL || e->data.sequence_start.tag != NULL;
    case YAML_MAPPING_START_EVENT:
      return e->data.mapping_start.anchor != NULL || e->data.mapping_start.tag != NULL;
    default:
      return false;
  }
}

/* Advance to the next event. */
static MarlCode next(Reader *r) {
  yaml_event_delete(&r->event);
  if (!yaml_parser_parse(&r->yaml, &r->event)) return yaml_failure(r);
  set_where(r, r->event.start_mark.line);
  if (r->event.type == YAML_ALIAS_EVENT || has_anchor_or_tag(&r->event))
    return MARL_FAIL(r->err, MARL_ECONFIG,
                     "%s: anchors (&), aliases (*) and tags (!) are not used here; write the value",
                     r->where);
  return MARL_OK;
}

/* A plain scalar that YAML reads as "nothing". */
static bool is_null(const yaml_event_t *e) {
  const char *text = (const char *)e->data.scalar.value;
  return e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
         (text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static MarlCode check_scalar(Reader *r) {
  const yaml_event_t *e = &r->event;
  const char *text = (const char *)e->data.scalar.value;
  if (strlen(text) != e->data.scalar.length)
    return MARL_FAIL(r->err, MARL_ECONFIG, "%s: %s.%s holds a NUL character", r->where, r->section,
                     r->key);
  if (is_null(e))
    return MARL_FAIL(r->err, MARL_ECONFIG,
                     "%s: %s.%s has no value; leave the key out for its default, or write ''",
                     r->where, r->section, r->key);
  return MARL_OK;
}

/* A name of a section or key into `name`. */
static MarlCode read_name(Reader *r, const char *what, char *name, size_t size) {
  if (r->event.type != YAML_SCALAR_EVENT)
    return MARL_FAIL(r->err, MARL_ECONFIG, "%s: expected the name of a %s", r->where, what);
  const char *text = (const char *)r->event.data.scalar.value;
  const size_t length = r->event.data.scalar.length;
  if (length == 0 || length >= size ||
      strspn(text,
             "abcdefghijklmnopqrstuvwxyz"
             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789_-") != length)
    return MARL_FAIL(r->err, MARL_ECONFIG,
                     "%s: '%.40s' is no name of a %s: letters, digits and _ only", r->where, text,
                     what);
  memcpy(name, text, length + 1);
  return MARL_OK;
}

static MarlCode append_entry(Reader *r, char **list, size_t *length) {
  const char *text = (const char *)r->event.data.scalar.value;
  const size_t size = r->event.data.scalar.length;
  if (size == 0 || strpbrk(text, ",[]") != NULL || text[0] == ' ' || text[size - 1] == ' ')
    return MARL_FAIL(r->err, MARL_ECONFIG,
                     "%s: %s.%s: '%.40s' cannot be in a list: no commas, brackets or outer spaces",
                     r->where, r->section, r->key, text);
  char *grown = realloc(*list, *length + size + 4);
  if (grown == NULL) return MARL_FAIL(r->err, MARL_EMEMORY, "%s: out of memory", r->where);
  *list = grown;
  *length += (size_t)sprintf(grown + *length, "%s%s", *length > 1 ? ", " : "", text);
  return MARL_OK;
}

/* The entries of a list as the text "[a, b]". */
static MarlCode read_list(Reader *r) {
  char where[sizeof r->where];
  memcpy(where, r->where, sizeof where);
  size_t length = 1;
  char *list = malloc(3);
  if (list == NULL) return MARL_FAIL(r->err, MARL_EMEMORY, "%s: out of memory", r->where);
  memcpy(list, "[", 2);
  MarlCode code = next(r);
  while (code == MARL_OK && r->event.type != YAML_SEQUENCE_END_EVENT) {
    if (r->event.type != YAML_SCALAR_EVENT)
      code = MARL_FAIL(r->err, MARL_ECONFIG, "%s: %s.%s is nested too deep; a list is flat",
                       r->where, r->section, r->key);
    if (code == MARL_OK) code = check_scalar(r);
    if (code == MARL_OK) code = append_entry(r, &list, &length);
    if (code == MARL_OK) code = next(r);
  }
  if (code == MARL_OK) {
    memcpy(list + length, "]", 2);
    code = marl_config_add_entry(r->config, r->section, r->key, list, true, where, r->err);
  }
  free(list);
  return code;
}

static MarlCode read_value(Reader *r) {
  switch (r->event.type) {
    case YAML_SCALAR_EVENT:
      MARL_TRY(check_scalar(r));
      return marl_config_add_entry(r->config, r->section, r->key,
                                   (const char *)r->event.data.scalar.value, false, r->where,
                                   r->err);
    case YAML_SEQUENCE_START_EVENT:
      return read_list(r);
    default:
      return MARL_FAIL(r->err, MARL_ECONFIG,
                       "%s: %s.%s is nested too deep; a file has sections and keys only", r->where,
                       r->section, r->key);
  }
}

static MarlCode read_section(Reader *r) {
  if (r->event.type == YAML_SCALAR_EVENT && is_null(&r->event)) return MARL_OK;
  if (r->event.type != YAML_MAPPING_START_EVENT)
    return MARL_FAIL(r->err, MARL_ECONFIG,
                     "%s: '%s' must be a section: its keys go on the next lines, indented",
                     r->where, r->section);
  MARL_TRY(next(r));
  while (r->event.type != YAML_MAPPING_END_EVENT) {
    MARL_TRY(read_name(r, "key", r->key, sizeof r->key));
    MARL_TRY(next(r));
    MARL_TRY(read_value(r));
    MARL_TRY(next(r));
  }
  return MARL_OK;
}

static MarlCode read_document(Reader *r) {
  MARL_TRY(next(r)); /* stream start */
  MARL_TRY(next(r));
  if (r->event.type == YAML_STREAM_END_EVENT)
    return MARL_FAIL(r->err, MARL_ECONFIG, "%s: the file is empty", r->origin);
  MARL_TRY(next(r));
  if (r->event.type == YAML_SCALAR_EVENT && is_null(&r->event))
    return MARL_FAIL(r->err, MARL_ECONFIG, "%s: the file is empty", r->origin);
  if (r->event.type != YAML_MAPPING_START_EVENT)
    return MARL_FAIL(r->err, MARL_ECONFIG, "%s: expected sections such as 'env:'", r->where);
  MARL_TRY(next(r));
  while (r->event.type != YAML_MAPPING_END_EVENT) {
    MARL_TRY(read_name(r, "section", r->section, sizeof r->section));
    MARL_TRY(marl_config_add_section(r->config, r->section, r->where, r->err));
    MARL_TRY(next(r));
    MARL_TRY(read_section(r));
    MARL_TRY(next(r));
  }
  MARL_TRY(next(r)); /* document end */
  MARL_TRY(next(r));
  if (r->event.type != YAML_STREAM_END_EVENT)
    return MARL_FAIL(r->err, MARL_ECONFIG, "%s: a second document begins; a file has one",
                     r->where);
  return MARL_OK;
}

MarlCode marl_config_parse_yaml(MarlConfig *config, const char *text, size_t size,
                                const char *origin, MarlError *err) {
  Reader r = {.config = config, .text = text, .size = size, .origin = origin, .err = err};
  if (!yaml_parser_initialize(&r.yaml))
    return MARL_FAIL(err, MARL_EMEMORY, "%s: out of memory", origin);
  yaml_parser_set_input_string(&r.yaml, (const unsigned char *)text, size);
  yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
  const MarlCode code = read_document(&r);
  yaml_event_delete(&r.event);
  yaml_parser_delete(&r.yaml);
  return code;
}
