#include "cli/sweep_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/env_table.h"
#include "marl/learn/trainer.h"

enum { MAX_RUNS = 10000000 };

static const char *const samplers[] = {"product", "random", "sobol", NULL};
static const char *const goals[] = {"largest", "smallest", NULL};
static const MarlOption options[] = {
    {"over", MARL_OPTION_TEXTS, "", 0, 0, NULL, "1",
     "what is swept, any key of a training: each 'section.key = value value ...' or, for a "
     "sampler, "
     "'section.key = low..high', with a last word log for a logarithmic range; ; separates the "
     "entries of "
     "a list"},
    {"sampler", MARL_OPTION_CHOICE, "product", 0, 0, samplers, "1",
     "product: every combination of the lists; random or sobol: points of the box of ranges"},
    {"points", MARL_OPTION_INT, "0", 0, 1e6, NULL, "points",
     "number of points of a sampler; the first of more are the same"},
    {"seeds", MARL_OPTION_INT, "1", 1, 1e5, NULL, "runs",
     "trainings of each point, with run.seed and the numbers after it"},
    {"score", MARL_OPTION_TEXT, "", 0, 0, NULL, "1",
     "column of metrics.csv that says how good a training is; empty: its first return"},
    {"best", MARL_OPTION_CHOICE, "largest", 0, 0, goals, "1", "the score that is best"},
    {"tail", MARL_OPTION_INT, "10", 1, 1e12, NULL, "updates",
     "last updates that the score is the mean over"},
    {"halving", MARL_OPTION_INT, "0", 0, 1000, NULL, "1",
     "successive halving: one point in so many goes on to so many times the updates, until "
     "run.updates; "
     "0: all points are trained to the end"},
};

static const char *const refused[] = {"run.seed", "env.name", "learner.name", "learner.preset",
                                      NULL};

static MarlCode check_key(const char *key, MarlError *err) {
  for (const char *const *r = refused; *r != NULL; ++r)
    if (strcmp(*r, key) == 0)
      return MARL_FAIL(err, MARL_ECONFIG, "sweep.over: %s; %s", key,
                       r == refused
                           ? "say how many seeds: sweep.seeds"
                           : "another one has other options: a sweep each, or `marl compare`, "
                             "which carries what they share");
  return MARL_OK;
}

/* Of the trainings' sections; NULL if none has it. */
static const MarlOption *option_of(const MarlConfig *config, const char *key) {
  const char *dot = strchr(key, '.');
  for (size_t s = 0; s < marl_config_num_claimed(config); ++s) {
    const MarlSection *section = marl_config_claimed(config, s);
    const char *name = marl_section_name(section);
    if (strlen(name) != (size_t)(dot - key) || strncmp(name, key, strlen(name)) != 0) continue;
    for (size_t i = 0; i < marl_section_size(section); ++i)
      if (strcmp(marl_section_option(section, i)->key, dot + 1) == 0)
        return marl_section_option(section, i);
  }
  return NULL;
}

static MarlCode read_keys(MarlSweepPlan *plan, MarlError *err) {
  plan->updates_axis = -1;
  for (int a = 0; a < marl_points_axes(plan->points); ++a) {
    const char *key = marl_points_key(plan->points, a);
    MARL_TRY(check_key(key, err));
    const MarlOption *option = option_of(plan->config, key);
    if (option != NULL && option->kind == MARL_OPTION_INT)
      MARL_TRY(marl_points_make_whole(plan->points, a, err));
    if (strcmp(key, "run.updates") == 0) plan->updates_axis = a;
  }
  return MARL_OK;
}

/* Does the learning rate's schedule have the length of the run? Then that of the last rung is meant. */
static bool follows_length(const MarlSweepPlan *plan) {
  static const char key[] = "learner.anneal_updates";
  for (int a = 0; a < marl_points_axes(plan->points); ++a)
    if (strcmp(marl_points_key(plan->points, a), key) == 0) return false;
  return option_of(plan->config, key) != NULL &&
         strtol(marl_config_peek(plan->config, "learner", "anneal_updates", "0"), NULL, 10) == 0;
}

/* Rung r has a part eta^-r of the points, one at least, and ends at eta^(r - last) of the updates, one at
 * least (K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and hyperparameter
 * optimization", AISTATS 2016). */
