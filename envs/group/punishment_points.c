#include "envs/group/punishment_points.h"

const char *const marl_group_punishment_names[] = {"none", "fixed", "learned", NULL};

MarlCode marl_choices_read(const MarlSection *config, const char *key, int most, int *count,
                           int out[MARL_MAX_CHOICES], MarlError *err) {
  size_t n;
  const int *values = marl_section_ints(config, key, &n);
  if (n < 2 || n > MARL_MAX_CHOICES)
    return MARL_FAIL(err, MARL_ECONFIG, "env.%s: %zu choices; expected 2 .. %d", key, n,
                     MARL_MAX_CHOICES);
  for (size_t i = 0; i < n; ++i) {
    if (values[i] > most)
      return MARL_FAIL(err, MARL_ECONFIG, "env.%s: %d; expected at most %d", key, values[i], most);
    out[i] = values[i];
  }
  *count = (int)n;
  return MARL_OK;
}

MarlCode marl_points_read(const MarlSection *config, MarlPoints *out, MarlError *err) {
  *out = (MarlPoints){
      .punishment = (MarlGroupPunishment)marl_section_choice(config, "punishment"),
      .prices = {.fine = marl_section_real(config, "fine"),
                 .just_reward = marl_section_real(config, "just_reward"),
                 .unjust_reward = marl_section_real(config, "unjust_reward")},
      .max = marl_section_int(config, "max_points"),
  };
  return marl_choices_read(config, "punish_points", out->max, &out->num_choices, out->choice, err);
}
