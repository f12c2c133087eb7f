/* The inside of vec_env.c, shared by its sources. */
#ifndef MARL_LEARN_VEC_ENV_INTERNAL_H
#define MARL_LEARN_VEC_ENV_INTERNAL_H

#include "marl/learn/vec_env.h"

struct MarlVecEnv {
  MarlBatch batch;
  MarlKey key;
  int first_env;
  int company;          /* environments with draws of their own, 0: all */
  double common_reward; /* weight, 0: none */
  MarlEnv **env;        /* [E] */
  int64_t *episode;     /* [E] episodes begun */
  int *steps;           /* [E] since reset */
  int *num_gone;        /* [E] agents that have terminated in the episode under way */
  int *list, *listed;   /* [E, A], [E] MarlEnvIo.touched of each; NULL: all are looked at */
  uint8_t *waiting;     /* [E, A] a scripted agent that is to decide; NULL: there is none */
  int room;             /* for so many environments that step together, of other vec_envs too */
  MarlEnv **together;   /* [room] */
  MarlEnvIo *rows;      /* [room] */
  char *memory;         /* the one block every array points into */
};

/* vec_env_store.c. Every array into `block`, NULL: nowhere; the size of all. */
size_t marl_vec_env_lay_out(MarlVecEnv *vec, const MarlEnvSpec *spec, char *block);
/* Environment e begins anew, or nobody knows what is new in it. */
void marl_vec_env_touch_all(const MarlVecEnv *vec, int e);
/* The lists of all environments, for learners. */
void marl_vec_env_list_touched(MarlVecEnv *vec);

#endif
