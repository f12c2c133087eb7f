#define _POSIX_C_SOURCE 200809L /* strtok_r */
#include "marl/compare/cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static MarlCode add_axis(MarlComparison *c, const char *name, const char *key, MarlAxis **out,
                         MarlError *err) {
  if (c->num_axes == MARL_MAX_AXES)
    return MARL_FAIL(err, MARL_ECONFIG, "compare: more than %d axes", MARL_MAX_AXES);
  *out = &c->axes[c->num_axes++];
  **out = (MarlAxis){.num_values = 0};
  if (snprintf((*out)->name, MARL_AXIS_NAME, "%s", name) < MARL_AXIS_NAME &&
      snprintf((*out)->key, MARL_AXIS_NAME, "%s", key) < MARL_AXIS_NAME)
    return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "compare: the name of the key is too long: %s", key);
}

static MarlCode add_value(MarlAxis *axis, const char *label, const char *text, MarlError *err) {
  MarlAxisValue *grown =
      realloc(axis->values, (size_t)(axis->num_values + 1) * sizeof *axis->values);
  if (grown == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for cells");
  axis->values = grown;
  MarlAxisValue *value = &grown[axis->num_values++];
  if (snprintf(value->label, sizeof value->label, "%s", label) >= (int)sizeof value->label ||
      snprintf(value->text, sizeof value->text, "%s", text) >= (int)sizeof value->text)
    return MARL_FAIL(err, MARL_ECONFIG, "compare: too long: '%.80s'", label);
  if (strpbrk(label, ",\"/") != NULL || label[0] == '\0')
    return MARL_FAIL(err, MARL_ECONFIG, "compare: '%s' cannot name a cell", label);
  for (int i = 0; i + 1 < axis->num_values; ++i)
    if (strcmp(grown[i].label, label) == 0)
      return MARL_FAIL(err, MARL_ECONFIG, "compare: two values are named '%s'", label);
  return MARL_OK;
}

MarlCode marl_axis_add_list(MarlComparison *comparison, const char *name, const char *key,
                            const char *const *values, size_t count, MarlError *err) {
  MarlAxis *axis;
  if (count == 0) return MARL_OK;
  MARL_TRY(add_axis(comparison, name, key, &axis, err));
  for (size_t i = 0; i < count; ++i) MARL_TRY(add_value(axis, values[i], values[i], err));
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
      MARL_TRY(add_axis(comparison, name, "", &axis, err));
    }
    if (strcmp(entries[i], "x") == 0) {
      if (axis->num_values == 0 || i + 1 == count)
        return MARL_FAIL(err, MARL_ECONFIG, "compare.cells: an 'x' stands between two lists");
      axis = NULL;
      continue;
    }
    const char *colon = strchr(entries[i], ':');
    if (colon == NULL || colon - entries[i] >= (ptrdiff_t)sizeof label)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "compare.cells: '%.80s'; expected 'label: section.key=value ...' or 'x'",
                       entries[i]);
    snprintf(label, sizeof label, "%.*s", (int)(colon - entries[i]), entries[i]);
    MARL_TRY(add_value(axis, label, colon + 1, err));
  }
  return MARL_OK;
}

/* "env.fine" -> "fine", for labels. */
static const char *short_key(const char *key) {
  const char *dot = strchr(key, '.');
  return dot != NULL ? dot + 1 : key;
}

