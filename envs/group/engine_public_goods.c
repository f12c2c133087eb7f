/* Tabular Q-learners in a public goods experiment, as an engine of `marl compare`.
 *
 * A cycle is one episode of env.periods periods. An agent contributes by a table over what the
 * other members of its last group gave on average (the nearest level, or nothing yet), and learned
 * punishers judge by a table over their own and the target's level. A verdict is learned from what
 * its own points change and has no future; a contribution from the rest of the period's utility. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/group/contribution_groups.h"
#include "envs/group/tabular_profile.h"
#include "marl/compare/population.h"
#include "marl/core/arena.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/tabular_q.h"

typedef struct PublicGoodsEngine {
  MarlContributionRules rules;
  MarlTabularProfile profile;
  MarlContributionGroups groups;
  MarlKey key;
  int64_t cycle;
  int contribute_states, punish_states;
  float *contribute, *punish; /* [N, states, choices] */
  int *choice;                /* [N] of this decision */
  int *state, *level;         /* [N] the last contribution: seen, chosen */
  int *judged;                /* [N] state of a verdict; -1: none */
  double *reward;             /* [N] of the period so far */
  char *memory;
} PublicGoodsEngine;

static size_t carve_all(PublicGoodsEngine *e, char *block) {
  const MarlContributionRules *r = &e->rules;
  const size_t n = (size_t)r->num_agents;
  size_t at = 0;
  e->contribute = marl_carve(block, &at, n * (size_t)(e->contribute_states * r->num_levels),
                             sizeof *e->contribute);
  e->punish =
      marl_carve(block, &at, n * (size_t)(e->punish_states * r->num_points), sizeof *e->punish);
  e->choice = marl_carve(block, &at, n, sizeof *e->choice);
  e->state = marl_carve(block, &at, n, sizeof *e->state);
  e->level = marl_carve(block, &at, n, sizeof *e->level);
  e->judged = marl_carve(block, &at, n, sizeof *e->judged);
  e->reward = marl_carve(block, &at, n, sizeof *e->reward);
  return at;
}

static MarlCode check(const MarlPopulationConfig *config, MarlError *err) {
  MarlContributionRules rules;
  return marl_contribution_rules_read(config->env, &rules, err);
}

static void destroy(MarlPopulationState *base) {
  PublicGoodsEngine *e = (PublicGoodsEngine *)base;
  if (e == NULL) return;
  marl_contribution_groups_clear(&e->groups);
  free(e->memory);
  free(e);
}

/* An engine with empty tables. */
static MarlCode create_empty(const MarlContributionRules *rules, const MarlTabularProfile *profile,
                             MarlKey key, PublicGoodsEngine **out, MarlError *err) {
  PublicGoodsEngine *e = calloc(1, sizeof *e);
  if (e == NULL) return MARL_FAIL(err, MARL_EMEMORY, "public_goods: no memory");
  e->rules = *rules;
  e->profile = *profile;
  e->key = key;
  e->contribute_states = rules->num_levels + 1;
  e->punish_states = rules->num_levels * rules->num_levels;
  e->memory = marl_arena_alloc(carve_all(e, NULL));
  MarlCode code = marl_contribution_groups_create(rules, &e->groups, err);
  if (code == MARL_OK && e->memory == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "public_goods: no memory for %d agents", rules->num_agents);
  if (code != MARL_OK) {
    destroy((MarlPopulationState *)e);
    return code;
  }
  carve_all(e, e->memory);
  *out = e;
  return MARL_OK;
}

static size_t table_sizes(const PublicGoodsEngine *e, size_t *punish) {
  const MarlContributionRules *r = &e->rules;
  *punish = (size_t)r->num_agents * (size_t)(e->punish_states * r->num_points);
  return (size_t)r->num_agents * (size_t)(e->contribute_states * r->num_levels);
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  MarlContributionRules rules;
  MarlTabularProfile profile;
  PublicGoodsEngine *e;
  MARL_TRY(marl_contribution_rules_read(config->env, &rules, err));
  marl_tabular_profile_read(config->learner, &profile);
  MARL_TRY(create_empty(&rules, &profile, key, &e, err));
  size_t punish;
  const size_t contribute = table_sizes(e, &punish);
  for (size_t i = 0; i < contribute; ++i) e->contribute[i] = (float)profile.initial_value;
  for (size_t i = 0; i < punish; ++i) e->punish[i] = (float)profile.initial_value;
  *out = (MarlPopulationState *)e;
  return MARL_OK;
}

