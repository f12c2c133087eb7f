/* A memory task: a cue is shown once, and asked for `delay` steps later (the copy task of Hochreiter
 * and Schmidhuber 1997, section 5, with one symbol).
 *
 * An agent sees the cue one-hot in the first step, nothing after it, and in the last step that it is
 * asked: then the number of the cue earns 1. Whoever cannot remember sees the same whatever the cue
 * was, and is right once in `cues` times, exactly. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/control/control.h"

static const char *const metrics[] = {"recalled"}; /* 1 or 0, at the end */

static const MarlOption options[] = {
    {"delay", MARL_OPTION_INT, "10", 1, 1e6, NULL, "steps", "from the cue to the question"},
    {"cues", MARL_OPTION_INT, "2", 2, 1000, NULL, "1", "different ones, equally likely"},
};

typedef struct Recall {
  MarlEnv base;
  MarlRole role;
  int delay, cues;
  int32_t cue, step; /* of this episode */
} Recall;

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* serial */
  Recall *env = calloc(1, sizeof *env);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "recall: out of memory");
  env->delay = marl_section_int(config, "delay");
  env->cues = marl_section_int(config, "cues");
  env->role = (MarlRole){.name = "answer",
                         .obs_dim = env->cues + 1,
                         .action_kind = MARL_ACTION_DISCRETE,
                         .act_dim = 1,
                         .num_choices = env->cues};
  env->base.spec = (MarlEnvSpec){
      .num_agents = 1,
      .num_roles = 1,
      .roles = &env->role,
      .obs_dim = env->cues + 1,
      .act_dim = 1,
      .num_metrics = 1,
      .metrics = metrics,
  };
  *out = &env->base;
  return MARL_OK;
}

static void destroy(MarlEnv *env) {
  free(env);
}

static void observe(const Recall *env, const MarlEnvIo *io) {
  memset(io->obs, 0, sizeof *io->obs * (size_t)(env->cues + 1));
  if (env->step == 0) io->obs[env->cue] = 1;
  io->obs[env->cues] = env->step == env->delay ? 1 : 0;
  io->role[0] = 0;
  io->active[0] = 1;
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Recall *env = (Recall *)base;
  env->cue = (int32_t)marl_below(key, 0, (uint64_t)env->cues);
  env->step = 0;
  io->metrics[0] = NAN;
  observe(env, io);
  return MARL_OK;
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Recall *env = (Recall *)base;
  if (env->step++ == env->delay) {
    io->metrics[0] = io->reward[0] = (int)io->act[0] == env->cue ? 1 : 0;
    io->terminated[0] = 1;
  }
  observe(env, io);
  return MARL_OK;
}

static const MarlArray scalar = {.type = MARL_I32};

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  const Recall *env = (const Recall *)base;
  MARL_TRY(marl_store_write(to, "cue", &scalar, &env->cue, err));
  return marl_store_write(to, "step", &scalar, &env->step, err);
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  Recall *env = (Recall *)base;
  MARL_TRY(marl_store_read_within(from, "cue", MARL_I32, 1, 0, env->cues - 1, &env->cue, err));
  return marl_store_read_within(from, "step", MARL_I32, 1, 0, env->delay + 1, &env->step, err);
}

const MarlEnvOps marl_env_recall = {
    .name = "recall",
    .summary = "a cue is shown once and asked for later: only what remembers can answer",
    .source = "Hochreiter and Schmidhuber, Neural Computation 9, 1997",
    .formula = "answer sees one number a cue, 1 where it is shown, and 1 at the step of the answer",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
};
