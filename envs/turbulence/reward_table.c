#include "envs/turbulence/reward.h"

/* one line a reward: envs/turbulence/reward_<name>.c */
#define TABLE(ENTRY)       \
  ENTRY(inverse_log_error) \
  ENTRY(weighted_error)    \
  ENTRY(log_likelihood)    \
  ENTRY(episode_log_error) \
  ENTRY(episode_error_order)

#define DECLARE(name) extern const MarlRewardOps marl_reward_##name;
#define POINTER(name) &marl_reward_##name.plugin,
TABLE(DECLARE)
static const MarlPlugin *const table[] = {TABLE(POINTER) NULL};

static const MarlPlugin *shipped(size_t i) {
  return table[i];
}

MarlKind marl_kind_rewards = {.name = "rewards",
                              .title = "Rewards of the turbulence environment",
                              .noun = "reward",
                              .section = "env",
                              .key = "env.reward",
                              .fallback = "log_likelihood",
                              .no_options = true,
                              .shipped = shipped};

MarlCode marl_register_reward(const MarlRewardOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_rewards, &ops->plugin, err);
}
