/* The mechanisms of a comparison by name, and who sees reputations.
 *
 * DP direct punishment, TPP third-party punishment, TPPDP both, S partner selection; "costly" pays
 * the punisher of a defector env.costly_just_reward in place of env.just_reward. Names as in
 * Dasgupta and Musolesi 2025; none and S are this project's controls. Visibility is an axis of its
 * own: the published comparison shows players reputations under TPP but not under DP
 * ("published" keeps that). */
#ifndef MARL_ENVS_SOCIETY_MECHANISM_H
#define MARL_ENVS_SOCIETY_MECHANISM_H

#include "envs/society/rules.h"

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

/* Choices of the options `mechanism` (custom, then every mechanism in order) and `visibility`,
 * NULL-terminated. */
extern const char *const marl_mechanism_names[];
extern const char *const marl_visibility_names[];

/* Index 0 leaves the rules as they are; else who meets, who punishes, whether scores are kept, and
 * costly_just_reward for the mechanisms named costly. */
void marl_mechanism_apply(int index, double costly_just_reward, MarlDilemmaRules *rules);

/* Index into marl_visibility_names: who sees reputations. "published" is the mechanism's own; with
 * mechanism 0 the rules' two switches stay. */
void marl_visibility_apply(int index, int mechanism, MarlDilemmaRules *rules);

#endif
