/* Punishment in a group: points that one agent gives another, by a fixed rule or as it learns to.
 *
 * The words and the signs are those of the pair society (envs/game/price.h): a point takes `fine` from who
 * is punished and brings its giver just_reward where that one did wrong, unjust_reward where it did not;
 * a negative reward is a cost. */
#ifndef MARL_ENVS_GROUP_PUNISHMENT_POINTS_H
#define MARL_ENVS_GROUP_PUNISHMENT_POINTS_H

#include "marl/core/option.h"

typedef enum MarlGroupPunishment {
  MARL_GROUPS_UNPUNISHED,
  MARL_GROUPS_FIXED,
  MARL_GROUPS_LEARNED,
} MarlGroupPunishment;

typedef struct MarlPointPrices {
  double fine, just_reward, unjust_reward; /* of a point */
} MarlPointPrices;

enum { MARL_MAX_CHOICES = 32 };

typedef struct MarlPoints {
  MarlGroupPunishment punishment;
  MarlPointPrices prices;
  int max;                                   /* to one target */
  int num_choices, choice[MARL_MAX_CHOICES]; /* that a learned punisher chooses from */
} MarlPoints;

extern const char *const marl_group_punishment_names[];

/* The lines of an option table that a game with points puts into its own. */
/* clang-format off */
#define MARL_POINT_OPTIONS(OFFENDER, INNOCENT)                                                            \
  {"punishment", MARL_OPTION_CHOICE, "none", 0, 0, marl_group_punishment_names, "1",                      \
   "nobody punishes, agents follow a fixed rule, or they learn to"},                                      \
  {"fine", MARL_OPTION_REAL, "3", 0, 1e6, NULL, "reward",                                                 \
   "a point takes it from who is punished (once point_fine)"},                                            \
  {"just_reward", MARL_OPTION_REAL, "-1", -1e6, 1e6, NULL, "reward",                                      \
   "of a point, to the punisher of " OFFENDER "; negative is a cost (once point_cost, with the other sign)"}, \
  {"unjust_reward", MARL_OPTION_REAL, "-1", -1e6, 1e6, NULL, "reward",                                    \
   "of a point, to the punisher of " INNOCENT "; negative is a cost"},                                    \
  {"max_points", MARL_OPTION_INT, "10", 0, 1000, NULL, "points", "from one agent to one other"},          \
  {"punish_points", MARL_OPTION_INTS, "0, 2, 5, 10", 0, 1000, NULL, "points", "learned: points to choose from"}
/* clang-format on */

MarlCode marl_points_read(const MarlSection *config, MarlPoints *out,
                          MarlError *err) MARL_NODISCARD;

/* A list of 2 .. MARL_MAX_CHOICES numbers of at most `most`. */
MarlCode marl_choices_read(const MarlSection *config, const char *key, int most, int *count,
                           int out[MARL_MAX_CHOICES], MarlError *err) MARL_NODISCARD;

#endif
