/* The inside of the binding, shared by its sources. */
#ifndef MARL_ENVS_BINDING_INTERNAL_H
#define MARL_ENVS_BINDING_INTERNAL_H

#include "envs/binding/binding.h"
#include "marl/learn/decider.h"
#include "marl/learn/trainer.h"

struct MarlBindingEnvs {
  MarlConfig *config;
  MarlTrainerSections sections;
  MarlVecEnv *vec;
  bool begun; /* by a first reset */
  char *description;
  MarlBindingPolicy *player; /* that decided last, whose the decider is; kept, or NULL */
  MarlDecider decider;
  MarlPicture picture; /* of the last look */
};

struct MarlBindingPolicy {
  int keepers; /* who opened it, until it is closed, and the environments that it decides in */
  MarlPolicy *policy;
  char *description;
};

/* The code, and the message where the caller wants it. */
int marl_binding_answer(MarlCode code, const MarlError *err, char *message);

/* All ranks that a launcher has started. */
MPI_Comm marl_binding_world(void);

/* MARL_EARG before the first reset: what has no episode is neither stepped nor seen. */
MarlCode marl_binding_require_begun(const MarlBindingEnvs *envs, MarlError *err) MARL_NODISCARD;

/* A configuration of a file, or an empty one, with settings on top. The caller destroys *out. */
MarlCode marl_binding_configure(const char *file, const char *shipped, size_t count,
                                const MarlBindingSetting *settings, MarlConfig **out,
                                MarlError *err) MARL_NODISCARD;

/* Malloc'd JSON. */
MarlCode marl_binding_describe_envs(const MarlBindingEnvs *envs, char **json,
                                    MarlError *err) MARL_NODISCARD;
MarlCode marl_binding_describe_picture(const MarlPicture *picture, char **json,
                                       MarlError *err) MARL_NODISCARD;
MarlCode marl_binding_describe_policy(const MarlPolicy *policy, char **json,
                                      MarlError *err) MARL_NODISCARD;

#endif
