/* Candidates: vectors of weights of one policy that are tried side by side; what the learners that search have in
 * common
 *
 * A candidate has environments of consecutive numbers, its company, as many of each kind of flow or task as every
 * other candidate, and the same draws in them (common random numbers): candidates are compared by what they do, not
 * by what they met, whatever the order of the kinds. It acts for `horizon` steps with the means of its policy; the
 * first `settle` steps after the change of candidate do not count. Environments go on from candidate to candidate
 * unless `restart` gives each a new episode, which a reward at the end of an episode needs; without it draws are
 * common at the start alone.
 *
 * One role, one shared parameter set, observations as they are: a running normalization would
 * change what a weight means while it is searched. */
#ifndef MARL_LEARN_CANDIDATES_H
#define MARL_LEARN_CANDIDATES_H

#include "marl/learn/learner.h"

/* First member of a learner that searches. */
typedef struct MarlCandidates {
  MarlLearner base;
  MarlPolicy *policy;
  int num_envs, num_agents, obs_dim, act_dim;
  int num_shards, first_shard, own_shards;
  int population, horizon, settle;
  int company;         /* environments of a candidate */
  int64_t generations; /* finished */
  bool restart;
  size_t dim;      /* weights that are searched */
  double *points;  /* [population, dim] candidates of this generation */
  double *returns; /* [own_shards, num_envs] rewards counted in this generation */
  int64_t *steps;  /* [own_shards] observed in this generation */
  double *all;     /* [population, company] returns of every environment, all shards together */
  float *params;   /* [num_params] of the candidate that acts */
  float *mean;     /* [num_agents, act_dim] */
  MPI_Comm comm;
} MarlCandidates;

/* For the learner's table of options. */
#define MARL_CANDIDATES_OPTIONS                                                                      \
  {"population",                                                                                     \
   MARL_OPTION_INT,                                                                                  \
   "0",                                                                                              \
   0,                                                                                                \
   4096,                                                                                             \
   NULL,                                                                                             \
   "1",                                                                                              \
   "candidates a generation, each with env.num_envs over it environments, as many of each kind; "    \
   "0: "                                                                                             \
   "one for each environment of a kind"},                                                            \
      {"horizon", MARL_OPTION_INT, "1000", 1, 1e9, NULL, "steps", "steps a candidate is evaluated"}, \
      {"settle", MARL_OPTION_INT,                                                                    \
       "0",      0,                                                                                  \
       1e9,      NULL,                                                                               \
       "steps",  "of these the first, which do not count"},                                          \
      {"restart", MARL_OPTION_BOOL,                                                                  \
       "false",   0,                                                                                 \
       0,         NULL,                                                                              \
       "",        "every candidate begins a new episode; false: where the last candidate left it"},  \
  {                                                                                                  \
    "sigma", MARL_OPTION_REAL, "0.3", 1e-9, 1e3, NULL, "1",                                          \
        "standard deviation of the weights at the start"                                             \
  }

/* Into a zeroed one; `name` is the learner's, for messages. What was made is left to clear() on failure. */
MarlCode marl_candidates_init(const MarlSection *config, const MarlLearnerInit *init,
                              const char *name, MarlCandidates *c, MarlError *err) MARL_NODISCARD;
void marl_candidates_clear(MarlCandidates *c);

/* true where a generation is over: `all` has the returns, and the next one begins to be counted; the learner then
 * makes its points, says what became of the policy (adopt) and stats. Collective. */
MarlCode marl_candidates_over(MarlCandidates *c, bool *over, MarlError *err) MARL_NODISCARD;
/* The policy's weights become `point` [dim]. */
void marl_candidates_adopt(MarlCandidates *c, const double *point);
/* Stats of a generation: the mean and the greatest of its candidates' values, the spread of their weights, and the
 * restart that the next one asks for. */
void marl_candidates_report(const MarlCandidates *c, double mean, double best, double spread,
                            MarlStats *stats);

/* Of MarlLearnerOps. */
MarlCode marl_candidates_act(MarlLearner *learner, int shard, MarlBatch *batch, MarlError *err);
MarlCode marl_candidates_observe(MarlLearner *learner, int shard, const MarlBatch *batch,
                                 MarlError *err);
const MarlPolicy *marl_candidates_policy(const MarlLearner *learner);
int marl_candidates_company(const MarlLearner *learner);
MarlCode marl_candidates_save_shard(const MarlLearner *learner, int shard, MarlStore *to,
                                    MarlError *err);
MarlCode marl_candidates_load_shard(MarlLearner *learner, int shard, MarlStore *from,
                                    MarlError *err);
/* The count of generations and the policy: what all of them save first. */
MarlCode marl_candidates_save(const MarlCandidates *c, MarlStore *to, MarlError *err);
MarlCode marl_candidates_load(MarlCandidates *c, MarlStore *from, MarlError *err);

#endif
