#include <stdlib.h>

#include "marl/core/arena.h"
#include "marl/learn/policy_internal.h"
#include "marl/learn/ppo.h"

enum { CRITIC_CENTRAL = 1, CRITIC_SHARED };
const char *const marl_ppo_critics[] = {"own", "central", "shared", NULL};

static const MarlOption options[] = {
    {"gamma", MARL_OPTION_REAL, "0.99", 0, 1, NULL, "1", "discount of a decision to the next"},
    {"lambda", MARL_OPTION_REAL, "0.95", 0, 1, NULL, "1", "decay of the advantage estimator"},
    {"horizon", MARL_OPTION_INT, "128", 1, 1e6, NULL, "steps", "steps between updates"},
    {"sequence_length", MARL_OPTION_INT, "0", 0, MARL_MLP_BLOCK, NULL, "decisions",
     "of policies that remember: how far back gradients flow; 0: horizon, at most 512"},
    {"epochs", MARL_OPTION_INT, "4", 1, 1000, NULL, "1", "times each decision is learned from"},
    {"minibatches", MARL_OPTION_INT, "4", 1, 1e6, NULL, "1", "gradient steps an epoch"},
    {"learning_rate", MARL_OPTION_REAL, "3e-4", 0, 1, NULL, "1", "step size of Adam"},
    {"anneal", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "let the learning rate fall to 0 over the run, linearly"},
    {"anneal_updates", MARL_OPTION_INT, "0", 0, 1e12, NULL, "updates",
     "updates in which it does so; 0: run.updates, which then stays as it is on resume"},
    {"adam_epsilon", MARL_OPTION_REAL, "1e-5", 1e-12, 1, NULL, "1", "Adam's epsilon"},
    {"clip", MARL_OPTION_REAL, "0.2", 0, 10, NULL, "1", "clipping of the probability ratio"},
    {"value_coefficient", MARL_OPTION_REAL, "0.5", 0, 1e6, NULL, "1", "weight of the value loss"},
    {"entropy_coefficient", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "1", "weight of the entropy"},
    {"max_grad_norm", MARL_OPTION_REAL, "0.5", 0, 1e9, NULL, "1",
     "bound of the gradient's norm over policy and critic of a parameter set"},
    {"target_kl", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "1",
     "end an update when the policy has moved 1.5 times this far; 0: never"},
    {"normalize_advantage", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "zero mean and unit deviation over an update's decisions of a role and parameter set"},
    {"normalize_value", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "learn values in units of the running deviation of the returns"},
    {"critic", MARL_OPTION_CHOICE, "own", 0, 0, marl_ppo_critics, "1",
     "value of the agent's observation; of it and the environment's global state (central); or a "
     "second head on the policy's network (shared)"},
    {"critic_hidden", MARL_OPTION_INTS, "64, 64", 1, 4096, NULL, "units",
     "widths of the critic's hidden layers, of a shared one behind the trunk; empty: linear"},
    {"trunk_hidden", MARL_OPTION_INT, "0", 0, MARL_MLP_MAX_HIDDEN, NULL, "layers",
     "of critic: shared: how many of the policy's hidden layers are common, behind convolutions; "
     "the rest is the policy's own; 0: all, and a recurrent layer"},
};

static PpoParams read_params(const MarlSection *config) {
  return (PpoParams){
      .gamma = (float)marl_section_real(config, "gamma"),
      .lambda = (float)marl_section_real(config, "lambda"),
      .clip = (float)marl_section_real(config, "clip"),
      .value_coefficient = (float)marl_section_real(config, "value_coefficient"),
      .entropy_coefficient = (float)marl_section_real(config, "entropy_coefficient"),
      .max_grad_norm = (float)marl_section_real(config, "max_grad_norm"),
      .target_kl = (float)marl_section_real(config, "target_kl"),
      .horizon = marl_section_int(config, "horizon"),
      .sequence_length = marl_section_int(config, "sequence_length"),
      .epochs = marl_section_int(config, "epochs"),
      .minibatches = marl_section_int(config, "minibatches"),
      .normalize_advantage = marl_section_bool(config, "normalize_advantage"),
  };
}

