#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/policy_internal.h"
#include "marl/learn/vracer.h"

/* As in policy.c: a small last layer starts the policy near the middle of its box. */
static const float output_gain = 0.01f;

static const MarlOption options[] = {
    {"gamma", MARL_OPTION_REAL, "0.995", 0, 1, NULL, "1", "discount of a decision to the next"},
    {"interval", MARL_OPTION_INT, "16", 1, 1e6, NULL, "steps",
     "steps of each environment between updates"},
    {"gradient_steps", MARL_OPTION_INT, "16", 1, 1e6, NULL, "1", "gradient steps an update"},
    {"minibatch", MARL_OPTION_INT, "256", 1, 1e6, NULL, "steps",
     "steps of environments, each with all its agents, that a gradient step learns from"},
    {"replay_size", MARL_OPTION_INT, "400000", 2, 4e9, NULL, "agent steps",
     "decisions kept in memory; the oldest go first"},
    {"replay_start", MARL_OPTION_INT, "16000", 2, 4e9, NULL, "agent steps",
     "decisions in memory before the first update"},
    {"learning_rate", MARL_OPTION_REAL, "1e-4", 0, 1, NULL, "1", "step size of Adam"},
    {"anneal", MARL_OPTION_REAL, "5e-8", 0, 1, NULL, "1",
     "A of 1/(1 + A t), t gradient steps, by which learning_rate and cutoff fall"},
    {"adam_epsilon", MARL_OPTION_REAL, "1e-8", 1e-12, 1, NULL, "1", "Adam's epsilon"},
    {"cutoff", MARL_OPTION_REAL, "4", 0, 1e6, NULL, "1",
     "C: a decision is near the policy if its ratio lies between 1/(1 + C) and 1 + C"},
    {"far_target", MARL_OPTION_REAL, "0.1", 0, 1, NULL, "1",
     "D: share of decisions in memory that may be far from the policy"},
    {"initial_beta", MARL_OPTION_REAL, "0.3", 0, 1, NULL, "1",
     "weight of the policy gradient against the pull to what is in memory, at the start"},
    {"scale_reward", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "divide rewards by the root of their mean square in memory"},
    {"gate_value", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "the value too learns from near decisions only, times beta, as in the paper; else from all"},
};

static VracerParams read_params(const MarlSection *config) {
  return (VracerParams){
      .gamma = (float)marl_section_real(config, "gamma"),
      .learning_rate = marl_section_real(config, "learning_rate"),
      .anneal = marl_section_real(config, "anneal"),
      .cutoff = marl_section_real(config, "cutoff"),
      .far_target = marl_section_real(config, "far_target"),
      .interval = marl_section_int(config, "interval"),
      .gradient_steps = marl_section_int(config, "gradient_steps"),
      .minibatch = marl_section_int(config, "minibatch"),
      .replay_size = marl_section_int64(config, "replay_size"),
      .replay_start = marl_section_int64(config, "replay_start"),
      .scale_reward = marl_section_bool(config, "scale_reward"),
      .gate_value = marl_section_bool(config, "gate_value"),
  };
}

void marl_vracer_forward(Vracer *v, size_t count) {
  const size_t wide = (size_t)v->shape.num_outputs;
  marl_mlp_forward(v->mlp, 1, count, v->network, v->input, v->output);
  marl_policy_split(&v->policy->roles[0], count, wide, v->output, v->mean, v->log_std);
  for (size_t i = 0; i < count; ++i) v->value[i] = v->output[i * wide + wide - 1];
}

bool marl_vracer_is_raw(const Vracer *v) {
  MarlNormalizer **normalizer = v->policy->roles[0].normalizer;
  return normalizer != NULL && normalizer[0]->count == 0;
}

static void copy(float *policy, float *network, size_t count, bool to_policy) {
  if (to_policy)
    memcpy(policy, network, count * sizeof *policy);
  else
    memcpy(network, policy, count * sizeof *policy);
}

/* The same layers, the last one without its last column, V. */
static void copy_layers(Vracer *v, bool to_policy) {
  const MarlPolicyRole *role = &v->policy->roles[0];
  const size_t wide = (size_t)v->shape.num_outputs, narrow = (size_t)role->shape.num_outputs;
  const size_t hidden = (size_t)v->shape.num_hidden;
  const size_t in = hidden == 0 ? (size_t)v->shape.num_inputs : (size_t)v->shape.hidden[hidden - 1];
  const size_t trunk = v->num_params - (in + 1) * wide;
  float *params = marl_policy_params(v->policy, 0, 0);
  copy(params, v->network, trunk, to_policy);
  for (size_t row = 0; row <= in; ++row)
    copy(params + trunk + row * narrow, v->network + trunk + row * wide, narrow, to_policy);
}

