/* From the axes of a comparison to its cells. */
#define _POSIX_C_SOURCE 200809L /* strtok_r */
#include "marl/compare/cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/trainer.h"

static const char *const section_names[MARL_CELL_SECTIONS] = {"env", "learner", "policy", "run"};
enum { ENV, LEARNER };

/* Is this the entry `number` (from 1) that `which` is, "2", or the one "which=..."? */
static bool is_entry(const char *which, int number, const char *word) {
  const size_t length = strlen(which);
  if (strspn(which, "0123456789") == length) return strtol(which, NULL, 10) == number;
  return strncmp(word, which, length) == 0 && word[length] == '=';
}

/* The entry `which` of the list `key` replaced by `value`, as the text of a list. */
static MarlCode replace_entry(const MarlSection *section, const char *key, const char *which,
                              const char *value, char *text, size_t size, MarlError *err) {
  const char *list = "";
  for (size_t i = 0; i < marl_section_size(section); ++i)
    if (strcmp(marl_section_option(section, i)->key, key) == 0)
      list = marl_section_canonical(section, i);
  char copy[512], *rest = NULL;
  int entry = 0;
  bool found = false;
  size_t used = 0;
  snprintf(copy, sizeof copy, "%s", list);
  text[0] = '\0';
  for (char *word = strtok_r(copy, "[], ", &rest); word != NULL && used < size;
       word = strtok_r(NULL, "[], ", &rest)) {
    const char *comma = entry++ > 0 ? "," : "";
    const bool here = is_entry(which, entry, word);
    const int kept = here && strchr(word, '=') != NULL ? (int)(strchr(word, '=') + 1 - word) : 0;
    found = found || here;
    used += (size_t)snprintf(text + used, size - used, "%s%.*s%s", comma, kept, word,
                             here ? value : word);
  }
  if (found && used < size) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "compare: %s.%s#%s: the list is %s; give the whole list in the configuration "
                   "first",
                   marl_section_name(section), key, which, list);
}

/* "env.fine" = "3" in a cell; its plugins are there. */
static MarlCode assign(const MarlComparisonCell *cell, const char *target, const char *value,
                       MarlError *err) {
  char name[2 * MARL_AXIS_NAME], text[512];
  snprintf(name, sizeof name, "%s", target);
  char *dot = strchr(name, '.'), *hash = strchr(name, '#');
  if (dot != NULL) *dot = '\0';
  if (hash != NULL) *hash = '\0';
  MarlSection *section = NULL;
  for (int s = 0; s < MARL_CELL_SECTIONS && dot != NULL; ++s)
    if (strcmp(name, section_names[s]) == 0) section = cell->section[s];
  if (section == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "compare: '%s'; expected env.KEY, learner.KEY%s", target,
                     cell->env_ops != NULL ? ", policy.KEY or run.KEY" : "");
  if (strcmp(target, "run.seed") == 0)
    return MARL_FAIL(err, MARL_ECONFIG, "compare: run.seed in a cell: all cells have the one seed");
  if (hash != NULL) {
    MARL_TRY(replace_entry(section, dot + 1, hash + 1, value, text, sizeof text, err));
  } else {
    snprintf(text, sizeof text, "%s", value);
    for (char *c = strchr(text, ';'); c != NULL; c = strchr(c, ';')) *c = ',';
  }
  return marl_section_set(section, dot + 1, text, "compare", err);
}

/* What is done with each "section.key" = "value" of a cell. */
typedef struct Visit {
  MarlComparisonCell *cell;
  const MarlComparisonBase *base;
  bool names; /* look for env.name and learner.name only */
} Visit;

static MarlCode visit_one(const Visit *v, const char *target, const char *value, MarlError *err) {
  if (!v->names) return assign(v->cell, target, value, err);
  if (v->base->env_ops == NULL) return MARL_OK;
  if (strcmp(target, "env.name") == 0)
    return marl_env_find(v->base->env_table, value, &v->cell->env_ops, err);
  if (strcmp(target, "learner.name") == 0)
    return marl_learner_find(value, &v->cell->learner_ops, err);
  return MARL_OK;
}

