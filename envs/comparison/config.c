/* The configuration of a comparison: sections run, env, learner and compare. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/comparison/cells.h"

static const MarlOption run_options[] = {
    {"seed", MARL_OPTION_INT, "1", 0, 9007199254740992.0, NULL, "1",
     "every random number is a function of it"},
};
static const MarlOption compare_options[] = {
    {"engine", MARL_OPTION_TEXT, "society", 0, 0, NULL, "1",
     "the population to compare, see `marl list engines`"},
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
    {"resamples", MARL_OPTION_INT, "10000", 1, 1e7, NULL, "1", "bootstrap resamples"},
};
static const MarlOptionTable run_table = {run_options, 1};

typedef struct Sections {
  const MarlSection *run, *env, *learner, *compare;
} Sections;

static MarlCode claim(MarlConfig *config, const MarlEngineOps *const *table,
                      const MarlEngineOps **engine, Sections *s, MarlError *err) {
  const char *name = marl_config_peek(config, "compare", "engine", table[0]->name);
  MARL_TRY(marl_engine_find(table, name, engine, err));
  const MarlEngineOps *ops = *engine;
  const MarlOptionTable env = {ops->env_options, ops->num_env_options};
  const MarlOptionTable learner = {ops->learner_options, ops->num_learner_options};
  MarlOptionTable tables[1 + MARL_ENGINE_MAX_AXES];
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

MarlCode marl_comparison_claim(MarlConfig *config, const MarlEngineOps *const *table,
                               MarlError *err) {
  const MarlEngineOps *engine;
  Sections sections;
  return claim(config, table, &engine, &sections, err);
}

static MarlCode fill_axes(const Sections *s, MarlComparison *out, MarlError *err) {
  const MarlEngineOps *ops = out->engine;
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
  const MarlEngineOps *ops = out->engine;
  const int count = ops->num_metrics + ops->num_greedy_metrics + 3;
  out->metric_name = calloc((size_t)count, sizeof *out->metric_name);
  if (out->metric_name == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %d metrics", count);
  out->num_metrics = count;
  int m = 0;
  for (int i = 0; i < ops->num_metrics; ++i)
    snprintf(out->metric_name[m++], MARL_AXIS_NAME, "%s", ops->metrics[i]);
  for (int i = 0; i < ops->num_greedy_metrics; ++i)
    snprintf(out->metric_name[m++], MARL_AXIS_NAME, "greedy_%s",
             ops->metrics[ops->greedy_metrics[i]]);
  for (int i = 0; i < 3; ++i) snprintf(out->metric_name[m++], MARL_AXIS_NAME, "%s", last[i]);
  return MARL_OK;
}

static MarlCode check_lengths(const MarlConfig *config, const MarlComparison *c, MarlError *err) {
  if (c->tail > c->cycles || c->cycles % c->curve_every != 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: env.cycles = %d must be at least compare.tail = %d and a multiple of "
                     "compare.curve_every = %d",
                     marl_config_origin(config, "env", "cycles"), c->cycles, c->tail,
                     c->curve_every);
  for (int i = 0; i < c->num_cells; ++i)
    if (marl_section_int(c->cells[i].env, "cycles") != c->cycles)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "compare: cell %s changes env.cycles; all cells have one length",
                       c->cells[i].name);
  return MARL_OK;
}

MarlCode marl_comparison_read(MarlConfig *config, const MarlEngineOps *const *table,
                              MarlComparison *out, MarlError *err) {
  Sections s;
  const MarlEngineOps *engine;
  *out = (MarlComparison){.num_cells = 0};
  MARL_TRY(claim(config, table, &engine, &s, err));
  *out = (MarlComparison){
      .engine = engine,
      .seed = (uint64_t)marl_section_int64(s.run, "seed"),
      .num_seeds = marl_section_int(s.compare, "seeds"),
      .cycles = marl_section_int(s.env, "cycles"),
      .tail = marl_section_int(s.compare, "tail"),
      .window = marl_section_int(s.compare, "window"),
      .threshold = marl_section_real(s.compare, "threshold"),
      .greedy_cycles = marl_section_int(s.compare, "greedy_cycles"),
      .curve_every = marl_section_int(s.compare, "curve_every"),
      .resamples = marl_section_int(s.compare, "resamples"),
  };
  out->num_points = out->cycles / out->curve_every;
  MarlCode code = fill_axes(&s, out, err);
  if (code == MARL_OK) code = marl_comparison_make_cells(out, s.env, s.learner, err);
  if (code == MARL_OK) code = name_metrics(out, err);
  if (code == MARL_OK) code = check_lengths(config, out, err);
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
  *comparison = (MarlComparison){.num_cells = 0};
}
