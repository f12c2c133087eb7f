#include "marl/learn/role_option.h"

MarlCode marl_role_reals(const MarlSection *section, const char *key, int num_roles, size_t stride,
                         double *out, MarlError *err) {
  size_t count;
  const double *values = marl_section_reals(section, key, &count);
  if (count != 1 && count != (size_t)num_roles)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s.%s has %zu values; expected one for all roles or one for each of %d",
                     marl_section_name(section), key, count, num_roles);
  for (int role = 0; role < num_roles; ++role)
    out[(size_t)role * stride] = values[count == 1 ? 0 : role];
  return MARL_OK;
}
