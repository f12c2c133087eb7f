/* The library for other languages: environments, policies and training by plain C types.
 *
 * A caller (python/marl/library.py) mirrors no structure of ours but MarlBindingEnv: objects are
 * opaque, and what is to know of one is a text of JSON, in which arrays are addresses. So the inside
 * may change without breaking a binding, and a new field is a line in describe.c.
 *
 * Functions return a MarlCode as int and, unless it is MARL_OK, write `message`
 * [MARL_BINDING_MESSAGE], which may be NULL. Environments are on MPI_COMM_SELF; only a training may be on
 * all ranks. Not for several threads at once on one object. */
#ifndef MARL_ENVS_BINDING_BINDING_H
#define MARL_ENVS_BINDING_BINDING_H

#include <stddef.h>
#include <stdint.h>

enum { MARL_BINDING_MESSAGE = 512 };

/* MPI begins, unless it has begun (mpi4py); *began says whether the caller is to end it with
 * marl_binding_end, after everything else. */
int marl_binding_begin(int *began, char *message);
void marl_binding_end(void);
int marl_binding_ranks(
    void); /* of MPI_COMM_WORLD: 1 unless mpirun or its like started the process */

const char *marl_binding_version(void); /* "0.2.0" */
const char *marl_binding_source(void);  /* the folder of the sources that this was built from */
void marl_binding_free(void *memory);   /* what a function says that the caller frees */

/* Every environment with its options and their help, malloc'd JSON that the caller frees:
 * [{"name", "summary", "source", "options": [{"key", "kind", "default", "unit", "help",
 * "choices"}]}]. */
int marl_binding_list_envs(char **json, char *message);

/* "section.key" = text, as --set and a configuration file say it. Borrowed during a call. */
typedef struct MarlBindingSetting {
  const char *section, *key, *text;
} MarlBindingSetting;

/* Environments that are stepped together, as `marl train` steps them: environment e begins its
 * episodes with the keys of global environment e of replica run.first_replica under run.seed. */
typedef struct MarlBindingEnvs MarlBindingEnvs;

/* `file` is a configuration, or NULL; settings [count] come on top. `shipped` is the folder of the
 * program's own data, or NULL. The caller destroys *out. */
int marl_binding_envs_create(const char *file, const char *shipped, size_t count,
                             const MarlBindingSetting *settings, MarlBindingEnvs **out,
                             char *message);
void marl_binding_envs_destroy(MarlBindingEnvs *envs); /* NULL is accepted */
/* {"name", "num_envs", "num_agents", "max_steps", "ends_decisions", "max_transitions", "seed",
 * "shows", "roles": [...], "metrics": [...], "arrays": [{"name", "type", "shape", "address"}]}: the arrays of
 * MarlBatch (marl/learn/vec_env.h), valid until destroy as the text is. */
const char *marl_binding_envs_describe(const MarlBindingEnvs *envs);

/* Episodes are numbered from 0 again under another seed; with `evaluation` they are those of `marl
 * evaluate`, which no training has seen. A reset must follow. */
void marl_binding_envs_seed(MarlBindingEnvs *envs, uint64_t seed, int evaluation);
/* Every environment begins its next episode; with `only_under_way` those that have just begun one
 * stay as they are. */
int marl_binding_envs_reset(MarlBindingEnvs *envs, int only_under_way, char *message);
/* One step with the actions in the array "act". Actions of agents that decide are checked first
 * (whole numbers among the choices, finite numbers inside of the box): MARL_EARG, and nothing has
 * changed. An episode that ends is followed by the next one, as in MarlBatch. */
int marl_binding_envs_step(MarlBindingEnvs *envs, char *message);

/* What environment `env` looks like now, malloc'd JSON that the caller frees: {"clock", "at", "panels": [{"name",
 * "unit", "kinds": [...], "rows", "columns", "address"}]}; values are float, or uint8_t where there are
 * kinds, row 0 is the lowest, and are valid until the next look. MARL_ECONFIG if it shows nothing (`shows` of
 * the description is false). */
int marl_binding_envs_look(MarlBindingEnvs *envs, int env, char **json, char *message);

