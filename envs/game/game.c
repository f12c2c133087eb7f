#include "envs/game/game.h"

#include <assert.h>

#define TABLE_GAMES "prisoners_dilemma", "stag_hunt", "chicken", "donation"
const char *const marl_game_names[] = {TABLE_GAMES, NULL};
const char *const marl_society_game_names[] = {TABLE_GAMES, "centipede", NULL};

/* R, S, T, P of each name; donation with b = 3, c = 1 */
static const double payoffs[][4] = {{3, 0, 4, 1}, {4, 0, 3, 2}, {3, 1, 4, 0}, {2, -1, 3, 0}};

MarlGame marl_game_make(double reward, double sucker, double temptation, double punishment) {
  return (MarlGame){
      .payoff = {{(float)reward, (float)sucker}, {(float)temptation, (float)punishment}},
  };
}

MarlGame marl_game_named(int index) {
  const int tables = (int)(sizeof payoffs / sizeof payoffs[0]);
  assert(index >= 0 && index <= tables);
  if (index == tables) return (MarlGame){.alternating = true, .cost = 1.0f, .gift = 5.0f};
  const double *p = payoffs[index];
  return marl_game_make(p[0], p[1], p[2], p[3]);
}

MarlCode marl_game_read(const MarlSection *config, MarlGame *out, MarlError *err) {
  size_t count;
  const double *p = marl_section_reals(config, "payoff", &count);
  *out = marl_game_named(marl_section_choice(config, "game"));
  if (count == 0) return MARL_OK;
  if (count != 4 || out->alternating)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.payoff: %zu numbers; expected four, R, S, T, P, of a game with a table",
                     count);
  *out = marl_game_make(p[0], p[1], p[2], p[3]);
  return MARL_OK;
}
