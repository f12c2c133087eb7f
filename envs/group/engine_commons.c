/* Tabular Q-learners and fixed policies in a commons, as an engine of `marl compare`.
 *
 * A cycle is one episode. A harvest is chosen by a table over the pool (tenths of the capacity) and
 * whether anybody was beyond the threshold in the month before; a verdict by a table over whether
 * the judge itself was beyond it, and how far the target was. A verdict has no future; a harvest
 * has, by learner.discount, and none after the collapse or the last month. */
#include <stdlib.h>
#include <string.h>

#include "envs/group/commons.h"
#include "envs/group/tabular_profile.h"
#include "marl/compare/population.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/tabular_q.h"

enum { POOL_STATES = 11, HARVEST_STATES = 2 * POOL_STATES };
enum { EXCESS_STATES = 4, PUNISH_STATES = 2 * EXCESS_STATES };

typedef struct CommonsEngine {
  MarlCommonsRules rules;
  MarlTabularProfile profile;
  MarlCommons state;
  MarlKey key;
  int64_t cycle;
  int seen[MARL_COMMONS_MAX_AGENTS], chosen[MARL_COMMONS_MAX_AGENTS]; /* last harvest; -1: none */
  int judged[MARL_COMMONS_MAX_AGENTS];    /* state of a verdict, or -1 */
  double reward[MARL_COMMONS_MAX_AGENTS]; /* of the month so far */
  size_t table_size;                      /* floats of both tables */
  float *harvest, *punish;                /* [n, states, choices], one block */
} CommonsEngine;

static MarlCode check(const MarlPopulationConfig *config, MarlError *err) {
  MarlCommonsRules rules;
  return marl_commons_rules_read(config->env, &rules, err);
}

static void destroy(MarlPopulationState *base) {
  CommonsEngine *e = (CommonsEngine *)base;
  if (e == NULL) return;
  free(e->harvest);
  free(e);
}

static MarlCode create_empty(const MarlCommonsRules *rules, const MarlTabularProfile *profile,
                             MarlKey key, CommonsEngine **out, MarlError *err) {
  CommonsEngine *e = calloc(1, sizeof *e);
  if (e == NULL) return MARL_FAIL(err, MARL_EMEMORY, "commons: no memory");
  e->rules = *rules;
  e->profile = *profile;
  e->key = key;
  const size_t n = (size_t)rules->num_agents;
  const size_t harvest = n * HARVEST_STATES * (size_t)rules->num_wishes;
  e->table_size = harvest + n * PUNISH_STATES * (size_t)rules->num_points;
  e->harvest = calloc(e->table_size, sizeof *e->harvest);
  if (e->harvest == NULL) {
    destroy((MarlPopulationState *)e);
    return MARL_FAIL(err, MARL_EMEMORY, "commons: no memory for %d agents", rules->num_agents);
  }
  e->punish = e->harvest + harvest;
  *out = e;
  return MARL_OK;
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  MarlCommonsRules rules;
  MarlTabularProfile profile;
  CommonsEngine *e;
  MARL_TRY(marl_commons_rules_read(config->env, &rules, err));
  marl_tabular_profile_read(config->learner, &profile);
  MARL_TRY(create_empty(&rules, &profile, key, &e, err));
  for (size_t i = 0; i < e->table_size; ++i) e->harvest[i] = (float)profile.initial_value;
  *out = (MarlPopulationState *)e;
  return MARL_OK;
}

static MarlTabularQ table_of(const CommonsEngine *e, int agent, bool judging) {
  const int states = judging ? PUNISH_STATES : HARVEST_STATES;
  const int choices = judging ? e->rules.num_points : e->rules.num_wishes;
  return (MarlTabularQ){
      .num_states = states,
      .num_choices = choices,
      .rate = (float)e->profile.learning_rate,
      .discount = (float)e->profile.discount,
      .value = (judging ? e->punish : e->harvest) + (size_t)agent * (size_t)(states * choices)};
}

static int harvest_state(const CommonsEngine *e) {
  const MarlCommons *c = &e->state;
  const int pool = (int)((int64_t)c->pool * (POOL_STATES - 1) / e->rules.capacity);
  return pool + (c->exceeded && e->rules.observe_catches ? POOL_STATES : 0);
}

/* How far the target was: within the threshold, up to 3, up to 10, or more units beyond it. */
static int punish_state(const CommonsEngine *e, int agent) {
  const MarlCommons *c = &e->state;
  const int own = marl_commons_excess(&e->rules, c->taken[agent], c->threshold);
  const int excess =
      marl_commons_excess(&e->rules, c->taken[marl_commons_target(c, agent)], c->threshold);
  const int far = excess <= 0 ? 0 : excess <= 3 ? 1 : excess <= 10 ? 2 : 3;
  return far + (own > 0 ? EXCESS_STATES : 0);
}

static void choose(CommonsEngine *e, double epsilon, MarlKey key, int *choice) {
  const MarlCommons *c = &e->state;
  const int n = e->rules.num_agents;
  const bool judging = c->phase > 0;
  for (int i = 0; i < n; ++i) {
    e->judged[i] = -1;
    if (!judging) e->seen[i] = -1;
    if (!marl_commons_decides(c, i)) continue;
    const MarlTabularQ q = table_of(e, i, judging);
    const int state = judging ? punish_state(e, i) : harvest_state(e);
    const uint64_t index = (uint64_t)(((int64_t)c->month * n + c->phase) * n + i);
    choice[i] = marl_tabular_q_explore(&q, state, epsilon, key, index);
    if (judging) {
      e->judged[i] = state;
    } else {
      e->seen[i] = state;
      e->chosen[i] = choice[i];
      e->reward[i] = 0.0;
    }
  }
}

