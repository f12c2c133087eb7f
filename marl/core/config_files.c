/* Names of files in a configuration (units "file" and "path", and the files in the specification of a
 * closure, unit "closure") become absolute when a section is claimed: relative ones are looked for
 * beside the configuration that has them. Written into a run folder they become relative again where
 * the user's were, so that a tree of runs and data can be moved. */
#define _POSIX_C_SOURCE 200809L /* open_memstream, strdup, strndup */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/config_internal.h"
#include "marl/core/path.h"

static bool unit_is(const MarlOption *option, const char *unit) {
  return option->unit != NULL && strcmp(option->unit, unit) == 0;
}

bool marl_option_names_file(const MarlOption *option) {
  return (option->kind == MARL_OPTION_TEXT || option->kind == MARL_OPTION_TEXTS) &&
         (unit_is(option, "file") || unit_is(option, "path"));
}

static const char *const file_keys[] = {"policy=", "reference="}; /* of a closure's specification */
enum { NUM_FILE_KEYS = sizeof file_keys / sizeof *file_keys };

/* The parts policy=FILE and reference=FILE of NAME[:KEY=VALUE]..., and in a list a label in the place
 * of the long name that they get. */
static void print_specification(FILE *out, const char *text, const MarlPlaces *places,
                                bool in_list) {
  const bool has_label = strstr(text, ":label=") != NULL;
  char *policy = NULL;
  for (const char *at = text; *at != '\0';) {
    const size_t length = strcspn(at, ":");
    size_t skip = 0;
    for (int k = 0; k < NUM_FILE_KEYS; ++k)
      if (strncmp(at, file_keys[k], strlen(file_keys[k])) == 0) skip = strlen(file_keys[k]);
    char *name = skip > 0 && length > skip ? strndup(at + skip, length - skip) : NULL;
    char *found = name != NULL ? marl_path_find(places, name) : NULL;
    fprintf(out, "%s%.*s", at > text ? ":" : "", (int)(found != NULL ? skip : length), at);
    if (found != NULL) fputs(found, out);
    if (found != NULL && at[0] == 'p' && policy == NULL) policy = strdup(name);
    free(found);
    free(name);
    at += length + (at[length] == ':');
  }
  if (policy != NULL && in_list && !has_label) {
    const char *slash = strrchr(policy, '/');
    fprintf(out, ":label=%.*s %s", (int)strcspn(text, ":"), text,
            slash != NULL ? slash + 1 : policy);
  }
  free(policy);
}

/* The option's value with absolute names, malloc'd. */
static char *value_with_files(const MarlSection *section, const MarlOption *option,
                              const MarlPlaces *places) {
  char *text = NULL;
  size_t size = 0, count = 1;
  const char *const *words = NULL;
  const bool is_list = option->kind == MARL_OPTION_TEXTS;
  if (is_list) words = marl_section_texts(section, option->key, &count);
  FILE *out = open_memstream(&text, &size);
  if (out == NULL) return NULL;
  for (size_t i = 0; i < count; ++i) {
    const char *word = is_list ? words[i] : marl_section_text(section, option->key);
    if (i > 0) fputs(", ", out);
    if (marl_option_names_file(option)) {
      char *found = marl_path_find(places, word);
      fputs(found != NULL ? found : word, out);
      free(found);
    } else {
      print_specification(out, word, places, is_list);
    }
  }
  if (fclose(out) == 0) return text;
  free(text);
  return NULL;
}

