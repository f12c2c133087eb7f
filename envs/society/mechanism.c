#include "envs/society/mechanism.h"

#define DRAWN MARL_MATCHING_RANDOM
#define CHOSEN MARL_MATCHING_SELECT

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

const char *const marl_mechanism_names[] = {
    "custom",     "none",         "reputation",   "S",
    "DP",         "DP-S",         "TPP",          "TPP-S",
    "TPPDP",      "TPPDP-S",      "DP-costly",    "DP-S-costly",
    "TPP-costly", "TPP-S-costly", "TPPDP-costly", "TPPDP-S-costly",
    NULL};
const char *const marl_visibility_names[] = {"published", "hidden",      "play",
                                             "punish",    "play_punish", NULL};

void marl_mechanism_apply(int index, double costly_just_reward, MarlDilemmaRules *rules) {
  if (index == 0) return;
  const MarlMechanism *mechanism = &marl_mechanisms[index - 1];
  rules->matching = mechanism->matching;
  rules->punishment = mechanism->punishment;
  if (!mechanism->reputations) rules->reputation = MARL_REPUTATION_NONE;
  if (mechanism->costly) rules->prices.just_reward = (float)costly_just_reward;
}

void marl_visibility_apply(int index, int mechanism, MarlDilemmaRules *rules) {
  if (index == 0) {
    if (mechanism == 0) return;
    rules->play_sees_reputation = marl_mechanisms[mechanism - 1].published_visible;
    rules->punish_sees_reputation = false;
    return;
  }
  const unsigned switches = (unsigned)index - 1; /* bit 0 players, bit 1 punishers */
  rules->play_sees_reputation = (switches & 1u) != 0;
  rules->punish_sees_reputation = (switches & 2u) != 0;
}
