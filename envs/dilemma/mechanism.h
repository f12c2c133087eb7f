/* The mechanisms of a comparison by name, and who sees reputations.
 *
 * DP direct punishment, TPP third-party punishment, TPPDP both, S partner selection; "costly" pays
 * the punisher of a defector env.costly_just_reward in place of env.just_reward. Names as in
 * Dasgupta and Musolesi 2025; none and S are this project's controls. Visibility is an axis of its
 * own: the published comparison shows players reputations under TPP but not under DP
 * ("published" keeps that). */
#ifndef MARL_ENVS_DILEMMA_MECHANISM_H
#define MARL_ENVS_DILEMMA_MECHANISM_H

#include "envs/dilemma/rules.h"

typedef struct MarlMechanism {
  const char *name;
  const char *summary;
  MarlMatching matching;
  MarlPunisher punishment;
  bool costly;
  bool reputations;       /* scores are kept; else nothing changes them */
  bool published_visible; /* to players, in the published comparison */
} MarlMechanism;

extern const MarlMechanism marl_mechanisms[]; /* ends with a NULL name */

/* MARL_ECONFIG with the nearest name when there is no such mechanism. */
MarlCode marl_mechanism_find(const char *name, const MarlMechanism **out,
                             MarlError *err) MARL_NODISCARD;

/* "hidden", "play", "punish", "play_punish" or "published" into the rules' two switches. */
MarlCode marl_visibility_apply(const char *name, const MarlMechanism *mechanism,
                               MarlDilemmaRules *rules, MarlError *err) MARL_NODISCARD;

#endif
