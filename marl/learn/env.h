/* The environment interface: how a new problem plugs in.
 *
 * An environment is one simulation with A agents. It never allocates in step(),
 * never reads a clock or a global generator, and never resets itself: episode
 * ends by time limit, automatic reset and batching belong to marl/learn/vec_env.h.
 *
 * Agents decide in roles. A round of a dilemma is select -> play -> punish: three
 * roles, each with its own observation, actions and reward stream. A grid-point
 * agent of a flow has one role. Before each step the environment says, for every
 * agent, whether it decides now (`active`) and in which role (`role`).
 *
 * To add one: write envs/<family>/<name>.c that defines `const MarlEnvOps marl_env_<name>`,
 * add a line to envs/env_table.c, a config to configs/ and a test to tests/envs/.
 * A program of its own passes its MarlEnvOps to the trainer; it needs no table.
 * `marl compare` runs it with any learner; what it should know of the metrics stands in `measures`.
 * Scripted policies that agents can have in place of a learner stand in `scripted` (scripted.h).
 * marl_env_check (marl/learn/env_check.h, `marl check`) runs an environment through what is said here.
 *
 * The library checks every step what would be learned from in silence, and names environment, agent
 * and role: numbers that are not finite, roles out of range, rewards of an agent that is out. */
#ifndef MARL_LEARN_ENV_H
#define MARL_LEARN_ENV_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marl/core/error.h"
#include "marl/core/plugin.h"
#include "marl/core/rng.h"
#include "marl/core/store.h"
#include "marl/run/picture.h"

typedef struct MarlEnv MarlEnv;
typedef struct MarlEnvOps MarlEnvOps;
typedef struct MarlScripted MarlScripted; /* scripted.h */
typedef struct MarlPlayers MarlPlayers;

enum { MARL_ENV_MAX_ROLES = 64, MARL_ENV_NAME_MAX = 64 }; /* a name with its final zero */

typedef enum MarlActionKind { MARL_ACTION_CONTINUOUS, MARL_ACTION_DISCRETE } MarlActionKind;

/* One kind of decision. Fixed for the life of an environment. */
typedef struct MarlRole {
  const char *name; /* "play", "punish", "coefficient", static string */
  int obs_dim;      /* O of this role, <= MarlEnvSpec.obs_dim */
  MarlActionKind action_kind;
  int act_dim;             /* components of an action, each a number or a choice */
  int num_choices;         /* DISCRETE: a choice is one of 0 .. num_choices-1 */
  const int *choices;      /* DISCRETE: [act_dim] of several components, NULL: num_choices each */
  float act_low, act_high; /* CONTINUOUS: box the policy must respect */
  int image
      [3]; /* rows, columns, channels (fastest) of an image that observations begin with; 0: none */
  bool image_is_bits; /* each of its numbers is 0 or 1; a learner may keep it as such */
} MarlRole;

/* Fixed for the life of an instance. */
typedef struct MarlEnvSpec {
  int num_agents;        /* A, on this rank */
  int num_roles;         /* R, at least 1 */
  const MarlRole *roles; /* [R], borrowed from the environment */
  int obs_dim;           /* O, widest role; narrower roles leave the tail 0 */
  int act_dim;           /* U, widest role */
  int state_dim;         /* S, global state for a centralized critic; 0 = none */
  int mask_dim;          /* M, logits of the widest discrete role; 0 = all choices always legal */
  int max_steps;         /* time limit in steps; 0 = none. Enforced by vec_env */
  bool ends_decisions;   /* it writes MarlEnvIo.ended */
  bool lists_touched;    /* few of many agents take part in a step: MarlEnvIo.touched */
  int max_transitions;   /* that a step may give itself (MarlTransition); 0 = none */
  int num_kinds; /* environment i of a run is of kind i mod num_kinds (MarlEnv.index); 0 = 1 */
  int num_metrics;
  const char *const *metrics; /* [num_metrics] names, no two the same, static strings */
  const MarlPlayers *players; /* who acts, if not all learn; set by marl_env_create (scripted.h) */
} MarlEnvSpec;

/* Choices of component i of a discrete role, and of all its components together: as many logits
 * has a policy of it, component after component. */
int marl_role_choices(const MarlRole *role, int component);
int marl_role_num_logits(const MarlRole *role);

/* A transition that an environment gives itself, where what follows a decision is not the agent's next
 * one: the published society leads to the view of the same partner after every round, and gives one
 * selection several times. Learners of single transitions learn from these in place of the decisions and
 * rewards that they see; others refuse such an environment (MARL_LEARNER_TRANSITIONS). */
typedef struct MarlTransition {
  int agent, role, choice; /* of a DISCRETE role with one component */
  float reward;
  bool terminal;         /* nothing comes after it */
  float *obs, *next_obs; /* [O], the caller's memory; both all written */
} MarlTransition;

