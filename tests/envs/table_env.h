/* A decision process whose optimal values are known, for learners of values. */
#ifndef MARL_TESTS_TABLE_ENV_H
#define MARL_TESTS_TABLE_ENV_H

#include "tests/envs/training.h"

/* A decision process of five states and three actions that is written down in tables, drawn once;
 * state 5 is the end. An agent sees which state it is in, so that a linear network is a table,
 * too. */
enum { STATES = 5, ACTIONS = 3, END = STATES };
static const double discount = 0.9;

static inline int successor(int state, int action) {
  const MarlKey key = marl_key(2, MARL_STREAM_SEARCH);
  return (int)marl_below(key, (uint64_t)(state * ACTIONS + action), STATES + 1);
}

static inline double payoff(int state, int action) {
  const MarlKey key = marl_key(3, MARL_STREAM_SEARCH);
  return marl_normal(key, (uint64_t)(state * ACTIONS + action));
}

typedef struct TableEnv {
  MarlEnv base;
  int state;
} TableEnv;

static const MarlRole walk = {.name = "walk",
                              .obs_dim = STATES,
                              .action_kind = MARL_ACTION_DISCRETE,
                              .act_dim = 1,
                              .num_choices = ACTIONS};

/* Time is up after two steps, so that half of all transitions are cut. */
static inline MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out,
                              MarlError *err) {
  (void)config, (void)comm;
  TableEnv *env = calloc(1, sizeof *env);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory");
  env->base.spec = (MarlEnvSpec){.num_agents = 1,
                                 .num_roles = 1,
                                 .roles = &walk,
                                 .obs_dim = STATES,
                                 .act_dim = 1,
                                 .max_steps = 2};
  *out = &env->base;
  return MARL_OK;
}

static inline void destroy(MarlEnv *env) {
  free(env);
}

static inline void observe(const TableEnv *env, const MarlEnvIo *io) {
  for (int s = 0; s < STATES; ++s) io->obs[s] = s == env->state;
  io->role[0] = 0;
  io->active[0] = 1;
}

static inline MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  TableEnv *env = (TableEnv *)base;
  env->state = (int)marl_below(key, 0, STATES);
  observe(env, io);
  return MARL_OK;
}

static inline MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  TableEnv *env = (TableEnv *)base;
  const int action = (int)io->act[0];
  io->reward[0] = (float)payoff(env->state, action);
  env->state = successor(env->state, action);
  io->terminated[0] = env->state == END;
  observe(env, io);
  return MARL_OK;
}

static inline MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  return marl_store_set_int(to, NULL, "state", ((const TableEnv *)base)->state, err);
}

static inline MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  int64_t state = 0;
  MARL_TRY(marl_store_get_int(from, NULL, "state", &state, err));
  ((TableEnv *)base)->state = (int)state;
  return MARL_OK;
}

static const MarlEnvOps table_env = {.name = "table",
                                     .summary = "a decision process in tables",
                                     .source = "none",
                                     .create = create,
                                     .destroy = destroy,
                                     .reset = reset,
                                     .step = step,
                                     .save = save,
                                     .load = load};
static const MarlEnvOps *const environments[] = {&table_env, NULL};

static inline double largest(const double *q) {
  double best = q[0];
  for (int a = 1; a < ACTIONS; ++a) best = fmax(best, q[a]);
  return best;
}

/* Value iteration: after 400 sweeps 0.9^400 = 5e-19 is left. */
static inline void solve(double q[STATES + 1][ACTIONS]) {
  memset(q, 0, (STATES + 1) * sizeof *q); /* the end is worth nothing */
  for (int sweep = 0; sweep < 400; ++sweep)
    for (int s = 0; s < STATES; ++s)
      for (int a = 0; a < ACTIONS; ++a)
        q[s][a] = payoff(s, a) + discount * largest(q[successor(s, a)]);
}

#endif
