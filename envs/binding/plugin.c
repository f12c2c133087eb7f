/* An environment whose steps another language takes, as a plugin. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/binding/internal.h"
#include "envs/env_table.h"
#include "marl/learn/plain_array.h"

/* The table of operations, and what it is of. */
typedef struct Plugin {
  MarlEnvOps ops;
  const MarlBindingEnv *bound;
} Plugin;

/* Base first. */
typedef struct BoundEnv {
  MarlEnv base;
  const MarlBindingEnv *bound;
  MarlRole *roles;
  int64_t instance;
  bool made;
} BoundEnv;

/* Its row is in no table that `marl list` shows: the program does not have it. */
static const MarlOption options[] = {
    {.key = "class",
     .kind = MARL_OPTION_TEXT,
     .fallback = "",
     .unit = "1",
     .help = "the environment's class in its own language"},
};

static MarlCode failed(const BoundEnv *env, const char *what, const char *message, MarlError *err) {
  return MARL_FAIL(err, MARL_EARG, "%s: %s: %s", env->bound->name, what, message);
}

static void destroy(MarlEnv *base) {
  BoundEnv *env = (BoundEnv *)base;
  if (env->made) env->bound->destroy(env->instance);
  free(env->roles);
  free(env);
}

static void fill_spec(BoundEnv *env) {
  const MarlBindingEnv *b = env->bound;
  for (int r = 0; r < b->num_roles; ++r) {
    const bool discrete = b->role_discrete[r] != 0, several = b->role_act_dim[r] > 1;
    const int *choices = b->role_choices + (ptrdiff_t)r * b->act_dim;
    env->roles[r] = (MarlRole){
        .name = b->role_names[r],
        .obs_dim = b->role_obs_dim[r],
        .action_kind = discrete ? MARL_ACTION_DISCRETE : MARL_ACTION_CONTINUOUS,
        .act_dim = b->role_act_dim[r],
        .num_choices = discrete && !several ? choices[0] : 0,
        .choices = discrete && several ? choices : NULL,
        .act_low = -1,
        .act_high = 1,
    };
  }
  env->base.spec = (MarlEnvSpec){
      .num_agents = b->num_agents,
      .num_roles = b->num_roles,
      .roles = env->roles,
      .obs_dim = b->obs_dim,
      .act_dim = b->act_dim,
      .mask_dim = b->mask_dim,
      .max_steps = b->max_steps,
      .num_metrics = b->num_metrics,
      .metrics = b->metrics,
  };
}

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm;
  const MarlPlugin *plugin;
  char message[MARL_BINDING_MESSAGE] = "";
  MARL_TRY(marl_kind_find(&marl_kind_envs, marl_section_text(config, "name"), &plugin, err));
  const MarlBindingEnv *bound = ((const Plugin *)plugin)->bound;
  BoundEnv *env = calloc(1, sizeof *env);
  if (env != NULL) env->roles = calloc((size_t)bound->num_roles, sizeof *env->roles);
  if (env == NULL || env->roles == NULL) {
    free(env);
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for an environment");
  }
  env->bound = bound;
  fill_spec(env);
  if (bound->create(&env->instance, message) != 0) {
    const MarlCode code = failed(env, "it could not be made", message, err);
    destroy(&env->base);
    return code;
  }
  env->made = true;
  *out = &env->base;
  return MARL_OK;
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  const BoundEnv *env = (const BoundEnv *)base;
  char message[MARL_BINDING_MESSAGE] = "";
  if (env->bound->reset(env->instance, key.k[0], io->obs, io->role, io->active, io->mask,
                        io->metrics, message) != 0)
    return failed(env, "reset", message, err);
  return MARL_OK;
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  const BoundEnv *env = (const BoundEnv *)base;
  char message[MARL_BINDING_MESSAGE] = "";
  if (env->bound->step(env->instance, io->act, io->obs, io->role, io->active, io->mask, io->reward,
                       io->terminated, io->metrics, message) != 0)
    return failed(env, "step", message, err);
  return MARL_OK;
}

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  const BoundEnv *env = (const BoundEnv *)base;
  char message[MARL_BINDING_MESSAGE] = "";
  const void *bytes = NULL;
  size_t size = 0;
  if (env->bound->save(env->instance, &bytes, &size, message) != 0)
    return failed(env, "its state cannot be saved", message, err);
  return marl_plain_write(to, "state", MARL_U8, size, bytes, err);
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  const BoundEnv *env = (const BoundEnv *)base;
  char message[MARL_BINDING_MESSAGE] = "";
  int rank;
  size_t shape[MARL_STORE_MAX_RANK] = {0};
  if (!marl_store_has(from, "state"))
    return failed(env, "the run cannot be continued", "its environments could not be pickled", err);
  MARL_TRY(marl_store_shape(from, "state", &rank, shape, err));
  uint8_t *bytes = malloc(shape[0] + 1);
  if (bytes == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a state");
  MarlCode code = marl_plain_read(from, "state", MARL_U8, shape[0], bytes, err);
  if (code == MARL_OK && env->bound->load(env->instance, bytes, shape[0], message) != 0)
    code = failed(env, "its state cannot be loaded", message, err);
  free(bytes);
  return code;
}

int marl_binding_env_register(const MarlBindingEnv *bound, char *message) {
  MarlError err;
  MarlCode code = MARL_OK;
  Plugin *plugin =
      calloc(1, sizeof *plugin); /* for the rest of the program, as the registry keeps it */
  if (plugin == NULL) {
    code = MARL_FAIL(&err, MARL_EMEMORY, "out of memory for a plugin");
  } else {
    plugin->bound = bound;
    plugin->ops = (MarlEnvOps){.name = bound->name,
                               .summary = bound->summary,
                               .options = options,
                               .num_options = sizeof options / sizeof *options,
                               .create = create,
                               .destroy = destroy,
                               .reset = reset,
                               .step = step,
                               .save = save,
                               .load = load};
    code = marl_register_env(&plugin->ops, &err);
    if (code != MARL_OK) free(plugin);
  }
  return marl_binding_answer(code, &err, message);
}
