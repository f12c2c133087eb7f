/* Swing-up of a pendulum that its motor cannot lift: a rod of mass m and length l, th from upright,
 *   th'' = 3 g / (2 l) sin th + 3 / (m l^2) u,   |u| <= 2,
 *   reward = -(th^2 + 0.1 th'^2 + 0.001 u^2), th in (-pi, pi], before the step,
 * by symplectic Euler (speed first, kept within 8), as OpenAI Gym's Pendulum-v1 (Brockman et al.
 * 2016, arXiv:1606.01540). An agent sees (cos th, sin th, th'). */
#include <math.h>
#include <stdlib.h>

#include "envs/control/control.h"

static const double gravity = 10, mass = 1, length = 1, top_speed = 8, top_torque = 2;

typedef struct PendulumEnv {
  MarlEnv base;
  MarlRole role;
  double dt;
  double angle, speed; /* rad from upright, rad/s */
} PendulumEnv;

static const char *const metrics[] = {"upright"}; /* steps within 0.1 of the top */

static const MarlOption options[] = {
    {"max_steps", MARL_OPTION_INT, "200", 1, 1e6, NULL, "agent steps", "time limit"},
    {"dt", MARL_OPTION_REAL, "0.05", 1e-6, 1, NULL, "s", "time step"},
};

static PendulumEnv *pendulum(MarlEnv *env) {
  return (PendulumEnv *)env;
}

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* serial */
  PendulumEnv *env = calloc(1, sizeof *env);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "pendulum: no memory");
  env->role = (MarlRole){.name = "swing",
                         .obs_dim = 3,
                         .action_kind = MARL_ACTION_CONTINUOUS,
                         .act_dim = 1,
                         .act_low = (float)-top_torque,
                         .act_high = (float)top_torque};
  env->base.spec = (MarlEnvSpec){.num_agents = 1,
                                 .num_roles = 1,
                                 .roles = &env->role,
                                 .obs_dim = 3,
                                 .act_dim = 1,
                                 .max_steps = marl_section_int(config, "max_steps"),
                                 .num_metrics = 1,
                                 .metrics = metrics};
  env->dt = marl_section_real(config, "dt");
  *out = &env->base;
  return MARL_OK;
}

static void destroy(MarlEnv *env) {
  free(env);
}

static void observe(const PendulumEnv *env, const MarlEnvIo *io) {
  io->obs[0] = (float)cos(env->angle);
  io->obs[1] = (float)sin(env->angle);
  io->obs[2] = (float)env->speed;
  io->role[0] = 0;
  io->active[0] = 1;
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  PendulumEnv *env = pendulum(base);
  const double pi = acos(-1);
  env->angle = pi * (2 * marl_uniform(key, 0) - 1);
  env->speed = 2 * marl_uniform(key, 1) - 1;
  io->metrics[0] = 0;
  observe(env, io);
  return MARL_OK;
}

static double within(double x, double bound) {
  return fmin(fmax(x, -bound), bound);
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  PendulumEnv *env = pendulum(base);
  const double u = within(io->act[0], top_torque), speed = env->speed;
  const double angle = remainder(env->angle, 2 * acos(-1));
  const double acceleration =
      3 * gravity / (2 * length) * sin(angle) + 3 / (mass * length * length) * u;
  io->reward[0] = (float)-(angle * angle + 0.1 * speed * speed + 0.001 * u * u);
  io->terminated[0] = 0; /* only the time limit ends it */
  env->speed = within(speed + env->dt * acceleration, top_speed);
  env->angle = angle + env->dt * env->speed;
  io->metrics[0] += fabs(angle) < 0.1 ? 1 : 0;
  observe(env, io);
  return MARL_OK;
}

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  const PendulumEnv *env = (const PendulumEnv *)base;
  const MarlArray array = {.type = MARL_F64};
  MARL_TRY(marl_store_write(to, "angle", &array, &env->angle, err));
  return marl_store_write(to, "speed", &array, &env->speed, err);
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  MARL_TRY(marl_store_read(from, "angle", MARL_F64, 1, &pendulum(base)->angle, err));
  return marl_store_read(from, "speed", MARL_F64, 1, &pendulum(base)->speed, err);
}

const MarlEnvOps marl_env_pendulum = {
    .name = "pendulum",
    .summary = "swing-up of a pendulum with a weak motor",
    .source = "Brockman et al. 2016, arXiv:1606.01540 (Pendulum-v1)",
    .formula = "swing sees, in this order: cos and sin of the angle from upright, angular speed",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
};
