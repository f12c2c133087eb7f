#include "envs/game/strategy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "marl/core/nearest.h"

enum { C = MARL_COOPERATE, D = MARL_DEFECT };

typedef enum Name {
  ALL_C,
  ALL_D,
  TFT,
  GTFT,
  WSLS,
  GRIM,
  RANDOM,
  MEMORY_ONE,
  CONDITIONAL,
  THRESHOLD,
  GREEDY,
  Q_LEARNER,
  NUM_NAMES,
} Name;

const char *const marl_strategy_names[] = {
    "AllC",       "AllD",        "TFT",       "GTFT",   "WSLS",      "grim", "random",
    "memory_one", "conditional", "threshold", "greedy", "q_learner", NULL};

MarlStrategyParams marl_strategy_defaults(void) {
  return (MarlStrategyParams){.generosity = -1.0,
                              .threshold = 0.5,
                              .random = 0.5,
                              .memory_one = {1.0, 0.0, 0.0, 1.0},
                              .memory_one_first = 1.0,
                              .learning_rate = 0.1,
                              .gamma = 0.9,
                              .epsilon = 0.05};
}

static MarlStrategy memory_one(double first, double cc, double cd, double dc, double dd) {
  return (MarlStrategy){
      .kind = MARL_STRATEGY_MEMORY_ONE, .first = first, .cooperate = {{cc, cd}, {dc, dd}}};
}

static MarlStrategy frequency(double first, double slope, double offset) {
  return (MarlStrategy){
      .kind = MARL_STRATEGY_FREQUENCY, .first = first, .slope = slope, .offset = offset};
}

/* The most generous reply to defection that a defector cannot exploit. */
static double generosity(const MarlStrategyParams *params, const MarlGame *game) {
  if (params->generosity >= 0.0) return params->generosity;
  const double r = (double)game->payoff[C][C], s = (double)game->payoff[C][D];
  const double t = (double)game->payoff[D][C], p = (double)game->payoff[D][D];
  const double a = 1.0 - (t - r) / (r - s), b = (r - p) / (t - p);
  const double least = a < b ? a : b;
  return least > 0.0 ? (least < 1.0 ? least : 1.0) : 0.0; /* NaN, where no rule exists: 0 */
}

static MarlStrategy make(Name name, const MarlStrategyParams *p, const MarlGame *game) {
  const double against_c = (double)game->payoff[C][C] - (double)game->payoff[D][C];
  const double against_d = (double)game->payoff[C][D] - (double)game->payoff[D][D];
  const double *m = p->memory_one;
  switch (name) {
    case ALL_C:
      return memory_one(1, 1, 1, 1, 1);
    case ALL_D:
      return memory_one(0, 0, 0, 0, 0);
    case TFT:
      return memory_one(1, 1, 0, 1, 0);
    case GTFT: {
      const double g = generosity(p, game);
      return memory_one(1, 1, g, 1, g);
    }
    case WSLS:
      return memory_one(1, 1, 0, 0, 1);
    case GRIM:
      return frequency(1, 1, -1);
    case RANDOM:
      return memory_one(p->random, p->random, p->random, p->random, p->random);
    case MEMORY_ONE:
      return memory_one(p->memory_one_first, m[0], m[1], m[2], m[3]);
    case CONDITIONAL:
      return (MarlStrategy){.kind = MARL_STRATEGY_CONDITIONAL, .first = 1};
    case THRESHOLD:
      return frequency(1, 1, -p->threshold);
    case GREEDY: /* before any round the other is thought to toss a coin */
      return frequency(against_c + against_d >= 0 ? 1 : 0, against_c - against_d, against_d);
    default:
      return (MarlStrategy){.kind = MARL_STRATEGY_Q_LEARNER,
                            .learning_rate = p->learning_rate,
                            .gamma = p->gamma,
                            .epsilon = p->epsilon};
  }
}

static bool is_own_name(const char *name, size_t length) {
  if (length < 1 || length >= MARL_STRATEGY_NAME) return false;
  if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") < length) return false;
  for (int i = 0; i < NUM_NAMES; ++i)
    if (strlen(marl_strategy_names[i]) == length &&
        strncasecmp(marl_strategy_names[i], name, length) == 0)
      return false;
  return true;
}

/* "name: p_CC p_CD p_DC p_DD p_first" */
static MarlCode read_vector(const char *text, const char *colon, MarlStrategy *out,
                            MarlError *err) {
  const size_t length = (size_t)(colon - text);
  double p[5];
  int count = 0;
  const char *at = colon + 1;
  if (!is_own_name(text, length))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "strategy '%.40s': a name of one's own is of a-z, 0-9 and _, at most %d, and "
                     "not one of the known strategies'",
                     text, MARL_STRATEGY_NAME - 1);
  for (char *end; count < 5; ++count, at = end) {
    p[count] = strtod(at, &end);
    if (end == at || !(p[count] >= 0.0 && p[count] <= 1.0)) break;
  }
  if (count < 5 || at[strspn(at, " ")] != '\0')
    return MARL_FAIL(err, MARL_ECONFIG,
                     "strategy '%.80s': expected five probabilities behind the name, to cooperate "
                     "after CC, CD, DC, DD and in the first round",
                     text);
  *out = memory_one(p[4], p[0], p[1], p[2], p[3]);
  memcpy(out->name, text, length);
  return MARL_OK;
}

MarlCode marl_strategy_make(const char *name, const MarlStrategyParams *params,
                            const MarlGame *game, MarlStrategy *out, MarlError *err) {
  const char *colon = strchr(name, ':');
  if (colon != NULL) return read_vector(name, colon, out, err);
  for (int i = 0; i < NUM_NAMES; ++i) {
    if (strcmp(marl_strategy_names[i], name) != 0) continue;
    *out = make((Name)i, params, game);
    memcpy(out->name, marl_strategy_names[i], strlen(marl_strategy_names[i]) + 1);
    return MARL_OK;
  }
  return marl_fail_unknown(err, "strategy", name, marl_strategy_names, NUM_NAMES);
}

bool marl_strategy_memory_one(const MarlStrategy *strategy, MarlMemoryOne *out) {
  if (strategy->kind != MARL_STRATEGY_MEMORY_ONE) return false;
  out->first = strategy->first;
  memcpy(out->cooperate, strategy->cooperate, sizeof out->cooperate);
  return true;
}

double marl_strategy_chance(const MarlStrategy *s, int own, int other, int64_t k, int64_t t) {
  if (own == MARL_UNKNOWN_ACTION || other == MARL_UNKNOWN_ACTION) return s->first;
  switch (s->kind) {
    case MARL_STRATEGY_FREQUENCY:
      return s->slope * (double)k + s->offset * (double)t >= 0 ? 1.0 : 0.0;
    case MARL_STRATEGY_CONDITIONAL:
      return (double)k / (double)t;
    default:
      return s->cooperate[own][other];
  }
}

static bool certain(double probability) {
  return probability <= 0.0 || probability >= 1.0;
}

bool marl_strategy_deterministic(const MarlStrategy *s) {
  if (s->kind == MARL_STRATEGY_FREQUENCY) return certain(s->first);
  return s->kind == MARL_STRATEGY_MEMORY_ONE && certain(s->first) && certain(s->cooperate[C][C]) &&
         certain(s->cooperate[C][D]) && certain(s->cooperate[D][C]) && certain(s->cooperate[D][D]);
}
