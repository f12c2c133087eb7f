#include <string.h>

#include "physics/forcing.h"

/* one line a forcing: physics/forcing_<name>.c */
#define TABLE(ENTRY)     \
  ENTRY(none)            \
  ENTRY(kolmogorov)      \
  ENTRY(kolmogorov_half) \
  ENTRY(ring)

#define DECLARE(name) extern const MarlForcingOps marl_forcing_##name;
#define POINTER(name) &marl_forcing_##name.plugin,
TABLE(DECLARE)
static const MarlPlugin *const table[] = {TABLE(POINTER) NULL};

static const MarlPlugin *shipped(size_t i) {
  return table[i];
}

MarlKind marl_kind_forcings = {.name = "forcings",
                               .title = "Forcings",
                               .noun = "forcing",
                               .section = "forcing",
                               .key = "forcing.name",
                               .fallback = "kolmogorov",
                               .shipped = shipped};

MarlCode marl_register_forcing(const MarlForcingOps *ops, MarlError *err) {
  static const char *const read[] = {"amplitude", "direction", "width", "injection"};
  for (size_t i = 0; ops->options != NULL && i < ops->num_options; ++i) {
    size_t r = 0;
    while (r < sizeof read / sizeof *read && strcmp(read[r], ops->options[i].key) != 0) ++r;
    if (r == sizeof read / sizeof *read)
      return MARL_FAIL(err, MARL_EARG,
                       "the forcing '%s' has an option '%s', which is no number of a forcing: take "
                       "amplitude, direction, width or injection",
                       ops->name != NULL ? ops->name : "", ops->options[i].key);
  }
  return marl_kind_register(&marl_kind_forcings, &ops->plugin, err);
}