static MarlTabularQ table_of(const PublicGoodsEngine *e, int agent, bool judging) {
  const MarlContributionRules *r = &e->rules;
  const int states = judging ? e->punish_states : e->contribute_states;
  const int choices = judging ? r->num_points : r->num_levels;
  return (MarlTabularQ){
      .num_states = states,
      .num_choices = choices,
      .rate = (float)e->profile.learning_rate,
      .discount = judging ? 0.0f : (float)e->profile.discount,
      .value = (judging ? e->punish : e->contribute) + (size_t)agent * (size_t)(states * choices)};
}

/* The level nearest to what the others gave, or one more before anything is known. */
static int contribution_state(const PublicGoodsEngine *e, int agent) {
  const MarlContributionRules *r = &e->rules;
  if (e->groups.period == 0) return r->num_levels;
  int nearest = 0;
  for (int l = 1; l < r->num_levels; ++l)
    if (fabs(r->level[l] - e->groups.others[agent]) <
        fabs(r->level[nearest] - e->groups.others[agent]))
      nearest = l;
  return nearest;
}

static int judging_state(const PublicGoodsEngine *e, int agent) {
  const int target = marl_contribution_target(&e->groups, agent);
  return e->groups.level[agent] * e->rules.num_levels + e->groups.level[target];
}

static void choose(PublicGoodsEngine *e, double epsilon, MarlKey key) {
  const MarlContributionGroups *g = &e->groups;
  const bool judging = g->phase > 0;
  const int64_t decision = (int64_t)g->period * g->rules.game.group_size + g->phase;
  for (int i = 0; i < e->rules.num_agents; ++i) {
    e->judged[i] = -1;
    if (judging && !marl_contribution_may_judge(g, i)) continue;
    const MarlTabularQ q = table_of(e, i, judging);
    const int state = judging ? judging_state(e, i) : contribution_state(e, i);
    const uint64_t index = (uint64_t)(decision * e->rules.num_agents + i);
    e->choice[i] = marl_tabular_q_explore(&q, state, epsilon, key, index);
    if (judging) {
      e->judged[i] = state;
    } else {
      e->state[i] = state;
      e->level[i] = e->choice[i];
      e->reward[i] = 0.0;
    }
  }
}

static void learn_verdicts(PublicGoodsEngine *e) {
  for (int i = 0; i < e->rules.num_agents; ++i) {
    if (e->judged[i] < 0) continue;
    MarlTabularQ q = table_of(e, i, true);
    marl_tabular_q_learn(&q, e->judged[i], e->choice[i], e->groups.punish_reward[i],
                         MARL_TABULAR_Q_END);
  }
}

static void learn_contributions(PublicGoodsEngine *e) {
  const bool over = e->groups.period >= e->rules.periods;
  for (int i = 0; i < e->rules.num_agents; ++i) {
    MarlTabularQ q = table_of(e, i, false);
    marl_tabular_q_learn(&q, e->state[i], e->level[i], e->reward[i],
                         over ? MARL_TABULAR_Q_END : contribution_state(e, i));
  }
}

static void step(PublicGoodsEngine *e, double epsilon, MarlKey key, bool learning) {
  choose(e, epsilon, key);
  const bool ended = marl_contribution_apply(&e->groups, e->choice);
  for (int i = 0; i < e->rules.num_agents; ++i) e->reward[i] += e->groups.contribute_reward[i];
  if (!learning) return;
  learn_verdicts(e);
  if (ended) learn_contributions(e);
}

