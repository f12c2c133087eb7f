/* From lists of a configuration to the axes of a comparison. */
#define _POSIX_C_SOURCE 200809L /* strtok_r */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/compare/cells.h"

MarlCode marl_axis_add(MarlComparison *c, const char *name, MarlAxis **out, MarlError *err) {
  if (c->num_axes == MARL_MAX_AXES)
    return MARL_FAIL(err, MARL_ECONFIG, "compare: more than %d axes", MARL_MAX_AXES);
  *out = &c->axes[c->num_axes++];
  **out = (MarlAxis){.num_values = 0};
  if (snprintf((*out)->name, MARL_AXIS_NAME, "%s", name) < MARL_AXIS_NAME) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "compare: the name of the key is too long: %s", name);
}

MarlCode marl_axis_add_value(MarlAxis *axis, const char *label, const char *text,
                             const char *number, MarlError *err) {
  MarlAxisValue *grown =
      realloc(axis->values, (size_t)(axis->num_values + 1) * sizeof *axis->values);
  if (grown == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for cells");
  axis->values = grown;
  MarlAxisValue *value = &grown[axis->num_values++];
  if (snprintf(value->label, sizeof value->label, "%s", label) >= (int)sizeof value->label ||
      snprintf(value->text, sizeof value->text, "%s", text) >= (int)sizeof value->text ||
      snprintf(value->number, sizeof value->number, "%s", number) >= (int)sizeof value->number)
    return MARL_FAIL(err, MARL_ECONFIG, "compare: too long: '%.80s'", label);
  if (strpbrk(label, ",\"/") != NULL || label[0] == '\0')
    return MARL_FAIL(err, MARL_ECONFIG, "compare: '%s' cannot name a cell", label);
  for (int i = 0; i + 1 < axis->num_values; ++i)
    if (strcmp(grown[i].label, label) == 0)
      return MARL_FAIL(err, MARL_ECONFIG, "compare: two values are named '%s'", label);
  return MARL_OK;
}

/* The colon behind a label, "tax: ..."; NULL if there is none, or if it is too long. */
static const char *label_of(const char *entry, char label[MARL_AXIS_NAME]) {
  const char *colon = strchr(entry, ':');
  if (colon == NULL || colon - entry >= MARL_AXIS_NAME) return NULL;
  snprintf(label, MARL_AXIS_NAME, "%.*s", (int)(colon - entry), entry);
  return colon;
}

/* "dqn preset=paper" of learner.name into "learner.name=dqn learner.preset=paper". */
static MarlCode add_named(MarlAxis *axis, const char *key, const char *entry, MarlError *err) {
  char label[MARL_AXIS_NAME] = "", copy[512], text[1024], *rest = NULL;
  const char *colon = label_of(entry, label), *section_end = strchr(key, '.');
  const char *said = colon != NULL ? colon + 1 : entry;
  if (snprintf(copy, sizeof copy, "%s", said) >= (int)sizeof copy)
    return MARL_FAIL(err, MARL_ECONFIG, "compare: too long: '%.80s'", entry);
  const char *value = strtok_r(copy, " ", &rest);
  if (value == NULL || value[strcspn(value, "=(")] == '=') /* "direct+adaptive(rate=0.1)" is one */
    return MARL_FAIL(err, MARL_ECONFIG, "compare: '%.80s'; expected a value of %s first", entry,
                     key);
  size_t used = (size_t)snprintf(text, sizeof text, "%s=%s", key, value);
  for (char *o = strtok_r(NULL, " ", &rest); o != NULL && used < sizeof text;
       o = strtok_r(NULL, " ", &rest)) {
    const char *dot = strchr(o, '.'), *equals = strchr(o, '=');
    const bool whole = dot != NULL && equals != NULL && dot < equals;
    used += (size_t)snprintf(text + used, sizeof text - used, " %.*s%s",
                             whole ? 0 : (int)(section_end - key) + 1, key, o);
  }
  return marl_axis_add_value(axis, colon != NULL ? label : value, text, "", err);
}

MarlCode marl_axis_add_list(MarlComparison *comparison, const char *name, const char *key,
                            const char *const *values, size_t count, MarlError *err) {
  MarlAxis *axis;
  if (count == 0) return MARL_OK;
  MARL_TRY(marl_axis_add(comparison, name, &axis, err));
  for (size_t i = 0; i < count; ++i) MARL_TRY(add_named(axis, key, values[i], err));
  return MARL_OK;
}

MarlCode marl_axis_add_cells(MarlComparison *comparison, const char *const *entries, size_t count,
                             MarlError *err) {
  MarlAxis *axis = NULL;
  int number = 0;
  for (size_t i = 0; i < count; ++i) {
    char name[MARL_AXIS_NAME], label[MARL_AXIS_NAME];
    if (axis == NULL) {
      ++number;
      snprintf(name, sizeof name, number == 1 ? "cells" : "cells_%d", number);
      MARL_TRY(marl_axis_add(comparison, name, &axis, err));
    }
    if (strcmp(entries[i], "x") == 0) {
      if (axis->num_values == 0 || i + 1 == count)
        return MARL_FAIL(err, MARL_ECONFIG, "compare.cells: an 'x' stands between two lists");
      axis = NULL;
      continue;
    }
    const char *colon = label_of(entries[i], label);
    if (colon == NULL)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "compare.cells: '%.80s'; expected 'label: section.key=value ...' or 'x'",
                       entries[i]);
    MARL_TRY(marl_axis_add_value(axis, label, colon + 1, "", err));
  }
  return MARL_OK;
}

