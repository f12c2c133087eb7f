#include "envs/grid/mechanism.h"

#include <stdio.h>
#include <string.h>

#include "marl/core/plugin_text.h"

enum { MAX_TEXT = 512 };
static const char where[] = "env.mechanism";

static size_t position_of(const MarlGridMechanismOps *ops) {
  size_t i = 0;
  while (marl_kind_at(&marl_kind_grid_mechanisms, i) != &ops->plugin) ++i;
  return i;
}

static MarlCode insert(MarlGridMechanismList *list, const char *name, char *assignments,
                       MarlError *err) {
  const MarlPlugin *plugin;
  int count;
  MARL_TRY(marl_kind_find(&marl_kind_grid_mechanisms, name, &plugin, err));
  MarlGridMechanism mechanism = {.ops = (const MarlGridMechanismOps *)plugin};
  MARL_TRY(marl_plugin_text_values(plugin, assignments, where, MARL_GRID_MECHANISM_VALUES,
                                   mechanism.value, &count, err));
  for (int m = 0; m < list->count; ++m)
    if (list->of[m].ops == mechanism.ops)
      return MARL_FAIL(err, MARL_ECONFIG, "%s: %s is named twice", where, name);
  if (list->count == MARL_GRID_MAX_MECHANISMS)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: more than %d mechanisms", where,
                     MARL_GRID_MAX_MECHANISMS);
  int at = list->count++;
  for (; at > 0 && position_of(list->of[at - 1].ops) > position_of(mechanism.ops); --at)
    list->of[at] = list->of[at - 1];
  list->of[at] = mechanism;
  list->num_states += mechanism.ops->num_states;
  if (list->num_states > MARL_GRID_MAX_STATES)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: more than %d numbers of an agent to be kept", where,
                     MARL_GRID_MAX_STATES);
  return MARL_OK;
}

MarlCode marl_grid_mechanisms_parse(const char *text, MarlGridMechanismList *out, MarlError *err) {
  char copy[MAX_TEXT], *left = copy, *name, *assignments;
  MarlCode code;
  *out = (MarlGridMechanismList){.count = 0};
  if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: too long: '%.80s'", where, text);
  while (marl_plugin_text_next(&left, where, &name, &assignments, &code, err))
    MARL_TRY(insert(out, name, assignments, err));
  for (int m = 1; m < out->count; ++m)
    out->of[m].first_state = out->of[m - 1].first_state + out->of[m - 1].ops->num_states;
  return code;
}

MarlCode marl_grid_mechanisms_check(const MarlGridMechanismList *list,
                                    const struct MarlGridRules *rules, MarlError *err) {
  for (int m = 0; m < list->count; ++m) {
    const MarlGridMechanism *own = &list->of[m];
    if (own->ops->no_beam && list->count > 1)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "%s: %s takes the beam away, so that nothing can stand beside it", where,
                       own->ops->name);
    if (own->ops->check != NULL) MARL_TRY(own->ops->check(own, rules, err));
  }
  return MARL_OK;
}
