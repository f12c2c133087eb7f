#include "envs/dilemma/game.h"

#include <assert.h>

const char *const marl_game_names[] = {"prisoners_dilemma", "stag_hunt", "chicken", "donation",
                                       NULL};

/* R, S, T, P of each name; donation with b = 3, c = 1 */
static const double payoffs[][4] = {{3, 0, 4, 1}, {4, 0, 3, 2}, {3, 1, 4, 0}, {2, -1, 3, 0}};

MarlGame marl_game_make(double reward, double sucker, double temptation, double punishment) {
  return (MarlGame){
      {{(float)reward, (float)sucker}, {(float)temptation, (float)punishment}},
  };
}

MarlGame marl_game_named(int index) {
  assert(index >= 0 && index < (int)(sizeof payoffs / sizeof payoffs[0]));
  const double *p = payoffs[index];
  return marl_game_make(p[0], p[1], p[2], p[3]);
}

MarlCode marl_game_read(const MarlSection *config, MarlGame *out, MarlError *err) {
  size_t count;
  const double *p = marl_section_reals(config, "payoff", &count);
  *out = marl_game_named(marl_section_choice(config, "game"));
  if (count == 4) *out = marl_game_make(p[0], p[1], p[2], p[3]);
  if (count == 4 || count == 0) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "env.payoff: %zu numbers; expected four: R, S, T, P", count);
}
