/* Cumulative reputation scores of N agents (Dasgupta and Musolesi 2025).
 *
 * Cooperating adds 1, defecting takes 1 away; a just fine adds 2, an unjust one takes 3 away.
 * Scores are integers from 0, without decay or bound. Public: one score an agent. Individual:
 * view[i][j] is what i thinks of j; acts change everybody else's view of the actor, and a fine
 * also takes 5 from the punished player's view of its punisher, and, when just, adds 5 to the view
 * of the punished player's game partner. */
#ifndef MARL_ENVS_DILEMMA_REPUTATION_H
#define MARL_ENVS_DILEMMA_REPUTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum MarlReputationSource {
  MARL_REPUTATION_NONE,
  MARL_REPUTATION_PLAY,
  MARL_REPUTATION_PUNISH,
  MARL_REPUTATION_PLAY_PUNISH,
} MarlReputationSource;

/* Names for the option `reputation`, NULL-terminated, in the order of MarlReputationSource. */
extern const char *const marl_reputation_names[];

typedef struct MarlReputation {
  MarlReputationSource source;
  bool individual;
  int num_agents; /* N */
  int32_t *score; /* [N] public or [N viewer, N of whom] individual, borrowed */
} MarlReputation;

size_t marl_reputation_size(int num_agents, bool individual); /* entries of score */

/* What `viewer` thinks of `whom`. */
int32_t marl_reputation_of(const MarlReputation *reputation, int viewer, int whom);

void marl_reputation_played(MarlReputation *reputation, int actor, int action);
/* `judge` decided about `judged`, who played `action` against `partner`. */
void marl_reputation_judged(MarlReputation *reputation, int judge, int decision, int judged,
                            int action, int partner);

#endif