static MarlCode plan_rungs(MarlSweepPlan *plan, int eta, int64_t updates, MarlError *err) {
  const int points = marl_points_count(plan->points);
  plan->num_rungs = 1;
  plan->rungs[0] = (MarlSweepRung){points, updates};
  if (eta == 0) return MARL_OK;
  if (eta == 1 || plan->updates_axis >= 0)
    return MARL_FAIL(err, MARL_ECONFIG, "sweep.halving = %d; expected %s", eta,
                     eta == 1 ? "2 or more, or 0" : "0 where run.updates is swept");
  while (plan->rungs[plan->num_rungs - 1].points > 1 && plan->num_rungs < MARL_SWEEP_MAX_RUNGS) {
    const int left = plan->rungs[plan->num_rungs - 1].points / eta;
    plan->rungs[plan->num_rungs++] = (MarlSweepRung){left > 0 ? left : 1, updates};
  }
  for (int r = plan->num_rungs - 2; r >= 0; --r)
    plan->rungs[r].updates = (plan->rungs[r + 1].updates + eta - 1) / eta;
  plan->fixed_anneal = follows_length(plan);
  return MARL_OK;
}

/* Every run's configuration is one that `marl train` takes. */
MarlCode marl_sweep_plan_read(MarlConfig *config, MarlSweepPlan *out, MarlError *err) {
  const MarlOptionTable table = {options, sizeof options / sizeof *options};
  const MarlSection *own;
  MarlTrainerSections sections;
  size_t count;
  *out = (MarlSweepPlan){.config = config};
  MARL_TRY(marl_trainer_claim(config, marl_env_table, &sections, err));
  MARL_TRY(marl_config_section(config, "sweep", &table, 1, &own, err));
  out->seed = marl_section_int64(sections.run, "seed");
  out->num_seeds = marl_section_int(own, "seeds");
  out->score = marl_section_text(own, "score");
  out->smallest = marl_section_choice(own, "best") == 1;
  out->tail = marl_section_int64(own, "tail");
  const char *const *entries = marl_section_texts(own, "over", &count);
  MARL_TRY(marl_points_create(entries, count, (MarlSampler)marl_section_choice(own, "sampler"),
                              marl_section_int(own, "points"), (uint64_t)out->seed, &out->points,
                              err));
  MarlCode code = read_keys(out, err);
  if (code == MARL_OK)
    code = plan_rungs(out, marl_section_int(own, "halving"),
                      marl_section_int64(sections.run, "updates"), err);
  if (code == MARL_OK && marl_points_count(out->points) > MAX_RUNS / out->num_seeds)
    code = MARL_FAIL(err, MARL_ECONFIG, "sweep: more than %d trainings", MAX_RUNS);
  if (code == MARL_OK) out->num_runs = marl_points_count(out->points) * out->num_seeds;
  if (code != MARL_OK) marl_sweep_plan_clear(out);
  return code;
}

void marl_sweep_plan_clear(MarlSweepPlan *plan) {
  marl_points_destroy(&plan->points);
}

int64_t marl_sweep_updates(const MarlSweepPlan *plan, int run, int rung) {
  char text[MARL_POINT_TEXT];
  if (plan->updates_axis < 0) return plan->rungs[rung].updates;
  marl_points_value(plan->points, run / plan->num_seeds, plan->updates_axis, text);
  return (int64_t)strtod(text, NULL);
}

void marl_sweep_settings(const MarlSweepPlan *plan, int run, int rung, MarlSweepVisit visit,
                         void *context) {
  char value[MARL_POINT_TEXT], text[2 * MARL_POINT_TEXT];
  for (int a = 0; a < marl_points_axes(plan->points); ++a) {
    marl_points_value(plan->points, run / plan->num_seeds, a, value);
    snprintf(text, sizeof text, "%.100s=%s", marl_points_key(plan->points, a), value);
    visit(context, text);
  }
  snprintf(text, sizeof text, "run.seed=%" PRId64, plan->seed + run % plan->num_seeds);
  visit(context, text);
  if (plan->num_rungs == 1) return;
  snprintf(text, sizeof text, "run.updates=%" PRId64, plan->rungs[rung].updates);
  visit(context, text);
  if (!plan->fixed_anneal) return;
  snprintf(text, sizeof text, "learner.anneal_updates=%" PRId64,
           plan->rungs[plan->num_rungs - 1].updates);
  visit(context, text);
}

typedef struct Setting {
  MarlConfig *config;
  MarlCode code;
  MarlError *err;
} Setting;

static void set(void *context, const char *setting) {
  Setting *s = context;
  if (s->code == MARL_OK) s->code = marl_config_set(s->config, setting, s->err);
}

MarlCode marl_sweep_config(const MarlSweepPlan *plan, int run, int rung, MarlConfig **out,
                           MarlError *err) {
  MARL_TRY(marl_config_copy(plan->config, "sweep", out, err));
  Setting setting = {*out, MARL_OK, err};
  marl_sweep_settings(plan, run, rung, set, &setting);
  if (setting.code != MARL_OK) marl_config_destroy(out);
  return setting.code;
}

void marl_sweep_name(const MarlSweepPlan *plan, int run, char name[MARL_SWEEP_NAME]) {
  snprintf(name, MARL_SWEEP_NAME, "point_%04d_seed_%" PRId64, run / plan->num_seeds,
           plan->seed + run % plan->num_seeds);
}
