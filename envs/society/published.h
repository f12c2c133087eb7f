/* The transitions of the public code of Dasgupta and Musolesi 2025 (env.transitions: published).
 *
 * After every round, in this order: the selector's choice of this pairing once more, with the round's
 * reward, leads to the scores of now (in an alternating game once, when the pairing ends); each player's
 * move leads to the view of the same partner, also after their last round; each verdict leads to itself
 * with the scores of now. Nothing ends but an alternating game, whose moves carry the running reward;
 * with env.pairings_end the last round of every pairing. A new partner every round has no published
 * meaning (marl_dilemma_rules_check). */
#ifndef MARL_ENVS_SOCIETY_PUBLISHED_H
#define MARL_ENVS_SOCIETY_PUBLISHED_H

#include "envs/society/population.h"
#include "marl/learn/env.h"

enum { MARL_MAX_PUBLISHED = 3 + MARL_MAX_JUDGES }; /* transitions of a round */

/* What the decisions of this pairing and round were made from. Read-only for users. */
typedef struct MarlPublished {
  const MarlPopulation *population; /* borrowed until clear */
  size_t wide;                      /* floats of a selector's view */
  float *select_obs;                /* [N, wide] if partners are selected */
  float *play_obs;                  /* [N, 4] */
  float *judge_obs;                 /* [MARL_MAX_JUDGES, 4] by number of the judge */
  int32_t *selected;                /* [N] */
  char *memory;
} MarlPublished;

MarlCode marl_published_create(const MarlPopulation *population, size_t wide, MarlPublished *out,
                               MarlError *err) MARL_NODISCARD;
void marl_published_clear(MarlPublished *published);

/* All decisions of the population's phase are made, choices[i] by pending decision i, and not applied. */
void marl_published_decide(MarlPublished *published, const int *choices);
/* The round that has just ended: its transitions behind those that io holds. `role_number` [roles] are
 * the environment's, negative: there is no such role. */
void marl_published_give(const MarlPublished *published, const int *role_number, int obs_dim,
                         const MarlEnvIo *io);

/* Between two phases, bit for bit. */
MarlCode marl_published_save(const MarlPublished *published, MarlStore *to,
                             MarlError *err) MARL_NODISCARD;
MarlCode marl_published_load(MarlPublished *published, MarlStore *from,
                             MarlError *err) MARL_NODISCARD;

#endif