/* One environment's rows of the batch. All memory is the caller's. `reward`, `terminated`, `ended` and
 * `num_transitions` are 0 when step() begins, `mask` is 1 when step() or reset() does; metrics are as
 * the environment left them, all else may hold anything.
 *
 * A choice that is illegal at the next decision has a 0 in the agent's row of `mask`, which lies as
 * the logits do; at least one choice of each component is legal. Learners never take an illegal
 * one (Huang and Ontanon 2022), and a step with one is an error: step() need not check.
 *
 * Where few of many agents take part in a step, an environment can list them (spec.lists_touched), and
 * a step costs what they cost, not what all cost. Touched are those that decide next, have earned, or
 * whose decision or life has ended. They stand in `touched`, in order and once each, as marl_touch puts
 * them. Such an environment finds all of role, active, obs, reward, terminated and ended 0, and writes
 * the rows of touched agents only.
 *
 * A reward goes to the last decision that the agent took in that role. So where an agent decides
 * several times in a role, what a decision has earned is paid before the agent decides in that role
 * again; what is known only later belongs to the later decision.
 * An agent that has terminated decides and earns nothing until the episode ends. A decision can end
 * alone: its agent goes on, and what it earns later in that role is owed to its next decision there. */
typedef struct MarlEnvIo {
  const float
      *act;        /* in  [A, U]; rows of agents that do not decide mean nothing; NULL in reset() */
  float *obs;      /* out [A, O] for the next decision; of agents that decide */
  uint8_t *role;   /* out [A] role of the next decision; of agents that decide */
  uint8_t *active; /* out [A] 1 = the agent decides at the next step */
  uint8_t *mask;   /* out [A, M] 1 = a legal choice of the next decision; NULL when M == 0 */
  float *state;    /* out [S]; NULL when S == 0 */
  float *reward;   /* out [A, R] to each role's stream; NULL in reset() */
  uint8_t *terminated; /* out [A] 1 = no future return; NULL in reset() */
  uint8_t *ended; /* out [A, R] 1 = the last decision in that role has no future; NULL in reset()
                          and unless spec.ends_decisions */
  MarlTransition *transition; /* out [max_transitions], in the order they are to be learned from */
  int *num_transitions;       /* out; NULL in reset() and without max_transitions */
  float *metrics;             /* out [num_metrics] running episode values; NaN: there is none yet */
  int *touched;               /* out [A], and how many: 0 when step() or reset() begins; NULL */
  int *num_touched;           /* unless spec.lists_touched */
} MarlEnvIo;

/* Puts an agent into io->touched, where it is listed at all. */
void marl_touch(const MarlEnvIo *io, int agent);

/* Agents to look at, and the k-th of them: those that are listed, or all. */
static inline int marl_num_touched(const MarlEnvSpec *spec, const MarlEnvIo *io) {
  return io->touched != NULL ? *io->num_touched : spec->num_agents;
}
static inline int marl_touched_agent(const MarlEnvIo *io, int k) {
  return io->touched != NULL ? io->touched[k] : k;
}

/* Base of every environment. A concrete type has it as its first member. */
struct MarlEnv {
  const MarlEnvOps *ops;
  MarlEnvSpec spec;
  /* which of the environments of a run this is, set by the caller between create and the first
   * reset or load; 0 for an instance by itself. A family of tasks is dealt over it. */
  int index;
};

/* What a comparison of populations should know of a metric, by name; bits of MarlMeasure.is. */
enum {
  MARL_MEASURE_FOLLOWED = 1 << 0, /* the first that tables and curves show, and that a threshold
                                     is asked of; the first metric if none is marked */
  MARL_MEASURE_IN_UNIT = 1 << 1,  /* lies in [0, 1] by definition */
  MARL_MEASURE_SHARE = 1 << 2,    /* adds up to 1 with the others that are marked */
  MARL_MEASURE_GREEDY = 1 << 3,   /* reported without exploration too, as greedy_<name> */
  MARL_MEASURE_COLUMN = 1 << 4,   /* a column of the printed table */
  MARL_MEASURE_GREEDY_COLUMN = 1 << 5, /* and so is greedy_<name> */
};
typedef struct MarlMeasure {
  const char *name; /* of a metric of the environment or of its probe */
  unsigned is;
} MarlMeasure;

/* A list in section `compare` whose entries are values of one of the environment's options. */
typedef struct MarlEnvAxis {
  MarlOption list; /* TEXTS, "mechanisms"; empty: the option's own value holds */
  const char *key; /* "env.mechanism" */
} MarlEnvAxis;

enum { MARL_ENV_MAX_AXES = 4 };

/* What the agents would do: observations that nobody has made, and what follows from the answers,
 * such as the share of agents that play tit for tat. Answers are greedy, and change nothing. */
typedef struct MarlEnvProbe {
  int num_obs;                /* Q, observations an agent */
  int num_metrics;            /* P */
  const char *const *metrics; /* [P] names beside those of the spec, static strings */
  /* obs [A, Q, O], all written; returns the role that is asked */
  int (*ask)(const MarlEnv *env, float *obs);
  /* act [A, Q, U]; metrics and whole [P] as in MarlEnvOps.cycle */
  void (*answer)(const MarlEnv *env, const float *act, double *metrics, double *whole);
} MarlEnvProbe;

