/* Who plays the agents: learners, or policies that an environment plays by itself (AllD, "restrained:5").
 *
 * An environment lists its scripted policies (MarlEnvOps.scripted) and has the option `policies`, the
 * macro below in its table; everything else is done here and in vec_env.c, for every learner:
 *   - a scripted agent acts by `act` whenever it is to decide; no learner sees its rows as those of an
 *     agent that decides, so that nothing is learned from them and no network is asked;
 *   - return_<role> is the mean over the agents that learn (over all where nobody does), and
 *     return_<policy> that over the agents of a scripted policy, all roles together.
 * A policy without `act` is played by the environment in its step(): what it does may be no action of a
 * learner's. The environment reads who that is with marl_players_read, as the core does. */
#ifndef MARL_LEARN_SCRIPTED_H
#define MARL_LEARN_SCRIPTED_H

#include "marl/learn/env.h"

enum { MARL_POLICY_NAME = 32, MARL_MAX_SCRIPTED = 16 };

/* One decision of a scripted agent. */
typedef struct MarlScriptedTurn {
  const MarlScripted *policy;
  int agent, role;
  double number;       /* behind the name, or the policy's own */
  const float *obs;    /* [obs_dim of the role] what the agent sees */
  const uint8_t *mask; /* [logits of the role] legal choices, or NULL: all are */
  MarlKey key;         /* of its draws: of this agent, episode and step */
} MarlScriptedTurn;

struct MarlScripted {
  const char *name; /* "restrained" */
  const char *summary;
  double number, low,
      high; /* behind the name, "restrained:5": default and range; low = high: none. The default may lie
                 outside of the range and stands for what no number of it says */
  bool whole; /* whole numbers alone */
  /* Writes act [act_dim of the role]. `env` is as its last reset() or step() has left it, and has all
   * that the policy remembers. Of an environment with a probe it goes by turn->obs alone, which may be
   * a question (MarlEnvProbe.ask). NULL: the environment plays it. */
  void (*act)(const MarlEnv *env, const MarlScriptedTurn *turn, float *act);
};

/* The line in the option table of an environment; `names` of its policies for the help. */
#define MARL_POLICIES_OPTION(names)                                   \
  {                                                                   \
    "policies", MARL_OPTION_TEXTS, "learner", 0, 0, NULL, "1",        \
        "who acts: learner, " names                                   \
        "; one for all, or one for each agent, where x*3 stands for " \
        "three of x in a row"                                         \
  }

/* A scripted policy with its number, and the agents that have it. */
typedef struct MarlScriptedKind {
  const MarlScripted *policy;
  double number;
  char name[MARL_POLICY_NAME]; /* as figures have it: "restrained_5", [a-z0-9_]+ */
  int num_agents;
} MarlScriptedKind;

enum { MARL_LEARNER = 255 };

typedef struct MarlPlayers {
  int num_learners, num_kinds;
  MarlScriptedKind kind[MARL_MAX_SCRIPTED]; /* [num_kinds] in the order of their first agents */
  uint8_t of[];                             /* [A] number of the kind, or MARL_LEARNER */
} MarlPlayers;

/* The option `policies` of a section for `num_agents` agents. *out is NULL where all learn; the caller
 * frees it. MARL_ECONFIG. */
MarlCode marl_players_read(const MarlSection *config, const MarlScripted *scripted,
                           size_t num_scripted, int num_agents, MarlPlayers **out,
                           MarlError *err) MARL_NODISCARD;

/* The kind of an agent; NULL: it learns. */
const MarlScriptedKind *marl_scripted_kind(const MarlEnvSpec *spec, int agent);

/* scripted_rows.c, for the vector of environments. After reset() and step(): learners do not see that
 * scripted agents are to decide, which is kept in waiting [A], nor transitions of theirs. Before the
 * next step(): those decide, into act [A, U], and are among those that do. `key` of episode and step. */
void marl_scripted_hide(const MarlEnvSpec *spec, const MarlEnvIo *io, uint8_t *waiting);
void marl_scripted_act(const MarlEnv *env, const MarlEnvIo *io, uint8_t *waiting, MarlKey key,
                       float *act);

/* An instance as learners, evaluations and checks use it: ops->create, then what the core adds to it
 * (number, players), checked. */
MarlCode marl_env_create(const MarlEnvOps *ops, const MarlSection *config, int index, MPI_Comm comm,
                         MarlEnv **out, MarlError *err) MARL_NODISCARD;
void marl_env_destroy(MarlEnv *env); /* NULL is accepted */

#endif
