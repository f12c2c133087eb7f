/* Indirect reciprocity with tabular learners: Anastassacos, Garcia, Hailes and Musolesi 2021
 * (AAMAS, arXiv:2102.07523).
 *
 * In each of K random encounters of an episode two of N agents meet; each cooperates (pays c, the
 * other gets b) or not, by the other's name, good or bad (or by both names). Then both get new
 * names. Top down: by one norm. Bottom up: a third agent, drawn at random, gives them by a norm of
 * its own, one choice for each act and co-player's name, that it learns like its acts; judging
 * earns nothing, so it is worth what comes after. A name is turned around with probability chi.
 *
 *   Q(s, a) += beta (R + gamma max Q(s', .) - Q(s, a)),   R = (1 - alpha) U + alpha S
 *
 * s' is what the agent sees at its next decision; with gamma = 0 every encounter is the last. U is the payoff, S the payoff of the agent against itself by its own name
 * (introspection): the name before the encounter, so that S is the same whatever the act, or the
 * one that the act earned. Seeds are agents that always cooperate with the good only; they learn what their
 * acts are worth, for their judging.
 *
 * This is a kernel: tables in the game. The environment `reciprocity` (env_reciprocity.c) plays the
 * same game with any learner, but for introspection, for which a game must ask its agents. */
#ifndef MARL_ENVS_SOCIETY_RECIPROCITY_H
#define MARL_ENVS_SOCIETY_RECIPROCITY_H

#include "envs/society/norm.h"
#include "marl/core/option.h"
#include "marl/core/rng.h"
#include "marl/core/store.h"

typedef struct MarlReciprocityRules {
  int num_agents; /* N >= 3 */
  int encounters; /* K of an episode */
  double benefit, cost;
  MarlNorm norm; /* top down */
  bool bottom_up;
  double assessment_error; /* chi */
  int num_seeds;           /* the first agents */
  double introspection;    /* alpha */
  bool introspect_after;   /* an agent meets itself under the name that the encounter gave it */
  double learning_rate, epsilon, gamma;
  bool shuffled; /* learn at the end of an episode, its transitions in random order */
  bool own_name; /* agents act by their own name too */
} MarlReciprocityRules;

/* Section `env`: the first belongs to the environment alone, the last three to the kernel. */
enum {
  MARL_RECIPROCITY_ALL_OPTIONS = 13,
  MARL_RECIPROCITY_OF_ENV = 1,
  MARL_RECIPROCITY_OF_KERNEL = 3
};
extern const MarlOption marl_reciprocity_options[MARL_RECIPROCITY_ALL_OPTIONS];
/* The game's own; what is felt and learned stays 0. */
MarlCode marl_reciprocity_rules_read(const MarlSection *env, MarlReciprocityRules *rules,
                                     MarlError *err) MARL_NODISCARD;

typedef enum MarlReciprocityMetric {
  MARL_RECIPROCITY_COOPERATION,   /* mean payoff / (b - c), the published measure */
  MARL_RECIPROCITY_ACTS,          /* share of acts that cooperate */
  MARL_RECIPROCITY_GOOD,          /* share of good names given */
  MARL_RECIPROCITY_ALLD,          /* shares of learners by greedy rule: 0 */
  MARL_RECIPROCITY_DISCRIMINATOR, /* 5: with the good only */
  MARL_RECIPROCITY_PARADOXICAL,   /* 10: with the bad only */
  MARL_RECIPROCITY_ALLC,          /* 15 */
  MARL_RECIPROCITY_NORM_0,        /* shares of agents by greedy norm, bottom up: all bad */
  MARL_RECIPROCITY_NORM_3,        /* image scoring */
  MARL_RECIPROCITY_NORM_9,        /* stern judging */
  MARL_NUM_RECIPROCITY_METRICS,
} MarlReciprocityMetric;

extern const char *const marl_reciprocity_metric_names[MARL_NUM_RECIPROCITY_METRICS];

typedef struct MarlReciprocity MarlReciprocity;

MarlCode marl_reciprocity_create(const MarlReciprocityRules *rules, MarlKey key,
                                 MarlReciprocity **out, MarlError *err) MARL_NODISCARD;
void marl_reciprocity_destroy(MarlReciprocity **reciprocity);

/* One episode. */
void marl_reciprocity_episode(MarlReciprocity *reciprocity,
                              double metrics[MARL_NUM_RECIPROCITY_METRICS]);
/* `episodes` more without exploration and learning, on a copy: the means. */
MarlCode marl_reciprocity_greedy(const MarlReciprocity *reciprocity, int episodes,
                                 double metrics[MARL_NUM_RECIPROCITY_METRICS],
                                 MarlError *err) MARL_NODISCARD;

/* Between two episodes, bit for bit; loaded into one of the same rules and key. */
MarlCode marl_reciprocity_save(const MarlReciprocity *reciprocity, MarlStore *to,
                               MarlError *err) MARL_NODISCARD;
MarlCode marl_reciprocity_load(MarlReciprocity *reciprocity, MarlStore *from,
                               MarlError *err) MARL_NODISCARD;

/* Q of an agent: [judging][state][choice]; for tests. Acting: state 2 own + other, without own_name
 * other; choice 1 cooperates. Judging: state 2 act + co-player's name; choice is the name. */
double *marl_reciprocity_value(MarlReciprocity *reciprocity, int agent, int judging, int state);

#endif
