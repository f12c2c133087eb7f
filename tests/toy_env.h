/* An environment for tests: what it is and does is set by the test, its state is saved. */
#ifndef MARL_TESTS_TOY_ENV_H
#define MARL_TESTS_TOY_ENV_H

#include <stdlib.h>

#include "marl/learn/env.h"

typedef struct Toy {
  MarlEnv base;
  MarlKey key; /* of the episode */
  int64_t t;   /* steps taken in it */
  double x;    /* whatever the test needs */
} Toy;

/* Set before the environment is created. reset and step write the rows; t and key are kept here. */
static MarlEnvSpec toy_spec;
static void (*toy_reset)(Toy *toy, const MarlEnvIo *io);
static void (*toy_step)(Toy *toy, const MarlEnvIo *io);

static MarlCode toy_do_create(const MarlSection *config, MPI_Comm comm, MarlEnv **out,
                              MarlError *err) {
  (void)config, (void)comm;
  Toy *toy = calloc(1, sizeof *toy);
  if (toy == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory");
  toy->base.spec = toy_spec;
  *out = &toy->base;
  return MARL_OK;
}

static void toy_do_destroy(MarlEnv *env) {
  free(env);
}

static MarlCode toy_do_reset(MarlEnv *env, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Toy *toy = (Toy *)env;
  toy->key = key;
  toy->t = 0;
  toy_reset(toy, io);
  return MARL_OK;
}

static MarlCode toy_do_step(MarlEnv *env, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Toy *toy = (Toy *)env;
  ++toy->t;
  toy_step(toy, io);
  return MARL_OK;
}

static MarlCode toy_do_save(const MarlEnv *env, MarlStore *to, MarlError *err) {
  const Toy *toy = (const Toy *)env;
  const MarlArray one = {.type = MARL_F64, .rank = 1, .shape = {1}};
  const MarlArray key = {.type = MARL_U8, .rank = 1, .shape = {sizeof toy->key}};
  MARL_TRY(marl_store_set_int(to, NULL, "t", toy->t, err));
  MARL_TRY(marl_store_write(to, "key", &key, &toy->key, err));
  return marl_store_write(to, "x", &one, &toy->x, err);
}

static MarlCode toy_do_load(MarlEnv *env, MarlStore *from, MarlError *err) {
  Toy *toy = (Toy *)env;
  MARL_TRY(marl_store_get_int(from, NULL, "t", &toy->t, err));
  MARL_TRY(marl_store_read(from, "key", MARL_U8, sizeof toy->key, &toy->key, err));
  return marl_store_read(from, "x", MARL_F64, 1, &toy->x, err);
}

static const MarlEnvOps toy_ops = {.name = "toy",
                                   .summary = "what a test needs",
                                   .source = "none",
                                   .create = toy_do_create,
                                   .destroy = toy_do_destroy,
                                   .reset = toy_do_reset,
                                   .step = toy_do_step,
                                   .save = toy_do_save,
                                   .load = toy_do_load};

#endif
