/* The configuration of a comparison: sections run, env, learner and compare. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/compare/cells.h"
#include "marl/core/nearest.h"

static const MarlOption run_options[] = {
    {"seed", MARL_OPTION_INT, "1", 0, 9007199254740992.0, NULL, "1",
     "every random number is a function of it"},
};
static const MarlOption compare_options[] = {
    {"population", MARL_OPTION_TEXT, "society", 0, 0, NULL, "1",
     "the population to compare, see `marl list populations`"},
    {"cells", MARL_OPTION_TEXTS, "", 0, 0, NULL, "1",
     "labelled overrides, each 'label: section.key=value section.key=value'; an entry x crosses "
     "the entries before with those after; ; separates the entries of a list"},
    {"sweep", MARL_OPTION_TEXTS, "", 0, 0, NULL, "1",
     "one or two crossing ranges, each 'section.key = number number ...'; section.key#2 is the "
     "second entry of a list"},
    {"seeds", MARL_OPTION_INT, "20", 1, 1e6, NULL, "runs", "independent runs of each cell"},
    {"tail", MARL_OPTION_INT, "500", 1, 1e9, NULL, "cycles",
     "last cycles that a run's metrics are averaged over"},
    {"window", MARL_OPTION_INT, "50", 1, 1e9, NULL, "cycles",
     "cycles of the mean that must reach the threshold"},
    {"threshold", MARL_OPTION_REAL, "0.9", -1e9, 1e9, NULL, "1",
     "what the followed metric (of society: cooperation) must reach"},
    {"greedy_cycles", MARL_OPTION_INT, "20", 1, 1e6, NULL, "cycles",
     "cycles without exploration after a run"},
    {"curve_every", MARL_OPTION_INT, "20", 1, 1e9, NULL, "cycles", "cycles of a curve's point"},
    {"control", MARL_OPTION_TEXT, "", 0, 0, NULL, "1",
     "name of the cell that the others are tested against; empty: all pairs of cells"},
    {"checkpoint_minutes", MARL_OPTION_REAL, "10", 0, 1e6, NULL, "min",
     "checkpoints of runs under way, by the clock; 0: only when stopped by a signal"},
};
static const MarlOptionTable run_table = {run_options, 1};

typedef struct Sections {
  const MarlSection *run, *env, *learner, *compare;
} Sections;

static MarlCode claim(MarlConfig *config, const MarlPopulationOps *const *table,
                      const MarlPopulationOps **population, Sections *s, MarlError *err) {
  const char *name = marl_config_peek(config, "compare", "population", table[0]->name);
  MARL_TRY(marl_population_find(table, name, population, err));
  const MarlPopulationOps *ops = *population;
  const MarlOptionTable env = {ops->env_options, ops->num_env_options};
  const MarlOptionTable learner = {ops->learner_options, ops->num_learner_options};
  MarlOptionTable tables[1 + MARL_POPULATION_MAX_AXES];
  size_t count = 0;
  tables[count++] =
      (MarlOptionTable){compare_options, sizeof compare_options / sizeof *compare_options};
  for (size_t a = 0; a < ops->num_axes; ++a)
    tables[count++] = (MarlOptionTable){&ops->axes[a].list, 1};
  MARL_TRY(marl_config_section(config, "run", &run_table, 1, &s->run, err));
  MARL_TRY(marl_config_section(config, "env", &env, 1, &s->env, err));
  MARL_TRY(marl_config_section(config, "learner", &learner, 1, &s->learner, err));
  return marl_config_section(config, "compare", tables, count, &s->compare, err);
}

static MarlCode fill_axes(const Sections *s, MarlComparison *out, MarlError *err) {
  const MarlPopulationOps *ops = out->population;
  const char *const *entries;
  size_t count;
  for (size_t a = 0; a < ops->num_axes; ++a) {
    const char *key = ops->axes[a].key, *dot = strchr(key, '.');
    entries = marl_section_texts(s->compare, ops->axes[a].list.key, &count);
    MARL_TRY(marl_axis_add_list(out, dot != NULL ? dot + 1 : key, key, entries, count, err));
  }
  entries = marl_section_texts(s->compare, "cells", &count);
  MARL_TRY(marl_axis_add_cells(out, entries, count, err));
  entries = marl_section_texts(s->compare, "sweep", &count);
  return marl_axis_add_sweep(out, entries, count, err);
}

static MarlCode name_metrics(MarlComparison *out, MarlError *err) {
  static const char *const last[] = {"time_to_threshold", "reached_threshold", "instability"};
  const MarlPopulationOps *ops = out->population;
  const int count = ops->num_metrics + ops->num_greedy_metrics + 3;
  out->metric_name = calloc((size_t)count, sizeof *out->metric_name);
  out->is_share = calloc((size_t)count, sizeof *out->is_share);
  if (out->metric_name == NULL || out->is_share == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %d metrics", count);
  out->num_metrics = count;
  int m = 0;
  for (int i = 0; i < ops->num_metrics; ++i)
    snprintf(out->metric_name[m++], MARL_AXIS_NAME, "%s", ops->metrics[i]);
  for (int i = 0; i < ops->num_greedy_metrics; ++i)
    snprintf(out->metric_name[m++], MARL_AXIS_NAME, "greedy_%s",
             ops->metrics[ops->greedy_metrics[i]]);
  for (int i = 0; i < 3; ++i) snprintf(out->metric_name[m++], MARL_AXIS_NAME, "%s", last[i]);
  for (int i = 0; i < ops->num_in_unit; ++i) out->is_share[ops->in_unit[i]] = true;
  for (int i = 0; i < ops->num_greedy_metrics; ++i)
    out->is_share[ops->num_metrics + i] = out->is_share[ops->greedy_metrics[i]];
  out->is_share[marl_comparison_time(out) + 1] = true; /* reached_threshold */
  return MARL_OK;
}

