/* The configuration of a comparison: sections run, env, learner and compare. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/dilemma/comparison.h"
#include "marl/core/nearest.h"

static const MarlOption run_options[] = {
    {"seed", MARL_OPTION_INT, "1", 0, 9007199254740992.0, NULL, "1",
     "every random number is a function of it"},
};
static const MarlOption env_options[] = {
    {"costly_just_reward", MARL_OPTION_REAL, "-3", -1e6, 1e6, NULL, "reward",
     "just_reward of the mechanisms named costly"},
};
static const MarlOption compare_options[] = {
    {"mechanisms", MARL_OPTION_TEXTS, "none, DP", 0, 0, NULL, "1",
     "mechanisms to compare, see `marl list mechanisms`; they set env.matching and "
     "env.punishment"},
    {"visibility", MARL_OPTION_TEXTS, "published", 0, 0, NULL, "1",
     "who sees reputations: hidden, play, punish, play_punish, published"},
    {"profiles", MARL_OPTION_TEXTS, "paper", 0, 0, NULL, "1",
     "how the learners learn: paper, clean"},
    {"seeds", MARL_OPTION_INT, "20", 1, 1e6, NULL, "runs", "independent runs of each cell"},
    {"tail", MARL_OPTION_INT, "500", 1, 1e9, NULL, "cycles",
     "last cycles that a run's metrics are averaged over"},
    {"window", MARL_OPTION_INT, "50", 1, 1e9, NULL, "cycles",
     "cycles of the mean that must reach the threshold"},
    {"threshold", MARL_OPTION_REAL, "0.9", 0, 1, NULL, "1", "cooperation that counts as reached"},
    {"greedy_cycles", MARL_OPTION_INT, "20", 1, 1e6, NULL, "cycles",
     "cycles without exploration after a run"},
    {"curve_every", MARL_OPTION_INT, "20", 1, 1e9, NULL, "cycles", "cycles of a curve's point"},
    {"resamples", MARL_OPTION_INT, "10000", 1, 1e7, NULL, "1", "bootstrap resamples"},
};

#define TABLE(options) \
  { options, sizeof options / sizeof options[0] }
static const MarlOptionTable run_table = TABLE(run_options);
static const MarlOptionTable env_tables[] = {{marl_dilemma_options, MARL_DILEMMA_NUM_OPTIONS},
                                             TABLE(env_options)};
static const MarlOptionTable learner_table = {marl_profile_options, MARL_PROFILE_NUM_OPTIONS};
static const MarlOptionTable compare_table = TABLE(compare_options);

typedef struct Sections {
  const MarlSection *run, *env, *learner, *compare;
} Sections;

static MarlCode claim(MarlConfig *config, Sections *s, MarlError *err) {
  MARL_TRY(marl_config_section(config, "run", &run_table, 1, &s->run, err));
  MARL_TRY(marl_config_section(config, "env", env_tables, 2, &s->env, err));
  MARL_TRY(marl_config_section(config, "learner", &learner_table, 1, &s->learner, err));
  return marl_config_section(config, "compare", &compare_table, 1, &s->compare, err);
}

MarlCode marl_comparison_claim(MarlConfig *config, MarlError *err) {
  Sections sections;
  return claim(config, &sections, err);
}

static MarlCode find_profile(const char *name, int *index, MarlError *err) {
  size_t count = 0;
  for (; marl_profile_names[count] != NULL; ++count) {
    if (strcmp(marl_profile_names[count], name) != 0) continue;
    *index = (int)count;
    return MARL_OK;
  }
  return marl_fail_unknown(err, "profile", name, marl_profile_names, count);
}

static MarlCode fill_cell(const Sections *s, const char *mechanism, const char *visibility,
                          const char *profile, MarlComparisonCell *cell, MarlError *err) {
  int index = 0;
  MARL_TRY(marl_mechanism_find(mechanism, &cell->mechanism, err));
  MARL_TRY(find_profile(profile, &index, err));
  MARL_TRY(marl_dilemma_rules_read(s->env, &cell->rules, err));
  cell->rules.matching = cell->mechanism->matching;
  cell->rules.punishment = cell->mechanism->punishment;
  if (!cell->mechanism->reputations) cell->rules.reputation = MARL_REPUTATION_NONE;
  if (cell->mechanism->costly)
    cell->rules.prices.just_reward = (float)marl_section_real(s->env, "costly_just_reward");
  MARL_TRY(marl_visibility_apply(visibility, cell->mechanism, &cell->rules, err));
  MARL_TRY(marl_dilemma_rules_check(&cell->rules, err));
  cell->profile = marl_profile_named(index);
  MARL_TRY(marl_profile_override(s->learner, &cell->profile, err));
  cell->visibility = visibility;
  cell->profile_name = profile;
  snprintf(cell->name, sizeof cell->name, "%s/%s/%s", mechanism, visibility, profile);
  return MARL_OK;
}

static MarlCode fill_cells(const Sections *s, MarlComparison *out, MarlError *err) {
  size_t num_mechanisms, num_visibilities, num_profiles;
  const char *const *mechanisms = marl_section_texts(s->compare, "mechanisms", &num_mechanisms);
  const char *const *visibilities = marl_section_texts(s->compare, "visibility", &num_visibilities);
  const char *const *profiles = marl_section_texts(s->compare, "profiles", &num_profiles);
  const size_t total = num_mechanisms * num_visibilities * num_profiles;
  if (total < 1 || total > MARL_MAX_CELLS)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "compare: %zu mechanisms x %zu visibilities x %zu profiles; expected 1 .. %d "
                     "combinations",
                     num_mechanisms, num_visibilities, num_profiles, MARL_MAX_CELLS);
  out->cells = calloc(total, sizeof *out->cells);
  if (out->cells == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for cells");
  for (size_t p = 0; p < num_profiles; ++p)
    for (size_t v = 0; v < num_visibilities; ++v)
      for (size_t m = 0; m < num_mechanisms; ++m)
        MARL_TRY(fill_cell(s, mechanisms[m], visibilities[v], profiles[p],
                           &out->cells[out->num_cells++], err));
  return MARL_OK;
}

static MarlCode check_lengths(const MarlConfig *config, const MarlComparison *c, MarlError *err) {
  if (c->tail <= c->cycles && c->cycles % c->curve_every == 0) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "%s: env.cycles = %d must be at least compare.tail = %d and a multiple of "
                   "compare.curve_every = %d",
                   marl_config_origin(config, "env", "cycles"), c->cycles, c->tail, c->curve_every);
}

MarlCode marl_comparison_read(MarlConfig *config, MarlComparison *out, MarlError *err) {
  Sections s;
  *out = (MarlComparison){.num_cells = 0};
  MARL_TRY(claim(config, &s, err));
  *out = (MarlComparison){
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
  MarlCode code = fill_cells(&s, out, err);
  if (code == MARL_OK) code = check_lengths(config, out, err);
  if (code != MARL_OK) marl_comparison_clear(out);
  out->num_jobs = out->num_cells * out->num_seeds;
  return code;
}

void marl_comparison_clear(MarlComparison *comparison) {
  free(comparison->cells);
  *comparison = (MarlComparison){.num_cells = 0};
}
