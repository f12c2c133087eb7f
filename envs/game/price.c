#include "envs/game/price.h"

void marl_prices_read(const MarlSection *config, MarlPrices *out) {
  *out = (MarlPrices){.fine = (float)marl_section_real(config, "fine"),
                      .just_reward = (float)marl_section_real(config, "just_reward"),
                      .unjust_reward = (float)marl_section_real(config, "unjust_reward"),
                      .tax = (float)marl_section_real(config, "tax")};
}

float marl_price_of_verdict(const MarlPrices *prices, int decision, bool offense) {
  if (decision == MARL_FORGIVE) return 0.0f;
  return offense ? prices->just_reward : prices->unjust_reward;
}
