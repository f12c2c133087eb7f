#include "marl/core/plugin_text.h"

#include <string.h>

bool marl_plugin_text_next(char **text, const char *where, char **name, char **assignments,
                           MarlCode *code, MarlError *err) {
  *code = MARL_OK;
  if (*text == NULL || **text == '\0') return false;
  *name = *text;
  *assignments = NULL;
  char *end = *text + strcspn(*text, "+(");
  if (*end == '(') {
    char *close = strchr(end, ')');
    if (close == NULL || (close[1] != '\0' && close[1] != '+')) {
      *code =
          MARL_FAIL(err, MARL_ECONFIG, "%s: '%s'; expected NAME(key=value)+NAME ...", where, *text);
      return false;
    }
    *end = *close = '\0';
    *assignments = end + 1;
    end = close + 1;
  }
  *text = *end == '+' ? end + 1 : NULL;
  *end = '\0';
  return true;
}

/* key=value of all that stands in the brackets. */
static MarlCode assign(MarlSection *section, const MarlPlugin *plugin, char *assignments,
                       const char *where, MarlError *err) {
  for (char *next = assignments; next != NULL && *next != '\0';) {
    char *equals = strchr(next, '='), *key = next;
    if (equals == NULL)
      return MARL_FAIL(err, MARL_ECONFIG, "%s: %s(%s): expected key=value", where, plugin->name,
                       next);
    *equals = '\0';
    char *value = equals + 1, *after = strchr(value, '=');
    next = NULL;
    if (after != NULL) {
      while (after > value && *after != ',' && *after != ';') --after;
      *after = '\0';
      next = after + 1;
    }
    for (char *c = strchr(value, ';'); c != NULL; c = strchr(c, ';')) *c = ',';
    MARL_TRY(marl_section_set(section, key, value, where, err));
  }
  return MARL_OK;
}

static MarlCode append(const MarlSection *section, const MarlPlugin *plugin,
                       const MarlOption *option, const char *where, int most, double *value,
                       int *count, MarlError *err) {
  const double *list = NULL;
  size_t length = 1;
  double number = 0.0;
  if (option->kind == MARL_OPTION_REALS)
    list = marl_section_reals(section, option->key, &length);
  else if (option->kind == MARL_OPTION_BOOL)
    number = marl_section_bool(section, option->key);
  else if (option->kind == MARL_OPTION_INT)
    number = (double)marl_section_int64(section, option->key);
  else
    number = marl_section_real(section, option->key);
  if ((size_t)*count + length > (size_t)most)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: %s.%s: %zu numbers; expected at most %d", where,
                     plugin->name, option->key, length, most - *count);
  for (size_t k = 0; k < length; ++k) value[(*count)++] = list != NULL ? list[k] : number;
  return MARL_OK;
}

MarlCode marl_plugin_text_values(const MarlPlugin *plugin, char *assignments, const char *where,
                                 int most, double *value, int *count, MarlError *err) {
  const MarlOptionTable table = {plugin->options, plugin->num_options};
  MarlSection *section = NULL;
  *count = 0;
  MARL_TRY(marl_section_create(plugin->name, &table, 1, &section, err));
  MarlCode code = assign(section, plugin, assignments, where, err);
  for (size_t i = 0; code == MARL_OK && i < plugin->num_options; ++i)
    code = append(section, plugin, &plugin->options[i], where, most, value, count, err);
  marl_section_destroy(&section);
  return code;
}
