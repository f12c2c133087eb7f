#include "envs/group/tabular_profile.h"

const MarlOption marl_tabular_options[MARL_TABULAR_NUM_OPTIONS] = {
    {"learning_rate", MARL_OPTION_REAL, "0.05", 0, 1, NULL, "1", "step of a table's entry"},
    {"discount", MARL_OPTION_REAL, "0", 0, 1, NULL, "1",
     "weight of the next period; 0: agents look one period ahead"},
    {"initial_value", MARL_OPTION_REAL, "0", -1e6, 1e6, NULL, "reward", "of every entry"},
    {"epsilon_max", MARL_OPTION_REAL, "1", 0, 1, NULL, "1", "exploration at the beginning"},
    {"epsilon_min", MARL_OPTION_REAL, "0.02", 0, 1, NULL, "1", "exploration after the fall"},
    {"exploration", MARL_OPTION_INT, "300", 0, 1e9, NULL, "cycles",
     "cycles in which exploration falls from epsilon_max to epsilon_min"},
};

void marl_tabular_profile_read(const MarlSection *config, MarlTabularProfile *out) {
  *out = (MarlTabularProfile){
      .learning_rate = marl_section_real(config, "learning_rate"),
      .discount = marl_section_real(config, "discount"),
      .initial_value = marl_section_real(config, "initial_value"),
      .epsilon_max = marl_section_real(config, "epsilon_max"),
      .epsilon_min = marl_section_real(config, "epsilon_min"),
      .exploration = marl_section_int(config, "exploration"),
  };
}

double marl_tabular_epsilon(const MarlTabularProfile *profile, int64_t cycle) {
  if (cycle >= profile->exploration) return profile->epsilon_min;
  const double done = (double)cycle / profile->exploration;
  return profile->epsilon_max + (profile->epsilon_min - profile->epsilon_max) * done;
}
