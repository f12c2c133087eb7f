#include "marl/learn/role_values.h"

#include <math.h>
#include <string.h>

#include "marl/core/nearest.h"
#include "marl/core/value.h"

static const MarlOption *option_of(const MarlSection *section, const char *key) {
  size_t i = 0;
  while (strcmp(marl_section_option(section, i)->key, key) != 0) ++i;
  return marl_section_option(section, i);
}

/* The number of an entry "0.1" or "play=0.1". */
static MarlCode parse_number(const MarlSection *section, const MarlOption *option, bool whole,
                             const char *entry, double *out, MarlError *err) {
  const char *equals = strchr(entry, '='), *text = equals != NULL ? equals + 1 : entry;
  if (marl_number_parse(text, out) && (!whole || *out == floor(*out)) && *out >= option->min &&
      *out <= option->max)
    return MARL_OK;
  return MARL_FAIL(
      err, MARL_ECONFIG,
      "%s.%s: '%.80s'; expected a %snumber from %g to %g for all roles, or role=number",
      marl_section_name(section), option->key, entry, whole ? "whole " : "", option->min,
      option->max);
}

/* The role that an entry names, num_roles if none is called so. */
static int role_of(const MarlRole *roles, int num_roles, const char *entry) {
  const size_t length = (size_t)(strchr(entry, '=') - entry);
  int r = 0;
  while (r < num_roles &&
         (strlen(roles[r].name) != length || strncmp(roles[r].name, entry, length) != 0))
    ++r;
  return r;
}

static MarlCode unknown(const MarlSection *section, const char *key, const char *entry,
                        const MarlRole *roles, int num_roles, MarlError *err) {
  const char *names[MARL_ENV_MAX_ROLES];
  char name[MARL_ENV_NAME_MAX] = "";
  MarlError reason;
  strncat(name, entry, strcspn(entry, "=") < sizeof name ? strcspn(entry, "=") : sizeof name - 1);
  for (int r = 0; r < num_roles; ++r) names[r] = roles[r].name;
  const MarlCode code = marl_fail_unknown(&reason, "role", name, names, (size_t)num_roles);
  return MARL_FAIL(err, code, "%s.%s: %s", marl_section_name(section), key, reason.message);
}

MarlCode marl_role_values(const MarlSection *section, const char *key, bool whole,
                          const MarlRole *roles, int num_roles, size_t stride, double *out,
                          MarlError *err) {
  const MarlOption *option = option_of(section, key);
  size_t count;
  const char *const *entries = marl_section_texts(section, key, &count);
  double others = NAN, own[MARL_ENV_MAX_ROLES];
  for (int r = 0; r < num_roles; ++r) own[r] = NAN;
  const char *stranger = NULL;
  for (size_t i = 0; i < count; ++i) {
    double value;
    MARL_TRY(parse_number(section, option, whole, entries[i], &value, err));
    const int r = strchr(entries[i], '=') != NULL ? role_of(roles, num_roles, entries[i]) : -1;
    double *to = r < 0 ? &others : r < num_roles ? &own[r] : NULL;
    if (to == NULL) {
      stranger = entries[i];
      continue;
    }
    if (!isnan(*to))
      return MARL_FAIL(
          err, MARL_ECONFIG,
          "%s.%s: '%.80s' is the second value of the same role; each after the first is "
          "role=number",
          marl_section_name(section), key, entries[i]);
    *to = value;
  }
  if (stranger != NULL && !isnan(others))
    return unknown(section, key, stranger, roles, num_roles, err);
  for (int r = 0; r < num_roles; ++r) {
    out[(size_t)r * stride] = isnan(own[r]) ? others : own[r];
    if (isnan(out[(size_t)r * stride]))
      return MARL_FAIL(err, MARL_ECONFIG,
                       "%s.%s: no value for the role '%s': one number for all, or %s=number",
                       marl_section_name(section), key, roles[r].name, roles[r].name);
  }
  return MARL_OK;
}
