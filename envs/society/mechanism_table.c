#include "envs/society/mechanism.h"

#define RANDOM MARL_MATCHING_RANDOM
#define SELECT MARL_MATCHING_SELECT
#define PUBLISHED "Dasgupta and Musolesi 2025, arXiv:2301.08278"
#define COMBINES(...)                       \
  .combination = &(const MarlCombination) { \
    __VA_ARGS__                             \
  }

/* clang-format off */
/* one line a combination: mechanisms, matching, costly, reputations, visible as published */
static const MarlMechanismOps combinations[] = {
    {.name = "none", .summary = "play only", COMBINES("", RANDOM, false, false, false)},
    {.name = "reputation", .summary = "reputations from play", COMBINES("", RANDOM, false, true, true)},
    {.name = "S", .summary = "partner selection", COMBINES("", SELECT, false, true, false)},
    {.name = "DP", .summary = "direct punishment", .source = PUBLISHED, COMBINES("direct", RANDOM, false, true, false)},
    {.name = "DP-S", .summary = "DP and selection", .source = PUBLISHED, COMBINES("direct", SELECT, false, true, false)},
    {.name = "TPP", .summary = "third-party punishment", .source = PUBLISHED, COMBINES("third_party", RANDOM, false, true, true)},
    {.name = "TPP-S", .summary = "TPP and selection", .source = PUBLISHED, COMBINES("third_party", SELECT, false, true, true)},
    {.name = "TPPDP", .summary = "both punishments", .source = PUBLISHED, COMBINES("direct+third_party", RANDOM, false, true, true)},
    {.name = "TPPDP-S", .summary = "both and selection", .source = PUBLISHED, COMBINES("direct+third_party", SELECT, false, true, true)},
    {.name = "DP-costly", .summary = "DP that costs", .source = PUBLISHED, COMBINES("direct", RANDOM, true, true, false)},
    {.name = "DP-S-costly", .summary = "DP-S that costs", .source = PUBLISHED, COMBINES("direct", SELECT, true, true, false)},
    {.name = "TPP-costly", .summary = "TPP that costs", .source = PUBLISHED, COMBINES("third_party", RANDOM, true, true, true)},
    {.name = "TPP-S-costly", .summary = "TPP-S that costs", .source = PUBLISHED, COMBINES("third_party", SELECT, true, true, true)},
    {.name = "TPPDP-costly", .summary = "TPPDP that costs", .source = PUBLISHED, COMBINES("direct+third_party", RANDOM, true, true, true)},
    {.name = "TPPDP-S-costly", .summary = "TPPDP-S that costs", .source = PUBLISHED, COMBINES("direct+third_party", SELECT, true, true, true)},
};
/* clang-format on */

/* one line a mechanism: envs/society/mechanism_<name>.c; they act in this order */
#define TABLE(ENTRY)    \
  ENTRY(direct)         \
  ENTRY(third_party)    \
  ENTRY(indirect)       \
  ENTRY(pool)           \
  ENTRY(voluntary_pool) \
  ENTRY(metanorm)       \
  ENTRY(graduated)      \
  ENTRY(adaptive)

#define DECLARE(name) extern const MarlMechanismOps marl_mechanism_##name;
#define POINTER(name) &marl_mechanism_##name.plugin,
TABLE(DECLARE)
static const MarlPlugin *const mechanisms[] = {TABLE(POINTER) NULL};

static const MarlPlugin *shipped(size_t i) {
  const size_t named = sizeof combinations / sizeof *combinations;
  if (i < named) return &combinations[i].plugin;
  return mechanisms[i - named];
}

MarlKind marl_kind_mechanisms = {.name = "mechanisms",
                                 .title = "Mechanisms",
                                 .noun = "mechanism",
                                 .section = "env",
                                 .key = "env.mechanism",
                                 .shipped = shipped};

MarlCode marl_register_mechanism(const MarlMechanismOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_mechanisms, &ops->plugin, err);
}
