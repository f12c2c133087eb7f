#include "marl/learn/learner_dqn.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"

static const MarlOption options[] = {
    {"gamma", MARL_OPTION_REAL, "0.99", 0, 1, NULL, "1", "discount of a decision to the next"},
    {"interval", MARL_OPTION_INT, "4", 1, 1e6, NULL, "steps",
     "steps of each environment between updates"},
    {"gradient_steps", MARL_OPTION_INT, "1", 1, 1e6, NULL, "1", "gradient steps an update"},
    {"minibatch", MARL_OPTION_INT, "64", 1, 1e6, NULL, "decisions",
     "decisions that a gradient step of a role and parameter set learns from"},
    {"replay_size", MARL_OPTION_INT, "100000", 1, 4e9, NULL, "decisions",
     "decisions that a role and parameter set remembers; the oldest go first"},
    {"replay_start", MARL_OPTION_INT, "1000", 1, 4e9, NULL, "steps",
     "steps of all environments together before the first update"},
    {"learning_rate", MARL_OPTION_REAL, "1e-3", 0, 1, NULL, "1", "step size of Adam"},
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
    {"epsilon_start", MARL_OPTION_REAL, "1", 0, 1, NULL, "1",
     "probability of a uniform action until the first update"},
    {"epsilon_end", MARL_OPTION_REAL, "0.05", 0, 1, NULL, "1",
     "probability of a uniform action after epsilon_steps"},
    {"epsilon_steps", MARL_OPTION_INT, "10000", 0, 1e15, NULL, "steps",
     "steps of all environments together, after replay_start, in which epsilon falls linearly"},
};

static DqnParams read_params(const MarlSection *config) {
  return (DqnParams){
      .gamma = (float)marl_section_real(config, "gamma"),
      .huber = (float)marl_section_real(config, "huber"),
      .max_grad_norm = (float)marl_section_real(config, "max_grad_norm"),
      .double_q = marl_section_bool(config, "double_q"),
      .interval = marl_section_int(config, "interval"),
      .gradient_steps = marl_section_int(config, "gradient_steps"),
      .minibatch = marl_section_int(config, "minibatch"),
      .target_interval = marl_section_int64(config, "target_interval"),
      .replay_size = marl_section_int64(config, "replay_size"),
      .replay_start = marl_section_int64(config, "replay_start"),
      .epsilon_start = marl_section_real(config, "epsilon_start"),
      .epsilon_end = marl_section_real(config, "epsilon_end"),
      .epsilon_steps = marl_section_int64(config, "epsilon_steps"),
  };
}

static MarlCode check(const DqnLearner *dqn, MarlError *err) {
  const DqnParams *p = &dqn->params;
  const int64_t shards = dqn->num_shards;
  if (p->minibatch < shards)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.minibatch = %d is less than run.shards = %d: each shard gives its "
                     "part of a minibatch",
                     p->minibatch, dqn->num_shards);
  if ((p->minibatch + shards - 1) / shards > MARL_REPLAY_MAX_BATCH)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.minibatch = %d is more than %d for each of run.shards = %d",
                     p->minibatch, MARL_REPLAY_MAX_BATCH, dqn->num_shards);
  if (p->replay_size < p->minibatch)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.replay_size = %lld is less than learner.minibatch = %d",
                     (long long)p->replay_size, p->minibatch);
  if (p->replay_size / shards > UINT32_MAX)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.replay_size = %lld is more than 2^32 for each of run.shards = %d",
                     (long long)p->replay_size, dqn->num_shards);
  return MARL_OK;
}

