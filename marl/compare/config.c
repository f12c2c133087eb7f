/* The configuration of a comparison: sections run, env, learner and compare. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/compare/cells.h"
#include "marl/compare/parameter_points.h"
#include "marl/core/nearest.h"
#include "marl/learn/trainer.h"

static const MarlOption run_options[] = {
    {"seed", MARL_OPTION_INT, "1", 0, 9007199254740992.0, NULL, "1",
     "every random number is a function of it"},
    {"shards", MARL_OPTION_INT, "1", 1, 65536, NULL, "1",
     "parts of the environments of one run, as in training; results depend on it"},
};
static const MarlOption compare_options[] = {
    {"population", MARL_OPTION_TEXT, "trained", 0, 0, NULL, "1",
     "the population to compare, see `marl list populations`; trained: env.name and learner.name"},
    {"cells", MARL_OPTION_TEXTS, "", 0, 0, NULL, "1",
     "labelled overrides, each 'label: section.key=value section.key=value'; an entry x crosses "
     "the entries before with those after; ; separates the entries of a list"},
    {"sweep", MARL_OPTION_TEXTS, "", 0, 0, NULL, "1",
     "one or two crossing ranges, each 'section.key = number number ...'; section.key#2 is the "
     "second entry of a list, section.key#play the one of the role play"},
    {"over", MARL_OPTION_TEXTS, "", 0, 0, NULL, "1",
     "points in several keys at once, crossed with the cells: each 'section.key = low..high', with "
     "a "
     "last word log for a logarithmic range, or 'section.key = value value ...'"},
    {"sampler", MARL_OPTION_CHOICE, "sobol", 0, 0, marl_sampler_names, "1",
     "of compare.over, as in `marl sweep`; the points follow run.seed"},
    {"points", MARL_OPTION_INT, "0", 0, 1e6, NULL, "points",
     "number of points of compare.over; the first of more are the same"},
    {"where", MARL_OPTION_TEXT, "", 0, 0, NULL, "1",
     "of compare.over: only points at which a product of its keys is above or below a number, "
     "'section.key * section.key > 1'; empty: all"},
    {"cycles", MARL_OPTION_INT, "0", 0, 1e9, NULL, "cycles",
     "length of a run; 0: env.cycles, where there is such an option, and no life ends with the "
     "run. "
     "Where an environment knows no cycles, an episode is one"},
    {"seeds", MARL_OPTION_INT, "20", 1, 1e6, NULL, "runs", "independent runs of each cell"},
    {"tail", MARL_OPTION_INT, "500", 1, 1e9, NULL, "cycles",
     "last cycles that a run's metrics are averaged over"},
    {"window", MARL_OPTION_INT, "50", 1, 1e9, NULL, "cycles",
     "cycles of the mean that must reach the threshold"},
    {"threshold", MARL_OPTION_REAL, "0.9", -1e9, 1e9, NULL, "1",
     "what the followed metric must reach"},
    {"followed", MARL_OPTION_TEXT, "", 0, 0, NULL, "1",
     "metric of the threshold, the curves and the first column; empty: the population's own "
     "choice, "
     "cooperation in a dilemma"},
    {"greedy_cycles", MARL_OPTION_INT, "20", 1, 1e6, NULL, "cycles",
     "cycles without exploration after a run"},
    {"curve_every", MARL_OPTION_INT, "20", 1, 1e9, NULL, "cycles", "cycles of a curve's point"},
    {"control", MARL_OPTION_TEXT, "", 0, 0, NULL, "1",
     "name of the cell that the others are tested against, or a value of an axis (none): then each "
     "cell is tested against the one that differs in that only; empty: pairs that differ in one "
     "axis"},
    {"all_pairs", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "without a control, test every pair of cells: their number, and Holm's correction, grow with "
     "the "
     "square of the cells"},
    {"vary_seeds", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "run r has the graph of env.graph_seed + r, the same in all cells; false: all runs share one "
     "graph, and intervals leave out how much graphs differ"},
    {"checkpoint_minutes", MARL_OPTION_REAL, "10", 0, 1e6, NULL, "min",
     "checkpoints of runs under way, by the clock; 0: only when stopped by a signal"},
};
static const MarlOption learners_option[] = {
    {"learners", MARL_OPTION_TEXTS, "", 0, 0, NULL, "1",
     "values of learner.name to compare, each 'name' or 'label: name option=value ...'"},
};

/* What is claimed: the sections, and the axes that the environment or the population has. */
typedef struct Claimed {
  MarlComparisonBase base;
  const MarlSection *run, *compare;
  const MarlEnvAxis *axes;
  size_t num_axes;
} Claimed;