const float *marl_ppo_critic_input(const Ppo *ppo, int role) {
  return ppo->critic->shared ? marl_network_trunk(ppo->policy->roles[role].net) : ppo->critic_input;
}

int marl_ppo_group(const Ppo *ppo, int role, int set) {
  return role * ppo->critic->num_sets + set;
}

static MarlCode create_networks(const MarlSection *config, const MarlLearnerInit *init, Ppo *ppo,
                                MarlError *err) {
  const MarlKey key =
      marl_key_fold(marl_key(init->seed, MARL_STREAM_INIT), (uint64_t)init->replica);
  const MarlAdamParams adam = {
      .beta1 = 0.9, .beta2 = 0.999, .epsilon = marl_section_real(config, "adam_epsilon")};
  MARL_TRY(marl_policy_create(init->policy, init->env, MARL_OUTPUTS_PLAIN, init->replica,
                              marl_key_fold(key, 0), &ppo->policy, err));
  ppo->memory = ppo->policy->roles[0].memory; /* that of all */
  const bool shared = marl_section_choice(config, "critic") == CRITIC_SHARED;
  ppo->critic_units = shared ? 0 : ppo->memory;
  ppo->remembered = ppo->memory + ppo->critic_units;
  const MarlCriticInit critic = {
      .policy = ppo->policy,
      .config = config,
      .shared = shared,
      .trunk_hidden = marl_section_int(config, "trunk_hidden"),
      .activation = marl_policy_activation(init->policy),
      .state_dim = ppo->state_dim,
      .normalize = marl_section_bool(config, "normalize_value"),
      .key = marl_key_fold(key, 1),
  };
  MARL_TRY(marl_critic_create(&critic, &ppo->critic, err));
  ppo->policy_adam = calloc((size_t)ppo->num_roles, sizeof(MarlAdam *));
  ppo->critic_adam = calloc((size_t)ppo->num_roles, sizeof(MarlAdam *));
  if (ppo->policy_adam == NULL || ppo->critic_adam == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for ppo");
  for (int role = 0; role < ppo->num_roles; ++role) {
    MARL_TRY(marl_adam_create(&adam, ppo->critic->num_sets, ppo->policy->roles[role].num_params,
                              &ppo->policy_adam[role], err));
    MARL_TRY(marl_adam_create(&adam, ppo->critic->num_sets, ppo->critic->roles[role].num_params,
                              &ppo->critic_adam[role], err));
  }
  if (ppo->state_dim > 0)
    MARL_TRY(marl_normalizer_create(ppo->state_dim, &ppo->state_normalizer, err));
  return MARL_OK;
}

static MarlCode create_groups(Ppo *ppo, MarlError *err) {
  const int sets = ppo->critic->num_sets;
  ppo->num_groups = ppo->num_roles * sets;
  ppo->groups = calloc((size_t)ppo->num_groups, sizeof *ppo->groups);
  if (ppo->groups == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for ppo");
  ppo->stats_size = 1 + 2 * (size_t)ppo->state_dim;
  for (int g = 0; g < ppo->num_groups; ++g) {
    PpoGroup *group = &ppo->groups[g];
    const int role = g / sets;
    *group = (PpoGroup){.role = role,
                        .set = g % sets,
                        .policy_params = ppo->policy->roles[role].num_params,
                        .critic_params = ppo->critic->roles[role].num_params,
                        .at = ppo->grad_size};
    ppo->grad_size += group->policy_params + group->critic_params + PPO_TRAVEL;
    /* the widest exchange: a normalizer of observations, or one of returns */
    ppo->stats_size += 3 + 2 * (size_t)ppo->policy->roles[role].role.obs_dim;
  }
  return MARL_OK;
}

/* Numbers of an observation that a rollout can keep as bits: of the only role, as the network sees them. */
static int image_bits(const Ppo *ppo) {
  const MarlRole *role = &ppo->policy->roles[0].role;
  if (ppo->num_roles > 1 || !role->image_is_bits || ppo->policy->roles[0].normalizer != NULL)
    return 0;
  return role->image[0] * role->image[1] * role->image[2];
}

static MarlCode create_shard(Ppo *ppo, PpoShard *shard, MarlError *err) {
  const MarlRolloutShape shape = {
      .rows = (size_t)ppo->num_envs * (size_t)ppo->num_agents,
      .num_roles = ppo->num_roles,
      .horizon = ppo->params.horizon,
      .obs_dim = ppo->obs_dim,
      .act_dim = ppo->act_dim,
      .state_dim = ppo->state_dim,
      .mask_dim = ppo->mask_dim,
      .memory_dim = ppo->remembered,
      .bits = image_bits(ppo),
  };
  MARL_TRY(marl_rollout_create(&shape, &shard->rollout, err));
  const size_t slots = marl_rollout_num_slots(shard->rollout), groups = (size_t)ppo->num_groups;
  shard->sample = calloc(slots, sizeof *shard->sample);
  shard->order = calloc(slots, sizeof *shard->order);
  shard->first = calloc(groups + 1, sizeof *shard->first);
  shard->seen = calloc(groups + 1, sizeof(MarlNormalizer *));
  if (ppo->memory > 0) {
    shard->memory = calloc(shape.rows * (size_t)ppo->num_roles * (size_t)ppo->remembered,
                           sizeof *shard->memory);
    shard->sequence = calloc(slots + 1, sizeof *shard->sequence);
    shard->first_sequence = calloc(groups + 1, sizeof *shard->first_sequence);
    if (shard->memory == NULL || shard->sequence == NULL || shard->first_sequence == NULL)
      return MARL_FAIL(err, MARL_EMEMORY, "out of memory for ppo: %zu decisions", slots);
  }
  if (shard->sample == NULL || shard->order == NULL || shard->first == NULL || shard->seen == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for ppo: %zu decisions", slots);
  for (int g = 0; g < ppo->num_groups; ++g)
    MARL_TRY(marl_normalizer_create(ppo->policy->roles[ppo->groups[g].role].role.obs_dim,
                                    &shard->seen[g], err));
  if (ppo->state_dim > 0)
    MARL_TRY(marl_normalizer_create(ppo->state_dim, &shard->seen[ppo->num_groups], err));
  return MARL_OK;
}

static size_t lay_out(Ppo *ppo, char *block) {
  const size_t groups = (size_t)ppo->num_groups, shards = (size_t)ppo->num_shards;
  const size_t b = MARL_MLP_BLOCK, O = (size_t)ppo->obs_dim, U = (size_t)ppo->act_dim;
  size_t n = 0, wide = 1, trunk = 0;
  for (int r = 0; r < ppo->num_roles; ++r) {
    const size_t out = (size_t)ppo->policy->roles[r].shape.num_outputs;
    wide = out > wide ? out : wide;
    const size_t read = (size_t)ppo->critic->roles[r].shape.num_inputs;
    if (ppo->critic->shared && read > trunk) trunk = read;
  }
  ppo->totals = marl_carve(block, &n, groups * (PPO_NUM_SUMS + 2), sizeof *ppo->totals);
  ppo->shard_grad =
      marl_carve(block, &n, (size_t)ppo->own_shards * ppo->grad_size, sizeof *ppo->shard_grad);
  ppo->grad = marl_carve(block, &n, ppo->grad_size, sizeof *ppo->grad);
  ppo->stats = marl_carve(block, &n, shards * ppo->stats_size, sizeof *ppo->stats);
  ppo->sample_counts = marl_carve(block, &n, shards * groups, sizeof *ppo->sample_counts);
  ppo->group_sums = marl_carve(block, &n, groups, sizeof *ppo->group_sums);
  const size_t rows = (size_t)ppo->num_envs * (size_t)ppo->num_agents;
  ppo->rows = marl_carve(block, &n, rows, sizeof *ppo->rows);
  ppo->sorted = marl_carve(block, &n, rows, sizeof *ppo->sorted);
  ppo->first_row = marl_carve(block, &n, (size_t)ppo->policy->num_sets + 1, sizeof *ppo->first_row);
  ppo->keys = marl_carve(block, &n, b, sizeof *ppo->keys);
  ppo->policy_memory = marl_carve(block, &n, b * (size_t)ppo->memory, sizeof(float));
  ppo->critic_memory = marl_carve(block, &n, b * (size_t)ppo->critic_units, sizeof(float));
  ppo->trunk_grad = marl_carve(block, &n, b * trunk, sizeof(float));
  ppo->chosen = marl_carve(block, &n, b, sizeof *ppo->chosen);
  ppo->block_slots = marl_carve(block, &n, b, sizeof *ppo->block_slots);
  ppo->active = marl_carve(block, &n, b, sizeof *ppo->active);
  ppo->choice = marl_carve(block, &n, b * U, sizeof *ppo->choice);
  ppo->mask = marl_carve(block, &n, b * (size_t)ppo->mask_dim, sizeof *ppo->mask);
  ppo->raw = marl_carve(block, &n, b * O, sizeof(float));
  ppo->input = marl_carve(block, &n, b * O, sizeof(float));
  ppo->critic_input = ppo->state_dim == 0
                          ? ppo->input
                          : marl_carve(block, &n, b * ((size_t)ppo->state_dim + O), sizeof(float));
  ppo->output = marl_carve(block, &n, b * wide, sizeof(float));
  ppo->output_grad = marl_carve(block, &n, b * wide, sizeof(float));
  float **act_wide[] = {&ppo->x, &ppo->action, &ppo->x_grad};
  for (size_t i = 0; i < sizeof act_wide / sizeof act_wide[0]; ++i)
    *act_wide[i] = marl_carve(block, &n, b * U, sizeof(float));
  float **one_wide[] = {&ppo->log_prob, &ppo->old_log_prob,   &ppo->entropy,
                        &ppo->weight,   &ppo->entropy_weight, &ppo->advantage,
                        &ppo->target,   &ppo->value,          &ppo->value_grad};
  for (size_t i = 0; i < sizeof one_wide / sizeof one_wide[0]; ++i)
    *one_wide[i] = marl_carve(block, &n, b, sizeof(float));
  return n;
}

void marl_ppo_destroy(MarlLearner *learner) {
  Ppo *ppo = (Ppo *)learner;
  if (ppo == NULL) return;
  for (int s = 0; ppo->shards != NULL && s < ppo->own_shards; ++s) {
    PpoShard *shard = &ppo->shards[s];
    for (int g = 0; shard->seen != NULL && g <= ppo->num_groups; ++g)
      marl_normalizer_destroy(&shard->seen[g]);
    free(shard->seen);
    free(shard->sample);
    free(shard->order);
    free(shard->first);
    free(shard->memory);
    free(shard->sequence);
    free(shard->first_sequence);
    marl_rollout_destroy(&shard->rollout);
  }
  for (int role = 0; role < ppo->num_roles; ++role) {
    if (ppo->policy_adam != NULL) marl_adam_destroy(&ppo->policy_adam[role]);
    if (ppo->critic_adam != NULL) marl_adam_destroy(&ppo->critic_adam[role]);
  }
  free(ppo->policy_adam);
  free(ppo->critic_adam);
  marl_normalizer_destroy(&ppo->state_normalizer);
  marl_policy_destroy(&ppo->policy);
  marl_critic_destroy(&ppo->critic);
  marl_deciders_clear(&ppo->deciders);
  free(ppo->shards);
  free(ppo->groups);
  free(ppo->arena);
  free(ppo);
}

static MarlCode build(const MarlSection *config, const MarlLearnerInit *init, Ppo *ppo,
                      MarlError *err) {
  MARL_TRY(create_networks(config, init, ppo, err));
  MARL_TRY(create_groups(ppo, err));
  ppo->shards = calloc((size_t)ppo->own_shards, sizeof *ppo->shards);
  if (ppo->shards == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for ppo");
  for (int s = 0; s < ppo->own_shards; ++s) MARL_TRY(create_shard(ppo, &ppo->shards[s], err));
  const size_t size = lay_out(ppo, NULL);
  ppo->arena = marl_arena_alloc(size);
  if (ppo->arena == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for ppo: %zu bytes of gradients", size);
  lay_out(ppo, ppo->arena);
  MARL_TRY(marl_deciders_create(ppo->policy, ppo->num_envs, ppo->num_agents, &ppo->deciders, err));
  marl_policy_sort_rows(ppo->policy, ppo->num_envs, ppo->num_agents, ppo->first_row, ppo->sorted);
  return MARL_OK;
}

MarlCode marl_ppo_create(const MarlSection *config, const PpoParams *params,
                         const MarlLearnerInit *init, MarlLearner **out, MarlError *err) {
  *out = NULL;
  const bool central = marl_section_choice(config, "critic") == CRITIC_CENTRAL;
  if (marl_section_choice(config, "critic") != CRITIC_SHARED &&
      marl_section_int(config, "trunk_hidden") > 0)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "learner.trunk_hidden is of learner.critic: shared; other critics have no trunk "
        "in common with the policy");
  if (central && init->env->state_dim == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.critic = central needs an environment with a global state; this one "
                     "has none: use own");
  Ppo *ppo = calloc(1, sizeof *ppo);
  if (ppo == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for ppo");
  const uint64_t replica = (uint64_t)init->replica;
  ppo->params = *params;
  if (params->sequence_length == 0)
    ppo->params.sequence_length =
        params->horizon < MARL_MLP_BLOCK ? params->horizon : MARL_MLP_BLOCK;
  ppo->num_envs = init->num_envs;
  ppo->num_agents = init->env->num_agents;
  ppo->num_roles = init->env->num_roles;
  ppo->obs_dim = init->env->obs_dim;
  ppo->act_dim = init->env->act_dim;
  ppo->mask_dim = init->env->mask_dim;
  ppo->state_dim = central ? init->env->state_dim : 0;
  ppo->num_shards = init->num_shards;
  ppo->first_shard = init->first_shard;
  ppo->own_shards = init->own_shards;
  ppo->act_key = marl_key_fold(marl_key(init->seed, MARL_STREAM_POLICY), replica);
  ppo->shuffle_key = marl_key_fold(marl_key(init->seed, MARL_STREAM_SHUFFLE), replica);
  ppo->comm = init->comm;
  MarlCode code = marl_schedule_read(config, init->num_updates, &ppo->schedule, err);
  if (code == MARL_OK) code = build(config, init, ppo, err);
  if (code == MARL_OK)
    *out = &ppo->base;
  else
    marl_ppo_destroy(&ppo->base);
  return code;
}

static MarlCode create(const MarlSection *config, const MarlLearnerInit *init, MarlLearner **out,
                       MarlError *err) {
  const PpoParams params = read_params(config);
  return marl_ppo_create(config, &params, init, out, err);
}

const MarlPolicy *marl_ppo_policy(const MarlLearner *learner) {
  return ((const Ppo *)learner)->policy;
}

const MarlLearnerOps marl_learner_ppo = {
    .name = "ppo",
    .summary = "proximal policy optimization with generalized advantages",
    .source = "Schulman et al., arXiv:1707.06347 and arXiv:1506.02438",
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