/* "env.a=1 learner.b=2" */
static MarlCode visit_text(const Visit *v, const char *assignments, MarlError *err) {
  char text[512], *rest = NULL;
  snprintf(text, sizeof text, "%s", assignments);
  for (char *one = strtok_r(text, " ", &rest); one != NULL; one = strtok_r(NULL, " ", &rest)) {
    char *equals = strchr(one, '=');
    if (equals == NULL)
      return MARL_FAIL(err, MARL_ECONFIG, "compare.cells: '%s'; expected section.key=value", one);
    *equals = '\0';
    MARL_TRY(visit_one(v, one, equals + 1, err));
  }
  return MARL_OK;
}

static MarlCode visit_values(const Visit *v, const MarlComparison *c, int index, MarlError *err) {
  for (int a = 0; a < c->num_axes; ++a)
    MARL_TRY(visit_text(v, c->axes[a].values[marl_comparison_value(c, index, a)].text, err));
  return MARL_OK;
}

/* The section of another plugin: its defaults, and what is said to all of a kind. */
static MarlCode fresh_section(const MarlSection *base, const MarlOptionTable *common,
                              const MarlPlugin *plugin, MarlSection **out, MarlError *err) {
  const MarlOptionTable tables[] = {*common, {plugin->options, plugin->num_options}};
  const char *name = marl_section_name(base);
  MARL_TRY(marl_section_create(name, tables, 2, out, err));
  for (size_t i = 0; i < common->num_options; ++i)
    MARL_TRY(
        marl_section_set(*out, common->options[i].key, marl_section_canonical(base, i), name, err));
  return MARL_OK;
}

static MarlCode make_sections(MarlComparisonCell *cell, const MarlComparisonBase *base,
                              MarlError *err) {
  for (int s = 0; s < MARL_CELL_SECTIONS; ++s) {
    const MarlSection *from = base->section[s];
    if (from == NULL) continue;
    if (s == ENV && cell->env_ops != base->env_ops)
      MARL_TRY(fresh_section(from, &marl_env_common_options, &cell->env_ops->plugin,
                             &cell->section[s], err));
    else if (s == LEARNER && cell->learner_ops != base->learner_ops)
      MARL_TRY(fresh_section(from, &marl_learner_common_options, &cell->learner_ops->plugin,
                             &cell->section[s], err));
    else
      MARL_TRY(marl_section_copy(from, &cell->section[s], err));
  }
  return MARL_OK;
}

/* Has nobody set this option of the section? False, too, if it has no such. */
static bool is_default(const MarlSection *section, const char *key) {
  for (size_t i = 0; i < marl_section_size(section); ++i)
    if (strcmp(marl_section_option(section, i)->key, key) == 0)
      return strcmp(marl_section_origin(section, key), "default") == 0;
  return false;
}

/* What the configuration says to its learner holds for the other learners that know the option, unless
 * the cell says otherwise. Said is what differs from that learner's default, under its preset: the
 * values count and not where they stand, since a run that goes on reads them all from one file. */
static MarlCode carry_options(const MarlComparisonCell *cell, const MarlComparisonBase *base,
                              MarlError *err) {
  const MarlSection *said = base->section[LEARNER];
  MarlSection *silent = NULL;
  if (cell->learner_ops == base->learner_ops) return MARL_OK;
  MarlCode code =
      fresh_section(said, &marl_learner_common_options, &base->learner_ops->plugin, &silent, err);
  if (code == MARL_OK)
    code = marl_section_prefer(silent, marl_learner_preset(base->learner_ops, said),
                               "learner.preset", err);
  for (size_t i = 0; code == MARL_OK && i < marl_section_size(said); ++i) {
    const char *key = marl_section_option(said, i)->key, *value = marl_section_canonical(said, i);
    if (strcmp(value, marl_section_canonical(silent, i)) == 0 || strcmp(key, "preset") == 0 ||
        !is_default(cell->section[LEARNER], key))
      continue;
    MarlError why;
    code = marl_section_set(cell->section[LEARNER], key, value, "configuration", &why);
    if (code != MARL_OK)
      code =
          MARL_FAIL(err, code,
                    "compare.learners: learner.%s = %s is for %s, too, and does not fit (%s); "
                    "give it a value of its own: '%s %s=...'",
                    key, value, cell->learner_ops->name, why.message, cell->learner_ops->name, key);
  }
  marl_section_destroy(&silent);
  return code;
}

