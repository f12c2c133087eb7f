/* The agents of a batch that decide now, those alike side by side. */
#ifndef MARL_LEARN_DECIDERS_H
#define MARL_LEARN_DECIDERS_H

#include "marl/learn/policy.h"
#include "marl/learn/vec_env.h"

/* Rows that decide, in the order of roles, then parameter sets, then rows. The work is that of the
 * rows that are touched, not of all (MarlBatch.touched). */
typedef struct MarlDeciders {
  const MarlPolicy *policy; /* borrowed */
  int num_agents;
  size_t count;   /* of rows */
  uint32_t *rows; /* [E A] */
  uint64_t *keys; /* [E A] scratch */
} MarlDeciders;

MarlCode marl_deciders_create(const MarlPolicy *policy, int num_envs, int num_agents,
                              MarlDeciders *out, MarlError *err) MARL_NODISCARD;
void marl_deciders_clear(MarlDeciders *deciders); /* zeroed is accepted */

void marl_deciders_list(MarlDeciders *deciders, const MarlBatch *batch);
/* How many from place `at` on, at most `most`, have its role and parameter set. */
size_t marl_deciders_alike(const MarlDeciders *deciders, size_t at, size_t most);

#endif