struct MarlEnvOps {
  MARL_PLUGIN; /* source: paper or textbook that defines the problem */

  /* `comm` holds the ranks that share this instance; MPI_COMM_SELF if it is serial.
   * Borrowed until destroy(). The caller owns *out. */
  MarlCode (*create)(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err);
  void (*destroy)(MarlEnv *env);

  /* Begin an episode. Everything random in it is a function of `key`. */
  MarlCode (*reset)(MarlEnv *env, MarlKey key, const MarlEnvIo *io, MarlError *err);
  MarlCode (*step)(MarlEnv *env, const MarlEnvIo *io, MarlError *err);

  /* Bit-for-bit restart in the middle of an episode. */
  MarlCode (*save)(const MarlEnv *env, MarlStore *to, MarlError *err);
  MarlCode (*load)(MarlEnv *env, MarlStore *from, MarlError *err);

  /* The rest is optional.
   *
   * One step of each of `count` environments of these ops, where that is faster than one after the other:
   * rows io [count] are as in step(), and each environment must end as step() would have left it, bit for
   * bit, whatever its company. An error is of the first environment that fails. */
  MarlCode (*step_together)(MarlEnv *const *envs, const MarlEnvIo *io, int count, MarlError *err);

  /*
   * Of an environment that lives on and is measured while it lives: a society of 2,000 cycles is one
   * life, not 2,000 episodes. True if the last step() has ended a cycle; then metrics and whole
   * [num_metrics] are those of that cycle: numerator and denominator of a ratio, so that cycles are
   * pooled and not averaged, a value and 1 of what is no ratio, 0 and 0 of what did not happen.
   * False after reset(), and then metrics and whole are left alone. NULL: an episode is a cycle. */
  bool (*cycle)(const MarlEnv *env, double *metrics, double *whole);
  const MarlEnvProbe *probe;   /* NULL: none */
  const MarlMeasure *measures; /* [num_measures], of the metrics that have something to know */
  size_t num_measures;
  const MarlEnvAxis *axes; /* [num_axes], at most MARL_ENV_MAX_AXES */
  size_t num_axes;
  /* Policies that agents can have in place of a learner, by the option `policies` (scripted.h). */
  const MarlScripted *scripted; /* [num_scripted] */
  size_t num_scripted;
  const char
      *seed_per_run; /* INT option to which the number of a run of a comparison is added, such
                               as the seed of a graph: runs differ in it, cells do not; or NULL */
  /* Add what there is to see now to `picture`, which is begun (`marl view`, `marl episode`); changes
   * nothing. NULL: nothing is to be seen. */
  MarlCode (*look)(const MarlEnv *env, MarlPicture *picture, MarlError *err);
  const char *yardstick; /* REAL option: what the best fixed behavior that is known comes to in the
                            followed metric, shown beside it; 0 there: not known; or NULL */
};

/* What ops and spec promise: every function and name is there, names differ, numbers are possible.
 * MARL_EARG with the environment's name and what is wrong. */
MarlCode marl_env_check_ops(const MarlEnvOps *ops, MarlError *err) MARL_NODISCARD;
MarlCode marl_env_check_spec(const MarlEnvOps *ops, const MarlEnvSpec *spec,
                             MarlError *err) MARL_NODISCARD;

/* One environment's rows as step() or reset() left them (reward NULL), before anybody learns from
 * them: finite observations, roles in range and a legal choice where an agent decides, a finite
 * state, finite rewards, and none for those that were out before (`gone` [A], NULL: nobody). MARL_ENUMERIC or
 * MARL_EARG; the caller says which environment. Metrics are finite or NaN. */
MarlCode marl_env_check_rows(const MarlEnvOps *ops, const MarlEnvSpec *spec, const MarlEnvIo *io,
                             const uint8_t *gone, MarlError *err) MARL_NODISCARD;

/* The transitions that step() has given: agents, roles and choices that exist, finite numbers.
 * MARL_EARG or MARL_ENUMERIC. */
MarlCode marl_env_check_transitions(const MarlEnvOps *ops, const MarlEnvSpec *spec,
                                    const MarlEnvIo *io, MarlError *err) MARL_NODISCARD;

/* The actions that step() is about to read: where there are masks, agents that decide have chosen
 * what is legal. MARL_EARG. */
MarlCode marl_env_check_choices(const MarlEnvOps *ops, const MarlEnvSpec *spec, const MarlEnvIo *io,
                                MarlError *err) MARL_NODISCARD;

/* Environments that a program has registered (marl_register_env of envs/env_table.h); they are found
 * beside those of any table. */
extern MarlKind marl_kind_envs;

/* In `table`, NULL-terminated (envs/env_table.c, or a program's own), and among the registered ones.
 * MARL_ECONFIG, with the known names and the nearest one in the message, when there is no such
 * environment. */
MarlCode marl_env_find(const MarlEnvOps *const *table, const char *name, const MarlEnvOps **out,
                       MarlError *err) MARL_NODISCARD;

#endif
