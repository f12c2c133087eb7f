/* Cumulative reputation scores of N agents (Dasgupta and Musolesi 2025).
 *
 * Cooperating adds 1, defecting takes 1 away; a just fine adds 2, an unjust one takes 3 away.
 * Scores are integers from 0, without decay or bound. Public: one score an agent. Individual:
 * view[i][j] is what i thinks of j; acts change everybody else's view of the actor, and a fine
 * also takes 5 from the punished player's view of its punisher, and, when just, adds 5 to the view
 * of the punished player's game partner.
 *
 * Norm: a name is good (1) or bad (0), good at first; after each act the actor is assessed by the
 * names of both and the act, wrongly with a small probability (envs/society/norm.h). Individual
 * names are private assessments: every viewer judges by its own names and errs on its own. */
#ifndef MARL_ENVS_SOCIETY_REPUTATION_H
#define MARL_ENVS_SOCIETY_REPUTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "envs/society/norm.h"
#include "marl/core/rng.h"

typedef enum MarlReputationSource {
  MARL_REPUTATION_NONE,
  MARL_REPUTATION_PLAY,
  MARL_REPUTATION_PUNISH,
  MARL_REPUTATION_PLAY_PUNISH,
  MARL_REPUTATION_NORM,
} MarlReputationSource;

/* Names for the option `reputation`, NULL-terminated, in the order of MarlReputationSource. */
extern const char *const marl_reputation_names[];

typedef struct MarlReputation {
  MarlReputationSource source;
  bool individual;
  int num_agents; /* N */
  MarlNorm norm;
  double assessment_error;
  int32_t *score; /* [N] public or [N viewer, N of whom] individual, borrowed */
} MarlReputation;

size_t marl_reputation_size(int num_agents, bool individual); /* entries of score */

/* What `viewer` thinks of `whom`. */
int32_t marl_reputation_of(const MarlReputation *reputation, int viewer, int whom);

void marl_reputation_reset(MarlReputation *reputation);

/* Assess the players of an encounter by the norm, both by the names from before; only those that
 * moved. Draws 2 viewers x first .. of the key decide about errors. Nothing for other sources. */
void marl_reputation_assess(MarlReputation *reputation, const int player[2], const int action[2],
                            const bool moved[2], MarlKey key, uint64_t first);
void marl_reputation_played(MarlReputation *reputation, int actor, int action);
/* `judge` decided about `judged`, who played `action` against `partner`. */
void marl_reputation_judged(MarlReputation *reputation, int judge, int decision, int judged,
                            int action, int partner);

#endif