MarlCode marl_config_find_files(const MarlConfig *config, MarlSection *section, MarlError *err) {
  const char *shipped = marl_config_shipped(config);
  if (shipped != NULL) MARL_TRY(marl_section_set_shipped(section, shipped, err));
  for (size_t i = 0; i < marl_section_size(section); ++i) {
    const MarlOption *option = marl_section_option(section, i);
    const bool names_closure = unit_is(option, "closure");
    if (!marl_option_names_file(option) && !names_closure) continue;
    const char *origin = marl_config_origin(config, marl_section_name(section), option->key);
    const char *folder = marl_config_folder(config);
    if (strcmp(origin, "default") == 0) folder = NULL;
    if (strcmp(origin, "--set") == 0) folder = ".";
    const MarlPlaces places = {folder, shipped};
    char *value = value_with_files(section, option, &places);
    MarlCode code = MARL_OK;
    if (value == NULL)
      code = MARL_FAIL(err, MARL_EMEMORY, "out of memory for the names of files");
    else
      code = marl_section_set(section, option->key, value, origin, err);
    free(value);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

static void visit_specification(const char *text, MarlFileVisit visit, void *context) {
  for (const char *at = text; at != NULL; at = strchr(at, ':')) {
    if (*at == ':') ++at;
    for (int k = 0; k < NUM_FILE_KEYS; ++k) {
      const size_t skip = strlen(file_keys[k]), length = strcspn(at, ":");
      if (strncmp(at, file_keys[k], skip) != 0 || length == skip) continue;
      char *path = strndup(at + skip, length - skip);
      if (path != NULL) visit(context, path);
      free(path);
    }
  }
}

void marl_config_files(const MarlConfig *config, MarlFileVisit visit, void *context) {
  for (size_t s = 0; s < marl_config_num_claimed(config); ++s) {
    const MarlSection *section = marl_config_claimed(config, s);
    for (size_t i = 0; i < marl_section_size(section); ++i) {
      const MarlOption *option = marl_section_option(section, i);
      const bool is_list = option->kind == MARL_OPTION_TEXTS;
      if (!marl_option_names_file(option) && !unit_is(option, "closure")) continue;
      size_t count = 1;
      const char *const *words = NULL;
      if (is_list) words = marl_section_texts(section, option->key, &count);
      for (size_t w = 0; w < count; ++w) {
        const char *word = is_list ? words[w] : marl_section_text(section, option->key);
        if (unit_is(option, "closure"))
          visit_specification(word, visit, context);
        else if (word[0] != '\0')
          visit(context, word);
      }
    }
  }
}

/* Malloc'd name of an absolute file for a configuration in `folder` (absolute): of shipped data their
 * own, of what the user named relatively a relative one. */
static char *name_beside(const MarlConfig *config, const char *path, const char *given,
                         const char *folder) {
  const char *shipped = marl_config_shipped(config);
  const size_t length = shipped != NULL ? strlen(shipped) : 0;
  if (length > 0 && strncmp(path, shipped, length) == 0 &&
      strncmp(path + length, "/configs/", strlen("/configs/")) == 0)
    return strdup(path + length + 1);
  return given != NULL && given[0] == '/' ? strdup(path) : marl_path_relative(path, folder);
}

char *marl_config_file_beside(const MarlConfig *config, const MarlSection *section, const char *key,
                              const char *path, const char *folder) {
  if (path[0] != '/') return strdup(path);
  return name_beside(config, path, marl_config_peek(config, marl_section_name(section), key, NULL),
                     folder);
}

MarlCode marl_config_section_like(const MarlConfig *config, const MarlSection *like,
                                  MarlSection **out, MarlError *err) {
  const size_t count = marl_section_size(like);
  const char *name = marl_section_name(like);
  MarlOptionTable *tables = calloc(count + 1, sizeof *tables);
  *out = NULL;
  if (tables == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for an option table");
  for (size_t i = 0; i < count; ++i) tables[i] = (MarlOptionTable){marl_section_option(like, i), 1};
  MarlCode code = marl_section_create(name, tables, count, out, err);
  free(tables);
  for (size_t i = 0; i < count && code == MARL_OK; ++i) {
    const char *key = marl_section_option(like, i)->key;
    const char *text = marl_config_peek(config, name, key, NULL);
    if (text != NULL)
      code = marl_section_set(*out, key, text, marl_config_origin(config, name, key), err);
  }
  if (code == MARL_OK) code = marl_config_find_files(config, *out, err);
  if (code != MARL_OK) marl_section_destroy(out);
  return code;
}