/* A policy of a run folder, of a checkpoint or of an exported file. */
typedef struct MarlBindingPolicy MarlBindingPolicy;
int marl_binding_policy_open(const char *path, int replica, MarlBindingPolicy **out, char *message);
void marl_binding_policy_destroy(MarlBindingPolicy *policy); /* NULL is accepted */
/* {"num_agents", "num_sets", "set": [...] or null, "roles": [{..., "memory"}]} */
const char *marl_binding_policy_describe(const MarlBindingPolicy *policy);
/* Decisions of one parameter set in a role: obs [count, obs_dim], mask [count, logits] or NULL: all is
 * legal, memory [count, M] in and out or NULL: each row begins an episode, act [count, act_dim] out.
 * `seed` NULL: the mean or the most probable action; else row i draws with
 * fold(key(*seed, MARL_STREAM_POLICY), i). */
int marl_binding_policy_decide(const MarlBindingPolicy *policy, int role, int set, size_t count,
                               const float *obs, const uint8_t *mask, const uint64_t *seed,
                               float *memory, float *act, char *message);
/* The policy decides for every agent of the environments that is to decide: "act" is written. What a
 * policy with memory remembers is kept with the environments, for the last policy that decided in
 * them, and forgotten where an episode ends. `seed` as above, drawn by environment and agent. */
int marl_binding_policy_play(MarlBindingPolicy *policy, MarlBindingEnvs *envs, const uint64_t *seed,
                             char *message);

/* An environment that the caller's language steps. Everything is borrowed for the rest of the
 * program; numbers and names are read whenever an environment is made, so that the caller may change
 * them between two trainings. Callbacks return 0, or another number after writing `message`. */
typedef struct MarlBindingEnv {
  const char *name, *summary; /* of the plugin, env.name */
  int num_agents, num_roles, obs_dim, act_dim, mask_dim, max_steps, num_metrics;
  const char *const *role_names; /* [num_roles] */
  const int *role_obs_dim;       /* [num_roles] */
  const int *role_discrete;      /* [num_roles] 1 or 0 */
  const int *role_act_dim;       /* [num_roles] */
  const int *role_choices;       /* [num_roles, act_dim]; a continuous role's box is [-1, 1] */
  const char *const *metrics;    /* [num_metrics] */
  int (*create)(int64_t *instance, char *message);
  void (*destroy)(int64_t instance);
  /* arrays of one environment as in MarlEnvIo; seed: of the episode, below 2^32 */
  int (*reset)(int64_t instance, uint32_t seed, float *obs, uint8_t *role, uint8_t *active,
               uint8_t *mask, float *metrics, char *message);
  int (*step)(int64_t instance, const float *act, float *obs, uint8_t *role, uint8_t *active,
              uint8_t *mask, float *reward, uint8_t *terminated, float *metrics, char *message);
  /* the whole state as bytes, for checkpoints; *bytes is the callee's until its next call */
  int (*save)(int64_t instance, const void **bytes, size_t *size, char *message);
  int (*load)(int64_t instance, const void *bytes, size_t size, char *message);
} MarlBindingEnv;

/* From now on `bound->name` is an environment like any other. */
int marl_binding_env_register(const MarlBindingEnv *bound, char *message);

/* What a training tells while it runs. */
typedef struct MarlBindingWatch {
  void (*progress)(int64_t update, int64_t num_updates, int count, const char *const *names,
                   const double *values);
  int (*stop)(void); /* each step; 1: save and return MARL_ESTOPPED */
} MarlBindingWatch;

/* `marl train` in this process: a run folder with lock and record. `out` NULL: `resume`, a run
 * folder, goes on. `ranks` 1: by this process alone; else all ranks, of which there must be as many, call it
 * with the same arguments and share the work as those of the program do. argv [argc] is for the record. Signals are listened to as by the program; the
 * caller restores its handlers. */
int marl_binding_train(const char *file, const char *shipped, size_t count,
                       const MarlBindingSetting *settings, const char *out, const char *resume,
                       int ranks, int argc, char *const *argv, const MarlBindingWatch *watch,
                       char *message);

#endif
