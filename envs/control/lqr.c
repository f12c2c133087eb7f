/* Linear-quadratic regulator with A identical, uncoupled agents.
 *   x' = a x + b u,   reward = -(q x^2 + r u^2),   x0 ~ N(0, 1)
 * The optimum is known (discrete Riccati equation), so a learner can be checked
 * against a number. Bertsekas, Dynamic Programming and Optimal Control, vol. I, 3.1. */
#include <stdlib.h>

#include "envs/control/control.h"

typedef struct LqrEnv {
  MarlEnv base;
  MarlRole role;
  double a, b, q, r;
  double x[]; /* [A] */
} LqrEnv;

static const char *const metrics[] = {"cost"};

static const MarlOption options[] = {
    {"num_agents", MARL_OPTION_INT, "2", 1, 4096, NULL, "1", "number of agents"},
    {"max_steps", MARL_OPTION_INT, "20", 1, 1e6, NULL, "agent steps", "time limit"},
    {"a", MARL_OPTION_REAL, "0.9", -2, 2, NULL, "1", "open-loop pole"},
    {"b", MARL_OPTION_REAL, "0.5", 0, 10, NULL, "1", "control gain"},
    {"q", MARL_OPTION_REAL, "1.0", 0, 100, NULL, "1", "state cost"},
    {"r", MARL_OPTION_REAL, "0.1", 0, 100, NULL, "1", "control cost"},
};

static LqrEnv *lqr(MarlEnv *env) {
  return (LqrEnv *)env;
}

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* serial */
  const int num_agents = marl_section_int(config, "num_agents");
  LqrEnv *env = calloc(1, sizeof *env + (size_t)num_agents * sizeof env->x[0]);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "lqr: no memory for %d agents", num_agents);
  env->role = (MarlRole){.name = "control",
                         .obs_dim = 1,
                         .action_kind = MARL_ACTION_CONTINUOUS,
                         .act_dim = 1,
                         .act_low = -5.0f,
                         .act_high = 5.0f};
  env->base.spec = (MarlEnvSpec){
      .num_agents = num_agents,
      .num_roles = 1,
      .roles = &env->role,
      .obs_dim = 1,
      .act_dim = 1,
      .max_steps = marl_section_int(config, "max_steps"),
      .num_metrics = 1,
      .metrics = metrics,
  };
  env->a = marl_section_real(config, "a"), env->b = marl_section_real(config, "b");
  env->q = marl_section_real(config, "q"), env->r = marl_section_real(config, "r");
  *out = &env->base;
  return MARL_OK;
}

static void destroy(MarlEnv *env) {
  free(env);
}

static void observe(const LqrEnv *env, const MarlEnvIo *io) {
  for (int i = 0; i < env->base.spec.num_agents; ++i) {
    io->obs[i] = (float)env->x[i];
    io->role[i] = 0;
    io->active[i] = 1;
  }
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  LqrEnv *env = lqr(base);
  for (int i = 0; i < base->spec.num_agents; ++i) {
    float x0;
    marl_normal_fill(key, (uint64_t)i, 1, &x0);
    env->x[i] = x0;
  }
  io->metrics[0] = 0.0f;
  observe(env, io);
  return MARL_OK;
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  LqrEnv *env = lqr(base);
  for (int i = 0; i < base->spec.num_agents; ++i) {
    const double u = io->act[i];
    const double cost = env->q * env->x[i] * env->x[i] + env->r * u * u;
    env->x[i] = env->a * env->x[i] + env->b * u;
    io->reward[i] = (float)-cost;
    io->terminated[i] = 0; /* the task has no terminal state: only a time limit ends it */
    io->metrics[0] += (float)cost;
  }
  observe(env, io);
  return MARL_OK;
}

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  const LqrEnv *env = (const LqrEnv *)base;
  const MarlArray array = {.type = MARL_F64, .rank = 1, .shape = {(size_t)base->spec.num_agents}};
  return marl_store_write(to, "x", &array, env->x, err);
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  return marl_store_read(from, "x", MARL_F64, (size_t)base->spec.num_agents, lqr(base)->x, err);
}

const MarlEnvOps marl_env_lqr = {
    .name = "lqr",
    .summary = "linear-quadratic regulator with a known optimum",
    .source = "Bertsekas, Dynamic Programming and Optimal Control, vol. I",
    .formula = "control sees the state x",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
};
