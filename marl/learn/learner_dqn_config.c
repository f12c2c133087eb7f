#include <stdlib.h>

#include "marl/learn/learner_dqn.h"
#include "marl/learn/role_values.h"

static const char *const presets[] = {"default", "paper", "clean", NULL};
static const char *const learn_after[] = {"interval", "transition", NULL};

const MarlOption marl_dqn_options[DQN_NUM_OPTIONS] = {
    {"preset", MARL_OPTION_CHOICE, "default", 0, 0, presets, "1",
     "other defaults of this section for the roles select, play and punish of a society: the "
     "public "
     "code's schedule (paper) or a calmer one (clean), a gradient step after every transition"},
    {"gamma", MARL_OPTION_TEXTS, "0.99", 0, 1, NULL, "1",
     "discount of a decision to the next; role=number for a role of its own"},
    {"learn_after", MARL_OPTION_CHOICE, "interval", 0, 0, learn_after, "1",
     "when a role and parameter set takes its gradient steps: every interval steps, or after every "
     "transition of its own"},
    {"interval", MARL_OPTION_INT, "4", 1, 1e9, NULL, "steps",
     "steps of each environment between updates"},
    {"gradient_steps", MARL_OPTION_INT, "1", 1, 1e6, NULL, "1",
     "gradient steps an update, or a transition"},
    {"minibatch", MARL_OPTION_INT, "64", 1, 1e6, NULL, "decisions",
     "decisions that a gradient step of a role and parameter set learns from"},
    {"replay_size", MARL_OPTION_TEXTS, "100000", 1, 4e9, NULL, "decisions",
     "decisions that a role and parameter set remembers, the oldest go first; role=number for a "
     "role of its own"},
    {"replay_start", MARL_OPTION_INT, "1000", 1, 4e9, NULL, "steps",
     "steps of all environments together before the first update; learning after every transition, "
     "transitions of a role and parameter set before its first gradient step"},
    {"learning_rate", MARL_OPTION_TEXTS, "1e-3", 0, 10, NULL, "1",
     "step size of Adam; role=number for a role of its own"},
    {"anneal", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "let the learning rate fall to 0 over the run, linearly"},
    {"anneal_updates", MARL_OPTION_INT, "0", 0, 1e12, NULL, "updates",
     "updates in which it does so; 0: run.updates, which then stays as it is on resume"},
    {"adam_epsilon", MARL_OPTION_REAL, "1e-8", 1e-12, 1, NULL, "1", "Adam's epsilon"},
    {"max_grad_norm", MARL_OPTION_REAL, "10", 0, 1e9, NULL, "1",
     "bound of the gradient's norm of a parameter set"},
    {"target_interval", MARL_OPTION_INT, "500", 1, 1e9, NULL, "gradient steps",
     "gradient steps between copies of the network to the target network"},
    {"double_q", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "the network chooses the next action, the target network values it; false: both by the target "
     "network, as in 2015"},
    {"huber", MARL_OPTION_REAL, "1", 0, 1e9, NULL, "reward",
     "error beyond which the loss is linear; 0: never"},
    {"epsilon_start", MARL_OPTION_TEXTS, "1", 0, 1, NULL, "1",
     "probability of a uniform action until the first update; role=number for a role of its own"},
    {"epsilon_end", MARL_OPTION_TEXTS, "0.05", 0, 1, NULL, "1",
     "probability of a uniform action after epsilon_steps; role=number for a role of its own"},
    {"epsilon_steps", MARL_OPTION_TEXTS, "10000", 0, 1e15, NULL, "steps",
     "steps of all environments together, after replay_start, in which epsilon falls linearly; "
     "learning after every transition, gradient steps; role=number for a role of its own"},
};

/* The public code of Dasgupta and Musolesi 2025, odd where it is odd: 0.8889 is its 8/9 in four
 * digits, and exploration is nearly uniform until a memory holds a minibatch and falls to its floor
 * within four gradient steps, by 0.30006666666666665 or 0.5000444444444445 of its range in each. */
static const MarlSetting paper[] = {
    {"learn_after", "transition"},
    {"interval", "1000"},
    {"minibatch", "100"},
    {"replay_start", "100"},
    {"replay_size", "select=131072, play=131072, punish=524288"},
    {"gamma", "0.9"},
    {"learning_rate", "select=0.01, play=0.1, punish=0.001"},
    {"anneal", "false"},
    {"max_grad_norm", "1e9"},
    {"target_interval", "200"},
    {"double_q", "false"},
    {"epsilon_start", "0.8889"},
    {"epsilon_end", "select=0.0001, play=0.01, punish=0.2"},
    {"epsilon_steps",
     "select=3.3325927571650746, play=3.3325927571650746, "
     "punish=1.9998222380232866"},
    {NULL, NULL},
};

