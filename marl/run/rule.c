#define _POSIX_C_SOURCE 200809L /* access */
#include "marl/run/rule.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 128 };

static bool may_change(const char *name, const char *const *changeable) {
  for (; changeable != NULL && *changeable != NULL; ++changeable)
    if (strcmp(*changeable, name) == 0) return true;
  return false;
}

/* Was the run made with a file that has gone since? Then another name is where it is now. */
static bool has_moved(const MarlOption *option, const char *before) {
  return option->kind == MARL_OPTION_TEXT && before[0] == '/' && access(before, F_OK) != 0;
}

/* An option that the record lacks is younger than the run: it began with the default. */
static MarlCode check_option(const MarlSection *section, size_t index, const MarlSection *recorded,
                             const char *path, const char *const *changeable, MarlError *err) {
  const MarlOption *option = marl_section_option(section, index);
  char name[NAME_SIZE];
  snprintf(name, sizeof name, "%s.%s", marl_section_name(section), option->key);
  if (may_change(name, changeable)) return MARL_OK;
  const char *before = marl_section_canonical(recorded, index);
  const char *now = marl_section_canonical(section, index);
  if (strcmp(before, now) == 0) return MARL_OK;
  if (marl_option_names_file(option) && has_moved(option, before)) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "%s: the run was made with %s = %.80s, the configuration says %.80s: a run "
                   "resumes with what it began with; leave %s as it was, or start another run with "
                   "--out DIR",
                   path, name, before, now, name);
}

MarlCode marl_run_rule_check(const MarlConfig *config, const MarlConfig *recorded, const char *path,
                             const char *const *changeable, MarlError *err) {
  MarlCode code = MARL_OK;
  for (size_t s = 0; s < marl_config_num_claimed(config) && code == MARL_OK; ++s) {
    const MarlSection *section = marl_config_claimed(config, s);
    MarlSection *before;
    MARL_TRY(marl_config_section_like(recorded, section, &before, err));
    for (size_t i = 0; i < marl_section_size(section) && code == MARL_OK; ++i)
      code = check_option(section, i, before, path, changeable, err);
    marl_section_destroy(&before);
  }
  return code;
}
