/* REINFORCE with a baseline (Williams 1992): one step along
 *   mean (R - V(s)) grad log pi(a|s)
 * a rollout, R the discounted sum of rewards to the episode's end, or to the rollout's and then the
 * value of the state there, V a learned baseline. That is the first gradient of PPO when its
 * advantages look all the way ahead (lambda = 1): the same parts, no ratio that could be clipped. */
#include <math.h>

#include "marl/learn/ppo.h"

static const MarlOption options[] = {
    {"gamma", MARL_OPTION_REAL, "0.99", 0, 1, NULL, "1", "discount of a decision to the next"},
    {"horizon", MARL_OPTION_INT, "128", 1, 1e6, NULL, "steps",
     "steps between updates; episodes should fit"},
    {"sequence_length", MARL_OPTION_INT, "0", 0, MARL_MLP_BLOCK, NULL, "decisions",
     "of policies that remember: how far back gradients flow; 0: horizon, at most 512"},
    {"learning_rate", MARL_OPTION_REAL, "1e-3", 0, 1, NULL, "1", "step size of Adam"},
    {"anneal", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "let the learning rate fall to 0 over the run, linearly"},
    {"anneal_updates", MARL_OPTION_INT, "0", 0, 1e12, NULL, "updates",
     "updates in which it does so; 0: run.updates, which then stays as it is on resume"},
    {"adam_epsilon", MARL_OPTION_REAL, "1e-5", 1e-12, 1, NULL, "1", "Adam's epsilon"},
    {"value_coefficient", MARL_OPTION_REAL, "0.5", 0, 1e6, NULL, "1",
     "weight of the baseline's squared error"},
    {"entropy_coefficient", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "1", "weight of the entropy"},
    {"max_grad_norm", MARL_OPTION_REAL, "0.5", 0, 1e9, NULL, "1",
     "bound of the gradient's norm over policy and baseline of a parameter set"},
    {"normalize_advantage", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "zero mean and unit deviation over an update's decisions of a role and parameter set"},
    {"normalize_value", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "learn the baseline in units of the running deviation of the returns"},
    {"critic", MARL_OPTION_CHOICE, "own", 0, 0, marl_ppo_critics, "1",
     "baseline of the agent's observation; of it and the environment's global state (central); or "
     "a "
     "second head on the policy's network (shared)"},
    {"critic_hidden", MARL_OPTION_INTS, "64, 64", 1, 4096, NULL, "units",
     "widths of the baseline's hidden layers, of a shared one behind the trunk; empty: linear"},
    {"trunk_hidden", MARL_OPTION_INT, "0", 0, MARL_MLP_MAX_HIDDEN, NULL, "layers",
     "of critic: shared: how many of the policy's hidden layers are common, behind convolutions; "
     "the rest is the policy's own; 0: all, and a recurrent layer"},
};

static MarlCode create(const MarlSection *config, const MarlLearnerInit *init, MarlLearner **out,
                       MarlError *err) {
  const PpoParams params = {
      .gamma = (float)marl_section_real(config, "gamma"),
      .lambda = 1.0f,
      .clip = INFINITY,
      .value_coefficient = (float)marl_section_real(config, "value_coefficient"),
      .entropy_coefficient = (float)marl_section_real(config, "entropy_coefficient"),
      .max_grad_norm = (float)marl_section_real(config, "max_grad_norm"),
      .horizon = marl_section_int(config, "horizon"),
      .sequence_length = marl_section_int(config, "sequence_length"),
      .epochs = 1,
      .minibatches = 1,
      .normalize_advantage = marl_section_bool(config, "normalize_advantage"),
  };
  return marl_ppo_create(config, &params, init, out, err);
}

const MarlLearnerOps marl_learner_reinforce = {
    .name = "reinforce",
    .summary = "policy gradient of whole returns with a learned baseline",
    .source = "Williams 1992",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .abilities = MARL_LEARNER_CONTINUOUS | MARL_LEARNER_DISCRETE | MARL_LEARNER_MASKED |
                 MARL_LEARNER_SEVERAL | MARL_LEARNER_GROUPS | MARL_LEARNER_FROZEN |
                 MARL_LEARNER_MEMORY,
    .create = create,
    .destroy = marl_ppo_destroy,
    .act = marl_ppo_act,
    .observe = marl_ppo_observe,
    .update = marl_ppo_update,
    .policy = marl_ppo_policy,
    .save = marl_ppo_save,
    .load = marl_ppo_load,
    .save_shard = marl_ppo_save_shard,
    .load_shard = marl_ppo_load_shard,
};