static MarlCode create_networks(const MarlSection *config, const MarlLearnerInit *init,
                                DqnLearner *dqn, MarlError *err) {
  const MarlKey key =
      marl_key_fold(marl_key(init->seed, MARL_STREAM_INIT), (uint64_t)init->replica);
  const MarlAdamParams adam = {
      .beta1 = 0.9, .beta2 = 0.999, .epsilon = marl_section_real(config, "adam_epsilon")};
  MARL_TRY(marl_policy_create(init->policy, init->env, false, key, &dqn->policy, err));
  dqn->num_sets = dqn->policy->roles[0].num_sets;
  dqn->adam = calloc((size_t)dqn->num_roles, sizeof(MarlAdam *));
  if (dqn->adam == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for dqn");
  for (int role = 0; role < dqn->num_roles; ++role) {
    MarlPolicyRole *r = &dqn->policy->roles[role];
    r->values = true;
    r->epsilon = (float)dqn->params.epsilon_start;
    MARL_TRY(marl_adam_create(&adam, dqn->num_sets, r->num_params, &dqn->adam[role], err));
  }
  return MARL_OK;
}

static MarlCode create_groups(DqnLearner *dqn, MarlError *err) {
  dqn->num_groups = dqn->num_roles * dqn->num_sets;
  dqn->groups = calloc((size_t)dqn->num_groups, sizeof *dqn->groups);
  if (dqn->groups == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for dqn");
  for (int g = 0; g < dqn->num_groups; ++g) {
    const int role = g / dqn->num_sets;
    const MarlPolicyRole *r = &dqn->policy->roles[role];
    dqn->groups[g] = (DqnGroup){.role = role,
                                .set = g % dqn->num_sets,
                                .num_params = r->num_params,
                                .at = dqn->grad_size,
                                .target_at = dqn->target_size};
    dqn->grad_size += r->num_params + DQN_NUM_SUMS;
    dqn->target_size += r->num_params;
    dqn->stats_size += 1; /* transitions in memory, and a normalizer */
    if (r->normalizer != NULL) dqn->stats_size += 1 + 2 * (size_t)r->role.obs_dim;
  }
  return MARL_OK;
}

static MarlCode create_shard(const MarlRole *roles, DqnLearner *dqn, DqnShard *shard,
                             MarlError *err) {
  const MarlTransitionShape shape = {
      .rows = dqn->num_rows,
      .num_roles = dqn->num_roles,
      .num_sets = dqn->num_sets,
      .roles = roles,
      .capacity = (size_t)(dqn->params.replay_size / dqn->num_shards)};
  MARL_TRY(marl_transitions_create(&shape, &shard->memory, err));
  if (dqn->policy->roles[0].normalizer == NULL) return MARL_OK;
  shard->seen = calloc((size_t)dqn->num_groups, sizeof(MarlNormalizer *));
  if (shard->seen == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for dqn");
  for (int g = 0; g < dqn->num_groups; ++g)
    MARL_TRY(marl_normalizer_create(roles[dqn->groups[g].role].obs_dim, &shard->seen[g], err));
  return MARL_OK;
}

static size_t lay_out(DqnLearner *dqn, char *block) {
  const size_t groups = (size_t)dqn->num_groups, shards = (size_t)dqn->num_shards;
  const size_t b = MARL_MLP_BLOCK, most = (size_t)dqn->params.minibatch / shards + 1;
  size_t n = 0, wide = 1;
  for (int r = 0; r < dqn->num_roles; ++r) {
    const size_t choices = (size_t)dqn->policy->roles[r].role.num_choices;
    wide = choices > wide ? choices : wide;
  }
  dqn->target = marl_carve(block, &n, dqn->target_size, sizeof(float));
  dqn->totals = marl_carve(block, &n, groups * (DQN_NUM_SUMS + 2), sizeof *dqn->totals);
  dqn->shard_grad = marl_carve(block, &n, (size_t)dqn->own_shards * dqn->grad_size, sizeof(float));
  dqn->grad = marl_carve(block, &n, dqn->grad_size, sizeof(float));
  dqn->stats = marl_carve(block, &n, shards * dqn->stats_size, sizeof *dqn->stats);
  dqn->rows = marl_carve(block, &n, dqn->num_rows, sizeof *dqn->rows);
  dqn->sampled = marl_carve(block, &n, most, sizeof *dqn->sampled);
  dqn->keys = marl_carve(block, &n, b, sizeof *dqn->keys);
  dqn->raw = marl_carve(block, &n, b * dqn->obs_dim, sizeof(float));
  dqn->input = marl_carve(block, &n, b * dqn->obs_dim, sizeof(float));
  dqn->output = marl_carve(block, &n, b * wide, sizeof(float));
  dqn->output_grad = marl_carve(block, &n, b * wide, sizeof(float));
  dqn->next_value = marl_carve(block, &n, b * wide, sizeof(float));
  dqn->goal = marl_carve(block, &n, b, sizeof(float));
  dqn->action = marl_carve(block, &n, b, sizeof(float));
  return n;
}

static void destroy(MarlLearner *learner) {
  DqnLearner *dqn = (DqnLearner *)learner;
  if (dqn == NULL) return;
  for (int s = 0; dqn->shards != NULL && s < dqn->own_shards; ++s) {
    DqnShard *shard = &dqn->shards[s];
    for (int g = 0; shard->seen != NULL && g < dqn->num_groups; ++g)
      marl_normalizer_destroy(&shard->seen[g]);
    free(shard->seen);
    marl_transitions_destroy(&shard->memory);
  }
  for (int role = 0; dqn->adam != NULL && role < dqn->num_roles; ++role)
    marl_adam_destroy(&dqn->adam[role]);
  free(dqn->adam);
  marl_policy_destroy(&dqn->policy);
  free(dqn->shards);
  free(dqn->groups);
  free(dqn->arena);
  free(dqn);
}

static MarlCode build(const MarlSection *config, const MarlLearnerInit *init, DqnLearner *dqn,
                      MarlError *err) {
  MARL_TRY(check(dqn, err));
  MARL_TRY(create_networks(config, init, dqn, err));
  MARL_TRY(create_groups(dqn, err));
  dqn->shards = calloc((size_t)dqn->own_shards, sizeof *dqn->shards);
  if (dqn->shards == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for dqn");
  for (int s = 0; s < dqn->own_shards; ++s)
    MARL_TRY(create_shard(init->env->roles, dqn, &dqn->shards[s], err));
  const size_t size = lay_out(dqn, NULL);
  dqn->arena = marl_arena_alloc(size);
  if (dqn->arena == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for dqn: %zu bytes of gradients", size);
  lay_out(dqn, dqn->arena);
  marl_dqn_learner_copy_target(dqn);
  return MARL_OK;
}

static MarlCode create(const MarlSection *config, const MarlLearnerInit *init, MarlLearner **out,
                       MarlError *err) {
  *out = NULL;
  DqnLearner *dqn = calloc(1, sizeof *dqn);
  if (dqn == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for dqn");
  const uint64_t replica = (uint64_t)init->replica;
  const int64_t all_envs = (int64_t)init->num_envs * init->num_shards;
  dqn->params = read_params(config);
  dqn->num_envs = init->num_envs;
  dqn->num_agents = init->env->num_agents;
  dqn->num_roles = init->env->num_roles;
  dqn->obs_dim = (size_t)init->env->obs_dim;
  dqn->act_dim = (size_t)init->env->act_dim;
  dqn->num_rows = (size_t)dqn->num_envs * (size_t)dqn->num_agents;
  dqn->num_shards = init->num_shards;
  dqn->first_shard = init->first_shard;
  dqn->own_shards = init->own_shards;
  dqn->start_steps = (dqn->params.replay_start + all_envs - 1) / all_envs;
  dqn->act_key = marl_key_fold(marl_key(init->seed, MARL_STREAM_POLICY), replica);
  dqn->sample_key = marl_key_fold(marl_key(init->seed, MARL_STREAM_REPLAY), replica);
  dqn->comm = init->comm;
  MarlCode code = marl_schedule_read(config, init->num_updates, &dqn->schedule, err);
  if (code == MARL_OK) code = build(config, init, dqn, err);
  if (code == MARL_OK)
    *out = &dqn->base;
  else
    destroy(&dqn->base);
  return code;
}

static const MarlPolicy *policy(const MarlLearner *learner) {
  return ((const DqnLearner *)learner)->policy;
}

const MarlLearnerOps marl_learner_dqn = {
    .name = "dqn",
    .summary = "deep Q-learning with a replay and a target network, double by default",
    .source = "Mnih et al. 2015; van Hasselt, Guez and Silver 2016, arXiv:1509.06461",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .abilities = MARL_LEARNER_DISCRETE,
    .create = create,
    .destroy = destroy,
    .act = marl_dqn_learner_act,
    .observe = marl_dqn_learner_observe,
    .update = marl_dqn_learner_update,
    .policy = policy,
    .save = marl_dqn_learner_save,
    .load = marl_dqn_learner_load,
    .save_shard = marl_dqn_learner_save_shard,
    .load_shard = marl_dqn_learner_load_shard,
};