/* A run is one population unless more are asked for. */
static MarlCode claim_trained(MarlConfig *config, Claimed *s, MarlError *err) {
  MarlTrainerSections sections = {.run = NULL};
  const MarlOptionTable run = {run_options, 2};
  if (marl_config_peek(config, "env", "num_envs", NULL) == NULL)
    MARL_TRY(marl_config_set(config, "env.num_envs=1", err));
  MARL_TRY(marl_config_section(config, "run", &run, 1, &s->run, err));
  MARL_TRY(marl_trainer_claim(config, s->base.env_table, &sections, err));
  s->base.section[0] = sections.env;
  s->base.section[1] = sections.learner;
  s->base.section[2] = sections.policy;
  s->base.section[3] = s->run;
  s->base.env_ops = sections.env_ops;
  s->base.learner_ops = sections.learner_ops;
  s->axes = sections.env_ops->axes;
  s->num_axes = sections.env_ops->num_axes;
  return MARL_OK;
}

static MarlCode claim_kernel(MarlConfig *config, const MarlPopulationOps *ops, Claimed *s,
                             MarlError *err) {
  const MarlOptionTable run = {run_options, 1}, env = {ops->options, ops->num_options};
  const MarlOptionTable learner = {ops->learner_options, ops->num_learner_options};
  MARL_TRY(marl_config_section(config, "run", &run, 1, &s->run, err));
  MARL_TRY(marl_config_section(config, "env", &env, 1, &s->base.section[0], err));
  MARL_TRY(marl_config_section(config, "learner", &learner, 1, &s->base.section[1], err));
  s->axes = ops->axes;
  s->num_axes = ops->num_axes;
  return MARL_OK;
}

static MarlCode claim(MarlConfig *config, const MarlPopulationOps *ops, Claimed *s,
                      MarlError *err) {
  MarlOptionTable tables[2 + MARL_ENV_MAX_AXES];
  size_t count = 0;
  const bool trained = ops == &marl_population_trained;
  MARL_TRY(trained ? claim_trained(config, s, err) : claim_kernel(config, ops, s, err));
  tables[count++] =
      (MarlOptionTable){compare_options, sizeof compare_options / sizeof *compare_options};
  for (size_t a = 0; a < s->num_axes; ++a) tables[count++] = (MarlOptionTable){&s->axes[a].list, 1};
  if (trained) tables[count++] = (MarlOptionTable){learners_option, 1};
  return marl_config_section(config, "compare", tables, count, &s->compare, err);
}

static MarlCode add_list(const Claimed *s, const char *list, const char *key, MarlComparison *out,
                         MarlError *err) {
  const char *dot = strchr(key, '.');
  size_t count;
  const char *const *entries = marl_section_texts(s->compare, list, &count);
  return marl_axis_add_list(out, dot != NULL ? dot + 1 : key, key, entries, count, err);
}

static MarlCode fill_axes(const Claimed *s, MarlComparison *out, MarlError *err) {
  const char *const *entries;
  size_t count;
  for (size_t a = 0; a < s->num_axes; ++a)
    MARL_TRY(add_list(s, s->axes[a].list.key, s->axes[a].key, out, err));
  if (s->base.learner_ops != NULL) MARL_TRY(add_list(s, "learners", "learner.name", out, err));
  entries = marl_section_texts(s->compare, "cells", &count);
  MARL_TRY(marl_axis_add_cells(out, entries, count, err));
  entries = marl_section_texts(s->compare, "over", &count);
  MARL_TRY(marl_axis_add_points(out, entries, count, s->compare, &s->base, err));
  entries = marl_section_texts(s->compare, "sweep", &count);
  return marl_axis_add_sweep(out, entries, count, err);
}

/* env.cycles of a section, 0 without such an option. */
static int env_cycles(const MarlSection *env) {
  for (size_t i = 0; i < marl_section_size(env); ++i)
    if (strcmp(marl_section_option(env, i)->key, "cycles") == 0)
      return marl_section_int(env, "cycles");
  return 0;
}

static MarlCode read_cycles(const Claimed *s, MarlComparison *out, MarlError *err) {
  out->cycles = marl_section_int(s->compare, "cycles");
  const bool own = out->cycles == 0;
  if (own) out->cycles = env_cycles(s->base.section[0]);
  if (out->cycles == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "compare.cycles, the length of a run, is not set: --set compare.cycles=N");
  out->num_points = out->cycles / out->curve_every;
  for (int i = 0; i < out->num_cells && own; ++i)
    if (env_cycles(out->cells[i].section[0]) != out->cycles)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "compare: cell %s changes env.cycles; all cells have one length: set "
                       "compare.cycles",
                       out->cells[i].name);
  /* a life that ended with the run would leave the greedy cycles to newborns, whom nothing is known
   * of: what nobody has learned for */
  for (int i = 0; i < out->num_cells && own && out->cells[i].env_ops != NULL; ++i)
    MARL_TRY(marl_section_set(out->cells[i].section[0], "cycles", "0", "compare.cycles", err));
  return MARL_OK;
}

