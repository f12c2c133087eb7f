#include "envs/dilemma/mechanism.h"

#include <string.h>

#include "marl/core/nearest.h"

#define DRAWN MARL_MATCHING_RANDOM
#define CHOSEN MARL_MATCHING_SELECT
enum { MAX_NAMES = 32 };

const MarlMechanism marl_mechanisms[] = {
    {"none", "play only", DRAWN, MARL_PUNISHER_NONE, false, false, false},
    {"reputation", "reputations from play", DRAWN, MARL_PUNISHER_NONE, false, true, true},
    {"S", "partner selection", CHOSEN, MARL_PUNISHER_NONE, false, true, false},
    {"DP", "direct punishment", DRAWN, MARL_PUNISHER_DIRECT, false, true, false},
    {"DP-S", "DP and selection", CHOSEN, MARL_PUNISHER_DIRECT, false, true, false},
    {"TPP", "third-party punishment", DRAWN, MARL_PUNISHER_THIRD_PARTY, false, true, true},
    {"TPP-S", "TPP and selection", CHOSEN, MARL_PUNISHER_THIRD_PARTY, false, true, true},
    {"TPPDP", "both punishments", DRAWN, MARL_PUNISHER_BOTH, false, true, true},
    {"TPPDP-S", "both and selection", CHOSEN, MARL_PUNISHER_BOTH, false, true, true},
    {"DP-costly", "DP that costs", DRAWN, MARL_PUNISHER_DIRECT, true, true, false},
    {"DP-S-costly", "DP-S that costs", CHOSEN, MARL_PUNISHER_DIRECT, true, true, false},
    {"TPP-costly", "TPP that costs", DRAWN, MARL_PUNISHER_THIRD_PARTY, true, true, true},
    {"TPP-S-costly", "TPP-S that costs", CHOSEN, MARL_PUNISHER_THIRD_PARTY, true, true, true},
    {"TPPDP-costly", "TPPDP that costs", DRAWN, MARL_PUNISHER_BOTH, true, true, true},
    {"TPPDP-S-costly", "TPPDP-S that costs", CHOSEN, MARL_PUNISHER_BOTH, true, true, true},
    {NULL, NULL, DRAWN, MARL_PUNISHER_NONE, false, false, false},
};

MarlCode marl_mechanism_find(const char *name, const MarlMechanism **out, MarlError *err) {
  const char *names[MAX_NAMES];
  size_t count = 0;
  for (; marl_mechanisms[count].name != NULL; ++count) {
    names[count] = marl_mechanisms[count].name;
    if (strcmp(names[count], name) != 0) continue;
    *out = &marl_mechanisms[count];
    return MARL_OK;
  }
  return marl_fail_unknown(err, "mechanism", name, names, count);
}

MarlCode marl_visibility_apply(const char *name, const MarlMechanism *mechanism,
                               MarlDilemmaRules *rules, MarlError *err) {
  static const char *const names[] = {"hidden", "play", "punish", "play_punish", "published"};
  size_t at = 0;
  while (at < 5 && strcmp(names[at], name) != 0) ++at;
  if (at == 5) return marl_fail_unknown(err, "visibility", name, names, 5);
  const bool published = at == 4;
  rules->play_sees_reputation = published ? mechanism->published_visible : (at & 1) != 0;
  rules->punish_sees_reputation = !published && (at & 2) != 0;
  return MARL_OK;
}