void marl_vracer_sync_policy(Vracer *v) {
  copy_layers(v, true);
}

static MarlCode check(const MarlLearnerInit *init, const Vracer *v, MarlError *err) {
  if (init->env->num_roles != 1)
    return MARL_FAIL(err, MARL_ECONFIG, "the learner vracer trains one role, not %d",
                     init->env->num_roles);
  if (!v->policy->shared)
    return MARL_FAIL(err, MARL_ECONFIG, "the learner vracer needs policy.sharing=shared");
  if (v->params.replay_start > v->params.replay_size)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.replay_start = %lld is more than learner.replay_size = %lld",
                     (long long)v->params.replay_start, (long long)v->params.replay_size);
  if (v->params.minibatch < v->num_shards)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.minibatch = %d is less than run.shards = %d: each shard gives its "
                     "part of a minibatch",
                     v->params.minibatch, v->num_shards);
  return MARL_OK;
}

static MarlCode create_network(const MarlSection *config, const MarlLearnerInit *init, Vracer *v,
                               MarlError *err) {
  const MarlKey key =
      marl_key_fold(marl_key(init->seed, MARL_STREAM_INIT), (uint64_t)init->replica);
  const MarlAdamParams adam = {
      .beta1 = 0.9, .beta2 = 0.999, .epsilon = marl_section_real(config, "adam_epsilon")};
  MARL_TRY(marl_policy_create(init->policy, init->env, MARL_OUTPUTS_STATE_STD, init->replica, key,
                              &v->policy, err));
  MARL_TRY(check(init, v, err));
  v->shape = v->policy->roles[0].shape;
  v->shape.num_outputs += 1;
  v->num_params = marl_mlp_num_params(&v->shape);
  MARL_TRY(marl_mlp_create(&v->shape, 1, MARL_MLP_BLOCK, &v->mlp, err));
  return marl_adam_create(&adam, 1, v->num_params, &v->adam, err);
}

