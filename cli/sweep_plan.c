#include "cli/sweep_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/env_table.h"
#include "marl/learn/trainer.h"

enum { MAX_RUNS = 10000000 };

static const char *const goals[] = {"largest", "smallest", NULL};
static const MarlOption options[] = {
    {"over", MARL_OPTION_TEXTS, "", 0, 0, NULL, "1",
     "what is swept, any key of a training: each 'section.key = value value ...' or, for a "
     "sampler, "
     "'section.key = low..high', with a last word log for a logarithmic range; ; separates the "
     "entries of "
     "a list"},
    {"sampler", MARL_OPTION_CHOICE, "product", 0, 0, marl_sampler_names, "1",
     "product: every combination of the lists; random or sobol: points of the box of ranges"},
    {"points", MARL_OPTION_INT, "0", 0, 1e6, NULL, "points",
     "number of points of a sampler; the first of more are the same"},
    {"where", MARL_OPTION_TEXT, "", 0, 0, NULL, "1",
     "only points at which a product of swept keys is above or below a number: "
     "'section.key * section.key > 1'; empty: all"},
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
    {"exploit_every", MARL_OPTION_INT, "0", 0, 1e12, NULL, "updates",
     "population-based training: after each so many updates the worst points go on from copies of "
     "the best, with settings that are raised or lowered; 0: none"},
    {"exploit_share", MARL_OPTION_REAL, "0.2", 1e-6, 0.5, NULL, "1",
     "part of the points that are the worst, and that are the best; one at least"},
    {"perturb", MARL_OPTION_REAL, "1.2", 1.0000001, 100, NULL, "1",
     "a copied setting times or divided by this in a logarithmic range; in another plus or minus "
     "half of "
     "what it is above 1, times the range's width"},
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
         strcmp(marl_config_peek(plan->config, "learner", "anneal", "true"), "false") != 0 &&
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

/* A learner's real numbers, also those by role, may change while it learns; what an environment, a network or
 * a replay is made of may not. */
static bool may_change(const char *key, const MarlOption *option) {
  return option != NULL && strncmp(key, "learner.", 8) == 0 &&
         (option->kind == MARL_OPTION_REAL ||
          (option->kind == MARL_OPTION_TEXTS && option->max > option->min &&
           strcmp(option->unit, "1") == 0));
}

static MarlCode check_population_keys(const MarlSweepPlan *plan, MarlError *err) {
  for (int a = 0; a < marl_points_axes(plan->points); ++a) {
    const char *key = marl_points_key(plan->points, a);
    const MarlOption *option = option_of(plan->config, key);
    double low, high;
    if (!may_change(key, option))
      return MARL_FAIL(err, MARL_ECONFIG,
                       "sweep.over: %s does not change during a training; with "
                       "sweep.exploit_every expected real numbers of section learner",
                       key);
    if (!marl_points_range(plan->points, a, &low, &high))
      return MARL_FAIL(err, MARL_ECONFIG,
                       "sweep.over: %s has a list; with sweep.exploit_every expected a range "
                       "'low..high'",
                       key);
    if (low < option->min || high > option->max) /* which later rounds reach, if not the first */
      return MARL_FAIL(err, MARL_ECONFIG, "sweep.over: %s from %g to %g; expected within %g to %g",
                       key, low, high, option->min, option->max);
  }
  return MARL_OK;
}

/* Rounds of exploit_every updates; the last may be shorter. */
static MarlCode plan_rounds(MarlSweepPlan *plan, const MarlSection *own, MarlError *err) {
  const int64_t every = marl_section_int64(own, "exploit_every");
  const int64_t updates = plan->rungs[0].updates;
  if (every == 0) return MARL_OK;
  if (plan->num_rungs > 1)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "sweep.exploit_every = %" PRId64 ": leave sweep.halving away", every);
  if (plan->num_seeds > 1)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "sweep.seeds = %d: a population is one experiment; with sweep.exploit_every "
                     "repeat the sweep with another run.seed",
                     plan->num_seeds);
  if (marl_section_text(own, "where")[0] != '\0')
    return MARL_FAIL(err, MARL_ECONFIG,
                     "sweep.where: a population leaves the points it begins with; not with "
                     "sweep.exploit_every");
  if (plan->tail > every)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "sweep.tail = %" PRId64 "; expected at most sweep.exploit_every = %" PRId64
                     ", the updates of a round",
                     plan->tail, every);
  if (updates % every != 0 || updates / every > MAX_RUNS / marl_points_count(plan->points))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "run.updates = %" PRId64
                     ": expected a multiple of sweep.exploit_every = %" PRId64
                     ", and at most %d rounds of all points",
                     updates, every, MAX_RUNS);
  MARL_TRY(check_population_keys(plan, err));
  plan->exploit_every = every;
  plan->num_rungs = (int)(updates / every);
  plan->fixed_anneal = follows_length(plan);
  return marl_hyper_population_create(
      plan->points, plan->num_rungs, marl_section_real(own, "exploit_share"),
      marl_section_real(own, "perturb"), (uint64_t)plan->seed, &plan->population, err);
}

