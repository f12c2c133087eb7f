/* How the tabular Q-learners of group games learn: section `learner` of their comparisons. */
#ifndef MARL_ENVS_GROUP_TABULAR_PROFILE_H
#define MARL_ENVS_GROUP_TABULAR_PROFILE_H

#include <stdint.h>

#include "marl/core/option.h"

typedef struct MarlTabularProfile {
  double learning_rate, discount, initial_value;
  double epsilon_max, epsilon_min;
  int exploration; /* cycles in which epsilon falls in a straight line */
} MarlTabularProfile;

enum { MARL_TABULAR_NUM_OPTIONS = 6 };
extern const MarlOption marl_tabular_options[MARL_TABULAR_NUM_OPTIONS];

void marl_tabular_profile_read(const MarlSection *config, MarlTabularProfile *out);
double marl_tabular_epsilon(const MarlTabularProfile *profile, int64_t cycle);

#endif