/* The remedy keeps the run and shortens what does not fit. */
static MarlCode check_lengths(const MarlConfig *config, const Claimed *s, const MarlComparison *c,
                              MarlError *err) {
  const char *key = marl_section_int(s->compare, "cycles") > 0 ? "compare" : "env";
  const char *origin = marl_config_origin(config, key, "cycles");
  if (c->tail > c->cycles || c->window > c->cycles)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: %s.cycles = %d is shorter than compare.%s = %d; a longer run, or --set "
                     "compare.%s=%d",
                     origin, key, c->cycles, c->tail > c->cycles ? "tail" : "window",
                     c->tail > c->cycles ? c->tail : c->window,
                     c->tail > c->cycles ? "tail" : "window",
                     c->tail > c->cycles ? (c->cycles + 3) / 4 : c->cycles);
  if (c->cycles % c->curve_every != 0) {
    int every = c->curve_every < c->cycles ? c->curve_every : c->cycles;
    while (c->cycles % every != 0) --every;
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: %s.cycles = %d is no multiple of compare.curve_every = %d; --set "
                     "compare.curve_every=%d",
                     origin, key, c->cycles, c->curve_every, every);
  }
  return MARL_OK;
}

static MarlCode find_control(const MarlSection *compare, MarlComparison *out, MarlError *err) {
  const char *name = marl_section_text(compare, "control");
  const char *names[MARL_MAX_CELLS];
  out->control = out->control_axis = -1;
  for (int i = 0; i < out->num_cells; ++i) {
    names[i] = out->cells[i].name;
    if (strcmp(names[i], name) == 0) out->control = i;
  }
  for (int a = 0; a < out->num_axes && out->control < 0 && out->control_axis < 0; ++a)
    for (int v = 0; v < out->axes[a].num_values; ++v)
      if (strcmp(out->axes[a].values[v].label, name) == 0)
        out->control_axis = a, out->control_value = v;
  if (name[0] != '\0' && out->control < 0 && out->control_axis < 0)
    return marl_fail_unknown(err, "cell (compare.control)", name, names, (size_t)out->num_cells);
  return marl_comparison_find_pairs(out, err);
}

MarlCode marl_comparison_read(MarlConfig *config, const MarlPopulationOps *const *populations,
                              const MarlEnvOps *const *envs, MarlComparison *out, MarlError *err) {
  Claimed s = {.base = {.env_table = envs}};
  const MarlPopulationOps *population;
  *out = (MarlComparison){.num_cells = 0};
  const char *name = marl_config_peek(config, "compare", "population", populations[0]->name);
  MARL_TRY(marl_population_find(populations, name, &population, err));
  MARL_TRY(claim(config, population, &s, err));
  *out = (MarlComparison){
      .population = population,
      .seed = (uint64_t)marl_section_int64(s.run, "seed"),
      .num_seeds = marl_section_int(s.compare, "seeds"),
      .tail = marl_section_int(s.compare, "tail"),
      .window = marl_section_int(s.compare, "window"),
      .threshold = marl_section_real(s.compare, "threshold"),
      .all_pairs = marl_section_bool(s.compare, "all_pairs"),
      .vary_seeds = marl_section_bool(s.compare, "vary_seeds"),
      .greedy_cycles = marl_section_int(s.compare, "greedy_cycles"),
      .curve_every = marl_section_int(s.compare, "curve_every"),
      .checkpoint_minutes = marl_section_real(s.compare, "checkpoint_minutes"),
  };
  MarlCode code = fill_axes(&s, out, err);
  if (code == MARL_OK) code = marl_comparison_make_cells(out, &s.base, err);
  if (code == MARL_OK) code = read_cycles(&s, out, err);
  if (code == MARL_OK)
    code = marl_comparison_name_metrics(out, marl_section_text(s.compare, "followed"), err);
  if (code == MARL_OK) code = check_lengths(config, &s, out, err);
  if (code == MARL_OK) code = find_control(s.compare, out, err);
  out->num_jobs = out->num_cells * out->num_seeds;
  if (code != MARL_OK) marl_comparison_clear(out);
  return code;
}
