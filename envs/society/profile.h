/* How the deep Q-learners of a society learn: two named profiles and keys that override them.
 *
 * paper: the schedule of Dasgupta and Musolesi's public code, odd where it is odd. Exploration is
 * nearly uniform until a buffer holds a batch and falls to its floor within four learning steps;
 * scores enter raw; transitions are the published ones (protocol.h); nothing is terminal.
 * clean: scaled observations, a smaller step, exploration that falls over some thousand steps (of
 * selecting, which is decided once a pairing, some hundred), a small floor, transitions that lead to
 * the agent's next decision in the role, and pairings that end. */
#ifndef MARL_ENVS_SOCIETY_PROFILE_H
#define MARL_ENVS_SOCIETY_PROFILE_H

#include "envs/society/protocol.h"
#include "marl/learn/dqn.h"

typedef struct MarlProfile {
  MarlDqnParams role[MARL_NUM_DILEMMA_ROLES];
  bool scaled; /* observations in [-1, 1]; replaces env.observation */
  MarlTransitionRule transitions;
  bool terminal_pairings; /* the last round of a pairing has no future */
} MarlProfile;

extern const char *const marl_profile_names[]; /* NULL-terminated */

MarlProfile marl_profile_named(int index); /* into marl_profile_names */

/* Section "learner" of a society: the profile, and keys that replace its values. Lists hold one
 * value a role: select, play, punish. */
enum { MARL_PROFILE_NUM_OPTIONS = 10 };
extern const MarlOption marl_profile_options[MARL_PROFILE_NUM_OPTIONS];

MarlCode marl_profile_read(const MarlSection *config, MarlProfile *profile,
                           MarlError *err) MARL_NODISCARD;

/* MARL_ECONFIG when a society with these rules has no such transitions. */
MarlCode marl_profile_check(const MarlProfile *profile, const MarlDilemmaRules *rules,
                            MarlError *err) MARL_NODISCARD;

#endif