MarlSweepRung marl_sweep_rung(const MarlSweepPlan *plan, int rung) {
  if (plan->exploit_every == 0) return plan->rungs[rung];
  return (MarlSweepRung){plan->rungs[0].points, (rung + 1) * plan->exploit_every};
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
  MARL_TRY(
      marl_points_create("sweep", entries, count, (MarlSampler)marl_section_choice(own, "sampler"),
                         marl_section_int(own, "points"), (uint64_t)out->seed, &out->points, err));
  MarlCode code = read_keys(out, err);
  if (code == MARL_OK) code = marl_points_keep(out->points, marl_section_text(own, "where"), err);
  if (code == MARL_OK)
    code = plan_rungs(out, marl_section_int(own, "halving"),
                      marl_section_int64(sections.run, "updates"), err);
  if (code == MARL_OK) code = plan_rounds(out, own, err);
  if (code == MARL_OK && marl_points_count(out->points) > MAX_RUNS / out->num_seeds)
    code = MARL_FAIL(err, MARL_ECONFIG, "sweep: more than %d trainings", MAX_RUNS);
  if (code == MARL_OK) out->num_runs = marl_points_count(out->points) * out->num_seeds;
  if (code != MARL_OK) marl_sweep_plan_clear(out);
  return code;
}

void marl_sweep_plan_clear(MarlSweepPlan *plan) {
  marl_hyper_population_destroy(&plan->population);
  marl_points_destroy(&plan->points);
}

/* Populations of neighboring seeds have no member's seed in common. */
int64_t marl_sweep_seed(const MarlSweepPlan *plan, int run, int rung) {
  if (plan->population == NULL) return plan->seed + run % plan->num_seeds;
  return plan->seed * plan->num_runs + marl_hyper_population_origin(plan->population, rung, run);
}

void marl_sweep_value(const MarlSweepPlan *plan, int run, int rung, int axis,
                      char text[MARL_POINT_TEXT]) {
  if (plan->population == NULL)
    marl_points_value(plan->points, run / plan->num_seeds, axis, text);
  else
    snprintf(text, MARL_POINT_TEXT, "%s",
             marl_hyper_population_value(plan->population, rung, run, axis));
}

int64_t marl_sweep_updates(const MarlSweepPlan *plan, int run, int rung) {
  char text[MARL_POINT_TEXT];
  if (plan->updates_axis < 0) return marl_sweep_rung(plan, rung).updates;
  marl_points_value(plan->points, run / plan->num_seeds, plan->updates_axis, text);
  return (int64_t)strtod(text, NULL);
}

void marl_sweep_settings(const MarlSweepPlan *plan, int run, int rung, MarlSweepVisit visit,
                         void *context) {
  char value[MARL_POINT_TEXT], text[2 * MARL_POINT_TEXT];
  for (int a = 0; a < marl_points_axes(plan->points); ++a) {
    marl_sweep_value(plan, run, rung, a, value);
    snprintf(text, sizeof text, "%.100s=%s", marl_points_key(plan->points, a), value);
    visit(context, text);
  }
  snprintf(text, sizeof text, "run.seed=%" PRId64, marl_sweep_seed(plan, run, rung));
  visit(context, text);
  if (plan->num_rungs == 1) return;
  snprintf(text, sizeof text, "run.updates=%" PRId64, marl_sweep_rung(plan, rung).updates);
  visit(context, text);
  if (!plan->fixed_anneal) return;
  snprintf(text, sizeof text, "learner.anneal_updates=%" PRId64,
           marl_sweep_rung(plan, plan->num_rungs - 1).updates);
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

void marl_sweep_name(const MarlSweepPlan *plan, int run, int rung, char name[MARL_SWEEP_NAME]) {
  if (plan->population != NULL)
    snprintf(name, MARL_SWEEP_NAME, "point_%04d_round_%04d", run, rung);
  else
    snprintf(name, MARL_SWEEP_NAME, "point_%04d_seed_%" PRId64, run / plan->num_seeds,
             marl_sweep_seed(plan, run, rung));
}