/* "env.fine" -> "fine", for labels. */
static const char *short_key(const char *key) {
  const char *dot = strchr(key, '.');
  return dot != NULL ? dot + 1 : key;
}

static MarlCode add_swept(MarlComparison *c, const char *entry, MarlError *err) {
  char text[512], label[2 * MARL_AXIS_NAME], assignment[512], *rest = NULL;
  MarlAxis *axis = NULL;
  if (snprintf(text, sizeof text, "%s", entry) >= (int)sizeof text)
    return MARL_FAIL(err, MARL_ECONFIG, "compare.sweep: too long: '%.80s'", entry);
  const char *key = strtok_r(text, " =", &rest);
  if (key == NULL || strchr(key, '.') == NULL || strchr(entry, '=') == NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "compare.sweep: '%.80s'; expected 'section.key = number number ...'", entry);
  MARL_TRY(marl_axis_add(c, short_key(key), &axis, err));
  for (const char *v = strtok_r(NULL, " =", &rest); v != NULL; v = strtok_r(NULL, " =", &rest)) {
    char *end;
    strtod(v, &end);
    if (*end != '\0')
      return MARL_FAIL(err, MARL_ECONFIG, "compare.sweep: %s = '%s' is not a number", key, v);
    snprintf(label, sizeof label, "%s=%s", short_key(key), v);
    snprintf(assignment, sizeof assignment, "%s=%s", key, v);
    MARL_TRY(marl_axis_add_value(axis, label, assignment, v, err));
  }
  if (axis->num_values > 0) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "compare.sweep: '%.80s' has no numbers", entry);
}

MarlCode marl_axis_add_sweep(MarlComparison *comparison, const char *const *entries, size_t count,
                             MarlError *err) {
  if (count > MARL_MAX_SWEPT)
    return MARL_FAIL(err, MARL_ECONFIG, "compare.sweep: %zu keys; expected at most %d", count,
                     MARL_MAX_SWEPT);
  for (size_t i = 0; i < count; ++i) MARL_TRY(add_swept(comparison, entries[i], err));
  comparison->num_swept = (int)count;
  return MARL_OK;
}

int marl_comparison_value(const MarlComparison *comparison, int cell, int axis) {
  for (int a = 0; a < axis; ++a) cell /= comparison->axes[a].num_values;
  return cell % comparison->axes[axis].num_values;
}

int marl_comparison_unswept(const MarlComparison *comparison) {
  int count = 1;
  for (int a = 0; a < comparison->num_axes - comparison->num_swept; ++a)
    count *= comparison->axes[a].num_values;
  return count;
}
