/* Does an environment keep the contract of env.h? For whoever writes one: run it in a test of the
 * environment, or by `marl check`.
 *
 *   UNIT_OK(marl_env_check(&my_env, config, 1, 200, &report, &err));
 *
 * Walks of random actions, some at the ends of their range, are taken through episodes with the time
 * limit and the resets of vec_env.h, in instances of their own whose rows lie between guards. What a
 * learner would see must be the same, bit for bit,
 *   - in a second instance with the same seed, whatever its rows held before,
 *   - in an instance that has been used before,
 *   - in an instance that is stepped in turn with others (how environments are dealt over ranks,
 *     shards and replicas must not matter),
 *   - in one that was saved and loaded, into a new instance and into a used one, and in the one that
 *     was saved.
 * Everything that marl_env_check_rows asks for must hold on the way; flags are 0 or 1, and so is an
 * image of bits (MarlRole.image_is_bits); nothing is written outside the environment's own rows.
 *
 * Compare check_env of Stable-Baselines3 and Gymnasium, parallel_api_test of PettingZoo. */
#ifndef MARL_LEARN_ENV_CHECK_H
#define MARL_LEARN_ENV_CHECK_H

#include "marl/learn/env.h"

enum { MARL_ENV_CHECK_NOTES = 8 };

/* What was seen. Notes are sentences about what is allowed and seldom meant. */
typedef struct MarlEnvCheckReport {
  int64_t steps, episodes; /* taken and ended, over all walks */
  int num_notes;
  char note[MARL_ENV_CHECK_NOTES][160];
} MarlEnvCheckReport;

/* `config` is the section "env"; walks have `steps` steps, at least 4. MARL_OK: nothing is wrong;
 * else the first broken promise with agent, episode and step, or the environment's own error. */
MarlCode marl_env_check(const MarlEnvOps *ops, const MarlSection *config, uint64_t seed, int steps,
                        MarlEnvCheckReport *report, MarlError *err) MARL_NODISCARD;

#endif
