/* The published competition of punishers in a public goods game, as a topic. */
#include <string.h>

#include "marl/core/nearest.h"
#include "theory/public_goods.h"
#include "theory/topic_population.h"

enum { KINDS = MARL_NUM_PUBLIC_GOODS_STRATEGIES };

static const char *const names[KINDS] = {"contributor", "defector", "loner", "pool_punisher",
                                         "peer_punisher"};

static const MarlOption options[] = {
    {"strategies", MARL_OPTION_TEXTS, "contributor, defector, loner, peer_punisher", 0, 0, NULL,
     "1", "of contributor, defector, loner, pool_punisher, peer_punisher"},
    {"group_size", MARL_OPTION_INT, "5", 2, 1e6, NULL, "agents", "N, a sample of the population"},
    {"contribution", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "reward", "c"},
    {"multiplier", MARL_OPTION_REAL, "3", 0, 1e6, NULL, "1", "r"},
    {"loner_payoff", MARL_OPTION_REAL, "1", -1e6, 1e6, NULL, "reward", "sigma"},
    {"pool_fine", MARL_OPTION_REAL, "0.7", 0, 1e6, NULL, "reward", "B, for a pool-punisher met"},
    {"pool_fee", MARL_OPTION_REAL, "0.7", 0, 1e6, NULL, "reward", "G, of a pool-punisher"},
    {"peer_fine", MARL_OPTION_REAL, "0.7", 0, 1e6, NULL, "reward", "beta, for a pair met"},
    {"peer_fee", MARL_OPTION_REAL, "0.7", 0, 1e6, NULL, "reward", "gamma, for a pair met"},
    {"second_order", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "who contributes and does not punish is punished too"},
    MARL_SELECTION_OPTIONS,
    MARL_MUTATION_OPTION("0"),
};

static MarlCode read_strategies(const MarlSection *section, MarlPublicGoods *out, MarlError *err) {
  size_t count;
  const char *const *given = marl_section_texts(section, "strategies", &count);
  if (count < 1 || count > KINDS)
    return MARL_FAIL(err, MARL_ECONFIG, "theory.strategies: %zu names; expected 1 .. %d", count,
                     KINDS);
  for (size_t i = 0; i < count; ++i) {
    int kind = 0;
    while (kind < KINDS && strcmp(names[kind], given[i]) != 0) ++kind;
    if (kind == KINDS) return marl_fail_unknown(err, "strategy", given[i], names, KINDS);
    out->strategy[i] = (MarlPublicGoodsStrategy)kind;
  }
  out->base.num_strategies = (int)count;
  return MARL_OK;
}

static MarlCode compute(const MarlSection *s, MarlTopicTable *out, MarlError *err) {
  MarlSelection selection;
  MarlPublicGoods game = {
      .base = {.population_size = marl_section_int(s, "population"),
               .payoffs = marl_public_goods_payoffs},
      .group_size = marl_section_int(s, "group_size"),
      .contribution = marl_section_real(s, "contribution"),
      .multiplier = marl_section_real(s, "multiplier"),
      .loner_payoff = marl_section_real(s, "loner_payoff"),
      .pool_fine = marl_section_real(s, "pool_fine"),
      .pool_fee = marl_section_real(s, "pool_fee"),
      .peer_fine = marl_section_real(s, "peer_fine"),
      .peer_fee = marl_section_real(s, "peer_fee"),
      .second_order = marl_section_bool(s, "second_order"),
  };
  const char *present[KINDS];
  MARL_TRY(read_strategies(s, &game, err));
  MARL_TRY(marl_selection_read(s, &selection, err));
  if (game.group_size > game.base.population_size)
    return MARL_FAIL(err, MARL_ECONFIG, "theory.group_size: %d of a population of %d",
                     game.group_size, game.base.population_size);
  for (int i = 0; i < game.base.num_strategies; ++i) present[i] = names[game.strategy[i]];
  return marl_topic_stationary(&game.base, &selection, marl_section_real(s, "mutation"), present,
                               out, err);
}

const MarlTopicOps marl_topic_punishment = {
    .name = "punishment",
    .summary =
        "who is there of contributors, defectors, loners and punishers of a public goods game",
    .source = "Sigmund, De Silva, Traulsen and Hauert 2010",
    .formula =
        "stationary shares with rare mutation, and with `mutation` where the chain of the "
        "whole population is small enough",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .compute = compute,
};
