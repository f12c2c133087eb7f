#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "envs/iterated/exact.h"
#include "envs/iterated/population_internal.h"

const MarlOption marl_iterated_learner_options[MARL_ITERATED_NUM_LEARNER_OPTIONS] = {
    {"learning_rate", MARL_OPTION_REAL, "0.1", 0, 1, NULL, "1", "step of a q_learner's values"},
    {"gamma", MARL_OPTION_REAL, "0.9", 0, 0.999999, NULL, "1", "discount of a round to the next"},
    {"epsilon", MARL_OPTION_REAL, "0.05", 0, 1, NULL, "1", "share of random moves"},
};

static MarlCode read_params(const MarlPopulationConfig *config, MarlStrategyParams *out,
                            MarlError *err) {
  size_t count;
  const double *vector = marl_section_reals(config->env, "memory_one", &count);
  if (count != 4)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.memory_one: %zu numbers; expected four: after CC, CD, "
                     "DC, DD",
                     count);
  *out = (MarlStrategyParams){
      .generosity = marl_section_real(config->env, "generosity"),
      .threshold = marl_section_real(config->env, "threshold"),
      .random = marl_section_real(config->env, "random"),
      .memory_one_first = marl_section_real(config->env, "memory_one_first"),
      .learning_rate = marl_section_real(config->learner, "learning_rate"),
      .gamma = marl_section_real(config->learner, "gamma"),
      .epsilon = marl_section_real(config->learner, "epsilon"),
  };
  memcpy(out->memory_one, vector, sizeof out->memory_one);
  return MARL_OK;
}

MarlCode marl_iterated_read(const MarlPopulationConfig *config, MarlIteratedSetup *out,
                            MarlError *err) {
  MarlStrategyParams params;
  size_t count;
  const char *const *names = marl_section_texts(config->env, "strategies", &count);
  *out = (MarlIteratedSetup){.rules = {.rounds = marl_section_int(config->env, "rounds"),
                                       .noise = marl_section_real(config->env, "noise")}};
  MARL_TRY(marl_game_read_table(config->env, &out->rules.game, err));
  MARL_TRY(read_params(config, &params, err));
  if (count < 1 || count > MARL_ITERATED_MAX)
    return MARL_FAIL(err, MARL_ECONFIG, "env.strategies: %zu of them; expected 1 .. %d", count,
                     MARL_ITERATED_MAX);
  for (size_t i = 0; i < count; ++i) {
    MARL_TRY(marl_strategy_make(names[i], &params, &out->rules.game, &out->strategy[i], err));
    for (size_t j = 0; j < i; ++j)
      if (strcmp(out->strategy[j].name, out->strategy[i].name) == 0)
        return MARL_FAIL(err, MARL_ECONFIG, "env.strategies: %s is named twice",
                         out->strategy[i].name);
  }
  out->num_strategies = (int)count;
  return marl_match_rules_check(&out->rules, err);
}

static void set_tournament(const MarlPopulationConfig *config, const MarlIteratedSetup *setup,
                           bool self_play, MarlTournament *out) {
  *out = (MarlTournament){.rules = setup->rules,
                          .repetitions = marl_section_int(config->env, "repetitions"),
                          .self_play = self_play,
                          .num_strategies = setup->num_strategies};
  for (int i = 0; i < setup->num_strategies; ++i) out->strategy[i] = setup->strategy[i];
}

MarlCode marl_iterated_read_tournament(const MarlPopulationConfig *config,
                                       const MarlIteratedSetup *setup, bool self_play,
                                       MarlTournament *out, MarlError *err) {
  set_tournament(config, setup, self_play, out);
  return marl_tournament_check(out, err);
}

MarlCode marl_iterated_exact_payoffs(const MarlPopulationConfig *config,
                                     const MarlIteratedSetup *setup, MarlTournamentResult *out,
                                     MarlError *err) {
  MarlTournament tournament;
  set_tournament(config, setup, false, &tournament);
  return marl_exact_tournament(&tournament, out, err);
}

MarlCode marl_iterated_payoffs(const MarlPopulationConfig *config, const MarlIteratedSetup *setup,
                               MarlKey key, MarlTournamentResult *out, MarlError *err) {
  MarlTournament tournament;
  set_tournament(config, setup, false, &tournament);
  if (tournament.repetitions == 0) return marl_iterated_exact_payoffs(config, setup, out, err);
  MARL_TRY(marl_tournament_check(&tournament, err));
  marl_tournament_run(&tournament, key, out);
  return MARL_OK;
}

bool marl_iterated_is_exact(const MarlIteratedSetup *setup) {
  MarlMemoryOne vector;
  for (int i = 0; i < setup->num_strategies; ++i)
    if (!marl_strategy_memory_one(&setup->strategy[i], &vector)) return false;
  return true;
}

static void add_metric(const char *prefix, const char *name, unsigned is,
                       MarlPopulationMetrics *out) {
  char *to = out->name[out->count];
  out->is[out->count++] = is;
  (void)snprintf(to, MARL_METRIC_NAME, "%s%s", prefix, name);
  for (; *to != '\0'; ++to) *to = (char)tolower((unsigned char)*to);
}

void marl_iterated_describe(const MarlIteratedSetup *setup, unsigned cooperation_is,
                            unsigned welfare_is, const MarlIteratedMetric *each, int count,
                            MarlPopulationMetrics *out) {
  *out = (MarlPopulationMetrics){.count = 0};
  add_metric("", "cooperation", cooperation_is, out);
  add_metric("", "welfare", welfare_is, out);
  for (int p = 0; p < count; ++p)
    for (int i = 0; i < setup->num_strategies; ++i)
      add_metric(each[p].prefix, setup->strategy[i].name, each[p].is, out);
}

MarlCode marl_iterated_read_shares(const MarlSection *env, const MarlIteratedSetup *setup,
                                   double *share, bool *given, MarlError *err) {
  size_t count;
  double sum = 0.0;
  const double *shares = marl_section_reals(env, "shares", &count);
  const int n = setup->num_strategies;
  *given = count > 0;
  if (count != 0 && count != (size_t)n)
    return MARL_FAIL(err, MARL_ECONFIG, "env.shares: %zu shares of %d strategies", count, n);
  for (int i = 0; i < n; ++i) sum += share[i] = count == 0 ? 1.0 / n : shares[i];
  if (fabs(sum - 1.0) > 1e-6) /* shares are typed with few digits */
    return MARL_FAIL(err, MARL_ECONFIG, "env.shares sum to %g; expected 1", sum);
  return MARL_OK;
}
