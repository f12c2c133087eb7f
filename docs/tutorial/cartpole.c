/* CartPole: keep a pole upright on a cart by pushing the cart left or right.
 * Barto, Sutton and Anderson 1983, without friction; constants, Euler step, episode end and time
 * limit are those of Gymnasium's CartPole-v1, so that returns compare with published ones. */
#include "cartpole.h"

#include <math.h>
#include <stdlib.h>

static const double gravity = 9.8;                     /* m/s^2 */
static const double mass_pole = 0.1;                   /* kg */
static const double mass_total = 1.1;                  /* kg, pole and cart */
static const double half_length = 0.5;                 /* m, of the pole */
static const double force = 10.0;                      /* N, of a push */
static const double time_step = 0.02;                  /* s */
static const double x_limit = 2.4;                     /* m */
static const double angle_limit = 0.20943951023931953; /* 12 degrees */

/* Our environment: the base comes first, so that a MarlEnv * is also a CartPole *. */
typedef struct CartPole {
  MarlEnv base;
  MarlRole role;
  double state[4]; /* x, x', angle, angle' */
} CartPole;

static const MarlOption options[] = {
    {"max_steps", MARL_OPTION_INT, "500", 1, 1e6, NULL, "steps", "time limit of an episode"},
};

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* one cart needs one rank */
  CartPole *cart = calloc(1, sizeof *cart);
  if (cart == NULL) return MARL_FAIL(err, MARL_EMEMORY, "cartpole: out of memory");
  cart->role = (MarlRole){.name = "push",
                          .obs_dim = 4,
                          .action_kind = MARL_ACTION_DISCRETE,
                          .act_dim = 1,
                          .num_choices = 2};
  cart->base.spec = (MarlEnvSpec){.num_agents = 1,
                                  .num_roles = 1,
                                  .roles = &cart->role,
                                  .obs_dim = 4,
                                  .act_dim = 1,
                                  .max_steps = marl_section_int(config, "max_steps")};
  *out = &cart->base;
  return MARL_OK;
}

static void destroy(MarlEnv *env) {
  free(env);
}

static void observe(const CartPole *cart, const MarlEnvIo *io) {
  for (int i = 0; i < 4; ++i) io->obs[i] = (float)cart->state[i];
  io->role[0] = 0;
  io->active[0] = 1;
}

/* All random numbers of an episode come from its key: draw i is a function of (key, i). */
static MarlCode reset(MarlEnv *env, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  CartPole *cart = (CartPole *)env;
  for (int i = 0; i < 4; ++i) cart->state[i] = 0.1 * marl_uniform(key, (uint64_t)i) - 0.05;
  observe(cart, io);
  return MARL_OK;
}

/* Barto et al. 1983, appendix, with the angular acceleration about the moving pivot. */
static MarlCode step(MarlEnv *env, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  CartPole *cart = (CartPole *)env;
  double *s = cart->state;
  const double push = io->act[0] > 0.5f ? force : -force;
  const double sine = sin(s[2]), cosine = cos(s[2]);
  const double drive = (push + mass_pole * half_length * s[3] * s[3] * sine) / mass_total;
  const double angular = (gravity * sine - cosine * drive) /
                         (half_length * (4.0 / 3.0 - mass_pole * cosine * cosine / mass_total));
  const double linear = drive - mass_pole * half_length * angular * cosine / mass_total;
  s[0] += time_step * s[1];
  s[1] += time_step * linear;
  s[2] += time_step * s[3];
  s[3] += time_step * angular;
  io->reward[0] = 1;
  /* The pole fell or the cart left: no future. The time limit is not our business. */
  io->terminated[0] = fabs(s[0]) > x_limit || fabs(s[2]) > angle_limit;
  observe(cart, io);
  return MARL_OK;
}

/* The whole state, so that a run that was killed in mid-episode continues bit for bit. */
static MarlCode save(const MarlEnv *env, MarlStore *to, MarlError *err) {
  const MarlArray array = {.type = MARL_F64, .rank = 1, .shape = {4}};
  return marl_store_write(to, "state", &array, ((const CartPole *)env)->state, err);
}

static MarlCode load(MarlEnv *env, MarlStore *from, MarlError *err) {
  return marl_store_read(from, "state", MARL_F64, 4, ((CartPole *)env)->state, err);
}

const MarlEnvOps cartpole_env = {
    .name = "cartpole",
    .summary = "balance a pole on a cart",
    .source = "Barto, Sutton and Anderson 1983",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
};