static void live(PublicGoodsEngine *e, double epsilon, bool learning, double *metrics,
                 double *whole) {
  const MarlKey key = marl_key_fold(e->key, (uint64_t)e->cycle++);
  marl_contribution_groups_reset(&e->groups, marl_key_fold(key, 0));
  while (e->groups.period < e->rules.periods) step(e, epsilon, marl_key_fold(key, 1), learning);
  marl_contribution_metrics(&e->groups, metrics, whole);
}

static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)err;
  PublicGoodsEngine *e = (PublicGoodsEngine *)base;
  live(e, marl_tabular_epsilon(&e->profile, e->cycle), true, metrics, whole);
  return MARL_OK;
}

static MarlCode greedy(const MarlPopulationState *base, int cycles, double *metrics, double *whole,
                       MarlError *err) {
  const PublicGoodsEngine *from = (const PublicGoodsEngine *)base;
  enum { COUNT = MARL_CONTRIBUTION_NUM_METRICS };
  double one[COUNT], of_one[COUNT];
  PublicGoodsEngine *e;
  MARL_TRY(create_empty(&from->rules, &from->profile, from->key, &e, err));
  memcpy(e->memory, from->memory, carve_all(e, NULL));
  carve_all(e, e->memory);
  e->cycle = from->cycle;
  memset(metrics, 0, COUNT * sizeof *metrics);
  memset(whole, 0, COUNT * sizeof *whole);
  for (int c = 0; c < cycles; ++c) {
    for (int m = 0; m < COUNT; ++m) of_one[m] = 1.0;
    live(e, 0.0, false, one, of_one);
    for (int m = 0; m < COUNT; ++m) metrics[m] += one[m], whole[m] += of_one[m];
  }
  destroy((MarlPopulationState *)e);
  return MARL_OK;
}

static MarlCode save(const MarlPopulationState *base, MarlStore *to, MarlError *err) {
  const PublicGoodsEngine *e = (const PublicGoodsEngine *)base;
  size_t punish;
  const size_t contribute = table_sizes(e, &punish);
  MARL_TRY(marl_store_set_int(to, NULL, "cycle", e->cycle, err));
  MARL_TRY(marl_plain_write(to, "contribute", MARL_F32, contribute, e->contribute, err));
  return marl_plain_write(to, "punish", MARL_F32, punish, e->punish, err);
}

static MarlCode load(MarlPopulationState *base, MarlStore *from, MarlError *err) {
  PublicGoodsEngine *e = (PublicGoodsEngine *)base;
  size_t punish;
  const size_t contribute = table_sizes(e, &punish);
  MARL_TRY(marl_store_get_int(from, NULL, "cycle", &e->cycle, err));
  MARL_TRY(marl_plain_read(from, "contribute", MARL_F32, contribute, e->contribute, err));
  return marl_plain_read(from, "punish", MARL_F32, punish, e->punish, err);
}

static const MarlMeasure measures[] = {
    {"cooperation", MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT | MARL_MEASURE_GREEDY},
    {"welfare", MARL_MEASURE_COLUMN | MARL_MEASURE_GREEDY},
    {"gross_welfare", MARL_MEASURE_COLUMN},
    {"welfare", MARL_MEASURE_GREEDY_COLUMN},
    {"punishment_rate", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT | MARL_MEASURE_GREEDY},
    {"antisocial_share", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"free_riders", MARL_MEASURE_IN_UNIT},
    {"full_contributors", MARL_MEASURE_IN_UNIT},
    {"last_cooperation", MARL_MEASURE_IN_UNIT},
};

const MarlPopulationOps marl_population_public_goods = {
    .name = "public_goods",
    .summary = "tabular Q-learners in the public goods game with a punishment stage",
    .source = "Fehr and Gaechter 2000, 2002; Herrmann, Thoeni and Gaechter 2008",
    .env_options = marl_contribution_options,
    .num_env_options = MARL_CONTRIBUTION_ENGINE_NUM_OPTIONS,
    .learner_options = marl_tabular_options,
    .num_learner_options = MARL_TABULAR_NUM_OPTIONS,
    .metrics = marl_contribution_metric_names,
    .num_metrics = MARL_CONTRIBUTION_NUM_METRICS,
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
