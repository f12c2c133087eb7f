#include <string.h>

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

static int number_of(const char *name) {
  int number = 0;
  while (strcmp(marl_strategy_names[number], name) != 0) ++number;
  return number;
}

MarlCode marl_iterated_read(const MarlPopulationConfig *config, MarlIteratedSetup *out,
                            MarlError *err) {
  MarlStrategyParams params;
  size_t count;
  const char *const *names = marl_section_texts(config->env, "strategies", &count);
  *out = (MarlIteratedSetup){.rules = {.rounds = marl_section_int(config->env, "rounds"),
                                       .noise = marl_section_real(config->env, "noise")}};
  MARL_TRY(marl_game_read(config->env, &out->rules.game, err));
  MARL_TRY(read_params(config, &params, err));
  if (count < 1 || count > MARL_NUM_STRATEGY_NAMES)
    return MARL_FAIL(err, MARL_ECONFIG, "env.strategies: %zu names; expected 1 .. %d", count,
                     MARL_NUM_STRATEGY_NAMES);
  for (size_t i = 0; i < count; ++i) {
    MARL_TRY(marl_strategy_make(names[i], &params, &out->rules.game, &out->strategy[i], err));
    out->name[i] = number_of(names[i]);
    for (size_t j = 0; j < i; ++j)
      if (out->name[j] == out->name[i])
        return MARL_FAIL(err, MARL_ECONFIG, "env.strategies: %s is named twice", names[i]);
  }
  out->num_strategies = (int)count;
  return marl_match_rules_check(&out->rules, err);
}

MarlCode marl_iterated_read_tournament(const MarlPopulationConfig *config,
                                       const MarlIteratedSetup *setup, bool self_play,
                                       MarlTournament *out, MarlError *err) {
  *out = (MarlTournament){.rules = setup->rules,
                          .repetitions = marl_section_int(config->env, "repetitions"),
                          .self_play = self_play,
                          .num_strategies = setup->num_strategies};
  for (int i = 0; i < setup->num_strategies; ++i) out->strategy[i] = setup->strategy[i];
  return marl_tournament_check(out, err);
}