static MarlCode add_swept(MarlComparison *c, const char *entry, MarlError *err) {
  char text[512], label[2 * MARL_AXIS_NAME], *rest = NULL;
  MarlAxis *axis = NULL;
  if (snprintf(text, sizeof text, "%s", entry) >= (int)sizeof text)
    return MARL_FAIL(err, MARL_ECONFIG, "compare.sweep: too long: '%.80s'", entry);
  const char *key = strtok_r(text, " =", &rest);
  if (key == NULL || strchr(key, '.') == NULL || strchr(entry, '=') == NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "compare.sweep: '%.80s'; expected 'section.key = number number ...'", entry);
  MARL_TRY(add_axis(c, short_key(key), key, &axis, err));
  for (const char *v = strtok_r(NULL, " =", &rest); v != NULL; v = strtok_r(NULL, " =", &rest)) {
    char *end;
    strtod(v, &end);
    if (*end != '\0')
      return MARL_FAIL(err, MARL_ECONFIG, "compare.sweep: %s = '%s' is not a number", key, v);
    snprintf(label, sizeof label, "%s=%s", short_key(key), v);
    MARL_TRY(add_value(axis, label, v, err));
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

static MarlCode copy_section(const MarlSection *from, const MarlOption *options, size_t count,
                             MarlSection **out, MarlError *err) {
  const MarlOptionTable table = {options, count};
  const char *name = marl_section_name(from);
  MARL_TRY(marl_section_create(name, &table, 1, out, err));
  for (size_t i = 0; i < count; ++i)
    MARL_TRY(marl_section_set(*out, options[i].key, marl_section_canonical(from, i), name, err));
  return MARL_OK;
}

/* Entry `position` (from 1) of the list `key` replaced by `value`, as the text of a list. */
static MarlCode replace_entry(const MarlSection *section, const char *key, int position,
                              const char *value, char *text, size_t size, MarlError *err) {
  const char *list = "";
  for (size_t i = 0; i < marl_section_size(section); ++i)
    if (strcmp(marl_section_option(section, i)->key, key) == 0)
      list = marl_section_canonical(section, i);
  char copy[512], *rest = NULL;
  int entry = 0;
  size_t used = 0;
  snprintf(copy, sizeof copy, "%s", list);
  text[0] = '\0';
  for (char *word = strtok_r(copy, "[], ", &rest); word != NULL && used < size;
       word = strtok_r(NULL, "[], ", &rest)) {
    const char *comma = entry++ > 0 ? "," : "";
    used +=
        (size_t)snprintf(text + used, size - used, "%s%s", comma, entry == position ? value : word);
  }
  if (position >= 1 && position <= entry && used < size) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "compare: %s.%s#%d: the list has %d entries; give the whole list in the "
                   "configuration first",
                   marl_section_name(section), key, position, entry);
}

/* "env.fine" = "3" in a cell. */
static MarlCode assign(const MarlComparisonCell *cell, const char *target, const char *value,
                       MarlError *err) {
  char name[2 * MARL_AXIS_NAME], text[512];
  snprintf(name, sizeof name, "%s", target);
  char *dot = strchr(name, '.'), *hash = strchr(name, '#');
  if (dot != NULL) *dot = '\0';
  if (hash != NULL) *hash = '\0';
  MarlSection *section = dot == NULL                    ? NULL
                         : strcmp(name, "env") == 0     ? cell->env
                         : strcmp(name, "learner") == 0 ? cell->learner
                                                        : NULL;
  if (section == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "compare: '%s'; expected env.KEY or learner.KEY", target);
  if (hash != NULL) {
    MARL_TRY(replace_entry(section, dot + 1, (int)strtol(hash + 1, NULL, 10), value, text,
                           sizeof text, err));
  } else {
    snprintf(text, sizeof text, "%s", value);
    for (char *c = strchr(text, ';'); c != NULL; c = strchr(c, ';')) *c = ',';
  }
  return marl_section_set(section, dot + 1, text, "compare", err);
}

/* "env.a=1 learner.b=2" in a cell. */
static MarlCode assign_all(const MarlComparisonCell *cell, const char *assignments,
                           MarlError *err) {
  char text[512], *rest = NULL;
  snprintf(text, sizeof text, "%s", assignments);
  for (char *one = strtok_r(text, " ", &rest); one != NULL; one = strtok_r(NULL, " ", &rest)) {
    char *equals = strchr(one, '=');
    if (equals == NULL)
      return MARL_FAIL(err, MARL_ECONFIG, "compare.cells: '%s'; expected section.key=value", one);
    *equals = '\0';
    MARL_TRY(assign(cell, one, equals + 1, err));
  }
  return MARL_OK;
}

static MarlCode make_cell(const MarlComparison *c, int index, const MarlSection *env,
                          const MarlSection *learner, MarlError *err) {
  MarlComparisonCell *cell = &c->cells[index];
  const MarlPopulationOps *ops = c->population;
  size_t used = 0;
  MARL_TRY(copy_section(env, ops->env_options, ops->num_env_options, &cell->env, err));
  MARL_TRY(
      copy_section(learner, ops->learner_options, ops->num_learner_options, &cell->learner, err));
  if (c->num_axes == 0) snprintf(cell->name, sizeof cell->name, "%s", ops->name);
  for (int a = 0; a < c->num_axes; ++a) {
    const MarlAxis *axis = &c->axes[a];
    const MarlAxisValue *value = &axis->values[marl_comparison_value(c, index, a)];
    used += (size_t)snprintf(cell->name + used, sizeof cell->name - used, "%s%s", a > 0 ? "/" : "",
                             value->label);
    if (used >= sizeof cell->name)
      return MARL_FAIL(err, MARL_ECONFIG, "compare: the name of a cell is too long: %s",
                       cell->name);
    MARL_TRY(axis->key[0] != '\0' ? assign(cell, axis->key, value->text, err)
                                  : assign_all(cell, value->text, err));
  }
  const MarlPopulationConfig config = {cell->env, cell->learner, 0};
  return ops->check != NULL ? ops->check(&config, err) : MARL_OK;
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

MarlCode marl_comparison_make_cells(MarlComparison *comparison, const MarlSection *env,
                                    const MarlSection *learner, MarlError *err) {
  int64_t total = 1;
  for (int a = 0; a < comparison->num_axes && total <= MARL_MAX_CELLS; ++a)
    total *= comparison->axes[a].num_values;
  if (total > MARL_MAX_CELLS)
    return MARL_FAIL(err, MARL_ECONFIG, "compare: more than %d combinations", MARL_MAX_CELLS);
  comparison->cells = calloc((size_t)total, sizeof *comparison->cells);
  if (comparison->cells == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for cells");
  comparison->num_cells = (int)total;
  for (int i = 0; i < comparison->num_cells; ++i)
    MARL_TRY(make_cell(comparison, i, env, learner, err));
  return MARL_OK;
}
