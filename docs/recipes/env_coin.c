/* recipe: envs/control/coin.c, ENTRY(coin) in envs/env_table.c */
/* Environment `coin`: guess how a biased coin falls. One agent sees the last throw, +-1 (0 at first), and
 * says 0 or 1; a right guess earns 1. Who always says the likelier side earns env.bias a guess. */
#include <stdlib.h>

#include "marl/learn/env.h"

typedef struct Coin {
  MarlEnv base; /* first, so that a MarlEnv * is also a Coin * */
  MarlRole role;
  double bias;
  MarlKey key;   /* of the episode */
  int64_t throw; /* number of the next one */
} Coin;

static const MarlOption options[] = {
    {"bias", MARL_OPTION_REAL, "0.8", 0, 1, NULL, "1", "probability of side 1"},
    {"max_steps", MARL_OPTION_INT, "20", 1, 1e6, NULL, "throws", "length of an episode"},
};

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* serial */
  Coin *coin = calloc(1, sizeof *coin);
  if (coin == NULL) return MARL_FAIL(err, MARL_EMEMORY, "coin: out of memory");
  coin->bias = marl_section_real(config, "bias");
  coin->role = (MarlRole){.name = "guess",
                          .obs_dim = 1,
                          .action_kind = MARL_ACTION_DISCRETE,
                          .act_dim = 1,
                          .num_choices = 2};
  coin->base.spec = (MarlEnvSpec){.num_agents = 1,
                                  .num_roles = 1,
                                  .roles = &coin->role,
                                  .obs_dim = 1,
                                  .act_dim = 1,
                                  .max_steps = marl_section_int(config, "max_steps")};
  *out = &coin->base;
  return MARL_OK;
}

static void destroy(MarlEnv *env) {
  free(env);
}

static void show(const MarlEnvIo *io, float last) {
  io->obs[0] = last;
  io->role[0] = 0;
  io->active[0] = 1;
}

static MarlCode reset(MarlEnv *env, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Coin *coin = (Coin *)env;
  coin->key = key;
  coin->throw = 0;
  show(io, 0);
  return MARL_OK;
}

/* A throw is a function of (key, number): the same seed gives the same throws. */
static MarlCode step(MarlEnv *env, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Coin *coin = (Coin *)env;
  const int side = marl_uniform(coin->key, (uint64_t)coin->throw ++) < coin->bias;
  io->reward[0] = (int)io->act[0] == side;
  io->terminated[0] = 0; /* time limits are the library's */
  show(io, side ? 1 : -1);
  return MARL_OK;
}

static MarlCode save(const MarlEnv *env, MarlStore *to, MarlError *err) {
  const Coin *coin = (const Coin *)env;
  const MarlArray words = {.type = MARL_U32, .rank = 1, .shape = {2}};
  MARL_TRY(marl_store_write(to, "key", &words, coin->key.k, err));
  return marl_store_set_int(to, NULL, "throw", coin->throw, err);
}

static MarlCode load(MarlEnv *env, MarlStore *from, MarlError *err) {
  Coin *coin = (Coin *)env;
  MARL_TRY(marl_store_read(from, "key", MARL_U32, 2, coin->key.k, err));
  return marl_store_get_int(from, NULL, "throw", &coin->throw, err);
}

const MarlEnvOps marl_env_coin = {
    .name = "coin",
    .summary = "guess how a biased coin falls",
    .source = "the recipe of docs/plugins.md",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
};
