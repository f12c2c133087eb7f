/* Nim with one heap (the subtraction game): two players take 1 to `take` stones in turn, who takes
 * the last one wins. The heap is 1 .. `stones`, uniformly, and so is who begins.
 *
 * Who leaves a multiple of take + 1 wins, whatever the other does (Bouton 1901; Berlekamp, Conway
 * and Guy 1982, chapter 4): the best choice is heap mod (take + 1), and where that is 0 there is
 * none. More than the heap cannot be taken: those choices are illegal.
 *
 * A player sees the heap one-hot; choice c takes c + 1 stones; the winner earns 1, the loser -1. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/control/control.h"

enum { PLAYERS = 2 };

/* of the decisions where there is a best choice, how many were it */
static const char *const metrics[] = {"best_choices"};

static const MarlOption options[] = {
    {"stones", MARL_OPTION_INT, "12", 1, 1000, NULL, "stones", "largest heap"},
    {"take", MARL_OPTION_INT, "3", 2, 100, NULL, "stones", "most stones that can be taken at once"},
};

typedef struct Nim {
  MarlEnv base;
  MarlRole role;
  int stones, take;
  int32_t heap, player; /* what is left and whose turn it is */
  int32_t asked, best;  /* decisions with a best choice; those that were it */
} Nim;

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* serial */
  Nim *nim = calloc(1, sizeof *nim);
  if (nim == NULL) return MARL_FAIL(err, MARL_EMEMORY, "nim: out of memory");
  nim->stones = marl_section_int(config, "stones");
  nim->take = marl_section_int(config, "take");
  nim->role = (MarlRole){.name = "take",
                         .obs_dim = nim->stones,
                         .action_kind = MARL_ACTION_DISCRETE,
                         .act_dim = 1,
                         .num_choices = nim->take};
  nim->base.spec = (MarlEnvSpec){
      .num_agents = PLAYERS,
      .num_roles = 1,
      .roles = &nim->role,
      .obs_dim = nim->stones,
      .act_dim = 1,
      .mask_dim = nim->take,
      .num_metrics = 1,
      .metrics = metrics,
  };
  *out = &nim->base;
  return MARL_OK;
}

static void destroy(MarlEnv *env) {
  free(env);
}

/* Rows of the player whose turn it is; the other waits. */
static void observe(const Nim *nim, const MarlEnvIo *io) {
  float *obs = io->obs + (ptrdiff_t)nim->player * nim->stones;
  memset(obs, 0, sizeof *obs * (size_t)nim->stones);
  if (nim->heap > 0) obs[nim->heap - 1] = 1;
  for (int player = 0; player < PLAYERS; ++player) {
    io->role[player] = 0;
    io->active[player] = player == nim->player;
  }
  uint8_t *mask = io->mask + (ptrdiff_t)nim->player * nim->take;
  for (int c = 1; c < nim->take; ++c) mask[c] = c < nim->heap;
  io->metrics[0] = nim->asked > 0 ? (float)nim->best / (float)nim->asked : NAN;
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Nim *nim = (Nim *)base;
  nim->heap = 1 + (int32_t)marl_below(key, 0, (uint64_t)nim->stones);
  nim->player = (int32_t)marl_below(key, 1, PLAYERS);
  nim->asked = nim->best = 0;
  observe(nim, io);
  return MARL_OK;
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Nim *nim = (Nim *)base;
  const int mover = nim->player, taken = 1 + (int)io->act[mover];
  const int best = nim->heap % (nim->take + 1);
  nim->asked += best > 0;
  nim->best += best > 0 && taken == best;
  nim->heap -= taken;
  nim->player = 1 - mover;
  observe(nim, io);
  if (nim->heap > 0) return MARL_OK;
  for (int player = 0; player < PLAYERS; ++player) {
    io->reward[player] = player == mover ? 1 : -1;
    io->terminated[player] = 1;
  }
  return MARL_OK;
}

static const MarlArray scalar = {.type = MARL_I32};

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  const Nim *nim = (const Nim *)base;
  MARL_TRY(marl_store_write(to, "heap", &scalar, &nim->heap, err));
  MARL_TRY(marl_store_write(to, "player", &scalar, &nim->player, err));
  MARL_TRY(marl_store_write(to, "asked", &scalar, &nim->asked, err));
  return marl_store_write(to, "best", &scalar, &nim->best, err);
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  Nim *nim = (Nim *)base;
  MARL_TRY(marl_store_read_within(from, "heap", MARL_I32, 1, 0, nim->stones, &nim->heap, err));
  MARL_TRY(marl_store_read_within(from, "player", MARL_I32, 1, 0, PLAYERS - 1, &nim->player, err));
  MARL_TRY(marl_store_read_within(from, "asked", MARL_I32, 1, 0, nim->stones, &nim->asked, err));
  return marl_store_read_within(from, "best", MARL_I32, 1, 0, nim->asked, &nim->best, err);
}

const MarlEnvOps marl_env_nim = {
    .name = "nim",
    .summary = "two players take stones from a heap, the last one wins: choices can be illegal",
    .source = "Bouton, Ann. Math. 3, 1901",
    .formula = "take sees one number a size of the heap, 1 at the size that it has",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
};