static void learn(CommonsEngine *e, const int *choice, bool ended) {
  for (int i = 0; i < e->rules.num_agents; ++i) {
    if (e->judged[i] >= 0) {
      MarlTabularQ q = table_of(e, i, true);
      marl_tabular_q_learn(&q, e->judged[i], choice[i], e->state.punish_reward[i],
                           MARL_TABULAR_Q_END);
    }
    if (ended && e->seen[i] >= 0) {
      MarlTabularQ q = table_of(e, i, false);
      marl_tabular_q_learn(&q, e->seen[i], e->chosen[i], e->reward[i],
                           e->state.over ? MARL_TABULAR_Q_END : harvest_state(e));
    }
  }
}

static void live(CommonsEngine *e, double epsilon, bool learning, double *metrics, double *whole) {
  const MarlKey key = marl_key_fold(e->key, (uint64_t)e->cycle++);
  const MarlKey play = marl_key_fold(key, 1);
  int choice[MARL_COMMONS_MAX_AGENTS] = {0};
  marl_commons_begin(&e->rules, marl_key_fold(key, 0), &e->state);
  while (!e->state.over) {
    choose(e, epsilon, play, choice);
    const bool ended = marl_commons_apply(&e->state, choice);
    for (int i = 0; i < e->rules.num_agents; ++i) e->reward[i] += e->state.harvest_reward[i];
    if (learning) learn(e, choice, ended);
  }
  marl_commons_metrics(&e->state, metrics, whole);
}

static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)err;
  CommonsEngine *e = (CommonsEngine *)base;
  live(e, marl_tabular_epsilon(&e->profile, e->cycle), true, metrics, whole);
  return MARL_OK;
}

static MarlCode greedy(const MarlPopulationState *base, int cycles, double *metrics, double *whole,
                       MarlError *err) {
  const CommonsEngine *from = (const CommonsEngine *)base;
  double one[MARL_COMMONS_NUM_METRICS], of_one[MARL_COMMONS_NUM_METRICS];
  CommonsEngine *e;
  MARL_TRY(create_empty(&from->rules, &from->profile, from->key, &e, err));
  memcpy(e->harvest, from->harvest, e->table_size * sizeof *e->harvest);
  e->cycle = from->cycle;
  memset(metrics, 0, MARL_COMMONS_NUM_METRICS * sizeof *metrics);
  memset(whole, 0, MARL_COMMONS_NUM_METRICS * sizeof *whole);
  for (int c = 0; c < cycles; ++c) {
    for (int m = 0; m < MARL_COMMONS_NUM_METRICS; ++m) of_one[m] = 1.0;
    live(e, 0.0, false, one, of_one);
    for (int m = 0; m < MARL_COMMONS_NUM_METRICS; ++m) metrics[m] += one[m], whole[m] += of_one[m];
  }
  destroy((MarlPopulationState *)e);
  return MARL_OK;
}

static MarlCode save(const MarlPopulationState *base, MarlStore *to, MarlError *err) {
  const CommonsEngine *e = (const CommonsEngine *)base;
  MARL_TRY(marl_store_set_int(to, NULL, "cycle", e->cycle, err));
  return marl_plain_write(to, "tables", MARL_F32, e->table_size, e->harvest, err);
}

static MarlCode load(MarlPopulationState *base, MarlStore *from, MarlError *err) {
  CommonsEngine *e = (CommonsEngine *)base;
  MARL_TRY(marl_store_get_int(from, NULL, "cycle", &e->cycle, err));
  return marl_plain_read(from, "tables", MARL_F32, e->table_size, e->harvest, err);
}

static const MarlMeasure measures[] = {
    {"survival", MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT | MARL_MEASURE_GREEDY},
    {"gain", MARL_MEASURE_COLUMN | MARL_MEASURE_GREEDY},
    {"efficiency", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"over_use", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"equality", MARL_MEASURE_COLUMN},
    {"welfare", MARL_MEASURE_COLUMN | MARL_MEASURE_GREEDY},
    {"gini", MARL_MEASURE_COLUMN},
    {"punishment_rate", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"survival", MARL_MEASURE_GREEDY_COLUMN},
    {"gain", MARL_MEASURE_GREEDY_COLUMN},
    {"survived", MARL_MEASURE_IN_UNIT},
    {"unjust_share", MARL_MEASURE_IN_UNIT},
};

const MarlPopulationOps marl_population_commons = {
    .name = "commons",
    .summary = "tabular Q-learners and fixed policies in a shared pool",
    .source = "Piatti et al. 2024, arXiv:2404.16698",
    .env_options = marl_commons_options,
    .num_env_options = MARL_COMMONS_ENGINE_NUM_OPTIONS,
    .learner_options = marl_tabular_options,
    .num_learner_options = MARL_TABULAR_NUM_OPTIONS,
    .metrics = marl_commons_metric_names,
    .num_metrics = MARL_COMMONS_NUM_METRICS,
    .measures = measures,
    .num_measures = sizeof measures / sizeof *measures,
    .check = check,
    .create = create,
    .destroy = destroy,
    .cycle = cycle,
    .greedy = greedy,
    .save = save,
    .load = load,
};
