#include <math.h>
#include <stdlib.h>

#include "envs/binding/internal.h"
#include "envs/env_table.h"

static void take_key(MarlBindingEnvs *envs, uint64_t seed, bool evaluation) {
  const MarlKey key = marl_key(seed, MARL_STREAM_ENV);
  const uint64_t replica = (uint64_t)marl_section_int(envs->sections.run, "first_replica");
  /* as marl/learn/replica.c, and as `marl evaluate` with marl/learn/evaluate.c */
  marl_vec_env_rekey(envs->vec, evaluation
                                    ? marl_key_fold(marl_key_fold(key, UINT64_MAX), MARL_STREAM_ENV)
                                    : marl_key_fold(key, replica));
}

static MarlCode build(MarlBindingEnvs *envs, bool has_file, MarlError *err) {
  MarlTrainerSections *s = &envs->sections;
  MARL_TRY(marl_trainer_claim(envs->config, marl_env_table, s, err));
  /* a file may have sections of other commands */
  if (!has_file) MARL_TRY(marl_config_finish(envs->config, err));
  MARL_TRY(marl_vec_env_create(s->env_ops, s->env, marl_section_int(s->env, "num_envs"), 0,
                               (MarlKey){{0, 0}}, MPI_COMM_SELF, &envs->vec, err));
  marl_vec_env_share_rewards(envs->vec, marl_section_real(s->env, "common_reward"));
  take_key(envs, (uint64_t)marl_section_int64(s->run, "seed"), false);
  return marl_binding_describe_envs(envs, &envs->description, err);
}

int marl_binding_envs_create(const char *file, const char *shipped, size_t count,
                             const MarlBindingSetting *settings, MarlBindingEnvs **out,
                             char *message) {
  MarlError err;
  MarlCode code = MARL_OK;
  MarlBindingEnvs *envs = calloc(1, sizeof *envs);
  *out = NULL;
  if (envs == NULL)
    code = MARL_FAIL(&err, MARL_EMEMORY, "out of memory for environments");
  else
    code = marl_binding_configure(file, shipped, count, settings, &envs->config, &err);
  if (code == MARL_OK) code = build(envs, file != NULL, &err);
  if (code == MARL_OK)
    *out = envs;
  else
    marl_binding_envs_destroy(envs);
  return marl_binding_answer(code, &err, message);
}

void marl_binding_envs_destroy(MarlBindingEnvs *envs) {
  if (envs == NULL) return;
  marl_picture_clear(&envs->picture);
  marl_decider_clear(&envs->decider);
  marl_binding_policy_destroy(envs->player);
  marl_vec_env_destroy(&envs->vec);
  marl_config_destroy(&envs->config);
  free(envs->description);
  free(envs);
}

const char *marl_binding_envs_describe(const MarlBindingEnvs *envs) {
  return envs->description;
}

void marl_binding_envs_seed(MarlBindingEnvs *envs, uint64_t seed, int evaluation) {
  take_key(envs, seed, evaluation != 0);
}

int marl_binding_envs_reset(MarlBindingEnvs *envs, int only_under_way, char *message) {
  MarlError err;
  const MarlCode code =
      only_under_way ? marl_vec_env_restart(envs->vec, &err) : marl_vec_env_reset(envs->vec, &err);
  if (code == MARL_OK && !only_under_way) envs->begun = true;
  return marl_binding_answer(code, &err, message);
}

MarlCode marl_binding_require_begun(const MarlBindingEnvs *envs, MarlError *err) {
  if (envs->begun) return MARL_OK;
  return MARL_FAIL(err, MARL_EARG, "no episode has begun: reset the environments first");
}

int marl_binding_envs_look(MarlBindingEnvs *envs, int env, char **json, char *message) {
  MarlError err;
  MarlCode code = marl_binding_require_begun(envs, &err);
  const MarlEnvOps *ops = envs->sections.env_ops;
  *json = NULL;
  if (code != MARL_OK) return marl_binding_answer(code, &err, message);
  if (ops->look == NULL)
    code = MARL_FAIL(&err, MARL_ECONFIG, "environment '%s' has nothing to be seen", ops->name);
  else if (env < 0 || env >= marl_vec_env_batch(envs->vec)->num_envs)
    code = MARL_FAIL(&err, MARL_EARG, "environment %d: expected 0 to %d", env,
                     marl_vec_env_batch(envs->vec)->num_envs - 1);
  if (code == MARL_OK) {
    marl_picture_begin(&envs->picture, "step", marl_vec_env_steps(envs->vec)[env],
                       MARL_PICTURE_PANELS);
    code = ops->look(marl_vec_env_member(envs->vec, env), &envs->picture, &err);
  }
  if (code == MARL_OK) code = marl_binding_describe_picture(&envs->picture, json, &err);
  return marl_binding_answer(code, &err, message);
}

/* A caller of another language may write anything: an environment may use a choice as an index. */
static MarlCode check_action(const MarlRole *role, const float *act, int env, int agent,
                             MarlError *err) {
  for (int i = 0; i < role->act_dim; ++i) {
    if (role->action_kind == MARL_ACTION_DISCRETE) {
      const int choices = marl_role_choices(role, i);
      if (!(act[i] >= 0 && act[i] < (float)choices) || act[i] != floorf(act[i]))
        return MARL_FAIL(err, MARL_EARG,
                         "action %g of agent %d in environment %d (role '%s', component %d): "
                         "expected a choice of 0 to %d",
                         (double)act[i], agent, env, role->name, i, choices - 1);
    } else if (!(act[i] >= role->act_low && act[i] <= role->act_high)) {
      return MARL_FAIL(err, MARL_EARG,
                       "action %g of agent %d in environment %d (role '%s', component %d): "
                       "expected a number in [%g, %g]; clip it",
                       (double)act[i], agent, env, role->name, i, (double)role->act_low,
                       (double)role->act_high);
    }
  }
  return MARL_OK;
}

static MarlCode check_actions(const MarlVecEnv *vec, const MarlBatch *b, MarlError *err) {
  const MarlEnvSpec *s = marl_vec_env_spec(vec);
  for (int row = 0; row < b->num_envs * b->num_agents; ++row)
    if (b->active[row])
      MARL_TRY(check_action(&s->roles[b->role[row]], b->act + (ptrdiff_t)row * s->act_dim,
                            row / b->num_agents, row % b->num_agents, err));
  return MARL_OK;
}

int marl_binding_envs_step(MarlBindingEnvs *envs, char *message) {
  MarlError err;
  MarlCode code = marl_binding_require_begun(envs, &err);
  if (code == MARL_OK) code = check_actions(envs->vec, marl_vec_env_batch(envs->vec), &err);
  if (code == MARL_OK) code = marl_vec_env_step(envs->vec, &err);
  return marl_binding_answer(code, &err, message);
}