static MarlCode name_cell(const MarlComparison *c, int index, MarlError *err) {
  MarlComparisonCell *cell = &c->cells[index];
  size_t used = 0;
  if (c->num_axes == 0) snprintf(cell->name, sizeof cell->name, "%s", c->population->name);
  for (int a = 0; a < c->num_axes; ++a) {
    const MarlAxisValue *value = &c->axes[a].values[marl_comparison_value(c, index, a)];
    used += (size_t)snprintf(cell->name + used, sizeof cell->name - used, "%s%s", a > 0 ? "/" : "",
                             value->label);
    if (used >= sizeof cell->name)
      return MARL_FAIL(err, MARL_ECONFIG, "compare: the name of a cell is too long: %s",
                       cell->name);
  }
  return MARL_OK;
}

/* A comparison without axes is a training run under its own seed. Elsewhere the name tells the cells
 * apart, not the number: a cell is the same in any comparison that holds it. */
static uint64_t cell_seed(const MarlComparison *c, const MarlComparisonCell *cell) {
  if (c->num_axes == 0) return c->seed;
  const MarlKey key = marl_key_fold_text(marl_key(c->seed, MARL_STREAM_ENV), cell->name);
  return marl_below(key, 0, UINT64_C(1) << 53);
}

static MarlCode make_cell(const MarlComparison *c, int index, const MarlComparisonBase *base,
                          MarlError *err) {
  MarlComparisonCell *cell = &c->cells[index];
  cell->env_ops = base->env_ops;
  cell->learner_ops = base->learner_ops;
  MARL_TRY(name_cell(c, index, err));
  cell->seed = cell_seed(c, cell);
  const Visit names = {cell, base, true}, all = {cell, base, false};
  MARL_TRY(visit_values(&names, c, index, err));
  MARL_TRY(make_sections(cell, base, err));
  MARL_TRY(visit_values(&all, c, index, err));
  if (cell->learner_ops == NULL) return MARL_OK;
  MARL_TRY(carry_options(cell, base, err));
  /* a cell may have another preset, or none */
  return marl_section_prefer(cell->section[LEARNER],
                             marl_learner_preset(cell->learner_ops, cell->section[LEARNER]),
                             "learner.preset", err);
}

MarlCode marl_comparison_make_cells(MarlComparison *comparison, const MarlComparisonBase *base,
                                    MarlError *err) {
  int64_t total = 1;
  for (int a = 0; a < comparison->num_axes && total <= MARL_MAX_CELLS; ++a)
    total *= comparison->axes[a].num_values;
  if (total > MARL_MAX_CELLS)
    return MARL_FAIL(err, MARL_ECONFIG, "compare: more than %d combinations", MARL_MAX_CELLS);
  comparison->cells = calloc((size_t)total, sizeof *comparison->cells);
  if (comparison->cells == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for cells");
  comparison->num_cells = (int)total;
  for (int i = 0; i < comparison->num_cells; ++i) MARL_TRY(make_cell(comparison, i, base, err));
  return MARL_OK;
}

MarlPopulationConfig marl_comparison_config(const MarlComparisonCell *cell, int replica) {
  return (MarlPopulationConfig){.env = cell->section[ENV],
                                .learner = cell->section[LEARNER],
                                .policy = cell->section[2],
                                .run = cell->section[3],
                                .env_ops = cell->env_ops,
                                .learner_ops = cell->learner_ops,
                                .seed = cell->seed,
                                .replica = replica};
}