/* Exploration falls over some thousand decisions; of selecting, once a pairing, some hundred. */
static const MarlSetting clean[] = {
    {"learn_after", "transition"},
    {"interval", "1000"},
    {"minibatch", "100"},
    {"replay_start", "100"},
    {"replay_size", "20000"},
    {"gamma", "0.9"},
    {"anneal", "false"},
    {"max_grad_norm", "1e9"},
    {"target_interval", "200"},
    {"epsilon_end", "0.02"},
    {"epsilon_steps", "select=500, play=5000, punish=5000"},
    {NULL, NULL},
};

const MarlPreset marl_dqn_presets[] = {{"paper", paper}, {"clean", clean}, {NULL, NULL}};

static MarlCode read_roles(const MarlSection *config, const MarlEnvSpec *env, DqnRole *roles,
                           MarlError *err) {
  const struct {
    const char *key;
    bool whole;
    double *at;
  } lists[] = {
      {"gamma", false, &roles[0].gamma},
      {"learning_rate", false, &roles[0].learning_rate},
      {"replay_size", true, &roles[0].replay_size},
      {"epsilon_start", false, &roles[0].epsilon_start},
      {"epsilon_end", false, &roles[0].epsilon_end},
      {"epsilon_steps", false, &roles[0].epsilon_steps},
  };
  const size_t stride = sizeof *roles / sizeof(double);
  _Static_assert(sizeof *roles % sizeof(double) == 0, "a role is a whole number of doubles");
  for (size_t i = 0; i < sizeof lists / sizeof *lists; ++i)
    MARL_TRY(marl_role_values(config, lists[i].key, lists[i].whole, env->roles, env->num_roles,
                              stride, lists[i].at, err));
  return MARL_OK;
}

static MarlCode check(const DqnParams *p, int num_shards, MarlError *err) {
  const int64_t shards = num_shards;
  if (p->every_transition && shards > 1)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.learn_after: transition: one transition comes after another in "
                     "run.shards = 1, not %d; run.replicas are independent",
                     num_shards);
  if (p->minibatch < shards)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.minibatch = %d is less than run.shards = %d: each shard gives its "
                     "part of a minibatch",
                     p->minibatch, num_shards);
  if ((p->minibatch + shards - 1) / shards > MARL_REPLAY_MAX_BATCH)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.minibatch = %d is more than %d for each of run.shards = %d",
                     p->minibatch, MARL_REPLAY_MAX_BATCH, num_shards);
  return MARL_OK;
}

static MarlCode check_memory(const DqnParams *p, const DqnRole *role, const char *name,
                             int num_shards, MarlError *err) {
  const int64_t size = (int64_t)role->replay_size;
  if (size < p->minibatch)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.replay_size = %lld of role '%s' is less than learner.minibatch = %d",
                     (long long)size, name, p->minibatch);
  if (p->every_transition && size < p->replay_start)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.replay_size = %lld of role '%s' is less than learner.replay_start = "
                     "%lld, where it begins to learn",
                     (long long)size, name, (long long)p->replay_start);
  if (size / num_shards <= UINT32_MAX) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "learner.replay_size = %lld is more than 2^32 for each of run.shards = %d",
                   (long long)size, num_shards);
}

MarlCode marl_dqn_read_params(const MarlSection *config, const MarlEnvSpec *env, int num_shards,
                              DqnParams *params, DqnRole *roles, MarlError *err) {
  *params = (DqnParams){
      .huber = (float)marl_section_real(config, "huber"),
      .max_grad_norm = (float)marl_section_real(config, "max_grad_norm"),
      .double_q = marl_section_bool(config, "double_q"),
      .every_transition = marl_section_choice(config, "learn_after") == 1,
      .interval = marl_section_int(config, "interval"),
      .gradient_steps = marl_section_int(config, "gradient_steps"),
      .minibatch = marl_section_int(config, "minibatch"),
      .target_interval = marl_section_int64(config, "target_interval"),
      .replay_start = marl_section_int64(config, "replay_start"),
  };
  MARL_TRY(check(params, num_shards, err));
  MARL_TRY(read_roles(config, env, roles, err));
  for (int r = 0; r < env->num_roles; ++r)
    MARL_TRY(check_memory(params, &roles[r], env->roles[r].name, num_shards, err));
  return MARL_OK;
}