/* The remedy keeps the run and shortens what does not fit. */
static MarlCode check_lengths(const MarlConfig *config, const MarlComparison *c, MarlError *err) {
  const char *origin = marl_config_origin(config, "env", "cycles");
  if (c->tail > c->cycles || c->window > c->cycles)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: env.cycles = %d is shorter than compare.%s = %d; a longer run, or --set "
                     "compare.%s=%d",
                     origin, c->cycles, c->tail > c->cycles ? "tail" : "window",
                     c->tail > c->cycles ? c->tail : c->window,
                     c->tail > c->cycles ? "tail" : "window",
                     c->tail > c->cycles ? (c->cycles + 3) / 4 : c->cycles);
  if (c->cycles % c->curve_every != 0) {
    int every = c->curve_every < c->cycles ? c->curve_every : c->cycles;
    while (c->cycles % every != 0) --every;
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: env.cycles = %d is no multiple of compare.curve_every = %d; --set "
                     "compare.curve_every=%d",
                     origin, c->cycles, c->curve_every, every);
  }
  for (int i = 0; i < c->num_cells; ++i)
    if (marl_section_int(c->cells[i].env, "cycles") != c->cycles)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "compare: cell %s changes env.cycles; all cells have one length",
                       c->cells[i].name);
  return MARL_OK;
}

static MarlCode find_control(const MarlSection *compare, MarlComparison *out, MarlError *err) {
  const char *name = marl_section_text(compare, "control");
  out->control = -1;
  if (name[0] == '\0') return MARL_OK;
  const char *names[MARL_MAX_CELLS];
  for (int i = 0; i < out->num_cells; ++i) {
    names[i] = out->cells[i].name;
    if (strcmp(names[i], name) == 0) out->control = i;
  }
  if (out->control >= 0) return MARL_OK;
  return marl_fail_unknown(err, "cell (compare.control)", name, names, (size_t)out->num_cells);
}

MarlCode marl_comparison_read(MarlConfig *config, const MarlPopulationOps *const *table,
                              MarlComparison *out, MarlError *err) {
  Sections s;
  const MarlPopulationOps *population;
  *out = (MarlComparison){.num_cells = 0};
  MARL_TRY(claim(config, table, &population, &s, err));
  *out = (MarlComparison){
      .population = population,
      .seed = (uint64_t)marl_section_int64(s.run, "seed"),
      .num_seeds = marl_section_int(s.compare, "seeds"),
      .cycles = marl_section_int(s.env, "cycles"),
      .tail = marl_section_int(s.compare, "tail"),
      .window = marl_section_int(s.compare, "window"),
      .threshold = marl_section_real(s.compare, "threshold"),
      .greedy_cycles = marl_section_int(s.compare, "greedy_cycles"),
      .curve_every = marl_section_int(s.compare, "curve_every"),
      .checkpoint_minutes = marl_section_real(s.compare, "checkpoint_minutes"),
  };
  out->num_points = out->cycles / out->curve_every;
  MarlCode code = fill_axes(&s, out, err);
  if (code == MARL_OK) code = marl_comparison_make_cells(out, s.env, s.learner, err);
  if (code == MARL_OK) code = name_metrics(out, err);
  if (code == MARL_OK) code = check_lengths(config, out, err);
  if (code == MARL_OK) code = find_control(s.compare, out, err);
  out->num_jobs = out->num_cells * out->num_seeds;
  if (code != MARL_OK) marl_comparison_clear(out);
  return code;
}

void marl_comparison_clear(MarlComparison *comparison) {
  for (int i = 0; i < comparison->num_cells; ++i) {
    marl_section_destroy(&comparison->cells[i].env);
    marl_section_destroy(&comparison->cells[i].learner);
  }
  for (int a = 0; a < comparison->num_axes; ++a) free(comparison->axes[a].values);
  free(comparison->cells);
  free(comparison->metric_name);
  free(comparison->is_share);
  *comparison = (MarlComparison){.num_cells = 0};
}
