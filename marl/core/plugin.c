#include "marl/core/plugin.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/nearest.h"

static size_t count_shipped(const MarlKind *kind) {
  size_t count = 0;
  while (kind->shipped != NULL && kind->shipped(count) != NULL) ++count;
  return count;
}

const MarlPlugin *marl_kind_at(const MarlKind *kind, size_t index) {
  const size_t shipped = count_shipped(kind);
  if (index < shipped) return kind->shipped(index);
  return index - shipped < kind->num_registered ? kind->registered[index - shipped] : NULL;
}

MarlCode marl_kind_find(const MarlKind *kind, const char *name, const MarlPlugin **out,
                        MarlError *err) {
  size_t count = 0;
  for (const MarlPlugin *p; (p = marl_kind_at(kind, count)) != NULL; ++count) {
    if (strcmp(p->name, name) != 0) continue;
    if (out != NULL) *out = p;
    return MARL_OK;
  }
  const char **names = calloc(count + 1, sizeof *names);
  if (names == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the names of plugins");
  for (size_t i = 0; i < count; ++i) names[i] = marl_kind_at(kind, i)->name;
  const MarlCode code = marl_fail_unknown(err, kind->noun, name, names, count);
  free(names);
  return code;
}

static MarlCode find_at(const MarlSection *section, const char *key, const MarlKind *kind,
                        const char *name, const MarlPlugin **out, MarlError *err) {
  MarlError unknown;
  const MarlCode code = marl_kind_find(kind, name, out, &unknown);
  if (code == MARL_OK) return MARL_OK;
  return MARL_FAIL(err, code, "%s: %s.%s: %s", marl_section_origin(section, key),
                   marl_section_name(section), key, unknown.message);
}

MarlCode marl_section_plugin(const MarlSection *section, const char *key, const MarlKind *kind,
                             const MarlPlugin **out, MarlError *err) {
  return find_at(section, key, kind, marl_section_text(section, key), out, err);
}

MarlCode marl_section_plugins(const MarlSection *section, const char *key, const MarlKind *kind,
                              size_t max, const MarlPlugin **out, size_t *count, MarlError *err) {
  size_t given;
  const char *const *names = marl_section_texts(section, key, &given);
  for (size_t i = 0; i < given; ++i) MARL_TRY(find_at(section, key, kind, names[i], NULL, err));
  *count = 0;
  const MarlPlugin *plugin;
  for (size_t p = 0; (plugin = marl_kind_at(kind, p)) != NULL; ++p) {
    bool named = false;
    for (size_t i = 0; i < given; ++i) named = named || strcmp(names[i], plugin->name) == 0;
    if (!named) continue;
    if (*count == max)
      return MARL_FAIL(err, MARL_ECONFIG, "%s: %s.%s names more than %zu",
                       marl_section_origin(section, key), marl_section_name(section), key, max);
    out[(*count)++] = plugin;
  }
  return MARL_OK;
}

static bool is_name(const char *name) {
  return name != NULL && name[0] != '\0' &&
         name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

MarlCode marl_kind_register(MarlKind *kind, const MarlPlugin *plugin, MarlError *err) {
  if (!is_name(plugin->name))
    return MARL_FAIL(err, MARL_EARG, "a %s is registered as '%s': a name is of a-z, 0-9 and _",
                     kind->noun, plugin->name != NULL ? plugin->name : "");
  if (plugin->summary == NULL || plugin->summary[0] == '\0' ||
      (plugin->options == NULL && plugin->num_options > 0))
    return MARL_FAIL(
        err, MARL_EARG, "the %s '%s' is registered without %s", kind->noun, plugin->name,
        plugin->options == NULL && plugin->num_options > 0 ? "the options that it counts"
                                                           : "a summary");
  if (kind->no_options && plugin->num_options > 0)
    return MARL_FAIL(err, MARL_EARG, "the %s '%s' has options, which nobody would read", kind->noun,
                     plugin->name);
  if (marl_kind_find(kind, plugin->name, NULL, NULL) == MARL_OK)
    return MARL_FAIL(err, MARL_EARG, "there is a %s '%s' already: register another name",
                     kind->noun, plugin->name);
  MarlKind *keeper = kind->keeper != NULL ? kind->keeper : kind;
  if (keeper->num_registered == MARL_MAX_REGISTERED)
    return MARL_FAIL(err, MARL_EARG, "no room to register the %s '%s' beside %d others", kind->noun,
                     plugin->name, MARL_MAX_REGISTERED);
  keeper->registered[keeper->num_registered++] = plugin;
  return MARL_OK;
}
