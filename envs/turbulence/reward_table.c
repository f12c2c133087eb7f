#include "envs/turbulence/reward.h"

extern const MarlRewardOps marl_reward_inverse_log_error;
extern const MarlRewardOps marl_reward_weighted_error;
extern const MarlRewardOps marl_reward_log_likelihood;
extern const MarlRewardOps marl_reward_episode_log_error;

/* one line a reward */
/* clang-format off */
static const MarlRewardOps *const table[] = {
    &marl_reward_inverse_log_error,
    &marl_reward_weighted_error,
    &marl_reward_log_likelihood,
    &marl_reward_episode_log_error,
    NULL,
};
/* clang-format on */

static const MarlPlugin *shipped(size_t i) {
  return table[i] != NULL ? &table[i]->plugin : NULL;
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
