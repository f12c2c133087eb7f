#define _POSIX_C_SOURCE 200809L /* strdup */
#include "marl/core/option.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/nearest.h"
#include "marl/core/value.h"

enum { MAX_WHERE = 256 };

struct MarlSection {
  char *name, *shipped;
  size_t num_options;
  const MarlOption **options; /* [num_options], each borrowed */
  MarlValue *values;          /* [num_options] */
  char **origins;             /* [num_options] where the values are from */
  bool *stated;               /* [num_options] by marl_section_set */
};

static MarlCode parse(MarlSection *s, size_t i, const char *text, const char *origin,
                      MarlError *err) {
  char where[MAX_WHERE];
  snprintf(where, sizeof where, "%s: %s.%s", origin, s->name, s->options[i]->key);
  MARL_TRY(marl_value_parse(s->options[i], where, text, &s->values[i], err));
  char *copy = strdup(origin);
  if (copy == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for section %s", s->name);
  free(s->origins[i]);
  s->origins[i] = copy;
  return MARL_OK;
}

/* num_options if no table declares it */
static size_t find(const MarlSection *s, const char *key) {
  size_t i = 0;
  while (i < s->num_options && strcmp(s->options[i]->key, key) != 0) ++i;
  return i;
}

static MarlCode add_options(MarlSection *s, const MarlOptionTable *tables, size_t num_tables,
                            MarlError *err) {
  for (size_t t = 0; t < num_tables; ++t) {
    for (size_t i = 0; i < tables[t].num_options; ++i) {
      const MarlOption *option = &tables[t].options[i];
      if (find(s, option->key) < s->num_options)
        return MARL_FAIL(err, MARL_EARG, "option %s.%s is declared twice", s->name, option->key);
      s->options[s->num_options++] = option;
      MARL_TRY(parse(s, s->num_options - 1, option->fallback, "default", err));
    }
  }
  return MARL_OK;
}

MarlCode marl_section_create(const char *name, const MarlOptionTable *tables, size_t num_tables,
                             MarlSection **out, MarlError *err) {
  *out = NULL;
  size_t total = 1; /* never an allocation of nothing */
  for (size_t t = 0; t < num_tables; ++t) total += tables[t].num_options;
  MarlCode code = MARL_OK;
  MarlSection *s = calloc(1, sizeof *s);
  if (s == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for section %s", name);
  s->name = strdup(name);
  s->options = calloc(total, sizeof *s->options);
  s->values = calloc(total, sizeof *s->values);
  s->origins = calloc(total, sizeof *s->origins);
  s->stated = calloc(total, sizeof *s->stated);
  if (s->name == NULL || s->options == NULL || s->values == NULL || s->origins == NULL ||
      s->stated == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "out of memory for section %s", name);
  else
    code = add_options(s, tables, num_tables, err);
  if (code != MARL_OK) marl_section_destroy(&s);
  *out = s;
  return code;
}

MarlCode marl_section_copy(const MarlSection *section, MarlSection **out, MarlError *err) {
  *out = NULL;
  MarlOptionTable *tables = calloc(section->num_options + 1, sizeof *tables);
  if (tables == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for section %s", section->name);
  for (size_t i = 0; i < section->num_options; ++i)
    tables[i] = (MarlOptionTable){section->options[i], 1};
  MarlCode code = marl_section_create(section->name, tables, section->num_options, out, err);
  free(tables);
  for (size_t i = 0; i < section->num_options && code == MARL_OK; ++i) {
    code = parse(*out, i, marl_section_canonical(section, i), "copy", err);
    (*out)->stated[i] = section->stated[i];
  }
  if (code == MARL_OK && section->shipped != NULL)
    code = marl_section_set_shipped(*out, section->shipped, err);
  if (code != MARL_OK) marl_section_destroy(out);
  return code;
}

void marl_section_destroy(MarlSection **section) {
  MarlSection *s = *section;
  if (s == NULL) return;
  for (size_t i = 0; i < s->num_options; ++i) {
    marl_value_clear(&s->values[i]);
    if (s->origins != NULL) free(s->origins[i]);
  }
  free(s->origins);
  free(s->name);
  free(s->shipped);
  free(s->options);
  free(s->values);
  free(s->stated);
  free(s);
  *section = NULL;
}

/* The option whose help says that it was called `key` once; NULL: none. */
static const MarlOption *renamed(const MarlSection *s, const char *key) {
  char once[MAX_WHERE];
  snprintf(once, sizeof once, "once %.64s", key);
  const size_t length = strlen(once);
  for (size_t i = 0; i < s->num_options; ++i) {
    const char *at = strstr(s->options[i]->help, once);
    if (at != NULL && (at[length] == ')' || at[length] == ',')) return s->options[i];
  }
  return NULL;
}

static MarlCode unknown_key(const MarlSection *s, const char *key, const char *origin,
                            MarlError *err) {
  const MarlOption *now = renamed(s, key);
  if (now != NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: section '%s' has no option '%.64s'; it is '%s' now: %s", origin, s->name,
                     key, now->key, now->help);
  const char **known = calloc(s->num_options + 1, sizeof *known);
  if (known == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for section %s", s->name);
  for (size_t i = 0; i < s->num_options; ++i) known[i] = s->options[i]->key;
  const char *nearest = marl_nearest(key, known, s->num_options);
  char list[256] = "";
  for (size_t i = 0, used = 0; nearest == NULL && i < s->num_options && used < sizeof list; ++i)
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", known[i]);
  free(known);
  if (nearest != NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: section '%s' has no option '%.64s'; did you mean '%s'?", origin, s->name,
                     key, nearest);
  return MARL_FAIL(err, MARL_ECONFIG, "%s: section '%s' has no option '%.64s'; known: %s", origin,
                   s->name, key, list);
}

MarlCode marl_section_set(MarlSection *s, const char *key, const char *text, const char *origin,
                          MarlError *err) {
  const size_t i = find(s, key);
  if (i == s->num_options) return unknown_key(s, key, origin, err);
  s->stated[i] = true;
  return parse(s, i, text, origin, err);
}

const char *marl_section_origin(const MarlSection *s, const char *key) {
  const size_t i = find(s, key);
  assert(i < s->num_options && "undeclared option");
  return s->origins[i];
}

MarlCode marl_section_prefer(MarlSection *s, const MarlSetting *settings, const char *origin,
                             MarlError *err) {
  for (size_t i = 0; i < s->num_options; ++i)
    if (!s->stated[i]) MARL_TRY(parse(s, i, s->options[i]->fallback, "default", err));
  for (; settings->key != NULL; ++settings) {
    const size_t i = find(s, settings->key);
    if (i == s->num_options) return unknown_key(s, settings->key, origin, err);
    if (!s->stated[i]) MARL_TRY(parse(s, i, settings->text, origin, err));
  }
  return MARL_OK;
}

static const MarlValue *get(const MarlSection *s, const char *key, MarlOptionKind kind) {
  const size_t i = find(s, key);
  assert(i < s->num_options && "undeclared option");
  assert(s->options[i]->kind == kind && "option read as another kind");
  (void)kind;
  return &s->values[i];
}

bool marl_section_bool(const MarlSection *s, const char *key) {
  return get(s, key, MARL_OPTION_BOOL)->real != 0.0;
}

int marl_section_int(const MarlSection *s, const char *key) {
  const double value = get(s, key, MARL_OPTION_INT)->real;
  assert(value >= INT_MIN && value <= INT_MAX && "the table's range does not fit int");
  return (int)value;
}

int64_t marl_section_int64(const MarlSection *s, const char *key) {
  return (int64_t)get(s, key, MARL_OPTION_INT)->real;
}

double marl_section_real(const MarlSection *s, const char *key) {
  return get(s, key, MARL_OPTION_REAL)->real;
}

const char *marl_section_text(const MarlSection *s, const char *key) {
  const size_t i = find(s, key);
  assert(i < s->num_options && "undeclared option");
  assert((s->options[i]->kind == MARL_OPTION_TEXT || s->options[i]->kind == MARL_OPTION_CHOICE) &&
         "option read as another kind");
  return s->values[i].text;
}

int marl_section_choice(const MarlSection *s, const char *key) {
  return get(s, key, MARL_OPTION_CHOICE)->choice;
}

const double *marl_section_reals(const MarlSection *s, const char *key, size_t *count) {
  const MarlValue *value = get(s, key, MARL_OPTION_REALS);
  *count = value->count;
  return value->reals;
}

const int *marl_section_ints(const MarlSection *s, const char *key, size_t *count) {
  const MarlValue *value = get(s, key, MARL_OPTION_INTS);
  *count = value->count;
  return value->ints;
}

const char *const *marl_section_texts(const MarlSection *s, const char *key, size_t *count) {
  const MarlValue *value = get(s, key, MARL_OPTION_TEXTS);
  *count = value->count;
  return value->words;
}

const char *marl_section_name(const MarlSection *s) {
  return s->name;
}

MarlCode marl_section_set_shipped(MarlSection *s, const char *folder, MarlError *err) {
  free(s->shipped);
  s->shipped = strdup(folder);
  if (s->shipped == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for section %s", s->name);
  return MARL_OK;
}

const char *marl_section_shipped(const MarlSection *s) {
  return s->shipped;
}

size_t marl_section_size(const MarlSection *s) {
  return s->num_options;
}

const MarlOption *marl_section_option(const MarlSection *s, size_t index) {
  assert(index < s->num_options);
  return s->options[index];
}

const char *marl_section_canonical(const MarlSection *s, size_t index) {
  assert(index < s->num_options);
  return s->values[index].text;
}
