#include "cli/run_rule.h"

#include <stdio.h>
#include <string.h>

#include "marl/core/value.h"

enum { NAME_SIZE = 128 };

static bool may_change(const char *name, const char *const *changeable) {
  for (; changeable != NULL && *changeable != NULL; ++changeable)
    if (strcmp(*changeable, name) == 0) return true;
  return false;
}

/* An option that the record lacks is younger than the run: it began with the default. */
static MarlCode check_option(const MarlSection *section, size_t index, const MarlConfig *recorded,
                             const char *path, const char *const *changeable, MarlError *err) {
  const MarlOption *option = marl_section_option(section, index);
  char name[NAME_SIZE];
  snprintf(name, sizeof name, "%s.%s", marl_section_name(section), option->key);
  if (may_change(name, changeable)) return MARL_OK;
  const char *text =
      marl_config_peek(recorded, marl_section_name(section), option->key, option->fallback);
  MarlValue before = {.text = NULL};
  MARL_TRY(marl_value_parse(option, path, text, &before, err));
  const char *now = marl_section_canonical(section, index);
  MarlCode code = MARL_OK;
  if (strcmp(before.text, now) != 0)
    code = MARL_FAIL(err, MARL_ECONFIG,
                     "%s: the run was made with %s = %.80s, the configuration says %.80s: a run "
                     "resumes with what it began with; leave %s as it was, or start another run "
                     "with --out DIR",
                     path, name, before.text, now, name);
  marl_value_clear(&before);
  return code;
}

MarlCode marl_run_rule_check(const MarlConfig *config, const MarlConfig *recorded, const char *path,
                             const char *const *changeable, MarlError *err) {
  for (size_t s = 0; s < marl_config_num_claimed(config); ++s) {
    const MarlSection *section = marl_config_claimed(config, s);
    for (size_t i = 0; i < marl_section_size(section); ++i)
      MARL_TRY(check_option(section, i, recorded, path, changeable, err));
  }
  return MARL_OK;
}
