#include "marl/learn/learner_dqn.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"

static MarlCode create_networks(const MarlSection *config, const MarlLearnerInit *init,
                                DqnLearner *dqn, MarlError *err) {
  const MarlKey key =
      marl_key_fold(marl_key(init->seed, MARL_STREAM_INIT), (uint64_t)init->replica);
  const MarlAdamParams adam = {
      .beta1 = 0.9, .beta2 = 0.999, .epsilon = marl_section_real(config, "adam_epsilon")};
  MARL_TRY(marl_policy_create(init->policy, init->env, MARL_OUTPUTS_VALUES, init->replica, key,
                              &dqn->policy, err));
  dqn->num_sets = dqn->policy->roles[0].num_sets;
  dqn->adam = calloc((size_t)dqn->num_roles, sizeof(MarlAdam *));
  if (dqn->adam == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for dqn");
  for (int role = 0; role < dqn->num_roles; ++role) {
    MarlPolicyRole *r = &dqn->policy->roles[role];
    DqnRole *own = &dqn->roles[role];
    r->epsilon = (float)own->epsilon_start;
    own->narrow = marl_value_net_fits(&r->shape, &own->shape);
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
  size_t capacity[MARL_ENV_MAX_ROLES];
  for (int r = 0; r < dqn->num_roles; ++r)
    capacity[r] = (size_t)dqn->roles[r].replay_size / (size_t)dqn->num_shards;
  const MarlTransitionShape shape = {.rows = dqn->num_rows,
                                     .num_roles = dqn->num_roles,
                                     .num_sets = dqn->num_sets,
                                     .roles = roles,
                                     .capacity = capacity,
                                     .masked = dqn->mask_dim > 0};
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
  dqn->totals = marl_carve(block, &n, groups * DQN_NUM_TOTALS, sizeof *dqn->totals);
  dqn->shard_grad = marl_carve(block, &n, (size_t)dqn->own_shards * dqn->grad_size, sizeof(float));
  dqn->grad = marl_carve(block, &n, dqn->grad_size, sizeof(float));
  dqn->stats = marl_carve(block, &n, shards * dqn->stats_size, sizeof *dqn->stats);
  dqn->mask = marl_carve(block, &n, b * dqn->mask_dim, sizeof *dqn->mask);
  dqn->sampled = marl_carve(block, &n, most, sizeof *dqn->sampled);
  dqn->keys = marl_carve(block, &n, b, sizeof *dqn->keys);
  dqn->raw = marl_carve(block, &n, b * dqn->obs_dim, sizeof(float));
  dqn->input = marl_carve(block, &n, b * dqn->obs_dim, sizeof(float));
  dqn->row = marl_carve(block, &n, b, sizeof *dqn->row);
  dqn->output = marl_carve(block, &n, b * wide, sizeof(float));
  dqn->output_grad = marl_carve(block, &n, b * wide, sizeof(float));
  dqn->next_value = marl_carve(block, &n, b * wide, sizeof(float));
  dqn->best = marl_carve(block, &n, b, sizeof(float));
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
  marl_deciders_clear(&dqn->deciders);
  free(dqn->shards);
  free(dqn->groups);
  free(dqn->roles);
  free(dqn->arena);
  free(dqn);
}

static MarlCode build(const MarlSection *config, const MarlLearnerInit *init, DqnLearner *dqn,
                      MarlError *err) {
  dqn->roles = calloc((size_t)dqn->num_roles, sizeof *dqn->roles);
  if (dqn->roles == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for dqn");
  MARL_TRY(marl_dqn_read_params(config, init->env, dqn->num_shards, &dqn->params, dqn->roles, err));
  const int64_t all_envs = (int64_t)init->num_envs * init->num_shards;
  dqn->start_steps = (dqn->params.replay_start + all_envs - 1) / all_envs;
  MARL_TRY(marl_schedule_read_length(config, init->num_updates, &dqn->schedule, err));
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
  MARL_TRY(marl_deciders_create(dqn->policy, dqn->num_envs, dqn->num_agents, &dqn->deciders, err));
  for (int g = 0; g < dqn->num_groups; ++g) marl_dqn_learner_copy_target(dqn, &dqn->groups[g]);
  return MARL_OK;
}

static MarlCode create(const MarlSection *config, const MarlLearnerInit *init, MarlLearner **out,
                       MarlError *err) {
  *out = NULL;
  DqnLearner *dqn = calloc(1, sizeof *dqn);
  if (dqn == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for dqn");
  const uint64_t replica = (uint64_t)init->replica;
  dqn->num_envs = init->num_envs;
  dqn->num_agents = init->env->num_agents;
  dqn->num_roles = init->env->num_roles;
  dqn->obs_dim = (size_t)init->env->obs_dim;
  dqn->act_dim = (size_t)init->env->act_dim;
  dqn->mask_dim = (size_t)init->env->mask_dim;
  dqn->num_rows = (size_t)dqn->num_envs * (size_t)dqn->num_agents;
  dqn->num_shards = init->num_shards;
  dqn->first_shard = init->first_shard;
  dqn->own_shards = init->own_shards;
  dqn->act_key = marl_key_fold(marl_key(init->seed, MARL_STREAM_POLICY), replica);
  dqn->sample_key = marl_key_fold(marl_key(init->seed, MARL_STREAM_REPLAY), replica);
  dqn->comm = init->comm;
  const MarlCode code = build(config, init, dqn, err);
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
    .options = marl_dqn_options,
    .num_options = DQN_NUM_OPTIONS,
    .presets = marl_dqn_presets,
    .abilities = MARL_LEARNER_DISCRETE | MARL_LEARNER_MASKED | MARL_LEARNER_GROUPS |
                 MARL_LEARNER_TRANSITIONS | MARL_LEARNER_FROZEN,
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
