#include "cli/change_plugins.h"

#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "marl/core/comm.h"

enum { MAX_NOTE = 1024 };

/* The value that the last --set gives to "section.key", or NULL. */
static const char *given(const char *const *settings, int count, const char *key) {
  const size_t length = strlen(key);
  const char *found = NULL;
  for (int i = 0; i < count; ++i)
    if (strncmp(settings[i], key, length) == 0 && settings[i][length] == '=')
      found = settings[i] + length + 1;
  return found;
}

/* Forget the options of `old` and name them in `note`; how many there were. */
static int forget(MarlConfig *config, const char *section, const MarlPlugin *old,
                  char note[MAX_NOTE]) {
  int count = 0;
  size_t used = 0;
  for (size_t i = 0; i < old->num_options; ++i) {
    if (!marl_config_forget(config, section, old->options[i].key)) continue;
    const int length = snprintf(note + used, MAX_NOTE - used, "%s%s.%s", count++ > 0 ? ", " : "",
                                section, old->options[i].key);
    used += used + (size_t)length < MAX_NOTE ? (size_t)length : 0;
  }
  return count;
}

void marl_change_plugins(const char *const *settings, int count, MPI_Comm comm,
                         MarlConfig *config) {
  for (const MarlKind *const *kind = marl_kinds; *kind != NULL; ++kind) {
    if ((*kind)->key == NULL) continue;
    const char *dot = strchr((*kind)->key, '.'), *section = (*kind)->section;
    const char *name = given(settings, count, (*kind)->key);
    if (name == NULL || dot == NULL || strncmp((*kind)->key, section, strlen(section)) != 0)
      continue;
    const char *before = marl_config_peek(config, section, dot + 1, (*kind)->fallback);
    const MarlPlugin *old;
    char note[MAX_NOTE] = "";
    if (before == NULL || strcmp(before, name) == 0 ||
        marl_kind_find(*kind, before, &old, NULL) != MARL_OK ||
        forget(config, section, old, note) == 0 || marl_comm_rank(comm) != 0)
      continue;
    fprintf(stderr,
            "marl: note: --set %s=%.64s starts from its own defaults: %s, of %s, left out\n",
            (*kind)->key, name, note, old->name);
  }
}