static MarlCode create_shards(const MarlLearnerInit *init, Vracer *v, MarlError *err) {
  v->shards = calloc((size_t)v->own_shards, sizeof(MarlSequences *));
  if (v->shards == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for vracer");
  const int64_t all_rows = (int64_t)v->num_rows * v->num_shards;
  const MarlSequenceShape shape = {
      .rows = v->num_rows,
      .capacity = (size_t)(v->params.replay_size / all_rows),
      .obs_dim = (int)v->obs_dim,
      .act_dim = (int)v->act_dim,
      .max_steps = init->env->max_steps,
  };
  const size_t start = (size_t)((v->params.replay_start + all_rows - 1) / all_rows);
  v->start_layers = start < shape.capacity ? start : shape.capacity;
  if (v->start_layers < 2) v->start_layers = 2; /* the newest step has no target */
  for (int s = 0; s < v->own_shards; ++s)
    MARL_TRY(marl_sequences_create(&shape, &v->shards[s], err));
  return MARL_OK;
}

static size_t lay_out(Vracer *v, char *block) {
  const size_t b = MARL_MLP_BLOCK, shards = (size_t)v->num_shards;
  const size_t most = ((size_t)v->params.minibatch / shards + 1) * (size_t)v->num_agents;
  const size_t grad_size = v->num_params + VRACER_NUM_SUMS;
  const size_t wide = (size_t)v->shape.num_outputs;
  size_t n = 0;
  v->network = marl_carve(block, &n, v->num_params, sizeof(float));
  v->shard_grad = marl_carve(block, &n, (size_t)v->own_shards * grad_size, sizeof(float));
  v->grad = marl_carve(block, &n, grad_size, sizeof(float));
  v->stats = marl_carve(block, &n, shards * v->stats_size, sizeof *v->stats);
  v->slots = marl_carve(block, &n, most > v->num_rows ? most : v->num_rows, sizeof *v->slots);
  v->keys = marl_carve(block, &n, b, sizeof *v->keys);
  v->raw = marl_carve(block, &n, b * v->obs_dim, sizeof(float));
  v->input = marl_carve(block, &n, b * v->obs_dim, sizeof(float));
  v->output = marl_carve(block, &n, b * wide, sizeof(float));
  v->output_grad = marl_carve(block, &n, b * wide, sizeof(float));
  float **act_wide[] = {&v->x, &v->mean, &v->log_std, &v->action};
  for (size_t i = 0; i < sizeof act_wide / sizeof act_wide[0]; ++i)
    *act_wide[i] = marl_carve(block, &n, b * v->act_dim, sizeof(float));
  float **one_wide[] = {&v->value, &v->ratio, &v->log_prob, &v->old_log_prob};
  for (size_t i = 0; i < sizeof one_wide / sizeof one_wide[0]; ++i)
    *one_wide[i] = marl_carve(block, &n, b, sizeof(float));
  return n;
}

static void destroy(MarlLearner *learner) {
  Vracer *v = (Vracer *)learner;
  if (v == NULL) return;
  for (int s = 0; v->shards != NULL && s < v->own_shards; ++s)
    marl_sequences_destroy(&v->shards[s]);
  free(v->shards);
  if (v->adam != NULL) marl_adam_destroy(&v->adam);
  if (v->mlp != NULL) marl_mlp_destroy(&v->mlp);
  marl_policy_destroy(&v->policy);
  free(v->memory);
  free(v);
}

static MarlCode build(const MarlSection *config, const MarlLearnerInit *init, Vracer *v,
                      MarlError *err) {
  MARL_TRY(create_network(config, init, v, err));
  MARL_TRY(create_shards(init, v, err));
  const size_t size = lay_out(v, NULL);
  v->memory = marl_arena_alloc(size);
  if (v->memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for vracer: %zu bytes", size);
  lay_out(v, v->memory);
  const MarlKey key =
      marl_key_fold(marl_key(init->seed, MARL_STREAM_INIT), (uint64_t)init->replica);
  marl_mlp_init(&v->shape, key, output_gain, v->network);
  if (marl_policy_starts_elsewhere(init->policy)) copy_layers(v, false);
  marl_vracer_sync_policy(v);
  return MARL_OK;
}

static MarlCode create(const MarlSection *config, const MarlLearnerInit *init, MarlLearner **out,
                       MarlError *err) {
  *out = NULL;
  Vracer *v = calloc(1, sizeof *v);
  if (v == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for vracer");
  const uint64_t replica = (uint64_t)init->replica;
  v->params = read_params(config);
  v->beta = marl_section_real(config, "initial_beta");
  v->num_envs = init->num_envs;
  v->num_agents = init->env->num_agents;
  v->obs_dim = (size_t)init->env->obs_dim;
  v->act_dim = (size_t)init->env->act_dim;
  v->num_rows = (size_t)v->num_envs * (size_t)v->num_agents;
  v->num_shards = init->num_shards;
  v->first_shard = init->first_shard;
  v->own_shards = init->own_shards;
  v->stats_size = 1 + 2 * v->obs_dim; /* the widest exchange: the normalizer */
  if (v->stats_size < 3) v->stats_size = 3;
  v->act_key = marl_key_fold(marl_key(init->seed, MARL_STREAM_POLICY), replica);
  v->sample_key = marl_key_fold(marl_key(init->seed, MARL_STREAM_REPLAY), replica);
  v->comm = init->comm;
  const MarlCode code = build(config, init, v, err);
  if (code == MARL_OK)
    *out = &v->base;
  else
    destroy(&v->base);
  return code;
}

static const MarlPolicy *policy(const MarlLearner *learner) {
  return ((const Vracer *)learner)->policy;
}

const MarlLearnerOps marl_learner_vracer = {
    .name = "vracer",
    .summary = "off-policy actor and value with experience replay (V-RACER, ReF-ER)",
    .source = "Novati and Koumoutsakos 2019, arXiv:1807.05827",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .abilities = MARL_LEARNER_CONTINUOUS,
    .create = create,
    .destroy = destroy,
    .act = marl_vracer_act,
    .observe = marl_vracer_observe,
    .update = marl_vracer_update,
    .policy = policy,
    .save = marl_vracer_save,
    .load = marl_vracer_load,
    .save_shard = marl_vracer_save_shard,
    .load_shard = marl_vracer_load_shard,
};
