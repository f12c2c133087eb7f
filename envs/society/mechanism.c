#include "envs/society/mechanism.h"

#include <stdio.h>
#include <string.h>

#include "marl/core/plugin_text.h"

enum { MAX_TEXT = 512 };

static size_t position_of(const MarlMechanismOps *ops) {
  size_t i = 0;
  while (marl_kind_at(&marl_kind_mechanisms, i) != &ops->plugin) ++i;
  return i;
}

/* Into its place in the order of the table. */
static MarlCode insert(MarlMechanismList *list, const MarlMechanismOps *ops, char *assignments,
                       MarlError *err) {
  if (marl_mechanisms_have(list, ops->name))
    return MARL_FAIL(err, MARL_ECONFIG, "env.mechanism: %s is named twice", ops->name);
  if (list->count == MARL_MAX_MECHANISMS)
    return MARL_FAIL(err, MARL_ECONFIG, "env.mechanism: more than %d mechanisms",
                     MARL_MAX_MECHANISMS);
  MarlMechanism mechanism = {.ops = ops};
  MARL_TRY(marl_plugin_text_values(&ops->plugin, assignments, "env.mechanism",
                                   MARL_MECHANISM_VALUES, mechanism.value, &mechanism.num_values,
                                   err));
  int at = list->count++;
  for (; at > 0 && position_of(list->of[at - 1].ops) > position_of(ops); --at)
    list->of[at] = list->of[at - 1];
  list->of[at] = mechanism;
  return MARL_OK;
}

static MarlCode add_all(char *text, MarlMechanismList *list, const MarlCombination **combination,
                        MarlError *err);

static MarlCode add_one(const char *word, char *assignments, MarlMechanismList *list,
                        const MarlCombination **combination, MarlError *err) {
  if (strcmp(word, "custom") == 0) return MARL_OK;
  const MarlPlugin *plugin;
  MARL_TRY(marl_kind_find(&marl_kind_mechanisms, word, &plugin, err));
  const MarlMechanismOps *ops = (const MarlMechanismOps *)plugin;
  if (ops->combination == NULL) return insert(list, ops, assignments, err);
  if (assignments != NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "env.mechanism: %s has no options in brackets", word);
  if (*combination != NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.mechanism: %s is the second name that says who meets whom; name its "
                     "mechanisms (%s)",
                     word, ops->combination->mechanisms);
  char text[MAX_TEXT];
  *combination = ops->combination;
  snprintf(text, sizeof text, "%s", ops->combination->mechanisms);
  const MarlCombination *inner = ops->combination; /* a combination of combinations is refused */
  return add_all(text, list, &inner, err);
}

static MarlCode add_all(char *text, MarlMechanismList *list, const MarlCombination **combination,
                        MarlError *err) {
  MarlCode code;
  char *name, *assignments;
  while (marl_plugin_text_next(&text, "env.mechanism", &name, &assignments, &code, err))
    MARL_TRY(add_one(name, assignments, list, combination, err));
  return code;
}

MarlCode marl_mechanisms_parse(const char *text, MarlMechanismList *out,
                               const MarlCombination **combination, MarlError *err) {
  char copy[MAX_TEXT];
  *out = (MarlMechanismList){.count = 0};
  *combination = NULL;
  if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
    return MARL_FAIL(err, MARL_ECONFIG, "env.mechanism: too long: '%.80s'", text);
  MARL_TRY(add_all(copy, out, combination, err));
  for (int m = 0; m < out->count; ++m) {
    MarlMechanism *mechanism = &out->of[m];
    mechanism->number = m;
    mechanism->first_state = out->num_states;
    out->num_states += (int)mechanism->ops->num_states;
    if (mechanism->ops->num_columns != NULL)
      out->num_columns += mechanism->ops->num_columns(mechanism);
  }
  return MARL_OK;
}

MarlCode marl_mechanisms_check(const MarlMechanismList *list, const struct MarlDilemmaRules *rules,
                               MarlError *err) {
  int asked = 0;
  for (int m = 0; m < list->count; ++m) {
    const MarlMechanismOps *ops = list->of[m].ops;
    asked += ops->most_asked;
    if (ops->check != NULL) MARL_TRY(ops->check(&list->of[m], rules, err));
  }
  if (asked > MARL_MAX_JUDGES || list->num_columns > MARL_MAX_COLUMNS)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "env.mechanism: %d deciders a round who see %d more columns; at most %d and %d", asked,
        list->num_columns, MARL_MAX_JUDGES, MARL_MAX_COLUMNS);
  return MARL_OK;
}

bool marl_mechanisms_have(const MarlMechanismList *list, const char *name) {
  for (int m = 0; m < list->count; ++m)
    if (strcmp(list->of[m].ops->name, name) == 0) return true;
  return false;
}

bool marl_mechanisms_decide(const MarlMechanismList *list) {
  for (int m = 0; m < list->count; ++m)
    if (list->of[m].ops->most_asked > 0) return true;
  return false;
}

bool marl_mechanisms_judge(const MarlMechanismList *list) {
  for (int m = 0; m < list->count; ++m)
    if (list->of[m].ops->judges) return true;
  return false;
}

bool marl_mechanisms_fine_judges(const MarlMechanismList *list) {
  for (int m = 0; m < list->count; ++m)
    if (list->of[m].ops->may_fine_judges) return true;
  return false;
}

int marl_mechanisms_choices(const MarlMechanismList *list) {
  int most = 2;
  for (int m = 0; m < list->count; ++m)
    if (list->of[m].ops->num_choices > most) most = list->of[m].ops->num_choices;
  return most;
}
