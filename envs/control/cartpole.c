/* A pole on a cart that is pushed left or right, Barto, Sutton and Anderson 1983, without friction:
 *   x'' (M cart and pole) = F + m l (th'^2 sin th - th'' cos th),
 *   th'' = (g sin th - cos th (F + m l th'^2 sin th) / M) / (l (4/3 - m cos^2 th / M)),
 * F = -10 or 10 N, l half the pole's length, th from upright, by explicit Euler. Constants, steps,
 * rewards (1 a step, the last included) and episode ends are those of Gym's CartPole-v1 (Brockman et
 * al. 2016, arXiv:1606.01540). An agent sees (x, x', th, th'). */
#include <math.h>
#include <stdlib.h>

#include "envs/control/control.h"

static const double gravity = 9.8, mass_pole = 0.1, mass_total = 1.1, half_length = 0.5; /* SI */
static const double force = 10;                                                          /* N */
static const double position_limit = 2.4;                                                /* m */
static const double angle_limit = 12 * 3.14159265358979324 / 180;                        /* rad */

typedef struct CartPoleEnv {
  MarlEnv base;
  MarlRole role;
  double dt;
  double state[4]; /* x, x', th, th' in m, m/s, rad, rad/s */
} CartPoleEnv;

static const MarlOption options[] = {
    {"max_steps", MARL_OPTION_INT, "500", 1, 1e6, NULL, "agent steps", "time limit"},
    {"dt", MARL_OPTION_REAL, "0.02", 1e-6, 1, NULL, "s", "time step"},
};

static CartPoleEnv *cartpole(MarlEnv *env) {
  return (CartPoleEnv *)env;
}

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* serial */
  CartPoleEnv *env = calloc(1, sizeof *env);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "cartpole: no memory");
  env->role = (MarlRole){.name = "push",
                         .obs_dim = 4,
                         .action_kind = MARL_ACTION_DISCRETE,
                         .act_dim = 1,
                         .num_choices = 2};
  env->base.spec = (MarlEnvSpec){.num_agents = 1,
                                 .num_roles = 1,
                                 .roles = &env->role,
                                 .obs_dim = 4,
                                 .act_dim = 1,
                                 .max_steps = marl_section_int(config, "max_steps")};
  env->dt = marl_section_real(config, "dt");
  *out = &env->base;
  return MARL_OK;
}

static void destroy(MarlEnv *env) {
  free(env);
}

static void observe(const CartPoleEnv *env, const MarlEnvIo *io) {
  for (int i = 0; i < 4; ++i) io->obs[i] = (float)env->state[i];
  io->role[0] = 0;
  io->active[0] = 1;
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  CartPoleEnv *env = cartpole(base);
  for (int i = 0; i < 4; ++i) env->state[i] = 0.1 * marl_uniform(key, (uint64_t)i) - 0.05;
  observe(env, io);
  return MARL_OK;
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  CartPoleEnv *env = cartpole(base);
  double *s = env->state;
  const double push = io->act[0] > 0.5f ? force : -force;
  const double sine = sin(s[2]), cosine = cos(s[2]), lever = mass_pole * half_length;
  const double drive = (push + lever * s[3] * s[3] * sine) / mass_total;
  const double turn = (gravity * sine - cosine * drive) /
                      (half_length * (4.0 / 3 - mass_pole * cosine * cosine / mass_total));
  const double acceleration = drive - lever * turn * cosine / mass_total;
  s[0] += env->dt * s[1];
  s[1] += env->dt * acceleration;
  s[2] += env->dt * s[3];
  s[3] += env->dt * turn;
  io->reward[0] = 1;
  io->terminated[0] = fabs(s[0]) > position_limit || fabs(s[2]) > angle_limit;
  observe(env, io);
  return MARL_OK;
}

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  const MarlArray array = {.type = MARL_F64, .rank = 1, .shape = {4}};
  return marl_store_write(to, "state", &array, ((const CartPoleEnv *)base)->state, err);
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  return marl_store_read(from, "state", MARL_F64, 4, cartpole(base)->state, err);
}

const MarlEnvOps marl_env_cartpole = {
    .name = "cartpole",
    .summary = "balance of a pole on a cart that is pushed left or right",
    .source = "Barto, Sutton and Anderson 1983; constants of Gym's CartPole-v1, arXiv:1606.01540",
    .formula =
        "push sees, in this order: place and speed of the cart, angle and angular speed of the "
        "pole",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
};
