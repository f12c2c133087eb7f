/* The inside of env_check.c: one instance that is walked through episodes, and what it showed. */
#ifndef MARL_LEARN_ENV_CHECK_WALK_H
#define MARL_LEARN_ENV_CHECK_WALK_H

#include <stdbool.h>

#include "marl/learn/env.h"

/* Digests of what a learner sees after a step, a part each, to say what differs. */
typedef enum MarlTracePart {
  MARL_TRACE_FLAGS, /* active and terminated */
  MARL_TRACE_ROLES,
  MARL_TRACE_OBSERVATIONS,
  MARL_TRACE_MASKS,
  MARL_TRACE_REWARDS,
  MARL_TRACE_STATE,
  MARL_TRACE_METRICS, /* of cycles and of the probe, too */
  MARL_TRACE_PARTS
} MarlTracePart;

typedef struct MarlTracePoint {
  uint64_t part[MARL_TRACE_PARTS];
  int64_t episode; /* 1, 2, ... */
  int step;        /* of the episode; 0: it has just begun */
} MarlTracePoint;

enum { MARL_WALKER_ARRAYS = 11 };

/* An environment with rows of its own, each array between guards. */
typedef struct MarlWalker {
  const MarlEnvOps *ops;
  MarlEnv *env;
  MarlEnvIo io; /* into `memory` */
  float *act, *reward;
  uint8_t *terminated, *decisions_ended;
  MarlTransition *transition; /* [max_transitions], then their observations; outside `memory` */
  int num_transitions;
  int num_touched;
  uint8_t *gone; /* [A] */
  MarlKey key;
  uint8_t filling; /* of rows that may hold anything */
  int64_t episode; /* begun so far */
  int step;        /* of the episode */
  int64_t taken, ended;
  bool decided, earned; /* has any agent? */
  uint64_t measures;    /* digest of cycle and probe */
  double *measured;     /* [2, num_metrics + those of the probe] scratch */
  float *asked;         /* [A, Q, O + U] scratch */
  char *memory;
} MarlWalker;

/* A new instance, number `index` of a batch; nothing has begun. */
MarlCode marl_walker_create(const MarlEnvOps *ops, const MarlSection *config, int index,
                            uint64_t seed, uint8_t filling, MarlWalker **out,
                            MarlError *err) MARL_NODISCARD;
void marl_walker_destroy(MarlWalker **walker);

/* The first episode from its beginning, whatever has been before; `point` is what a learner sees. */
MarlCode marl_walker_begin(MarlWalker *walker, MarlTracePoint *point,
                           MarlError *err) MARL_NODISCARD;
/* One step, and the next episode if it ended one. */
MarlCode marl_walker_step(MarlWalker *walker, MarlTracePoint *point, MarlError *err) MARL_NODISCARD;
/* What `from` is now becomes what `to` is, through save and load. */
MarlCode marl_walker_copy(const MarlWalker *from, MarlWalker *to, MarlError *err) MARL_NODISCARD;

/* env_check_measure.c: what the environment says of cycles and to probes now, into the digest. */
MarlCode marl_walker_measure_create(MarlWalker *walker, MarlError *err) MARL_NODISCARD;
MarlCode marl_walker_measure(MarlWalker *walker, bool begun, uint64_t *hash,
                             MarlError *err) MARL_NODISCARD;
void marl_walker_digest(uint64_t *hash, const void *bytes, size_t size); /* FNV-1a */

#endif
